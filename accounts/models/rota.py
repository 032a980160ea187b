"""Who is on duty when: shifts as instants, and the weekly patterns that they are made from (RO-3)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Now

from accounts.models.organisations import Team
from accounts.models.people import Person

SPAN = Func(
    "starts_at", "ends_at", Value("[)"), function="TSTZRANGE", output_field=DateTimeRangeField()
)  # its end excluded


class DutyRole(models.TextChoices):
    """The seats of the rota: the duty manager of the ladder, and whoever answers for a team."""

    DUTY_MANAGER = "duty_manager"
    ON_CALL = "on_call"


class DutyPattern(models.Model):
    """Somebody's weekly duty on the clocks of a time zone; housekeeping makes shifts of it some weeks ahead.

    It ends on the next day where `ends` is not after `starts`. With `every_weeks` it counts weeks from that of
    `first_day`.
    """

    role = models.CharField(max_length=20, choices=DutyRole)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    timezone = models.CharField(max_length=64, help_text="IANA name")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), help_text="0 is Monday")
    starts = models.TimeField()
    ends = models.TimeField()
    every_weeks = models.PositiveSmallIntegerField(default=1)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    expanded_until = models.DateField(null=True, blank=True, help_text="the last local day that shifts were made for")
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=DutyRole.values), name="duty_pattern_role_is_known"),
            models.CheckConstraint(condition=Q(every_weeks__gte=1, every_weeks__lte=12), name="duty_pattern_weeks"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id} {self.weekdays}"


class DutyShift(models.Model):
    """One person on duty from `starts_at` until before `ends_at`, for one team or, without one, for all of them.

    A seat is a role for a team; the database lets two people not sit on it at once.
    """

    role = models.CharField(max_length=20, choices=DutyRole)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    pattern = models.ForeignKey(DutyPattern, null=True, blank=True, on_delete=models.PROTECT, related_name="shifts")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=DutyRole.values), name="duty_shift_role_is_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_duty_shift_lasts"),
            ExclusionConstraint(
                name="one_person_in_a_duty_seat",
                expressions=[
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("team", Value(0)), RangeOperators.EQUAL),
                    (SPAN, RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="duty_shift_in_time")]

    def __str__(self) -> str:
        return f"{self.role} {self.starts_at:%Y-%m-%d %H:%M}"
