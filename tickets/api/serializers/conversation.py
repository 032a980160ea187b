"""Messages, files and events."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InstantField
from accounts.models import Event
from tickets.api.serializers.shared import OrganisationReference, PersonOutput
from tickets.events import facts_for
from tickets.models import Attachment, Message, MessageKind, Preview, Scan
from tickets.wording import EVENTS, words


class AttachmentOutput(serializers.Serializer[Attachment]):
    """A file."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    content_type = serializers.CharField(help_text="As the content tells; it is served as a download all the same.")
    sha256 = serializers.CharField()
    uploaded_at = InstantField()
    message = serializers.IntegerField(source="message_id", allow_null=True, help_text="The message it belongs to.")
    scan = serializers.ChoiceField(
        Scan.values,
        help_text="What the virus scanner says: `unscanned` where there is none, `waiting` files are for their sender "
        "alone, `infected` ones are gone.",
    )
    preview = serializers.ChoiceField(
        Preview.values, help_text="`ready` where `preview_url` shows it; pictures alone have one."
    )
    url = serializers.SerializerMethodField(help_text="Downloads it.")
    preview_url = serializers.SerializerMethodField(help_text="Shows a picture, drawn anew by the portal.")

    def get_url(self, attachment: Attachment) -> str:
        """The address of the file."""
        return f"{self.context['files'][attachment.request_id]}{attachment.pk}/"

    def get_preview_url(self, attachment: Attachment) -> str | None:
        """The address of its preview."""
        return f"{self.get_url(attachment)}preview/" if attachment.preview == Preview.READY else None


class MessageOutput(serializers.Serializer[Message]):
    """A message of the conversation."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(MessageKind.values, help_text="`internal` ones are for support staff only.")
    author = PersonOutput(allow_null=True)
    on_behalf_of = OrganisationReference(allow_null=True, help_text="The customer that a partner acted for.")
    body = serializers.CharField(help_text="Markdown as it was written.")
    at = InstantField()
    attachments = AttachmentOutput(many=True, source="attachments.all")


class EventOutput(serializers.Serializer[Event]):
    """One thing that happened to a request."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.SerializerMethodField(help_text="What happened, in words.")
    at = InstantField()
    actor = PersonOutput(allow_null=True, help_text="Null for the portal itself.")
    on_behalf_of = OrganisationReference(allow_null=True, help_text="The customer that a partner acted for.")
    internal = serializers.BooleanField(help_text="Whether it is for support staff only.")
    details = serializers.SerializerMethodField(help_text="Codes, ids and instants that belong to it.")

    def get_text(self, event: Event) -> str:
        """What happened."""
        return words(EVENTS, event.kind)

    def get_details(self, event: Event) -> dict[str, Any]:
        """What customers may know of it, and for staff everything."""
        return facts_for(event.data, is_staff=self.context["actor"].is_staff)
