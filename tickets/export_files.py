"""The file of an export as an answer: a download, whole or a part of it, so that one that broke off can go on (P-7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.http import StreamingHttpResponse

from tickets.downloads import INERT
from tickets.errors import ExportNotReady, ExportPartUnknown
from tickets.models import Export, ExportFormat, ExportState
from tickets.services.exports import path_of

CONTENT_TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8", ExportFormat.NDJSON: "application/x-ndjson"}
PART = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `first` up to and including `last`."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


def part_wanted(export: Export, *, range_header: str = "", if_range: str = "") -> Part | None:
    """The part that is asked for, None for the whole: without a range, with several, or of another file (RFC 9110).

    Raises ExportPartUnknown for a part that the file does not have.
    """
    match = PART.fullmatch(range_header.strip())
    if match is None or match[0] == "bytes=-" or (if_range and if_range.strip() != etag_of(export)):
        return None
    size, (first, last) = export.size, match.groups()
    if first and last and int(last) < int(first):
        return None  # no range at all
    if not first:
        begins, ends = max(0, size - int(last)), size - 1
    else:
        begins, ends = int(first), min(int(last or size), size - 1)
    if begins > ends:
        raise ExportPartUnknown(size)
    return Part(begins, ends)


def etag_of(export: Export) -> str:
    """The tag of the file: its content's hash."""
    return f'"{export.sha256}"'


def file_of(export: Export, part: Part | None) -> StreamingHttpResponse:
    """The file as an answer. Raises ExportNotReady where it is gone from the disk."""
    if not path_of(export).is_file():
        raise ExportNotReady(ExportState.EXPIRED)
    wanted = part or Part(0, export.size - 1)
    response = StreamingHttpResponse(
        _bytes(path_of(export), wanted),
        status=HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK,
        content_type=CONTENT_TYPES[ExportFormat(export.file_format)],
    )
    at = export.asked_at.strftime("%Y%m%d-%H%M%S")
    name = f"{export.kind}-{at}-{export.pk}.{export.file_format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Length"] = str(wanted.length)
    response.headers["Content-Security-Policy"] = INERT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag_of(export)
    if part:
        response.headers["Content-Range"] = f"bytes {part.first}-{part.last}/{export.size}"
    return response


def _bytes(path: Path, part: Part) -> Iterator[bytes]:
    left = part.length
    with path.open("rb") as file:
        file.seek(part.first)
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
