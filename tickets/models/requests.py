"""The service request itself."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Least

from accounts.models import Organisation, Subscription, Team
from tickets.lifecycle import OPEN, Resolution, State
from tickets.models.catalogue import Service, Topic
from tickets.models.incidents import Incident
from tickets.models.tags import RequestTag, Tag

PERSON = settings.AUTH_USER_MODEL
OPEN_STATES = [state.value for state in OPEN]
WORK_STATES = [State.AWAITING_RESPONSE.value, State.IN_PROGRESS.value]
SHUT_STATES = [State.CLOSED.value, State.ARCHIVED.value]
NEVER = Value(datetime(9999, 1, 1, tzinfo=UTC), output_field=models.DateTimeField())  # due, in orders by due instant
OWED_AT = Least(F("queue_at"), F("dispute_due_at"))  # the place in the queue; without a dispute, `queue_at`
FOR_SENIORS = Q(senior_wanted_at__isnull=False) | Q(dispute_due_at__isnull=False)


def choices(values: type[State] | type[Resolution]) -> list[tuple[str, str]]:
    """Choices of an enum whose words for people live in `tickets.wording`."""
    return [(value.value, value.value) for value in values]


class ServiceRequest(models.Model):
    """One request of an organisation. Its row is the lock for all that hangs on it.

    `due_at` mirrors the running response commitment while nobody has answered; `queue_at` is the next instant at which
    an engineer owes something (the due instant, an internal attention instant, or the next public update). A dispute
    that stands may come earlier: the queue goes by `OWED_AT`.
    `description` is the first message of the conversation. `version` is the ETag. `state_before`, no column, is the
    state that a service found, for the record of what it changed (P-10).

    `changed_at` is when what its customer can see of it last changed, as it was put on record: never before what went
    on record earlier, and so never the same for two changes. `is_dated`, no column, is whether it has moved since the
    row was read.
    """

    state_before: str = ""
    is_dated: bool = False

    number = models.CharField(max_length=12, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    primary_contact = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    kind = models.CharField(max_length=20, help_text="kind of support: technical, presales, billing, advisory")
    tier = models.CharField(max_length=20)
    category = models.CharField(max_length=40)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200)
    language = models.CharField(max_length=20, help_text="BCP 47 tag of the conversation")

    service_state = models.CharField(max_length=12, blank=True)
    users_affected = models.CharField(max_length=16, blank=True)
    business_impact = models.CharField(max_length=12, blank=True)
    workaround = models.CharField(max_length=3, blank=True)
    deadline_at_risk = models.CharField(max_length=3, blank=True)
    problem_started_at = models.DateTimeField(null=True, blank=True)

    contact_method = models.CharField(max_length=12, default="email")
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_timezone = models.CharField(max_length=64)
    contact_country = models.CharField(max_length=2)
    callback_at = models.DateTimeField(null=True, blank=True, help_text="preferred time of a call back (CH-3)")
    translator = models.BooleanField(default=False, help_text="a translator is to join calls (LA-2)")
    phone_missing = models.BooleanField(default=False)
    diagnostic_consent = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False)

    state = models.CharField(max_length=20, choices=choices(State), default=State.AWAITING_RESPONSE.value)
    severity = models.CharField(max_length=1)
    needs_confirmation = models.BooleanField(default=False)
    scope = models.CharField(max_length=20, default="in_scope")
    corrected_at = models.DateTimeField(
        null=True, blank=True, help_text="when its scope, category or topic was last corrected"
    )
    assignee = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cycle = models.PositiveSmallIntegerField(default=1, help_text="1 at filing, one more at each reopening")
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text="when its admins last escalated it, this cycle"
    )
    senior_wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="since when a senior engineer is to take it"
    )

    incident = models.ForeignKey(
        Incident,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="the known incident that it belongs to",
    )

    disputed_cycle = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="the cycle in which its severity was last disputed; 0 for never"
    )
    dispute_due_at = models.DateTimeField(
        null=True, blank=True, help_text="by when the dispute that stands is to be settled; internal"
    )

    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    responded_at = models.DateTimeField(null=True, blank=True, help_text="first response of this cycle")
    due_at = models.DateTimeField(null=True, blank=True)
    queue_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=20, choices=choices(Resolution), blank=True)
    referral = models.CharField(max_length=20, blank=True)
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    follow_up_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups")

    content_removed_at = models.DateTimeField(
        null=True, blank=True, help_text="when what people wrote and attached was removed, long after it was archived"
    )

    tags = models.ManyToManyField(Tag, through=RequestTag, related_name="+")  # for the desk alone

    generation = models.PositiveIntegerField(default=0, help_text="how often timers were planned")
    version = models.PositiveIntegerField(default=1)
    search = SearchVectorField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "id"], name="request_of_organisation"),
            models.CheckConstraint(condition=Q(severity__in=["A", "B", "C"]), name="severity_is_a_b_or_c"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_at=None, resolution="")
                | (Q(state__in=SHUT_STATES, closed_at__isnull=False) & ~Q(resolution="")),
                name="closed_with_an_instant_and_a_resolution",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(state=State.AWAITING_RESPONSE.value), name="due_only_while_unanswered"
            ),
            models.CheckConstraint(
                condition=(Q(resolution="out_of_scope") & ~Q(referral=""))
                | (~Q(resolution="out_of_scope") & Q(referral="")),
                name="out_of_scope_has_a_referral",
            ),
            models.CheckConstraint(
                condition=Q(resolution="duplicate", duplicate_of__isnull=False)
                | (~Q(resolution="duplicate") & Q(duplicate_of=None)),
                name="a_duplicate_names_its_original",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closed_at", "id"],
                condition=Q(state=State.ARCHIVED.value, content_removed_at=None),
                name="archived_with_content",
            ),
            models.Index(
                fields=["due_at", "severity", "created_at", "id"],
                condition=Q(due_at__isnull=False),
                name="queue_by_due",
            ),
            models.Index(
                OWED_AT, "severity", "created_at", "id", condition=Q(state__in=WORK_STATES), name="queue_next"
            ),
            models.Index(
                "assignee",
                OWED_AT,
                "severity",
                "created_at",
                "id",
                condition=Q(state__in=OPEN_STATES),
                name="queue_of_assignee",
            ),
            models.Index(
                OWED_AT,
                "severity",
                "created_at",
                "id",
                condition=Q(state=State.AWAITING_CUSTOMER.value),
                name="queue_waiting",
            ),
            models.Index(
                OWED_AT,
                "severity",
                "created_at",
                "id",
                condition=Q(state__in=OPEN_STATES) & FOR_SENIORS,
                name="queue_of_seniors",
            ),
            models.Index(
                fields=["organisation", "-created_at", "-id"], condition=Q(state__in=OPEN_STATES), name="open_requests"
            ),
            models.Index(
                fields=["organisation", "-closed_at", "-id"], condition=Q(state__in=SHUT_STATES), name="closed_requests"
            ),
            models.Index(fields=["organisation", "-created_at", "-id"], name="all_requests"),
            models.Index(fields=["-created_at", "-id"], name="newest_requests"),
            models.Index(fields=["-created_at", "-id"], condition=Q(state__in=OPEN_STATES), name="newest_open"),
            models.Index(fields=["-closed_at", "-id"], condition=Q(state__in=SHUT_STATES), name="newest_closed"),
            models.Index(fields=["organisation", "changed_at", "id"], name="changes_of_organisation"),
            models.Index(fields=["changed_at", "id"], name="changes_of_requests"),
            models.Index(Coalesce("due_at", NEVER), "severity", "created_at", "id", name="requests_by_due"),
            models.Index(fields=["severity", "created_at", "id"], name="requests_by_severity"),
            models.Index(
                fields=["severity", "created_at", "id"], condition=Q(state__in=OPEN_STATES), name="open_by_severity"
            ),
            models.Index(fields=["kind", "category"], name="requests_by_kind"),
            models.Index(fields=["incident", "-id"], condition=Q(incident__isnull=False), name="requests_of_incident"),
            GinIndex(fields=["search"], name="request_search", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def service_code(self) -> str | None:
        """The code of the service, as `accounts.permissions` asks for it."""
        return self.service.code if self.service else None
