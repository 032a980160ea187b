"""Deadlines as rows (P-3)."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from tickets.models.promises import Commitment
from tickets.models.requests import ServiceRequest


class TimerKind(models.TextChoices):
    """What happens when the instant comes."""

    RESPONSE = "response"
    BREACH_WATCH = "breach_watch"
    UNTAKEN = "untaken"
    ATTENTION = "attention"
    UPDATE_DUE = "update_due"
    WAITING_REMINDER = "waiting_reminder"
    WAITING_CLOSE = "waiting_close"
    ARCHIVE = "archive"
    SURVEY = "survey"
    DISPUTE = "dispute"


class TimerState(models.TextChoices):
    """How a timer stands; every timer ends in one of the last three (P-3)."""

    WAITING = "waiting"
    HELD = "held"
    FIRED = "fired"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNSETTLED = (TimerState.WAITING, TimerState.HELD)  # what can still fire, by itself or once it is released


class Timer(models.Model):
    """One deadline of one request: `step` of `kind`, planned for the `generation`-th time. "No commitment" has no row.

    `next_attempt_at` is `due_at`, or later after a failed attempt; the sweep asks for nothing else.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="timers", db_index=False)
    commitment = models.ForeignKey(Commitment, null=True, blank=True, on_delete=models.PROTECT, related_name="timers")
    kind = models.CharField(max_length=20, choices=TimerKind)
    step = models.CharField(max_length=20, blank=True)
    generation = models.PositiveIntegerField(default=1)
    recipients = models.JSONField(default=list, help_text="whom the ladder tells: assignee, team, or a staff role")
    due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=TimerState, default=TimerState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=30, blank=True, help_text="why it was cancelled, or the last error")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "kind", "step", "generation"], name="a_timer_once"),
            models.CheckConstraint(condition=Q(next_attempt_at__gte=F("due_at")), name="never_tried_early"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "held"], settled_at=None)
                | Q(state__in=["fired", "cancelled", "failed"], settled_at__isnull=False),
                name="settled_with_an_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state="waiting"), name="timer_due"),
            models.Index(fields=["kind"], condition=Q(state="waiting"), name="timer_kinds"),
            models.Index(fields=["due_at"], condition=Q(state="waiting", attempts__gt=0), name="timer_put_off"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="timer_failed"),
            models.Index(fields=["id"], condition=Q(state="held"), name="timer_held"),
            models.Index(fields=["settled_at"], include=["due_at"], condition=Q(state="fired"), name="timer_fired"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind} {self.step}"


class SweepHeartbeat(models.Model):
    """When the last sweep finished, and what it did: the one row that the sweeper and /readyz watch."""

    swept_at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.swept_at.isoformat()
