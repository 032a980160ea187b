"""Shifts and weekly duties, on the wire (RO-3)."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.desk_serializers import MOST_ID
from accounts.api.serializers import DayField, InputSerializer, InstantField, LineField
from accounts.models import DutyPattern, DutyRole, DutyShift
from accounts.services.duty_patterns import MOST_WEEKS

DUTY_ROLES = DutyRole.values
CLOCK = re.compile(r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$", re.ASCII)


class PersonIdField(serializers.IntegerField):
    """The id of somebody of the staff."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_ID, **options)


class TeamField(LineField):
    """The code of a team; null or nothing for all of them."""

    def __init__(self) -> None:
        super().__init__(max_length=60, required=False, allow_null=True, help_text="Its code; null for all teams.")


@extend_schema_field({"type": "string", "pattern": CLOCK.pattern, "example": "22:00"})
class ClockField(serializers.Field[time, Any, str, time]):
    """A time of day on the clocks of a zone: hours and minutes."""

    default_error_messages = {"invalid": _("Give hours and minutes, such as 22:00.")}

    def to_internal_value(self, data: Any) -> time:
        """Return the time of day."""
        if not isinstance(data, str) or not CLOCK.fullmatch(data):
            self.fail("invalid")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        """Write hours and minutes."""
        return f"{value:%H:%M}"


class ShiftFilters(InputSerializer):
    """Between which instants."""

    since = InstantField(required=False, help_text="Now, unless told otherwise.")
    until = InstantField(required=False, help_text="A week later, unless told otherwise.")


class SeatInput(InputSerializer):
    """Who sits on which seat."""

    role = serializers.ChoiceField(DUTY_ROLES)
    team = TeamField()
    person = PersonIdField(help_text="Of the staff, and may be on duty in that role.")


class ShiftInput(SeatInput):
    """A shift to be added."""

    starts_at = InstantField()
    ends_at = InstantField(help_text="Not on duty any more at this instant; 14 days later at most.")


class TakeOverInput(InputSerializer):
    """Who takes a shift over, or the part of it between two instants."""

    person = PersonIdField(help_text="Of the staff, and may be on duty in that role.")
    starts_at = InstantField(required=False, help_text="From now or its beginning, unless told otherwise.")
    ends_at = InstantField(required=False, help_text="To its end, unless told otherwise.")


class WeeklyInput(SeatInput):
    """A weekly duty to be added; it ends on the next day where `ends` is not after `starts`."""

    timezone = LineField(max_length=64, help_text="IANA name")
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        allow_empty=False,
        max_length=7,
        help_text="0 is Monday.",
    )
    starts = ClockField()
    ends = ClockField()
    every_weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, required=False)
    first_day = DayField()


class LastDayInput(InputSerializer):
    """With which day a weekly duty ends."""

    last_day = DayField()


class SomebodyOutput(serializers.Serializer[Any]):
    """Somebody of the staff."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ShiftOutput(serializers.Serializer[DutyShift]):
    """One person on duty for a span of time."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(DUTY_ROLES)
    team = serializers.CharField(source="team.code", default=None, allow_null=True, help_text="Null for all teams.")
    person = SomebodyOutput()
    starts_at = InstantField()
    ends_at = InstantField()
    weekly = serializers.IntegerField(source="pattern_id", allow_null=True, help_text="The weekly duty it came from.")


class WeeklyOutput(serializers.Serializer[DutyPattern]):
    """Somebody's weekly duty."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(DUTY_ROLES)
    team = serializers.CharField(source="team.code", default=None, allow_null=True, help_text="Null for all teams.")
    person = SomebodyOutput()
    timezone = serializers.CharField()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    starts = ClockField()
    ends = ClockField()
    every_weeks = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField(allow_null=True)
