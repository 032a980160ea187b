"""Files of a request, handed out through the gate and always inert (P-7)."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.utils.http import content_disposition_header

from tickets.errors import AttachmentNotFound
from tickets.selectors.detail import attachments_of
from tickets.selectors.visibility import request_of
from tickets.services.attachments import path_of
from tickets.views.base import RequestsView

INERT = "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'none'"


class DownloadView(RequestsView):
    """One file, as a download."""

    def get(self, request: HttpRequest, number: str, attachment_id: int) -> FileResponse:
        """Hand out the file if the reader may see it; a file id is looked up on its request only."""
        service_request = request_of(self.actor, number)
        attachment = attachments_of(self.actor, service_request).filter(pk=attachment_id).first()
        if attachment is None:
            raise AttachmentNotFound
        try:
            file = path_of(attachment).open("rb")
        except FileNotFoundError:
            raise Http404 from None
        response = FileResponse(file, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
        response.headers["Content-Security-Policy"] = INERT
        return response
