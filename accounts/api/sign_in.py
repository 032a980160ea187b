"""Operations on mail domains and single sign-on, of an organisation's global admins."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import sign_in_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists, refusing
from accounts.api.sign_in_serializers import (
    DomainInput,
    DomainOutput,
    IdentityOutput,
    ProofInput,
    RoleMappingInput,
    RoleMappingOutput,
    SignOnInput,
    SignOnOutput,
)
from accounts.idempotency import Answer
from accounts.models import MailDomain, RoleMapping, SingleSignOn
from accounts.selectors import domains, sign_on
from accounts.services import domains as domain_services
from accounts.services import sign_on_settings as services
from accounts.services.sign_on_settings import SignOnSettings

READ, WRITE = "sign-in:read", "sign-in:write"
ACTS = ("manage_sign_in",)
UNCHANGING = 1  # the version of what is made and removed, and never changed


class _DomainsView(ApiView):
    """An operation on mail domains."""

    def told(self, domain: MailDomain, *, status: int = 200) -> Response:
        """The domain as it stands."""
        location = reverse("api-domain", args=[domain.pk]) if status == 201 else ""
        version = domain_services.domain_version(domain)
        return answer(DomainOutput(domain).data, status=status, version=version, location=location)

    def check_replay(self, stored: Answer) -> None:
        """Look the domain of the address up again."""
        if "domain_id" in self.kwargs:
            domains.domain_of(self.actor, self.kwargs["domain_id"])


class DomainsView(_DomainsView):
    """Mail domains."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}

    @lists(DomainOutput)
    def get(self, request: Request) -> Response:
        """List the organisation's domains by name, confirmed or not."""
        self.read_query()
        return self.answer_page(domains.domains_of(self.actor), DomainOutput)

    @extend_schema(request=DomainInput, responses={201: DomainOutput}, examples=examples.NEW_DOMAIN)
    @idempotent
    def post(self, request: Request) -> Response:
        """Put a domain down. It counts for nothing until it is proved, and nobody learns who else has put it down."""
        return self.told(domain_services.add_domain(actor=self.actor, **self.read(DomainInput)), status=201)


class DomainView(_DomainsView):
    """One mail domain."""

    required_scopes = {"GET": READ, "DELETE": WRITE}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=DomainOutput)
    def get(self, request: Request, domain_id: int) -> Response:
        """Tell how far the domain has come."""
        self.read_query()
        return self.told(domains.domain_of(self.actor, domain_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, domain_id: int) -> Response:
        """Give the domain up. From now on nobody signs in through it, and others may prove it."""
        version = self.version_required()
        domain_services.remove_domain(domain_id=domain_id, actor=self.actor, version=version)
        return Response(status=204)


class ProveDomainView(_DomainsView):
    """The proof of a mail domain."""

    versioned = False
    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}

    @extend_schema(request=ProofInput, responses=DomainOutput, examples=examples.PROVE)
    @idempotent
    def post(self, request: Request, domain_id: int) -> Response:
        """Mail a link to a mailbox of the domain. A global admin opens it in the portal; only that confirms it.

        Three mails an hour for a domain, twenty for an organisation.
        """
        return self.told(domain_services.ask_for_proof(domain_id=domain_id, actor=self.actor, **self.read(ProofInput)))


class _SignOnView(ApiView):
    """An operation on single sign-on."""

    def told(self, stands: SingleSignOn) -> Response:
        """The settings as they stand, without the secret."""
        return answer(SignOnOutput(stands).data, version=stands.version)

    def check_replay(self, stored: Answer) -> None:
        """There must still be settings."""
        sign_on.settings_of(self.actor)


class SignOnView(_SignOnView):
    """Single sign-on."""

    required_scopes = {"GET": READ, "PUT": WRITE}
    acts = {"GET": ACTS, "PUT": ACTS}
    asks_proof = ("PUT",)

    @refusing(404)
    @extend_schema(responses=SignOnOutput)
    def get(self, request: Request) -> Response:
        """Tell how people sign in through the organisation's issuer; the secret is never shown."""
        self.read_query()
        return self.told(sign_on.settings_of(self.actor))

    @extend_schema(request=SignOnInput, responses=SignOnOutput, examples=examples.SETTINGS)
    def put(self, request: Request) -> Response:
        """Keep other settings, whole. A secret that is left out stays as it is; the first time `If-Match: *` will do.

        Another issuer, client or secret wants a new test, in the portal, before it can be switched on.
        """
        version, wanted = self.version_required(), SignOnSettings(**self.read(SignOnInput))
        return self.told(services.save_settings(wanted=wanted, version=version, actor=self.actor))


class _SwitchView(_SignOnView):
    """On or off."""

    versioned = True
    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}
    asks_proof = ("POST",)


class SwitchOnView(_SwitchView):
    """Single sign-on that begins."""

    @refusing(404)
    @extend_schema(request=NothingInput, responses=SignOnOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        """Let people sign in through the issuer, once a global admin has tested it and a domain is confirmed."""
        self.read(NothingInput)
        return self.told(services.switch_on(actor=self.actor, version=self.version_given()))


class SwitchOffView(_SwitchView):
    """Single sign-on that ends."""

    @refusing(404)
    @extend_schema(request=NothingInput, responses=SignOnOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        """End it. Every session that was opened through it is over at its next request."""
        self.read(NothingInput)
        return self.told(services.switch_off(actor=self.actor, version=self.version_given()))


class _MappingsView(ApiView):
    """An operation on what claims give."""

    def told(self, mapping: RoleMapping, *, status: int = 200) -> Response:
        """What the claim gives."""
        location = reverse("api-mapping", args=[mapping.pk]) if status == 201 else ""
        return answer(RoleMappingOutput(mapping).data, status=status, version=UNCHANGING, location=location)

    def check_replay(self, stored: Answer) -> None:
        """There must still be settings."""
        sign_on.settings_of(self.actor)


class MappingsView(_MappingsView):
    """Roles out of claims."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}
    asks_proof = ("POST",)

    @refusing(404)
    @lists(RoleMappingOutput)
    def get(self, request: Request) -> Response:
        """List which values of the claim give which roles."""
        self.read_query()
        return self.answer_page(sign_on.mappings_of(sign_on.settings_of(self.actor)), RoleMappingOutput)

    @refusing(404)
    @extend_schema(request=RoleMappingInput, responses={201: RoleMappingOutput}, examples=examples.MAP)
    @idempotent
    def post(self, request: Request) -> Response:
        """Give a role to everybody whose claim holds a value, from their next sign-in on; one that stands stays."""
        return self.told(services.map_role(actor=self.actor, **self.read(RoleMappingInput)), status=201)


class MappingView(_MappingsView):
    """One role out of a claim."""

    required_scopes = {"GET": READ, "DELETE": WRITE}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=RoleMappingOutput)
    def get(self, request: Request, mapping_id: int) -> Response:
        """Tell which value gives which role."""
        self.read_query()
        return self.told(sign_on.mapping_of(sign_on.settings_of(self.actor), mapping_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, mapping_id: int) -> Response:
        """End it. Whoever has the role by this claim alone loses it at their next sign-in through the issuer."""
        self.check_unchanged(UNCHANGING)
        services.unmap_role(mapping_id=mapping_id, actor=self.actor)
        return Response(status=204)


class IdentitiesView(ApiView):
    """Who signs in through the issuer."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}

    @refusing(404)
    @lists(IdentityOutput)
    def get(self, request: Request) -> Response:
        """List who signs in through the issuer, the latest first."""
        self.read_query()
        return self.answer_page(sign_on.identities_of(sign_on.settings_of(self.actor)), IdentityOutput)


class IdentityView(ApiView):
    """Who one person is to the issuer."""

    required_scopes = {"GET": READ, "DELETE": WRITE}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=IdentityOutput)
    def get(self, request: Request, identity_id: int) -> Response:
        """Tell who it is to the issuer, and when they last came."""
        self.read_query()
        found = sign_on.identity_of(sign_on.settings_of(self.actor), identity_id)
        return answer(IdentityOutput(found).data, version=UNCHANGING)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity_id: int) -> Response:
        """Forget who the person is to the issuer, so that their next sign-in binds them anew."""
        self.check_unchanged(UNCHANGING)
        services.release_identity(identity_id=identity_id, actor=self.actor)
        return Response(status=204)
