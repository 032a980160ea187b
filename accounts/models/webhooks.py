"""Endpoints that are told of events by HTTP, and what came of each attempt."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.audit import Delivery
from accounts.models.organisations import Organisation
from accounts.models.people import Person


class OffReason(models.TextChoices):
    """Why an endpoint is switched off."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"
    ACCESS_ENDED = "access_ended"


class WebhookEndpoint(models.Model):
    """An address that hears of the requests of one organisation; without one it is the desk's, and hears of all.

    What a `partner` made for a customer works while a delegation to that partner lasts (PA-1, P-6). Secrets are
    encrypted under WEBHOOK_KEY; after a rotation the former one signs too until `former_until`. `failing_since` is when
    the first of an unbroken row of failures was, over all deliveries. Until `quiet_until` its receiver asked to be left
    alone. One that is removed keeps its log, nothing else.
    """

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    types = ArrayField(models.CharField(max_length=40))
    sealed_secret = models.CharField(max_length=400)
    former_secret = models.CharField(max_length=400, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    switched_off_at = models.DateTimeField(null=True, blank=True)
    off_reason = models.CharField(max_length=12, choices=OffReason, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="when it last took a delivery")
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(switched_off_at=None, off_reason="")
                | (Q(switched_off_at__isnull=False) & ~Q(off_reason="")),
                name="an_endpoint_is_off_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(url="", description="", sealed_secret="", former_secret=""),
                name="a_removed_endpoint_keeps_no_secret",
            ),
            models.CheckConstraint(
                condition=Q(former_secret="", former_until=None)
                | (~Q(former_secret="") & Q(former_until__isnull=False)),
                name="a_former_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(partner=None) | Q(organisation__isnull=False), name="a_partner_acts_for_a_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "id"], condition=Q(removed_at=None), name="endpoint_of_organisation"),
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk}"

    @property
    def is_on(self) -> bool:
        """Whether it is told of what happens."""
        return self.switched_off_at is None and self.removed_at is None


class WebhookAttempt(models.Model):
    """One try to deliver: what the receiver answered, or the fault for which there is no answer."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(db_default=Now())
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=12, blank=True, help_text="as of OutgoingFailed; empty where it was answered")
    answer = models.CharField(max_length=1000, blank=True, help_text="the beginning of what it answered")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__isnull=False, fault="") | (Q(status=None) & ~Q(fault="")),
                name="an_attempt_has_a_status_or_a_fault",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status or self.fault}"
