"""An export of the audit trail as an answer: put on record, then sent while it is read (P-10)."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils.translation import get_language

from accounts import clock
from accounts.actors import Actor
from accounts.audit.chains import instant
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from tickets.audit_lines import csv_file, ndjson_lines
from tickets.services.audit_exports import record_export, seal_for_export

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


def export(actor: Actor, wanted: Wanted, *, file_format: str) -> StreamingHttpResponse:
    """The file that was asked for, with its own record in it. Raises what `record_export` does."""
    chain = record_export(actor=actor, wanted=wanted, file_format=file_format)
    seal_for_export()
    lines: Iterator[bytes] | Iterator[str]
    if file_format == "ndjson" and chain is not None:
        lines = ndjson_lines(actor, wanted, chain=chain, at=instant(clock.now()))
    else:
        lines = csv_file(actor, wanted, language=get_language() or "en")
    response = StreamingHttpResponse(lines, content_type=CONTENT_TYPES[file_format])
    name = "all" if chain is None else trail.name_of_chain(chain)
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{name}.{file_format}"'
    return response
