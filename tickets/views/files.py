"""Files of a request, handed out through the gate and always inert (P-7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _

from accounts.errors import AccountsError
from tickets.downloads import download_of, preview_of
from tickets.errors import TicketsError
from tickets.models import Attachment, Message
from tickets.selectors.detail import attachment_of
from tickets.selectors.visibility import request_of
from tickets.services.attachments import attach_stored
from tickets.services.storage import RefusedFile, StoredFile, storing
from tickets.views.base import RequestsView, refusal


class DownloadView(RequestsView):
    """One file, as a download."""

    def get(self, request: HttpRequest, number: str, attachment_id: int) -> FileResponse:
        """Hand out the file if the reader may see it; a file id is looked up on its request only."""
        return download_of(self.attachment_of(number, attachment_id), reader=self.actor)

    def attachment_of(self, number: str, attachment_id: int) -> Attachment:
        """The file of this address, through the gate."""
        return attachment_of(self.actor, request_of(self.actor, number), attachment_id)


class PreviewView(DownloadView):
    """The preview of a picture, drawn anew by us."""

    def get(self, request: HttpRequest, number: str, attachment_id: int) -> FileResponse:
        """Show it where it stands or by itself."""
        return preview_of(self.attachment_of(number, attachment_id))


class FilesOfForm:
    """The files of a form: stored before the transaction of its act, attached within it, the refused ones named.

    One that is refused does not take the message, or the request, with it.
    """

    def __init__(self, view: RequestsView, outcomes: Sequence[StoredFile | RefusedFile]) -> None:
        self._view = view
        self._outcomes = outcomes
        self._refused: dict[int, TicketsError | AccountsError] = {}

    def attach(self, message: Message) -> None:
        """Give each stored file its row; safe to run again when the transaction is tried again."""
        for place, outcome in enumerate(self._outcomes):
            self._refused.pop(place, None)
            try:
                if isinstance(outcome, RefusedFile):
                    raise outcome.error
                attach_stored(number=message.request.number, actor=self._view.actor, file=outcome, message=message)
            except (TicketsError, AccountsError) as error:
                self._refused[place] = error

    def tell(self) -> None:
        """Say which files were refused, and why."""
        for place, error in self._refused.items():
            words = {"file": self._outcomes[place].name, "reason": refusal(error).detail}
            messages.warning(self._view.request, _("%(file)s was not attached: %(reason)s") % words)


@contextmanager
def files_of_form(view: RequestsView, uploads: Sequence[Any], *, organisation_id: int) -> Iterator[FilesOfForm]:
    """Store the files of a form until its act is done; what got no row is removed again."""
    with storing(uploads, organisation_id=organisation_id) as outcomes:
        yield FilesOfForm(view, outcomes)
