"""Disputes of a severity: an admin thinks another one right, and somebody senior settles that (SE-5)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from tickets.models.promises import SeverityDecision
from tickets.models.requests import ServiceRequest

PERSON = settings.AUTH_USER_MODEL


class DisputeState(models.TextChoices):
    """How a dispute stands; every dispute ends in one of the others."""

    OPEN = "open"
    AGREED = "agreed"
    DECLINED = "declined"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class SeverityDispute(models.Model):
    """One dispute with its statement, once in a cycle of a request. `due_at` is a target of the desk, no promise.

    `agreed` names the decision that followed, to the severity asked for or another one; `ended` went with the request;
    of a `withdrawn` one the customer set the severity meanwhile, as elevated support may.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="disputes", db_index=False)
    cycle = models.PositiveSmallIntegerField()
    disputed = models.CharField(max_length=1, help_text="the severity that stood")
    asked = models.CharField(max_length=1, help_text="the severity that is thought right")
    statement = models.TextField(help_text="the impact on the business")
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="by when it is to be settled; internal")
    state = models.CharField(max_length=10, choices=DisputeState, default=DisputeState.OPEN)
    settled_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="of whoever settled it; the customer reads it")
    decision = models.OneToOneField(
        SeverityDecision, null=True, blank=True, on_delete=models.PROTECT, related_name="dispute"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "cycle"], name="a_dispute_once_a_cycle"),
            models.CheckConstraint(condition=~Q(asked=F("disputed")), name="disputed_for_another_severity"),
            models.CheckConstraint(
                condition=Q(asked__in=["A", "B", "C"], disputed__in=["A", "B", "C"]), name="disputed_a_b_or_c"
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | Q(state__in=["agreed", "declined", "ended", "withdrawn"], settled_at__isnull=False),
                name="a_settled_dispute_has_an_instant",
            ),
            models.CheckConstraint(
                condition=(Q(state="agreed", decision__isnull=False) | (~Q(state="agreed") & Q(decision=None))),
                name="an_agreed_dispute_has_its_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.disputed} → {self.asked}"
