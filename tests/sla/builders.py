"""Calendars and instants that the tests of this folder are written with."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sla.business_time import BusinessCalendar

Windows = Mapping[str, Sequence[Sequence[str]]]

OFFICE: Windows = {str(day): [["09:00", "18:00"]] for day in range(5)}
SPLIT: Windows = {str(day): [["08:30", "12:00"], ["13:00", "17:30"]] for day in range(5)}
ALL_DAY: Windows = {str(day): [["00:00", "24:00"]] for day in range(7)}
NIGHTS: Windows = {str(day): [["00:00", "06:00"], ["22:00", "24:00"]] for day in range(7)}


def calendar(timezone: str = "UTC", windows: Windows = OFFICE, holidays: Sequence[str] = ()) -> BusinessCalendar:
    return BusinessCalendar.from_document({"timezone": timezone, "windows": windows, "holidays": list(holidays)})


def at(text: str) -> datetime:
    """Read an instant; Z may be left out."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else datetime.fromisoformat(f"{text}Z")
