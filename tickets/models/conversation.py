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
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(help_text="Markdown as written")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "id"], name="message_of_request")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class Attachment(models.Model):
    """One stored file; `key` is its random name on disk, `name` only a label."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
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

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="an_attachment_is_not_empty")]
        indexes = [models.Index(fields=["organisation"], include=["size"], name="attachment_room")]

    def __str__(self) -> str:
        return self.name
