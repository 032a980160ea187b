"""Promises in sentences for people, in the active language and a given time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from sla.commitments import Availability, Cell
from sla.ladder import Recipient
from sla.local_time import MICROSECOND

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
SHORT_TARGET = timedelta(minutes=10)  # below it, due instants are told to the second

RECIPIENTS = {
    Recipient.ASSIGNEE_OR_TEAM: gettext_lazy("the assignee, or the team while nobody has it"),
    Recipient.TEAM: gettext_lazy("the team"),
    Recipient.SENIOR_ENGINEER: gettext_lazy("the senior engineers"),
    Recipient.TEAM_LEAD: gettext_lazy("the team lead"),
    Recipient.DUTY_MANAGER: gettext_lazy("the duty manager"),
    Recipient.ACCOUNT_MANAGER: gettext_lazy("the support account manager, if there is one"),
}


def recipient_text(recipient: Recipient) -> str:
    """Return who is told at a step of the ladder."""
    return str(RECIPIENTS[recipient])


def availability_text(availability: Availability) -> str:
    """Return when the desk works on a request, as in "around the clock, every day"."""
    if availability.is_always:
        return _("around the clock, every day")
    if availability.calendar_name is not None:
        return _("in the hours of “%(name)s”") % {"name": availability.calendar_name}
    return _("in local business hours")


def target_text(cell: Cell) -> str:
    """Return by when a response is promised, as in "within 1 hour", "by the end of the next day" (SLA-1, SLA-6)."""
    always = cell.availability.is_always
    if cell.target.within is not None:
        return _within_text(cell.target.within) if always else _within_business_time_text(cell.target.within)
    if cell.target.days is None:
        return _("no committed response time")
    if cell.target.days == 1:
        return _("by the end of the next day") if always else _("by the end of the next business day")
    if always:
        return _("by the end of day %(number)d after receipt") % {"number": cell.target.days}
    return _("by the end of business day %(number)d after receipt") % {"number": cell.target.days}


def due_text(*, cell: Cell, due_at: datetime | None, timezone: str, now: datetime | None = None) -> str:
    """Return the due instant as it is promised, on the clock of `timezone`; the year only if it is not that of `now`.

    A day target reads "by the end of Tuesday, 24 November" wherever a day ends at that instant, and names the hour
    elsewhere. With nothing promised it says so plainly (SLA-6).
    """
    if due_at is None:
        return _("no committed response time")
    zone = ZoneInfo(timezone)
    local, last = due_at.astimezone(zone), (due_at - MICROSECOND).astimezone(zone)
    if cell.target.days is not None and last.date() != local.date():
        return _("by the end of %(day)s") % {"day": day_text(last.date(), now=now and now.astimezone(zone))}
    seconds = cell.target.within is not None and cell.target.within < SHORT_TARGET
    instant = instant_text(due_at, timezone=timezone, now=now, seconds=seconds)
    if cell.target.days is not None and not cell.availability.is_always:
        return _("by the end of business hours on %(instant)s") % {"instant": instant}
    return _("by %(instant)s") % {"instant": instant}


def instant_text(at: datetime, *, timezone: str, now: datetime | None = None, seconds: bool = False) -> str:
    """Return an instant with its zone, as in "Tuesday, 24 November, 13:30 (Europe/Berlin)"."""
    local = at.astimezone(ZoneInfo(timezone))
    values = {
        "day": day_text(local.date(), now=now and now.astimezone(local.tzinfo)),
        "time": time_text(local, seconds=seconds),
        "zone": zone_text(local, timezone=timezone),
    }
    return pgettext("an instant", "%(day)s, %(time)s (%(zone)s)") % values


def day_text(day: date, *, now: date | None = None) -> str:
    """Return a day by name, as in "Tuesday, 24 November"; with its year if `now` is given and lies in another."""
    if now is not None and now.year != day.year:
        return dateformat.format(day, pgettext("date format", "l, j F Y"))
    return dateformat.format(day, pgettext("date format", "l, j F"))


def time_text(local: datetime, *, seconds: bool = False) -> str:
    """Return the time of day that a local datetime shows."""
    if seconds:
        return dateformat.format(local, pgettext("time format", "H:i:s"))
    return dateformat.format(local, pgettext("time format", "H:i"))


def zone_text(local: datetime, *, timezone: str) -> str:
    """Return a zone by name; in an hour that the clock shows twice, with its distance from UTC."""
    name = timezone.replace("_", " ")
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return name
    offset = local.strftime("%z")
    return _("%(zone)s, UTC%(offset)s") % {"zone": name, "offset": f"{offset[:3]}:{offset[3:5]}"}


def duration_text(length: timedelta) -> str:
    """Return a length of time in hours, minutes and seconds, as in "1 h 30 min"."""
    hours, rest = divmod(length, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [
        _("%(count)d h") % {"count": hours} if hours else "",
        _("%(count)d min") % {"count": minutes} if minutes else "",
        _("%(count)d s") % {"count": rest // SECOND} if rest // SECOND or length < SECOND else "",
    ]
    return " ".join(part for part in parts if part)


def _within_text(within: timedelta) -> str:
    if within % HOUR == timedelta(0):
        count = within // HOUR
        return ngettext("within %(count)d hour", "within %(count)d hours", count) % {"count": count}
    if within % MINUTE == timedelta(0):
        count = within // MINUTE
        return ngettext("within %(count)d minute", "within %(count)d minutes", count) % {"count": count}
    count = within // SECOND
    return ngettext("within %(count)d second", "within %(count)d seconds", count) % {"count": count}


def _within_business_time_text(within: timedelta) -> str:
    if within % HOUR == timedelta(0):
        count = within // HOUR
        text = ngettext("within %(count)d business hour", "within %(count)d business hours", count)
    elif within % MINUTE == timedelta(0):
        count = within // MINUTE
        text = ngettext(
            "within %(count)d minute of business hours", "within %(count)d minutes of business hours", count
        )
    else:
        count = within // SECOND
        text = ngettext(
            "within %(count)d second of business hours", "within %(count)d seconds of business hours", count
        )
    return text % {"count": count}
