"""What people choose for themselves: name, language, time zone, telephone, which notices come by mail."""

from __future__ import annotations

from collections.abc import Collection
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

PERSONAL = {"name": PersonalValue.Kind.NAME, "phone": PersonalValue.Kind.PHONE}


@service
def change_profile(
    *, person_id: int, name: str, language: str, timezone: str, phone: str, now: datetime | None = None
) -> Person:
    """Store what a person says about themselves; the event says what changed, personal values by their hashes (P-10).

    Raises InvalidPreference for a language or time zone that does not exist.
    """
    assert now
    _check(language=language, timezone=timezone)
    wanted = {"name": name, "language": language, "timezone": timezone, "phone": phone}
    return _change(person_id, wanted, now=now)


@service
def choose_language(*, person_id: int, language: str, now: datetime | None = None) -> Person:
    """Store the language of a person's pages and mail. Raises InvalidPreference."""
    assert now
    _check(language=language)
    return _change(person_id, {"language": language}, now=now)


@service
def choose_notices(*, person_id: int, by_mail: Collection[str], now: datetime | None = None) -> Person:
    """Store which families of notices come by mail as well; the others stand in the portal only.

    It counts for notices from now on. The ladder's law, and what an account's safety needs, are nobody's choice
    (accounts.families). Raises InvalidPreference for a family that this person cannot choose about.
    """
    assert now
    person = Person.objects.only("is_staff").get(pk=person_id)
    offered = families.offered(is_staff=person.is_staff)
    if not set(by_mail) <= set(offered):
        raise InvalidPreference
    return _change(person_id, {"portal_only": [family for family in offered if family not in by_mail]}, now=now)


def _check(*, language: str, timezone: str = "UTC") -> None:
    if language not in dict(settings.LANGUAGES) or not timezones.is_known(timezone):
        raise InvalidPreference


def _told(name: str, value: Any, person_id: int) -> Any:
    """A value as an event may hold it: name and number by their salted hashes (settled point 13)."""
    return keep(PERSONAL[name], value, person_id=person_id) if name in PERSONAL else value


def _change(person_id: int, wanted: dict[str, Any], *, now: datetime) -> Person:
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    changed = sorted(name for name, value in wanted.items() if getattr(person, name) != value)
    data = {
        "fields": changed,
        "from": {name: _told(name, getattr(person, name), person_id) for name in changed},
        "to": {name: _told(name, wanted[name], person_id) for name in changed},
    }
    for name in changed:
        setattr(person, name, wanted[name])
    if changed:
        person.save(update_fields=changed)
        about = About(organisation_id=person.organisation_id)
        record_event("profile_changed", about=about, at=now, actor=Actor(person_id=person_id), data=data)
    return person
