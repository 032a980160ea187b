"""Business hours on the wire: what is read of them, and how a version and a change are written."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import CountryField, DayField, FlagField, InputSerializer, InstantField, LineField
from accounts.calendars.choices import Choices, OwnDay
from accounts.models import CalendarVersion
from accounts.services.calendars import NOTE_LIMIT
from accounts.text import NAME_LIMIT

MOST_OWN_DAYS, MOST_WORKED_DAYS, MOST_WINDOWS = 100, 400, 48
WINDOWS_HELP = 'By weekday, "0" is Monday: lists of opening and closing, such as [["09:00", "18:00"]]; at most "24:00".'


class TimeField(serializers.CharField):
    """A time of day, up to the end of it."""

    pattern = "^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


class WindowsField(serializers.DictField):
    """Windows by weekday; what they mean is checked with the whole document."""

    names = {"enum": [str(day) for day in range(7)]}

    def __init__(self) -> None:
        window = serializers.ListField(child=TimeField(max_length=5), min_length=2, max_length=2)
        super().__init__(child=serializers.ListField(child=window, max_length=MOST_WINDOWS), help_text=WINDOWS_HELP)


class OwnDayInput(InputSerializer):
    """A day on which the organisation is closed of its own accord."""

    date = DayField(help_text="Between 2000 and 2100.")  # within reach of the page, which a colleague may open next
    name = LineField(max_length=NAME_LIMIT, required=False, allow_blank=True, default="")
    yearly = FlagField(required=False, default=False, help_text="Whether it comes back each year.")


class OwnDayOutput(serializers.Serializer[Any]):
    """A day on which the organisation is closed of its own accord."""

    date = serializers.DateField(source="day")
    name = serializers.CharField()
    yearly = serializers.BooleanField()


class CalendarInput(InputSerializer):
    """Business hours as a whole; what is left out is none, not as before."""

    timezone = LineField(max_length=64, help_text="IANA name")
    windows = WindowsField()
    country = CountryField(
        max_length=2, required=False, allow_blank=True, default="", help_text="Whose public holidays; empty for none."
    )
    subdivision = LineField(max_length=40, required=False, allow_blank=True, default="")
    own_days = serializers.ListField(child=OwnDayInput(), required=False, max_length=MOST_OWN_DAYS)
    worked_days = serializers.ListField(
        child=serializers.DateField(),
        required=False,
        max_length=MOST_WORKED_DAYS,
        help_text="Public holidays on which the organisation works all the same.",
    )
    renews = FlagField(
        required=False, default=True, help_text="Whether each year the portal adds the holidays to come."
    )
    note = LineField(max_length=NOTE_LIMIT, required=False, allow_blank=True, default="")


def choices_from(data: dict[str, Any]) -> Choices:
    """The choices that a checked body makes."""
    return Choices(
        timezone=data["timezone"],
        windows=data["windows"],
        country=data["country"],
        subdivision=data["subdivision"],
        own_days=tuple(OwnDay(one["date"], one["name"], one["yearly"]) for one in data.get("own_days", [])),
        worked_days=frozenset(data.get("worked_days", [])),
        renews=data["renews"],
    )


class HolidayOutput(serializers.Serializer[Any]):
    """A day of no business; its name is empty where none is known."""

    date = serializers.DateField()
    name = serializers.CharField()


class CalendarOutput(serializers.Serializer[Any]):
    """One version of the business hours of an organisation."""

    version = serializers.IntegerField()
    timezone = serializers.CharField(help_text="IANA name")
    windows = WindowsField()
    holidays = HolidayOutput(many=True, help_text="Every day that is closed although its weekday may be open.")
    country = serializers.CharField(help_text="Whose public holidays; empty for none.")
    subdivision = serializers.CharField()
    own_days = OwnDayOutput(many=True)
    worked_days = serializers.ListField(child=serializers.DateField())
    renews = serializers.BooleanField()
    covers_until = serializers.IntegerField(
        allow_null=True, help_text="The last year whose holidays it names; 9999 where no year differs, null if unknown."
    )
    note = serializers.CharField()
    created_at = InstantField()
    created_by = serializers.CharField(allow_null=True, help_text="A name; null for the portal itself.")


class CalendarVersionOutput(serializers.Serializer[CalendarVersion]):
    """A version in the list of all."""

    version = serializers.IntegerField()
    note = serializers.CharField()
    created_at = InstantField()
    created_by = serializers.CharField(
        source="created_by.name", allow_null=True, default=None, help_text="A name; null for the portal itself."
    )


class WeekdayChangeOutput(serializers.Serializer[Any]):
    """A weekday whose windows differ."""

    weekday = serializers.IntegerField(help_text="0 is Monday")
    before = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    after = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class YearChangeOutput(serializers.Serializer[Any]):
    """How many minutes of a year are open."""

    year = serializers.IntegerField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class CalendarPreviewOutput(serializers.Serializer[Any]):
    """What would differ from the version in force; no promise that is made already moves."""

    version = serializers.IntegerField(help_text="The version in force that this is compared with.")
    timezone = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Before and after; null where it stays."
    )
    week = WeekdayChangeOutput(many=True)
    closes = HolidayOutput(many=True, help_text="Days from today on that would be closed.")
    opens = HolidayOutput(many=True, help_text="Days from today on that would be open.")
    years = YearChangeOutput(many=True)
    holidays = serializers.ListField(child=serializers.DateField())
