"""Files as answers: always a download, never a page; to be looked at only what we drew ourselves (P-7)."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse

from accounts.actors import Actor
from tickets.errors import AttachmentInfected, AttachmentNotFound, AttachmentWaiting
from tickets.models import Attachment, Preview, Scan
from tickets.services.storage import path_of, preview_path_of

INERT = "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'none'"  # RELIABILITY section 3


def download_of(attachment: Attachment, *, reader: Actor) -> FileResponse:
    """The file under its given name, whole: ranges are not served.

    Raises AttachmentWaiting before its scan, except for who sent it; AttachmentInfected; AttachmentNotFound where it is
    gone from the disk.
    """
    if attachment.scan == Scan.INFECTED:
        raise AttachmentInfected
    if attachment.scan == Scan.WAITING and attachment.uploaded_by_id != reader.person_id:
        raise AttachmentWaiting
    return _answer(path_of(attachment), "application/octet-stream", as_attachment=True, filename=attachment.name)


def preview_of(attachment: Attachment) -> FileResponse:
    """The picture as we drew it anew; raises AttachmentNotFound where there is none."""
    if attachment.preview != Preview.READY:
        raise AttachmentNotFound
    return _answer(preview_path_of(attachment), "image/webp", filename=f"{attachment.pk}.webp")


def _answer(path: Path, content_type: str, *, filename: str, as_attachment: bool = False) -> FileResponse:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise AttachmentNotFound from None
    response = FileResponse(file, as_attachment=as_attachment, filename=filename, content_type=content_type)
    response.headers["Content-Security-Policy"] = INERT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Accept-Ranges"] = "none"
    return response
