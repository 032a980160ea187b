"""What organisations subscribe to, and who may act for them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import LessThanOrEqual

from accounts.models.organisations import Organisation

SPAN = Func(
    "starts_at", "ends_at", Value("[)"), function="TSTZRANGE", output_field=DateTimeRangeField()
)  # without an end for ever


class Plan(models.Model):
    """What an organisation can subscribe to, with the tier of the response table it falls in (SLA-1, SLA-2).

    One that is retired is subscribed to no more; the subscriptions that there are run on.
    """

    code = models.SlugField(max_length=60, unique=True)
    names = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    family = models.CharField(max_length=20)
    tier = models.CharField(max_length=20)
    standalone = models.BooleanField(default=False)
    trialable = models.BooleanField(default=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tier__in=["business", "enterprise", "frontline"]), name="plan_tier_is_in_the_table"
            ),
            models.CheckConstraint(
                condition=Q(standalone=False) | Q(tier="enterprise"), name="standalone_plans_are_enterprise_tier"
            ),
        ]

    def __str__(self) -> str:
        return str(self.names["en"])


class Subscription(models.Model):
    """A paid or trial subscription of one organisation; a trial counts as the plan it tries (CH-2, SLA-2).

    Plan and kind never change: what is bought after a trial is a row of its own, `bought_after` that one.
    """

    reference = models.SlugField(max_length=80, unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="subscriptions", db_index=False
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    trial = models.BooleanField(default=False)
    seats = models.PositiveIntegerField()
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True)
    bought_after = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="bought_as", help_text="the trial before"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "id"], name="subscription_of_organisation"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="a_subscription_lasts"
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="a_subscription_has_seats"),
            models.CheckConstraint(condition=Q(bought_after=None) | Q(trial=False), name="what_is_bought_is_no_trial"),
        ]

    def __str__(self) -> str:
        return self.reference


class ElevatedContract(models.Model):
    """Elevated support: the elevated column for all technical requests while it lasts (SLA-5, EL-1).

    The database lets an organisation have one at a time.
    """

    class Kind(models.TextChoices):
        """The options of EL-1."""

        PREMIER = "premier"
        PROFESSIONAL_DIRECT = "professional_direct"
        MIGRATION = "migration"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="elevated_contracts", db_index=False
    )
    kind = models.CharField(max_length=20, choices=Kind)
    account_manager = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "id"], name="contract_of_organisation"),
            models.CheckConstraint(
                condition=Q(kind__in=["premier", "professional_direct", "migration"]), name="contract_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="a_contract_lasts"),
            ExclusionConstraint(
                name="one_elevated_contract_at_a_time",
                expressions=[("organisation", RangeOperators.EQUAL), (SPAN, RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind}"


def _utc(column: str) -> Func:
    return Func(F(column), template="(%(expressions)s AT TIME ZONE 'UTC')", output_field=models.DateTimeField())


def _two_years_after(column: str) -> Func:
    """The same date two years on; after 29 February, the 28th (PA-1)."""
    template = "((%(expressions)s AT TIME ZONE 'UTC') + interval '2 years')"
    return Func(F(column), template=template, output_field=models.DateTimeField())


class Delegation(models.Model):
    """Admin duties that a customer granted to a partner, for at most two years (PA-1).

    They are for everybody of the partner who holds a role there, unless the partner names the people.
    """

    customer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="delegations_granted", db_index=False
    )
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="delegations_held", db_index=False)
    duties = ArrayField(models.CharField(max_length=30), help_text="customer roles the partner's people take on")
    granted_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    for_everybody = models.BooleanField(
        default=True, db_default=True, help_text="of the partner; else for those who are assigned"
    )
    warned_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="days before its end, last warning")

    own_duties: list[str] | None  # set by selectors.customers_of

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(ended_at=None), name="delegations_by_end"),
            models.Index(fields=["customer", "-id"], name="delegations_of_customer"),
            models.Index(fields=["partner", "-id"], name="delegations_of_partner"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["customer", "partner", "id"], name="delegation_of_both"),
            models.CheckConstraint(condition=~Q(customer=F("partner")), name="nobody_is_their_own_partner"),
            models.UniqueConstraint(
                fields=["customer", "partner"], condition=Q(ended_at=None), name="one_live_delegation_each"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(_utc("expires_at"), _two_years_after("granted_at")),
                name="a_delegation_lasts_two_years",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} for {self.customer_id}"
