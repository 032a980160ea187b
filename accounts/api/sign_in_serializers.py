"""Mail domains and single sign-on, on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import CleanCharField, FlagField, InputSerializer, InstantField, LineField
from accounts.models import DomainState, MailDomain, RoleMapping, SignOnIdentity, SingleSignOn
from accounts.permissions import CUSTOMER_ROLES
from accounts.selectors.sign_on import redirect_uri
from accounts.signing_in.domain_names import LONGEST, MAILBOXES

STANDING = [DomainState.WAITING.value, DomainState.CONFIRMED.value]


class DomainInput(InputSerializer):
    """A domain to put down."""

    name = LineField(max_length=LONGEST, help_text="The part after the @ of mail addresses.")


class ProofInput(InputSerializer):
    """Where the link goes."""

    mailbox = serializers.ChoiceField(MAILBOXES, help_text="Of the domain itself; only whoever runs it reads it.")


class DomainOutput(serializers.Serializer[MailDomain]):
    """A mail domain of the organisation."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(STANDING)
    added_at = InstantField()
    asked_at = InstantField(allow_null=True, help_text="When the last mail with a link was asked for.")
    confirmed_at = InstantField(allow_null=True)


class SecretField(CleanCharField):
    """A secret of somebody else's making, as it is."""

    clean = staticmethod(str.strip)


class SignOnInput(InputSerializer):
    """How people sign in, all of it; a secret that is left out stays as it is."""

    issuer = LineField(max_length=500, help_text="As the identity provider calls itself: https, without a query.")
    client_id = LineField(max_length=255)
    secret = SecretField(max_length=500, required=False, write_only=True, help_text="Never shown again.")
    address_claim = LineField(max_length=100, required=False, default="email")
    trusts_address = FlagField(required=False, default=False, help_text="Without email_verified.")
    roles_claim = LineField(max_length=100, required=False, allow_blank=True, default="")
    creates_people = FlagField(required=False, default=False)
    is_only_way = FlagField(required=False, default=False, help_text="Passwords of global admins stay.")
    trusts_second_factor = FlagField(required=False, default=False)


class SignOnOutput(serializers.Serializer[SingleSignOn]):
    """How the people of the organisation sign in through its issuer; the secret is never shown."""

    issuer = serializers.CharField()
    client_id = serializers.CharField()
    redirect_uri = serializers.SerializerMethodField(help_text="What the identity provider has to allow.")
    address_claim = serializers.CharField()
    trusts_address = serializers.BooleanField()
    roles_claim = serializers.CharField()
    creates_people = serializers.BooleanField()
    is_only_way = serializers.BooleanField()
    trusts_second_factor = serializers.BooleanField()
    tested_at = InstantField(allow_null=True, help_text="When a global admin signed in with it as it stands.")
    enabled_at = InstantField(allow_null=True, help_text="Since when it is on; null while it is off.")

    def get_redirect_uri(self, row: SingleSignOn) -> str:
        """Of this organisation alone."""
        return redirect_uri(row)


class RoleMappingInput(InputSerializer):
    """What a claim gives."""

    value = LineField(max_length=200, help_text="Of the claim with groups or roles.")
    role = serializers.ChoiceField(CUSTOMER_ROLES)


class RoleMappingOutput(serializers.Serializer[RoleMapping]):
    """A role that everybody has whose claim holds the value."""

    id = serializers.IntegerField()
    value = serializers.CharField()
    role = serializers.ChoiceField(CUSTOMER_ROLES)


class BoundPersonOutput(serializers.Serializer[Any]):
    """Whose identity it is."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class IdentityOutput(serializers.Serializer[SignOnIdentity]):
    """Who a person is to the issuer."""

    id = serializers.IntegerField()
    person = BoundPersonOutput()
    bound_at = InstantField()
    used_at = InstantField()
