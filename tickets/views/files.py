"""Files of a request, handed out through the gate and always inert (P-7)."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest

from tickets.downloads import download_of
from tickets.selectors.detail import attachment_of
from tickets.selectors.visibility import request_of
from tickets.views.base import RequestsView


class DownloadView(RequestsView):
    """One file, as a download."""

    def get(self, request: HttpRequest, number: str, attachment_id: int) -> FileResponse:
        """Hand out the file if the reader may see it; a file id is looked up on its request only."""
        return download_of(attachment_of(self.actor, request_of(self.actor, number), attachment_id))
