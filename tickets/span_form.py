"""Forms about a span of days, which are the reader's own, from midnight to midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.timezones import zone_or_utc

FIRST_YEAR, LAST_YEAR = 1971, 9000


class SpanForm(forms.Form):
    """A form with the days `since` and `until` in the time zone of its reader."""

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._zone = zone_or_utc(zone)

    def clean(self) -> dict[str, Any]:
        """Refuse days at the ends of time, whose midnights lie beyond elsewhere, and an end before the beginning."""
        data = super().clean() or {}
        for name in {"since", "until"} & set(data):
            if data[name] and not FIRST_YEAR <= data[name].year <= LAST_YEAR:
                self.add_error(name, _("Choose days between the years 1971 and 9000."))
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", _("Choose a day that is not before the first."))
        return data

    def midnight(self, day: date) -> datetime:
        """The instant at which a day of the reader begins, in UTC."""
        return datetime.combine(day, time(), tzinfo=self._zone).astimezone(UTC)
