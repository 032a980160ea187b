"""What partners ask customers for, and whom they let act for them (PA-1)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models.contracts import Delegation
from accounts.models.organisations import Organisation


class DelegationAskState(models.TextChoices):
    """What became of an ask."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class DelegationAsk(models.Model):
    """A partner's ask to be given certain duties by a customer, open for 30 days (PA-1).

    `addressed_to` is what the partner typed; `customer` is whom it reached, None for nobody. The partner never reads
    the latter: an ask that reached nobody looks to it like one that nobody answers.
    """

    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    addressed_to = models.CharField(max_length=255)
    duties = ArrayField(models.CharField(max_length=30))
    reason = models.TextField()
    wished_until = models.DateTimeField()
    asked_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    lapses_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DelegationAskState, default=DelegationAskState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True, help_text="why the customer declined")
    delegation = models.OneToOneField(
        Delegation, null=True, blank=True, on_delete=models.PROTECT, related_name="ask", help_text="what was granted"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "customer"], condition=Q(state="open"), name="one_open_ask_each"
            ),
            models.UniqueConstraint(
                fields=["partner", "addressed_to"], condition=Q(state="open"), name="one_open_ask_per_address"
            ),
            models.CheckConstraint(condition=~Q(customer=F("partner")), name="nobody_asks_themselves"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="an_ask_is_open_or_settled",
            ),
            models.CheckConstraint(
                condition=Q(state="granted", delegation__isnull=False) | (~Q(state="granted") & Q(delegation=None)),
                name="a_granted_ask_has_its_delegation",
            ),
            models.CheckConstraint(condition=~Q(state="declined", answer=""), name="a_declined_ask_says_why"),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="asks_of_partner"),
            models.Index(fields=["customer", "-id"], name="asks_to_customer"),
            models.Index(fields=["lapses_at"], condition=Q(state="open"), name="asks_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} asks {self.addressed_to}"


class DelegationAssignment(models.Model):
    """One of a partner's people who may act under a delegation that is not for everybody, in these duties (PA-1)."""

    delegation = models.ForeignKey(Delegation, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    person = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="+")
    duties = ArrayField(models.CharField(max_length=30))
    assigned_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delegation", "person"], name="a_person_is_assigned_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} under {self.delegation_id}"
