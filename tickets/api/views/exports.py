"""Operations on exports: jobs that write a file, and the file."""

from __future__ import annotations

import json
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists, refusing
from accounts.idempotency import Answer
from tickets.api import export_examples as examples
from tickets.api.serializers.exports import ExportInput, ExportOutput
from tickets.api.views.base import TicketsApiView
from tickets.api.views.conversation import AnyForm
from tickets.export_files import file_of, part_wanted
from tickets.models import Export
from tickets.selectors import exports as selectors
from tickets.services import exports as services

READ, WRITE = "exports:read", "exports:write"
ACTS = ("export_requests",)
RANGE = OpenApiParameter("Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="`bytes=FIRST-` goes on.")


class ExportApiView(TicketsApiView):
    """An operation on exports."""

    def told(self, export: Export, *, status: int = 200) -> Response:
        """The export as it stands, with its version, which moves on with every slice that is written."""
        address = reverse("api-export", kwargs={"export_id": export.pk}) if status == 201 else ""
        data = ExportOutput(export, context={"now": self.now}).data
        return answer(data, status=status, version=export.version, location=address)

    def check_replay(self, stored: Answer) -> None:
        """The export must still be there for the caller (P-6)."""
        export_id = self.kwargs.get("export_id") or json.loads(stored.body)["id"]
        selectors.export_of(self.actor, export_id, internal=self.internal)


class ExportsView(ExportApiView):
    """Exports."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}

    @lists(ExportOutput)
    def get(self, request: Request) -> Response:
        """List the exports that you asked for, for the organisation that you act for, the newest first."""
        self.read_query()
        rows = selectors.visible_exports(self.actor, internal=self.internal).order_by("-id")
        return self.answer_page(rows, ExportOutput, now=self.now)

    @refusing(404)
    @extend_schema(request=ExportInput, responses={201: ExportOutput}, examples=examples.ASK)
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for a file of the requests that you may read, of their commitments, or of what happened to them.

        It is written in the background; look at `state` and `progress`. It holds what had been filed when it was asked
        for, each request as it stood when it was read. There are five an hour for each organisation.
        """
        wish = services.Wish(**self.read(ExportInput))
        return self.told(services.ask_for_export(wish=wish, actor=self.actor, internal=self.internal), status=201)


class ExportView(ExportApiView):
    """One export."""

    required_scopes = {"GET": READ, "DELETE": WRITE}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=ExportOutput, examples=examples.SHOW)
    def get(self, request: Request, export_id: int) -> Response:
        """Tell how far it has come, and where the file is."""
        self.read_query()
        return self.told(selectors.export_of(self.actor, export_id, internal=self.internal))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, export_id: int) -> Response:
        """Remove it with its file; one that is under way is cancelled. `If-Match: *` takes it as it stands."""
        services.remove_export(export_id=export_id, actor=self.actor, version=self.version_required())
        return Response(status=204)


class CancelExportView(ExportApiView):
    """The end of an export that is under way."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}

    @extend_schema(request=NothingInput, responses=ExportOutput, examples=examples.CANCEL)
    @idempotent
    def post(self, request: Request, export_id: int) -> Response:
        """Cancel it. What was written goes; the export stays in the list for 30 days."""
        self.read(NothingInput)
        version = self.version_given()
        return self.told(services.cancel_export(export_id=export_id, actor=self.actor, version=version))


class ExportFileView(ExportApiView):
    """The file of an export."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}
    content_negotiation_class = AnyForm

    @extend_schema(
        parameters=[RANGE],
        responses={
            (status, form): OpenApiResponse(OpenApiTypes.STR, words)
            for status, words in ((200, "The file."), (206, "The part of it that was asked for."))
            for form in ("application/x-ndjson", "text/csv")
        },
    )
    def get(self, request: Request, export_id: int) -> HttpResponseBase:
        """Download the file, for 48 hours. What broke off goes on with `Range`, and `If-Range` with the ETag.

        It is yours alone, and only as long as you may read all that it holds (`export-beyond-reach`).
        """
        self.read_query()
        known: dict[str, Any] = {"export_id": export_id, "actor": self.actor, "internal": self.internal}
        export = services.readable_export(**known, now=self.now)
        headers = request.headers
        part = part_wanted(export, range_header=headers.get("Range", ""), if_range=headers.get("If-Range", ""))
        if request.method == "GET":
            services.record_download(**known, begins_at=part.first if part else 0)
        return file_of(export, part)
