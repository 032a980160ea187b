"""What goes in and out about people, invitations and service principals."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts import text
from accounts.api.serializers import CleanCharField, FlagField, InputSerializer, InstantField, LineField
from accounts.models import Invitation, Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.selectors import directory
from accounts.selectors.directory import NO_ROLE, Standing

LANGUAGES = [code for code, _name in settings.LANGUAGES]
INVITATION_STATES = [standing.value for standing in Standing]


class AddressField(CleanCharField, serializers.EmailField):
    """A mail address without characters that deceive."""

    clean = staticmethod(text.clean_label)


class RolesField(serializers.ListField):
    """Roles that an organisation can give."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", len(CUSTOMER_ROLES))
        super().__init__(child=serializers.ChoiceField(CUSTOMER_ROLES), **options)


class NothingInput(InputSerializer):
    """A body without fields: there is nothing to say beside the act itself."""


class PeopleFilters(InputSerializer):
    """Which people."""

    q = LineField(
        required=False, allow_blank=True, max_length=text.NAME_LIMIT, help_text="Part of the name or the mail address."
    )
    role = serializers.ChoiceField(
        [*CUSTOMER_ROLES, NO_ROLE], required=False, help_text="Who holds this role; `none`: who holds none."
    )
    active = serializers.BooleanField(required=False, help_text="Whether the account is open; both unless given.")


class MemberOutput(serializers.Serializer[Person]):
    """A person of the organisation, as its global admins see them."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    roles = serializers.ListField(child=serializers.CharField(), source="role_names")
    active = serializers.BooleanField(source="is_active", help_text="Whether the account is open.")
    language = serializers.CharField()
    joined_at = InstantField()
    last_sign_in_at = InstantField(source="last_login", allow_null=True)


class RolesInput(InputSerializer):
    """The roles to hold, all of them."""

    roles = RolesField(allow_empty=True)
    confirm_self = FlagField(
        required=False, help_text="True to give up managing people oneself (`confirm-yourself` otherwise)."
    )


class InvitationInput(InputSerializer):
    """Whom to invite, and to what."""

    name = LineField(max_length=text.NAME_LIMIT)
    email = AddressField(max_length=254)
    roles = RolesField(allow_empty=True)
    language = serializers.ChoiceField(LANGUAGES, help_text="Of the mail, and of the account.")


class InviterOutput(serializers.Serializer[Person]):
    """Who invited."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class InvitationOutput(serializers.Serializer[Invitation]):
    """An invitation that was neither accepted nor withdrawn."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    roles = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()
    state = serializers.SerializerMethodField(help_text="`lapsed`: whoever invited may invite no longer.")
    invited_by = InviterOutput()
    invited_at = InstantField()
    expires_at = InstantField()

    def get_state(self, invitation: Invitation) -> Standing:
        """How it stands at the instant of the answer."""
        return directory.standing_of(invitation, now=self.context["now"])


class PrincipalInput(InputSerializer):
    """A service principal to be made."""

    name = LineField(max_length=text.NAME_LIMIT, help_text="What it is for.")
    roles = RolesField(allow_empty=False)


class PrincipalRolesInput(InputSerializer):
    """The roles of a service principal, all of them."""

    roles = RolesField(allow_empty=False)


class PrincipalOutput(serializers.Serializer[Person]):
    """A service principal: what programs of the organisation act as."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField(), source="role_names")
    active = serializers.BooleanField(source="is_active", help_text="False once it has ended, which is for good.")
    created_at = InstantField(source="joined_at")
