"""Explanations of promises in sentences for people, in the active language."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from sla.explanation import Explanation, Line, LineKind
from sla.local_time import MICROSECOND
from sla.wording import day_text, duration_text, time_text

SATURDAY = 5
MIDNIGHT = timedelta(0)

SENTENCES = {
    "no_commitment": gettext_lazy("No response time is committed."),
    "severity_raised": gettext_lazy("The severity was raised on %(start)s, and the time counts from then."),
    "around_the_clock": gettext_lazy("Every hour counts, day and night: %(duration)s from %(start)s to %(end)s."),
    "around_the_clock_of_a_day": gettext_lazy(
        "Every hour counts, day and night: %(start_day)s, %(start_time)s–%(end_time)s, that is %(duration)s."
    ),
    "counted": gettext_lazy("%(start_day)s, %(start_time)s–%(end_time)s: %(duration)s counted."),
    "outside_hours": gettext_lazy("%(start)s to %(end)s: outside business hours."),
    "outside_hours_of_a_day": gettext_lazy("%(start_day)s, %(start_time)s–%(end_time)s: outside business hours."),
    "closed_day": gettext_lazy("%(first_day)s: closed."),
    "closed_days": gettext_lazy("%(first_day)s to %(last_day)s: closed."),
    "weekend": gettext_lazy("%(first_day)s and %(last_day)s: weekend, closed."),
    "holiday": gettext_lazy("%(first_day)s: public holiday, closed."),
    "holidays": gettext_lazy("%(first_day)s to %(last_day)s: public holidays, closed."),
    "skipped_day": gettext_lazy("%(first_day)s: the calendar of %(zone)s skips this day."),
    "skipped_days": gettext_lazy("%(first_day)s to %(last_day)s: the calendar of %(zone)s skips these days."),
    "clock_forward": gettext_lazy("The clocks go forward by %(shift)s on %(start_day)s."),
    "clock_back": gettext_lazy("The clocks go back by %(shift)s on %(start_day)s."),
    "left_out": gettext_lazy("And so on in between, where days and hours follow the same pattern."),
    "left_out_counted": gettext_lazy("And so on in between: %(duration)s counted."),
    "reached": gettext_lazy("That makes %(duration)s, reached on %(end)s."),
    "day_of_receipt": gettext_lazy("%(first_day)s is the day of receipt; the days after it are counted."),
    "open_day": gettext_lazy("%(first_day)s: business day %(number)d."),
    "open_days": gettext_lazy("%(first_day)s to %(last_day)s: business days %(first_number)d to %(number)d."),
    "end_of_day": gettext_lazy("%(first_day)s: day %(number)d, which counts to its end at midnight."),
    "end_of_open_day": gettext_lazy(
        "%(first_day)s: business day %(number)d, which counts to its closing at %(end_time)s."
    ),
    "earlier_promise": gettext_lazy("A response was already promised by %(end)s, which is sooner and stands."),
}


def explanation_sentences(explanation: Explanation, *, viewer_timezone: str | None = None) -> list[str]:
    """Return an explanation, one sentence for each line, on the clock of its own calendar.

    That clock is named first, unless it is the viewer's own or no line speaks of time.
    """
    zone = ZoneInfo(explanation.timezone)
    texts = [str(SENTENCES[_sentence_key(line, zone)]) % _Values(line, zone) for line in explanation.lines]
    silent = all(line.kind is LineKind.NO_COMMITMENT for line in explanation.lines)
    if silent or viewer_timezone == explanation.timezone:
        return texts
    return [_("Days and times are those of %(zone)s.") % {"zone": _zone_name(zone)}, *texts]


def _sentence_key(line: Line, zone: ZoneInfo) -> str:
    """Return which sentence a line takes: most kinds have one, some differ by what they speak of."""
    if line.first_day is not None and line.last_day is not None:
        return _days_key(line)
    if line.kind in (LineKind.OUTSIDE_HOURS, LineKind.AROUND_THE_CLOCK):
        return f"{line.kind.value}_of_a_day" if _within_one_day(line, zone) else line.kind.value
    if line.kind is LineKind.CLOCK_CHANGED and line.shift is not None:
        return "clock_forward" if line.shift > timedelta(0) else "clock_back"
    if line.kind is LineKind.LEFT_OUT and line.counted is not None:
        return "left_out_counted"
    return line.kind.value


def _within_one_day(line: Line, zone: ZoneInfo) -> bool:
    if line.start_at is None or line.end_at is None:
        return False
    return line.start_at.astimezone(zone).date() == (line.end_at - MICROSECOND).astimezone(zone).date()


def _days_key(line: Line) -> str:
    assert line.first_day is not None
    one_day = line.first_day == line.last_day
    weekend = line.kind is LineKind.CLOSED_DAYS and _number_of_days(line) == 2 and line.first_day.weekday() == SATURDAY
    if weekend:
        return "weekend"
    keys = {
        LineKind.CLOSED_DAYS: ("closed_day", "closed_days"),
        LineKind.HOLIDAYS: ("holiday", "holidays"),
        LineKind.SKIPPED_DAYS: ("skipped_day", "skipped_days"),
        LineKind.OPEN_DAYS: ("open_day", "open_days"),
    }
    single, several = keys[line.kind]
    return single if one_day else several


class _Values(dict[str, object]):
    """What the sentence of a line may name, each made when it is named: writing days and times is most of the work."""

    def __init__(self, line: Line, zone: ZoneInfo) -> None:
        super().__init__()
        self._line, self._zone = line, zone

    def __missing__(self, name: str) -> object:
        return VALUES[name](self._line, self._zone)


def _number_of_days(line: Line) -> int:
    if line.first_day is None or line.last_day is None:
        return 1
    return (line.last_day - line.first_day).days + 1


def _day_and_time(local: datetime) -> str:
    return pgettext("a day and a time", "%(day)s, %(time)s") % {"day": day_text(local.date()), "time": _time(local)}


def _time(local: datetime) -> str:
    return time_text(local, seconds=local.second != 0)


def _closing_time(local: datetime) -> str:
    """Return the time at which something ends on the day before it; midnight is 24:00 there."""
    return _("24:00") if (local.hour, local.minute, local.second) == (0, 0, 0) else _time(local)


def _local(at: datetime | None, zone: ZoneInfo) -> datetime:
    assert at is not None
    return at.astimezone(zone)


def _day(day: date | None) -> str:
    assert day is not None
    return day_text(day)


def _duration(length: timedelta | None) -> str:
    assert length is not None
    return duration_text(abs(length))


def _zone_name(zone: ZoneInfo) -> str:
    return zone.key.replace("_", " ")


VALUES: dict[str, Callable[[Line, ZoneInfo], object]] = {
    "zone": lambda _line, zone: _zone_name(zone),
    "start": lambda line, zone: _day_and_time(_local(line.start_at, zone)),
    "start_day": lambda line, zone: day_text(_local(line.start_at, zone).date()),
    "start_time": lambda line, zone: _time(_local(line.start_at, zone)),
    "end": lambda line, zone: _day_and_time(_local(line.end_at, zone)),
    "end_time": lambda line, zone: _closing_time(_local(line.end_at, zone)),
    "first_day": lambda line, _zone: _day(line.first_day),
    "last_day": lambda line, _zone: _day(line.last_day),
    "duration": lambda line, _zone: _duration(line.counted),
    "shift": lambda line, _zone: _duration(line.shift),
    "number": lambda line, _zone: line.number,
    "first_number": lambda line, _zone: (line.number or 0) - _number_of_days(line) + 1,
}
