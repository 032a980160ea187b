"""Operations on the audit trail (P-10)."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView
from accounts.api.schema import lists, refusing
from accounts.keyset import Page, page
from accounts.selectors import trail
from tickets.api.serializers.audit import AuditExportFilters, AuditFilters, AuditRecordOutput, wanted_from
from tickets.audit_files import export
from tickets.audit_lines import described

READ = "audit:read"


class AuditView(ApiView):
    """The audit trail."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_audit",)}

    @refusing(404)
    @lists(AuditRecordOutput, filters=AuditFilters)
    def get(self, request: Request) -> Response:
        """List who did what, the newest first: in the caller's organisation, or for security staff in all of them."""
        events = trail.trail(self.actor, wanted_from(self.read_query(AuditFilters)))

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            found = page(events, order=trail.ORDER, cursor=cursor, size=size)
            rows: list[Any] = described(self.actor, found.rows)
            return Page(rows=rows, next=found.next, previous=found.previous)

        return self.answer_fetched(fetch, AuditRecordOutput)


class AuditExportView(ApiView):
    """Exports of the audit trail."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_audit",)}

    @refusing(404)
    @extend_schema(
        parameters=[AuditExportFilters],
        responses={
            (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.STR, "The file, as it is read."),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "The file, as it is read."),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Export the audit trail. There are five exports an hour for each organisation, and each is on record.

        An NDJSON file carries the hash chain: `verify_audit.py FILE` names the first record that was altered, is
        missing, was inserted or stands elsewhere. Records that do not fit the filters stand there by their hash alone.
        """
        filters = self.read_query(AuditExportFilters)
        return export(self.actor, wanted_from(filters), file_format=filters["file_format"])
