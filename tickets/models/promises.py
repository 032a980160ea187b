"""What was promised, and how the severity behind it was decided."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import CalendarVersion, Organisation
from sla.models import PolicyVersion
from tickets.models.requests import ServiceRequest


class Commitment(models.Model):
    """One promise of a first response: a row per cycle and revision, never overwritten (SLA-1, SLA-6).

    A pure function of recorded facts: `counted_from` is the receipt, or the change for a raised severity; `floor_at`
    is the earlier promise that a raise may not fall behind. The state follows from the instants (sla.commitments).
    """

    class Reason(models.TextChoices):
        """Why the row was written."""

        FILED = "filed"
        REOPENED = "reopened"
        RAISED = "raised"
        LOWERED = "lowered"
        CONFIRMED = "confirmed"
        SUBSCRIPTION = "subscription"

    class End(models.TextChoices):
        """What ended the promise."""

        RESPONSE = "response"
        CLOSED = "closed"
        SUPERSEDED = "superseded"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="commitments", db_index=False)
    cycle = models.PositiveSmallIntegerField()
    revision = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    kind = models.CharField(max_length=20)
    tier = models.CharField(max_length=20)
    severity = models.CharField(max_length=1)
    country = models.CharField(max_length=2, help_text="of the organisation then; regions may differ (SLA-4)")
    availability = models.CharField(max_length=60)
    target = models.CharField(max_length=30)
    policy_version = models.ForeignKey(PolicyVersion, to_field="version", on_delete=models.PROTECT, related_name="+")
    calendar_version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    counted_from = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=12, choices=End, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    breach_detected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["request"], condition=Q(breached_at__isnull=False), name="broken_promises"),
            models.Index(fields=["breached_at", "id"], condition=Q(breached_at__isnull=False), name="breaches"),
            models.Index(
                fields=["responded_at"], condition=Q(cycle=1, responded_at__isnull=False), name="first_responses"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "cycle", "revision"], name="a_revision_once"),
            models.UniqueConstraint(fields=["id", "request"], name="commitment_of_its_request"),  # for keys of timers
            models.UniqueConstraint(fields=["request"], condition=Q(ended_at=None), name="one_running_commitment"),
            models.CheckConstraint(
                condition=Q(breached_at=None) | Q(breached_at=F("due_at")), name="breached_at_the_deadline"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")), name="an_end_has_a_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} cycle {self.cycle}.{self.revision}"


class SeverityDecision(models.Model):
    """One assessment or change of severity: who, when, why and on what evidence (SE-5)."""

    class Source(models.TextChoices):
        """Who decided."""

        ENGINE = "engine"
        CUSTOMER = "customer"
        ENGINEER = "engineer"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(
        ServiceRequest, on_delete=models.PROTECT, related_name="severity_decisions", db_index=False
    )
    severity = models.CharField(max_length=1)
    previous = models.CharField(max_length=1, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    assessment = models.JSONField(null=True, blank=True, help_text="the engine's whole result, where it decided")
    engine_version = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "id"], name="decision_of_its_request")]
        indexes = [
            models.Index(fields=["at"], condition=Q(source="engineer"), name="decisions_of_engineers"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.severity} by {self.source}"
