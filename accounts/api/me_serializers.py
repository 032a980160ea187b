"""What goes in and out about the caller."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts import families, text
from accounts.api.serializers import FlagField, InputSerializer, InstantField, LineField, PatchInput, PhoneField
from accounts.models import PersonSession
from accounts.signing_in.devices import device_of

EVERY_FAMILY = sorted({*families.FOR_CUSTOMERS, *families.FOR_STAFF})


class ProfilePatchInput(PatchInput):
    """What people say about themselves."""

    name = LineField(max_length=text.NAME_LIMIT)
    language = serializers.ChoiceField([code for code, _name in settings.LANGUAGES], help_text="Of pages and mail.")
    timezone = LineField(max_length=64, help_text="IANA name")
    phone = PhoneField()


class ByMailInput(InputSerializer):
    """Of each family whether it comes by mail."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Those that the caller can choose about."""
        actor = self.context.get("actor")
        offered = families.offered(is_staff=actor.is_staff) if actor else EVERY_FAMILY
        return {family: FlagField(required=False) for family in offered}


class NoticesPatchInput(PatchInput):
    """Which notices come by mail; families that are left out stay as they are."""

    by_mail = ByMailInput()


class NoticesOutput(serializers.Serializer[Any]):
    """Which notices come by mail."""

    by_mail = serializers.DictField(
        child=serializers.BooleanField(), help_text="By family; one that is false stands in the portal only."
    )


class SessionOutput(serializers.Serializer[PersonSession]):
    """A browser in which somebody is signed in."""

    id = serializers.UUIDField(source="public_id")
    device = serializers.SerializerMethodField(help_text="Browser and system, as far as it tells.")
    address = serializers.IPAddressField(allow_null=True, help_text="From where it signed in.")
    began_at = InstantField()
    seen_at = InstantField(help_text="To five minutes.")
    is_this = serializers.SerializerMethodField(help_text="Whether it makes this very call.")

    def get_device(self, row: PersonSession) -> str:
        """In words."""
        return str(device_of(row.user_agent).words)

    def get_is_this(self, row: PersonSession) -> bool:
        """By its key, which is never told."""
        return bool(row.session_key == self.context["key"])


class EndedSessionsOutput(serializers.Serializer[Any]):
    """How many sessions ended."""

    ended = serializers.IntegerField()
