"""The audit trail over the API (P-10)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InputSerializer, InstantField, LineField
from accounts.pseudonyms import pseudonym
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from tickets.api.serializers.shared import OrganisationReference
from tickets.audit_form import FORMATS, PERSONAL
from tickets.audit_wording import KINDS

NUMBER_LENGTH = 12


@extend_schema_field({"anyOf": [{"type": "string", "format": version} for version in ("ipv4", "ipv6")]})
class AddressField(serializers.IPAddressField):
    """An address of the internet, of either version."""


class AuditFilters(InputSerializer):
    """What to narrow the audit trail to."""

    kind = serializers.ListField(
        child=serializers.ChoiceField(sorted(KINDS)), required=False, help_text="Any of these."
    )
    actor = LineField(required=False, help_text="A mail address, a name or an id of a person.")
    acted_by = serializers.ChoiceField(
        trail.ACTED_BY, required=False, help_text="People of the organisation, its partners, support staff, the portal."
    )
    number = LineField(required=False, max_length=NUMBER_LENGTH, help_text="Of a service request.")
    since = InstantField(required=False, help_text="Recorded at this instant or later.")
    until = InstantField(required=False, help_text="Recorded before this instant.")
    address = AddressField(required=False, help_text="Of the client.")
    request_id = LineField(required=False, max_length=64, help_text="Of a call: its `X-Request-ID`.")
    organisation = serializers.SlugField(required=False, max_length=60, help_text="For support staff: whose records.")
    records = serializers.ChoiceField(
        (trail.CUSTOMERS, trail.INTERNAL),
        required=False,
        help_text="For support staff: what customers see, or the rest.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is for support staff from anybody else."""
        refused = {} if self.context["actor"].is_staff else {"organisation", "records"} & set(attrs)
        if refused:
            fault = serializers.ErrorDetail(str(_("There is no such field here. Remove it.")), "unknown_field")
            raise serializers.ValidationError({name: [fault] for name in refused})
        return attrs


class AuditExportFilters(AuditFilters):
    """What to export, and as what."""

    file_format = serializers.ChoiceField(FORMATS, help_text="`ndjson` proves itself; `csv` is for people.")


def wanted_from(filters: dict[str, Any]) -> Wanted:
    """The filters of a call as the trail takes them."""
    told = {name: _told(name, value) for name, value in filters.items() if name != "file_format"}
    chosen = {name: value for name, value in filters.items() if name not in ("kind", "file_format")}
    return Wanted(kinds=tuple(filters.get("kind", ())), told=told, **chosen)


def _told(name: str, value: Any) -> str:
    text = (
        ",".join(value) if isinstance(value, list) else value.isoformat() if hasattr(value, "isoformat") else str(value)
    )
    return pseudonym(text) if name in PERSONAL else text


class ActorOutput(serializers.Serializer[Any]):
    """Who did it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    is_staff = serializers.BooleanField(help_text="Of the vendor's support.")


class ChangeOutput(serializers.Serializer[Any]):
    """A particular in words."""

    name = serializers.CharField(source="label")
    before = serializers.CharField(allow_null=True, help_text="Null where nothing changed.")
    value = serializers.CharField()


class AuditRecordOutput(serializers.Serializer[Any]):
    """One record of the audit trail. `data` holds codes, ids and instants; personal values stand there as hashes."""

    sequence = serializers.IntegerField(
        source="seal.sequence", default=None, allow_null=True, help_text="In the hash chain; null for up to a minute."
    )
    hash = serializers.CharField(source="seal.hash", default=None, allow_null=True)
    at = InstantField(source="event.at", help_text="When it took effect.")
    recorded_at = InstantField(source="event.recorded_at")
    kind = serializers.CharField(source="event.kind")
    title = serializers.CharField(help_text="What happened, in words.")
    facts = ChangeOutput(many=True)
    actor = ActorOutput(source="event.actor", allow_null=True, help_text="Null is the portal itself.")
    on_behalf_of = OrganisationReference(source="event.on_behalf_of", allow_null=True)
    organisation = OrganisationReference(source="event.organisation", allow_null=True)
    internal = serializers.BooleanField(source="event.internal", help_text="For support staff only.")
    number = serializers.CharField(source="event.number", help_text="Of the service request; empty without one.")
    via = serializers.CharField(
        source="event.via", help_text="`page`, `token:ID`, `command:NAME`, `sweep`, `task:NAME`."
    )
    address = serializers.SerializerMethodField(help_text="Of the client; null where there is none, or it was erased.")
    request_id = serializers.CharField(source="event.request_id")
    data = serializers.DictField(source="event.data")  # type: ignore[assignment]  # a field of that name

    def get_address(self, row: dict[str, Any]) -> str | None:
        """The clear address, as far as it still exists."""
        return row["address"] or None
