"""Files as answers: always a download, never a page (P-7)."""

from __future__ import annotations

from django.http import FileResponse

from tickets.errors import AttachmentNotFound
from tickets.models import Attachment
from tickets.services.attachments import path_of

INERT = "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'none'"  # RELIABILITY section 3


def download_of(attachment: Attachment) -> FileResponse:
    """The file under its given name; raises AttachmentNotFound where it is gone from the disk."""
    try:
        file = path_of(attachment).open("rb")
    except FileNotFoundError:
        raise AttachmentNotFound from None
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type="application/octet-stream")
    response.headers["Content-Security-Policy"] = INERT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
