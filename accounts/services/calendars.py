"""Business hours of organisations: each change is a version of its own, and no promise ever moves (settled point 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts import clock, selectors
from accounts.actors import PORTAL, Actor
from accounts.audit import About, record_event
from accounts.calendars import public_holidays
from accounts.calendars.changes import Changes, changes_between
from accounts.calendars.choices import FOREVER, YEARS_AHEAD, Choices, OwnDay, choices_of, years_covered
from accounts.errors import CalendarChanged, InvalidCalendar, OrganisationNotFound
from accounts.models import CalendarVersion, Organisation
from accounts.permissions import require
from accounts.text import clean_line
from accounts.timezones import zone_or_utc
from accounts.transactions import check_waiting, one_by_one, service
from accounts.wording import UNKNOWN_HOLIDAYS

NOTE_LIMIT = 200
Problem = tuple[str, str, str]  # place, code, sentence


def today_in(timezone: str, *, now: datetime) -> date:
    """The date on the clocks there."""
    return now.astimezone(zone_or_utc(timezone)).date()


def document_of(choices: Choices, *, now: datetime) -> dict[str, Any]:
    """The document of a version with these choices, were it made now."""
    return choices.document(years_covered(today_in(choices.timezone, now=now)))


def problems_of(choices: Choices, *, now: datetime) -> list[Problem]:
    """Everything that is wrong with these choices; empty when they can be kept."""
    if choices.country and not public_holidays.is_known(choices.country, choices.subdivision):
        return [("country", "country_unknown", str(UNKNOWN_HOLIDAYS))]
    check = import_string(settings.CALENDAR_CHECK)
    return list(check(document_of(choices, now=now)))


@dataclass(frozen=True, slots=True)
class Preview:
    """What choices would change: against the version in force, from today on."""

    current: CalendarVersion
    document: dict[str, Any]
    changes: Changes


def preview_calendar(
    *, organisation: Organisation, choices: Choices, language: str, now: datetime | None = None
) -> Preview:
    """Tell what these choices would change; nothing is stored. Raises InvalidCalendar."""
    now = now or clock.now()
    problems = problems_of(choices, now=now)
    if problems:
        raise InvalidCalendar(problems)
    current, document = selectors.calendar_of(organisation.pk), document_of(choices, now=now)
    today = today_in(choices.timezone, now=now)
    years = years_covered(today)
    names = choices_of(current, organisation).closed_days(years, language=language)
    names |= {own.day: own.name for own in choices.own_days} | choices.closed_days(years, language=language)
    changes = changes_between(
        current.document, document, since=today, years=range(today.year, years[-1] + 1), names=names
    )
    return Preview(current=current, document=document, changes=changes)


@service
def change_calendar(
    *,
    slug: str,
    choices: Choices,
    actor: Actor,
    version: int | None = None,
    note: str = "",
    now: datetime | None = None,
) -> CalendarVersion:
    """Put other business hours in force for promises made from now on; the same ones again change nothing.

    `version` is the one that the change was made for, None for any. Raises NotPermitted, OrganisationNotFound,
    InvalidCalendar with every fault, CalendarChanged.
    """
    assert now
    require(actor, "manage_calendar")
    organisation = _lock(slug, actor, now=now)
    current = selectors.calendar_of(organisation.pk)
    problems = problems_of(choices, now=now)
    if problems:
        raise InvalidCalendar(problems)
    document = document_of(choices, now=now)
    if (document, choices) == (current.document, choices_of(current, organisation)):
        return current
    if version not in (None, current.version):
        raise CalendarChanged(current.version)
    return _write(organisation, choices, document, after=current.version, actor=actor, note=note, now=now)


def open_calendar(organisation: Organisation, choices: Choices, *, now: datetime) -> CalendarVersion:
    """Give a new organisation its first business hours; raises InvalidCalendar."""
    problems = problems_of(choices, now=now)
    if problems:
        raise InvalidCalendar(problems)
    document = document_of(choices, now=now)
    return _write(organisation, choices, document, after=0, actor=PORTAL, note="", now=now)


def renew_calendars(*, now: datetime | None = None, batch: int = 200) -> int:
    """Add the holidays of coming years to calendars that want it, up to `batch` of them; return how many.

    A version names the days up to the year after next, so the turn of each year calls for one. What is left of the
    present year stays as it is; later years are computed anew, since officials fix their days late. Promises keep the
    version that they were made under. One that cannot be renewed is logged, and the others are.
    """
    now = now or clock.now()
    due = selectors.calendars_to_renew(until=now.year + YEARS_AHEAD)[:batch]
    return one_by_one(lambda pk: renew_calendar(organisation_id=pk, now=now), list(due), what="calendar")


@service
def renew_calendar(*, organisation_id: int, now: datetime | None = None) -> bool:
    """Write the version of the year for one organisation; False when somebody has done so."""
    assert now
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    check_waiting()
    current = selectors.calendar_of(organisation_id)
    choices = choices_of(current, organisation)
    years = years_covered(today_in(choices.timezone, now=now))
    covered = _covered(current)
    if not current.renews or covered >= years[-1]:
        return False
    renewed = _keep_working(choices, range(covered + 1, years[-1] + 1))
    document = _renewed_document(renewed, current.document, years)
    _write(organisation, renewed, document, after=current.version, actor=PORTAL, note="", now=now)
    return True


def _keep_working(choices: Choices, added: range) -> Choices:
    """The same choices, with the holidays worked in the last year of old also worked in the years that come in."""
    last = range(added[0] - 1, added[0])
    names = choices.public(last)
    worked = {names[day] for day in choices.worked_days if day in names}
    coming = {day for day, name in choices.public(added).items() if name in worked}
    return replace(choices, worked_days=choices.worked_days | coming)


def _renewed_document(choices: Choices, before: dict[str, Any], years: range) -> dict[str, Any]:
    """The document for these years, with the present year's days as they stand."""
    present = years[0] + 1
    stand = {text for text in before.get("holidays", []) if int(text[:4]) <= present}
    later = {text for text in choices.document(years)["holidays"] if int(text[:4]) > present}
    return {**before, "holidays": sorted(stand | later)}


def _covered(version: CalendarVersion) -> int:
    """The last year whose days a version names."""
    if version.covers_until is not None:
        return version.covers_until
    return max((int(text[:4]) for text in version.document.get("holidays", [])), default=FOREVER)


def _lock(slug: str, actor: Actor, *, now: datetime) -> Organisation:
    """Lock an organisation within the actor's reach; its row is the lock of its calendar."""
    visible = selectors.visible_organisations(actor, now=now)
    try:
        organisation = visible.select_for_update(no_key=True).get(slug=slug)
    except Organisation.DoesNotExist:
        raise OrganisationNotFound from None
    check_waiting()
    return organisation


def _write(
    organisation: Organisation,
    choices: Choices,
    document: dict[str, Any],
    *,
    after: int,
    actor: Actor,
    note: str,
    now: datetime,
) -> CalendarVersion:
    years = years_covered(today_in(choices.timezone, now=now))
    written = CalendarVersion.objects.create(
        organisation=organisation,
        version=after + 1,
        document=document,
        country=choices.country,
        subdivision=choices.subdivision,
        own_days=[_stored(own) for own in choices.own_days],
        worked_days=sorted(choices.worked_days),
        renews=choices.renews,
        covers_until=years[-1] if choices.differs_by_year else FOREVER,
        note=clean_line(note)[:NOTE_LIMIT],
        created_at=now,
        created_by_id=actor.person_id,
    )
    _record(written, actor=actor, now=now)
    return written


def _stored(own: OwnDay) -> dict[str, Any]:
    return {"date": own.day.isoformat(), "name": own.name, "yearly": own.yearly}


def _record(version: CalendarVersion, *, actor: Actor, now: datetime) -> None:
    made_by_portal = "calendar_opened" if version.version == 1 else "calendar_renewed"
    record_event(
        made_by_portal if actor is PORTAL else "calendar_changed",
        about=About(organisation_id=version.organisation_id),
        actor=actor,
        at=now,
        ref=f"calendar:{version.organisation_id}:{version.version}",
        data={"version": version.version, "from": version.version - 1 or None, "to": version.version},
    )
