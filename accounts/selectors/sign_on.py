"""Reads of single sign-on: an organisation's settings, and who is led to which issuer."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.actors import Actor
from accounts.errors import MappingNotFound, PersonNotFound, SignOnFailed, SignOnNotSet
from accounts.models import DomainState, MailDomain, Person, RoleGrant, RoleMapping, SignOnIdentity, SingleSignOn
from accounts.signing_in.claims import Reading
from accounts.signing_in.domain_names import domain_of
from accounts.signing_in.issuers import Client
from accounts.signing_in.seals import unseal


def settings_of(actor: Actor) -> SingleSignOn:
    """How the people of the organisation acted for sign in, or SignOnNotSet."""
    found = SingleSignOn.objects.filter(organisation=actor.organisation_id or 0).select_related("organisation").first()
    if found is None:
        raise SignOnNotSet
    return found


def mappings_of(sign_on: SingleSignOn) -> QuerySet[RoleMapping]:
    """What its claims give, by value."""
    return sign_on.mappings.order_by("value", "role", "pk")


def identities_of(sign_on: SingleSignOn) -> QuerySet[SignOnIdentity]:
    """Who signs in through its issuer, the latest first."""
    bound = SignOnIdentity.objects.filter(organisation=sign_on.organisation_id, issuer=sign_on.issuer)
    return bound.select_related("person").order_by("-used_at", "-pk")


def mapping_of(sign_on: SingleSignOn, mapping_id: int) -> RoleMapping:
    """One of what its claims give, or MappingNotFound (P-5)."""
    found = sign_on.mappings.filter(pk=mapping_id).first()
    if found is None:
        raise MappingNotFound
    return found


def identity_of(sign_on: SingleSignOn, identity_id: int) -> SignOnIdentity:
    """One of those who sign in through its issuer, or PersonNotFound (P-5)."""
    found = identities_of(sign_on).filter(pk=identity_id).first()
    if found is None:
        raise PersonNotFound
    return found


def offered_to(address: str) -> SingleSignOn | None:
    """The single sign-on that somebody with this mail address is led to; decided by its domain alone (P-5)."""
    return _in_force().filter(_has_confirmed(domain_of(address))).first()


def called(callback_key: str) -> SingleSignOn:
    """The single sign-on with this redirect address, whether it is on or not; raises SignOnFailed for none."""
    found = SingleSignOn.objects.filter(callback_key=callback_key, organisation__is_active=True)
    sign_on = found.select_related("organisation").first()
    if sign_on is None:
        raise SignOnFailed("off")
    return sign_on


def takes_no_password(person: Person) -> bool:
    """Whether this person signs in through their issuer only; a global admin can always open the door from inside."""
    if person.organisation_id is None:
        return False
    opens_from_inside = Exists(RoleGrant.objects.filter(person=person, role="global_admin"))
    return _in_force().filter(~opens_from_inside, organisation=person.organisation_id, is_only_way=True).exists()


def is_of(address: str, sign_on: SingleSignOn) -> bool:
    """Whether the domain of a mail address is a confirmed one of this very organisation."""
    name = domain_of(address)
    confirmed = MailDomain.objects.filter(organisation=sign_on.organisation_id, state=DomainState.CONFIRMED)
    return bool(name) and confirmed.filter(name=name).exists()


def redirect_uri(sign_on: SingleSignOn) -> str:
    """The address that its issuer sends people back to; of this organisation alone, so that issuers cannot be mixed."""
    return f"{settings.PUBLIC_URL}{reverse('sign_on_callback', kwargs={'callback_key': sign_on.callback_key})}"


def client_of(sign_on: SingleSignOn) -> Client:
    """The portal as its issuer knows it; raises SignOnFailed when the secret cannot be read."""
    return Client(sign_on.issuer, sign_on.client_id, unseal(sign_on.sealed_secret), redirect_uri(sign_on))


def reading_of(sign_on: SingleSignOn) -> Reading:
    """Which claims count."""
    return Reading(sign_on.address_claim, sign_on.trusts_address, sign_on.roles_claim)


def _in_force() -> QuerySet[SingleSignOn]:
    enabled = SingleSignOn.objects.filter(enabled_at__isnull=False, organisation__is_active=True)
    return enabled.select_related("organisation")


def _has_confirmed(name: str) -> Exists:
    domains = MailDomain.objects.filter(name=name, state=DomainState.CONFIRMED)
    return Exists(domains.filter(organisation=OuterRef("organisation")))
