"""Escalation by people: an admin asks for more attention, an engineer for a senior engineer."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from tickets.models.requests import ServiceRequest

PERSON = settings.AUTH_USER_MODEL


class EscalationReason(models.TextChoices):
    """Why somebody escalates."""

    RESOLUTION_TIME = "resolution_time"
    TECHNICAL_EXPERTISE = "technical_expertise"
    BUSINESS_IMPACT = "business_impact"


class Escalation(models.Model):
    """One escalation with its reason. `management` is asked for by the customer, `senior` by staff and internal.

    It moves no promise. The request's `escalated_at` and `senior_wanted_at` mirror the newest of each kind.
    """

    class Target(models.TextChoices):
        """Who is to look at it."""

        MANAGEMENT = "management"
        SENIOR = "senior"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="escalations", db_index=False)
    cycle = models.PositiveSmallIntegerField()
    target = models.CharField(max_length=12, choices=Target)
    reason = models.CharField(max_length=24, choices=EscalationReason)
    justification = models.TextField()
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "-id"], name="escalations_of_request")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.target} {self.reason}"
