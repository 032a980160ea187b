"""What is said on a request, its files, and what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from accounts.api.schema import lists
from accounts.keyset import Page
from tickets.api import examples
from tickets.api.inclusions import addresses_of_files
from tickets.api.serializers.acts import After, AttachmentInput, MessageInput
from tickets.api.serializers.assessing import PastCommitmentOutput
from tickets.api.serializers.conversation import AttachmentOutput, EventOutput, MessageOutput
from tickets.api.serializers.notices import RequestNoticeOutput
from tickets.api.serializers.timers import TimerOutput
from tickets.api.views.base import READ, READ_QUEUE, WRITE, WRITE_QUEUE, RequestsView
from tickets.downloads import download_of, preview_of
from tickets.models import Attachment, Message
from tickets.selectors import detail
from tickets.selectors.deliveries import deliveries_of
from tickets.selectors.ladder import timers_of
from tickets.services import conversation
from tickets.services.attachments import attach_stored, organisation_to_attach_for
from tickets.services.storage import RefusedFile, storing

WAYS: dict[str, Callable[..., Message]] = {
    "reply": conversation.reply_publicly,
    "internal": conversation.add_internal_note,
    "call": conversation.log_call,
    "question": conversation.ask_customer,
}


class MessagesView(RequestsView):
    """The conversation of a request."""

    required_scopes = {"GET": READ, "POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"GET": ("read_request",), "POST": ("post_message", "reply_publicly", "add_internal_note")}

    @lists(MessageOutput, filters=After)
    def get(self, request: Request, number: str) -> Response:
        """List the messages, oldest first; the first one is the description.

        Internal notes are for support staff, whose tokens need the scope `queue:read` to read them.
        """
        after = self.read_query(After).get("after", 0)
        service_request = self.request_of(number)
        messages = detail.conversation_of(self.actor, service_request, internal=self.internal).filter(pk__gt=after)
        return self.answer_page(messages, MessageOutput, files=addresses_of_files(service_request))

    @extend_schema(request=MessageInput, responses={201: MessageOutput}, examples=examples.MESSAGE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Write a message. The first public one by support staff is the response that was promised (SLA-1).

        A customer's message takes a request that waited for it back to work.
        """
        given = self.read(MessageInput)
        usual = conversation.reply_publicly if self.actor.is_staff else conversation.add_customer_message
        say = WAYS[given["kind"]] if "kind" in given else usual
        message = say(number=number, actor=self.actor, body=given["body"], version=self.version_given())
        data = MessageOutput(message, context={**self.shared, "files": addresses_of_files(message.request)}).data
        return answer(data, status=201, version=message.request.version)


class AttachmentsView(RequestsView):
    """The files of a request."""

    required_scopes = {"GET": READ, "POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {"GET": ("read_request",), "POST": ("attach_file",)}
    parser_classes = (MultiPartParser,)

    @lists(AttachmentOutput, filters=After)
    def get(self, request: Request, number: str) -> Response:
        """List the files, oldest first."""
        after = self.read_query(After).get("after", 0)
        service_request = self.request_of(number)
        files = detail.attachments_of(self.actor, service_request, internal=self.internal).filter(pk__gt=after)
        return self.answer_page(files, AttachmentOutput, files=addresses_of_files(service_request))

    @extend_schema(
        request={"multipart/form-data": AttachmentInput}, responses={201: AttachmentOutput}, examples=examples.FILE
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Attach a file to the description of an open request, or to a message of yours: at most 25 MiB, 10 for each.

        Name and content must agree about what kind of file it is. Where the installation has a virus scanner, `scan`
        is `waiting` at first.
        """
        message = self._message(number, self._given["message"]) if "message" in self._given else None
        attachment = attach_stored(
            number=number, actor=self.actor, file=self._stored, message=message, version=self.version_given()
        )
        data = AttachmentOutput(attachment, context={"files": addresses_of_files(attachment.request)}).data
        address = reverse("api-attachment", kwargs={"number": number, "attachment_id": attachment.pk})
        return answer(data, status=201, version=attachment.request.version, location=address)

    @contextmanager
    def prepared(self, number: str) -> Iterator[None]:
        """Read the call and store its file, outside of the transaction that attaches it.

        Raises AttachmentRefused, AttachmentMismatch, AttachmentTooLarge, StorageUnavailable.
        """
        self._given = self.read(AttachmentInput)
        organisation_id = organisation_to_attach_for(number=number, actor=self.actor)
        with storing([self._given["file"]], organisation_id=organisation_id) as [outcome]:
            if isinstance(outcome, RefusedFile):
                raise outcome.error
            self._stored = outcome
            yield

    def _message(self, number: str, message_id: int) -> Message:
        return detail.own_message_of(self.actor, self.request_of(number), message_id)


class AnyForm(DefaultContentNegotiation):
    """Takes whatever a caller accepts: a file has no other form than its own."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return the first renderer, which only errors of the framework would use."""
        return renderers[0], renderers[0].media_type


class AttachmentView(RequestsView):
    """One file of a request."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_request",)}
    content_negotiation_class = AnyForm

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, attachment_id: int) -> FileResponse:
        """Download a file. It always comes as a download, whatever it is.

        One that waits for its virus scan is handed to nobody but its sender (`attachment-waiting`), and one in which
        a virus was found to nobody (`attachment-infected`).
        """
        self.read_query()
        return download_of(self.attachment_of(number, attachment_id), reader=self.actor)

    def attachment_of(self, number: str, attachment_id: int) -> Attachment:
        """The file of this address, through the gate."""
        service_request = self.request_of(number)
        return detail.attachment_of(self.actor, service_request, attachment_id, internal=self.internal)


class PreviewView(AttachmentView):
    """The preview of a picture among the files."""

    @extend_schema(responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, attachment_id: int) -> FileResponse:
        """Show a picture, drawn anew by the portal: WebP, at most 1600 pixels wide or high, without its metadata."""
        self.read_query()
        return preview_of(self.attachment_of(number, attachment_id))


class EventsView(RequestsView):
    """What happened to a request."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_request",)}

    @lists(EventOutput, filters=After)
    def get(self, request: Request, number: str) -> Response:
        """List what happened, oldest first. Internal events are for support staff, with the scope `queue:read`.

        Events are never changed, and those of a request are numbered in the order in which they went on record.
        """
        after = self.read_query(After).get("after", 0)
        events = detail.events_of(self.actor, self.request_of(number), internal=self.internal)
        return self.answer_page(events.filter(pk__gt=after), EventOutput)


class TimersView(RequestsView):
    """The deadlines of a request."""

    required_scopes = {"GET": READ_QUEUE}
    acts = {"GET": ("read_internal",)}

    @lists(TimerOutput)
    def get(self, request: Request, number: str) -> Response:
        """List its deadlines, those to come and those that are over, the latest due first; for support staff (RO-3).

        Steps of the ladder, reminders, closing without a reply, archiving: which wait, which are done, and which were
        cancelled, and why.
        """
        self.read_query()
        return self.answer_page(timers_of(self.request_of(number)), TimerOutput)


class NoticesView(RequestsView):
    """Who was told what about a request."""

    required_scopes = {"GET": READ_QUEUE}
    acts = {"GET": ("read_internal",)}

    @lists(RequestNoticeOutput)
    def get(self, request: Request, number: str) -> Response:
        """List who was told what about it, when and by which way, the newest first; for support staff.

        A notice stands here once for its mail and once for its copy in the portal, where there are both, with the same
        `event` and `person`. A mail that there is not was not wanted, or the person has no confirmed address.
        """
        self.read_query()
        return self.answer_page(deliveries_of(self.request_of(number)), RequestNoticeOutput)


class CommitmentsView(RequestsView):
    """The promises of a request."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_request",)}

    @lists(PastCommitmentOutput)
    def get(self, request: Request, number: str) -> Response:
        """List every promise, newest first, each with its own outcome and explanation (SLA-1, SLA-6)."""
        self.read_query()
        service_request, now = self.request_of(number), self.now

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            return detail.commitments_page(service_request, now=now, cursor=cursor, size=size)

        return self.answer_fetched(fetch, PastCommitmentOutput, now=now)
