"""What people say on a request, and the files they attach."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from tickets.models.requests import ServiceRequest


class MessageKind(models.TextChoices):
    """Who speaks to whom; `internal` is for support staff only, `system` is the portal itself."""

    CUSTOMER = "customer"
    REPLY = "reply"
    CALL = "call"
    INTERNAL = "internal"
    SYSTEM = "system"


class Message(models.Model):
    """One message of the conversation; never edited. The first one is the description."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="messages", db_index=False)
    kind = models.CharField(max_length=10, choices=MessageKind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(help_text="Markdown as written")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "id"], name="message_of_its_request")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class Scan(models.TextChoices):
    """What the virus scanner says of a file; `unscanned` where none was there when it came."""

    UNSCANNED = "unscanned"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


class Preview(models.TextChoices):
    """Whether there is a picture of ours to show; `failed` where the file could not be drawn anew."""

    NONE = "none"
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Attachment(models.Model):
    """One stored file; `key` is its random name on disk, `name` only a label.

    The preview of a picture is a file of its own, drawn anew by us. While scan or preview is still to be done,
    `inspect_at` says when somebody looks next.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="attachments")
    internal = models.BooleanField(default=False, help_text="belongs to an internal note")
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    scan = models.CharField(max_length=10, choices=Scan, default=Scan.UNSCANNED, db_default=Scan.UNSCANNED)
    scanned_at = models.DateTimeField(null=True, blank=True)
    preview = models.CharField(max_length=10, choices=Preview, default=Preview.NONE, db_default=Preview.NONE)
    preview_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    preview_width = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="pixels")
    preview_height = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="pixels")
    inspect_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, db_default=0, help_text="of the inspection")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="an_attachment_is_not_empty"),
            models.CheckConstraint(condition=Q(preview="ready") ^ Q(preview_key=""), name="a_ready_preview_has_a_file"),
            models.CheckConstraint(
                condition=~Q(scan="infected") | ~Q(preview="ready"), name="nothing_infected_is_shown"
            ),
            models.CheckConstraint(
                condition=Q(inspect_at__isnull=False) | ~Q(scan="waiting"), name="what_waits_is_looked_at"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation"], include=["size"], name="attachment_room"),
            models.Index(
                fields=["inspect_at", "id"], condition=Q(inspect_at__isnull=False), name="attachment_to_inspect"
            ),
            models.Index(fields=["uploaded_at"], condition=Q(scan="waiting"), name="attachment_unscanned_oldest"),
            models.Index(fields=["preview_key"], condition=~Q(preview_key=""), name="attachment_by_preview"),
        ]

    def __str__(self) -> str:
        return self.name
