"""Exports on the wire."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField
from tickets.api.serializers.acts import RequestFilters
from tickets.api.serializers.fields import CodeField
from tickets.api.serializers.shared import OptionalText
from tickets.catalogue import CATEGORIES
from tickets.events import as_written
from tickets.models import Export, ExportFormat, ExportKind, ExportState
from tickets.selectors.exports import percent_of, state_at

KINDS, FORMATS, STATES = ExportKind.values, ExportFormat.values, ExportState.values
LANGUAGES = ("en", "zh-Hant")
FAILURES = ("access_ended", "by_asker", "too_large", "storage", "internal")


class ExportFilters(RequestFilters):
    """Which requests, as lists name them; commitments and events are those of these requests."""

    ordering = None  # type: ignore[assignment]  # a file has one order: the oldest request first
    include = None  # type: ignore[assignment]  # nothing is read along: commitments are an export of their own
    open = FlagField(required=False, help_text="Not closed. Together with `recently_closed`: either of them.")
    recently_closed = FlagField(required=False, help_text="Closed, and can still be reopened.")
    breached = FlagField(required=False, help_text="Whether a promised response is or was overdue.")
    tag = None  # type: ignore[assignment]  # what is asked for is put on record for ever, which names of tags are not
    category = serializers.ChoiceField(list(CATEGORIES), required=False)  # type: ignore[assignment]  # one, not a list
    service = CodeField(required=False, help_text="Its code in `GET /catalogue/`.")  # type: ignore[assignment]


class ExportInput(InputSerializer):
    """What to export, and as what."""

    kind = serializers.ChoiceField(KINDS)
    file_format = serializers.ChoiceField(FORMATS, help_text="`ndjson` for programs, `csv` for spreadsheets.")
    filters = ExportFilters(required=False, default=dict)
    language = serializers.ChoiceField(
        LANGUAGES, required=False, help_text="Of headings and of words; that of the call unless told otherwise."
    )
    byte_order_mark = FlagField(
        required=False, default=False, help_text="In front of a CSV file; without it Excel misreads UTF-8."
    )
    notify = FlagField(
        required=False, default=True, help_text="Whether you get a notice once it is ready, or has failed."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Fill in the language of the call."""
        chinese = (get_language() or "").lower().startswith("zh")
        return {"language": "zh-Hant" if chinese else "en", **attrs}


class ProgressOutput(serializers.Serializer[Export]):
    """How far an export has come."""

    rows = serializers.IntegerField(help_text="Written so far.")
    percent = serializers.SerializerMethodField(help_text="Of the requests to go through; 100 once it is ready.")

    def get_percent(self, export: Export) -> int:
        """How much of the way it has gone."""
        return percent_of(export)


@extend_schema_field(ExportFilters)
class AskedFilters(serializers.DictField):
    """Filters as they were kept."""

    def to_representation(self, value: Any) -> dict[str, Any]:
        """Their instants as the API writes them."""
        return dict(as_written(super().to_representation(value)))


class ExportOutput(serializers.Serializer[Export]):
    """One export of yours."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(KINDS)
    file_format = serializers.ChoiceField(FORMATS)
    language = serializers.ChoiceField(LANGUAGES)
    byte_order_mark = serializers.BooleanField()
    filters = AskedFilters(help_text="As they were asked for.")
    state = serializers.SerializerMethodField()
    failure = OptionalText(help_text=f"Why it failed or was cancelled: {', '.join(f'`{each}`' for each in FAILURES)}.")
    progress = ProgressOutput(source="*")
    asked_at = InstantField()
    began_at = InstantField(allow_null=True)
    settled_at = InstantField(allow_null=True, help_text="When it was ready, failed or was cancelled.")
    expires_at = InstantField(allow_null=True, help_text="The last instant at which the file can be had.")
    size = serializers.IntegerField(help_text="Bytes; those written so far while it is under way.")
    sha256 = OptionalText(help_text="Of the file, once it is ready.")
    url = serializers.SerializerMethodField(help_text="Downloads the file; null while there is none.")

    @extend_schema_field(serializers.ChoiceField(STATES))
    def get_state(self, export: Export) -> str:
        """How it stands at this moment."""
        return state_at(export, self.context["now"]).value

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_url(self, export: Export) -> str | None:
        """Where the file is."""
        if state_at(export, self.context["now"]) is not ExportState.READY:
            return None
        return f"{settings.PUBLIC_URL}{reverse('api-export-file', kwargs={'export_id': export.pk})}"
