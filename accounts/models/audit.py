"""The insert-only audit trail, and the outbox of notices that follow from it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import families
from accounts.models.organisations import Organisation
from accounts.models.people import Person

NEWEST = ("recorded_at", "id")  # the order of the audit pages, by index under every filter


class Event(models.Model):
    """One thing that happened: who, on behalf of whom, what, when (P-10). The database refuses to change it.

    `data` holds codes, ids and instants, never personal values, only their salted hashes; where something changed it
    says what `from` and what `to`. `internal` events are not for customers.
    `ref` names what the event settles (`timer:17`), at most once for each kind (P-2).
    """

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number = models.CharField(max_length=12, blank=True, help_text="of the service request, if it concerns one")
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=60, blank=True)
    actor = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    delegation = models.ForeignKey(
        "Delegation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="under which the actor did it on behalf of the customer",
    )
    at = models.DateTimeField(help_text="when it took effect; a deadline's event is dated at the deadline")
    recorded_at = models.DateTimeField(db_default=Now())
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(
        max_length=32,
        blank=True,
        db_default="",
        help_text="salted hash of the client's; PersonalValue has the clear one",
    )
    via = models.CharField(
        max_length=60, blank=True, db_default="", help_text="page, token:ID, command:NAME, sweep or task:NAME"
    )
    internal = models.BooleanField(default=False)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "ref"], condition=~Q(ref=""), name="an_effect_is_recorded_once"),
        ]
        indexes = [
            models.Index(fields=["number", "id"], condition=~Q(number=""), name="event_of_request"),
            models.Index(fields=["organisation", *NEWEST], name="event_by_organisation"),
            models.Index(fields=[*NEWEST], name="event_by_time"),
            models.Index(fields=["kind", *NEWEST], name="event_by_kind"),
            models.Index(fields=["actor", *NEWEST], condition=Q(actor__isnull=False), name="event_by_actor"),
            models.Index(
                fields=["on_behalf_of", *NEWEST], condition=Q(on_behalf_of__isnull=False), name="event_on_behalf"
            ),
            models.Index(fields=["request_id", *NEWEST], condition=~Q(request_id=""), name="event_by_request_id"),
            models.Index(fields=["address", *NEWEST], condition=~Q(address=""), name="event_by_address"),
            models.Index(
                fields=["delegation", "id"], condition=Q(delegation__isnull=False), name="event_of_delegation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class DeliveryState(models.TextChoices):
    """How far a delivery has come."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"
    DIGESTED = "digested"


class Urgency(models.IntegerChoices):
    """What goes first: an account's safety, the ladder of an A, what presses, everything else (accounts.families)."""

    SECURITY = families.SECURITY
    CRITICAL = families.CRITICAL
    URGENT = families.URGENT
    ORDINARY = families.ORDINARY


class Delivery(models.Model):
    """One notice of one event to one destination, written with the event and sent later (P-2, P-9).

    A row of the channel `portal` is the copy that the person reads in the portal; it needs no sending. A mail beyond
    the hour's number is `digested`: told by another mail, its `digest`, or still waiting for one until
    `next_attempt_at`. A webhook goes to an `endpoint`; its `notice` is the type, its `context` holds the codes of its
    payload. A trigger refuses one that is of another organisation than its endpoint (P-5).
    """

    class Channel(models.TextChoices):
        """Ways to reach someone."""

        MAIL = "mail"
        PORTAL = "portal"
        WEBHOOK = "webhook"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=12, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    endpoint = models.ForeignKey(
        "WebhookEndpoint", null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    destination = models.CharField(max_length=120, help_text="person:ID or endpoint:ID, never an address")
    notice = models.CharField(max_length=40, help_text="which notice; templates/notices/ has its words")
    context = models.JSONField(default=dict)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, db_default=Urgency.ORDINARY)
    digest = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="digested",
        db_index=False,
        help_text="the mail that told it instead",
    )
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "channel", "destination"], name="one_delivery_per_destination"),
            models.CheckConstraint(
                condition=Q(channel="webhook", endpoint__isnull=False) | (~Q(channel="webhook") & Q(endpoint=None)),
                name="a_webhook_has_an_endpoint",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state="pending"), name="delivery_due"),
            models.Index(
                fields=["created_at"], condition=Q(state="pending") & ~Q(channel="webhook"), name="delivery_oldest"
            ),
            models.Index(fields=["id"], condition=Q(state="failed") & ~Q(channel="webhook"), name="delivery_failed"),
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                condition=Q(state="pending", channel="webhook"),
                name="webhook_due",
            ),
            models.Index(
                fields=["endpoint", "number", "id"],
                condition=Q(state="pending", channel="webhook"),
                name="webhook_of_request",
            ),
            models.Index(fields=["endpoint", "-id"], condition=Q(channel="webhook"), name="webhook_by_endpoint"),
            models.Index(
                fields=["endpoint", "state", "-id"],
                condition=Q(channel="webhook", state__in=["pending", "failed", "held"]),
                name="webhook_unsent",
            ),
            models.Index(fields=["id"], condition=Q(state="held"), name="delivery_held"),
            models.Index(fields=["person", "-id"], condition=Q(channel="portal"), name="delivery_in_portal"),
            models.Index(fields=["person"], condition=Q(channel="portal", read_at=None), name="delivery_unread"),
            models.Index(fields=["person", "delivered_at"], condition=Q(channel="mail"), name="delivery_mailed"),
            models.Index(fields=["person"], condition=Q(state="digested", digest=None), name="delivery_for_digest"),
            models.Index(fields=["digest", "id"], condition=Q(digest__isnull=False), name="delivery_in_digest"),
            models.Index(fields=["person", "created_at"], condition=Q(notice="digest"), name="delivery_digest"),
            models.Index(fields=["number", "-id"], condition=~Q(number=""), name="delivery_of_request"),
            BrinIndex(fields=["created_at"], name="delivery_by_age"),  # rows come in their order: a few pages for all
        ]

    def __str__(self) -> str:
        return f"{self.notice} to {self.destination}"
