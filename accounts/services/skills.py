"""What staff know and speak, and when they work (RO-3, LA-1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import InvalidParticulars
from accounts.models import Person
from accounts.permissions import require
from accounts.selectors import staff
from accounts.transactions import service
from accounts.versions import check_version, version_from
from accounts.working_hours import HoursFault, windows_of


@service
def set_skills(
    *,
    person_id: int,
    services: Collection[str],
    languages: Collection[str],
    hours: Mapping[int, str],
    actor: Actor,
    version: int | None = None,
    now: datetime | None = None,
) -> Person:
    """Write down what somebody knows and speaks and when they work: everybody their own, leads everybody's.

    Hours are on the clocks of their time zone, as `accounts.working_hours` reads them. Raises NotPermitted,
    PersonNotFound, InvalidParticulars, and RecordChanged when another `version` was read.
    """
    assert now
    require(actor, "read_staff" if person_id == actor.person_id else "manage_skills")
    person = staff.member(person_id, lock=True)
    check_version(version, skills_version(person))
    wanted = {
        "services": known("services", services, keep=person.services),
        "languages": known("languages", languages, keep=person.languages),
        "working_hours": _windows(hours),
    }
    changed = sorted(name for name, value in wanted.items() if getattr(person, name) != value)
    for name in changed:
        setattr(person, name, wanted[name])
    if changed:
        person.save(update_fields=changed)
        data = {"person": person.pk, "fields": changed}
        record_event("staff_skills_changed", about=About(), actor=actor, at=now, internal=True, data=data)
    return person


def skills_version(person: Person) -> int:
    """The version of what somebody knows and speaks, and of their hours."""
    return version_from(person.services, person.languages, person.working_hours)


def known(field: str, codes: Collection[str], *, keep: Collection[str]) -> list[str]:
    """The `services` or `languages` of these codes, in order: those on offer, and those chosen when they still were.

    Raises InvalidParticulars.
    """
    offered = [code for code, _name in staff.skills(field)]
    choices = [*offered, *(code for code in keep if code not in offered)]
    if not set(codes) <= set(choices):
        raise InvalidParticulars(field, "choice")
    return [code for code in choices if code in set(codes)]


def _windows(hours: Mapping[int, str]) -> dict[str, list[list[str]]]:
    try:
        return windows_of(hours)
    except HoursFault:
        raise InvalidParticulars("hours", "hours") from None
