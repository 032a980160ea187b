"""What people choose for themselves: name, language, time zone, telephone, which notices come by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import families, timezones
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.audit.personal_values import keep
from accounts.errors import InvalidPreference
from accounts.models import Person, PersonalValue
from accounts.transactions import service
from accounts.versions import check_version, version_from

PERSONAL = {"name": PersonalValue.Kind.NAME, "phone": PersonalValue.Kind.PHONE}


@service
def change_profile(
    *,
    person_id: int,
    name: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    phone: str | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Person:
    """Store what a person says about themselves; None leaves something as it is.

    The event says what changed, personal values by their hashes (P-10). Raises InvalidPreference for a language or time
    zone that does not exist, and RecordChanged when another `version` was read.
    """
    assert now
    given = {"name": name, "language": language, "timezone": timezone, "phone": phone}
    wanted = {field: value for field, value in given.items() if value is not None}
    _check(**{field: value for field, value in wanted.items() if field in ("language", "timezone")})
    person = _lock(person_id)
    check_version(version, profile_version(person))
    return _change(person, wanted, now=now)


@service
def choose_notices(
    *, person_id: int, by_mail: Mapping[str, bool], version: int | None = None, now: datetime | None = None
) -> Person:
    """Store which families of notices come by mail as well, or stand in the portal only; the others stay as they are.

    It counts for notices from now on. The ladder's law, and what an account's safety needs, are nobody's choice
    (accounts.families). Raises InvalidPreference for a family that this person cannot choose about, RecordChanged.
    """
    assert now
    person = _lock(person_id)
    check_version(version, notices_version(person))
    offered = families.offered(is_staff=person.is_staff)
    if not set(by_mail) <= set(offered):
        raise InvalidPreference("by_mail")
    silent = [family for family in offered if not by_mail.get(family, family not in person.portal_only)]
    return _change(person, {"portal_only": silent}, now=now)


def profile_version(person: Person) -> int:
    """The version of what a person says about themselves."""
    return version_from(person.name, person.language, person.timezone, person.phone)


def notices_version(person: Person) -> int:
    """The version of which notices come by mail."""
    return version_from(sorted(person.portal_only))


def _lock(person_id: int) -> Person:
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _check(*, language: str = "en", timezone: str = "UTC") -> None:
    if language not in dict(settings.LANGUAGES):
        raise InvalidPreference("language")
    if not timezones.is_known(timezone):
        raise InvalidPreference("timezone")


def _told(name: str, value: Any, person_id: int) -> Any:
    """A value as an event may hold it: name and number by their salted hashes (settled point 13)."""
    return keep(PERSONAL[name], value, person_id=person_id) if name in PERSONAL else value


def _change(person: Person, wanted: dict[str, Any], *, now: datetime) -> Person:
    changed = sorted(name for name, value in wanted.items() if getattr(person, name) != value)
    data = {
        "fields": changed,
        "from": {name: _told(name, getattr(person, name), person.pk) for name in changed},
        "to": {name: _told(name, wanted[name], person.pk) for name in changed},
    }
    for name in changed:
        setattr(person, name, wanted[name])
    if changed:
        person.save(update_fields=changed)
        about = About(organisation_id=person.organisation_id)
        record_event("profile_changed", about=about, at=now, actor=Actor(person_id=person.pk), data=data)
    return person
