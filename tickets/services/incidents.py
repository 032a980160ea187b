"""Incidents of services: the desk declares one, says how it goes, and who is touched by it hears of that.

An update is a notice to everybody whom the incident concerns. It is no response to any of their requests, and moves no
promise, state or timer of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.conf import settings
from django.db import connection

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.models import Event
from accounts.permissions import require
from accounts.text import clean_line
from accounts.transactions import check_waiting, service
from tickets.errors import IncidentNotFound, InvalidIncident, VersionMismatch
from tickets.incidents import OPEN, IncidentImpact, IncidentState, advance
from tickets.models import Incident, IncidentFollow, IncidentUpdate, Service
from tickets.numbers import incident_number_of
from tickets.selectors.incidents import follows, incident_of, visible_incidents
from tickets.services.announcing import announce_incident
from tickets.services.base import checked_text
from tickets.services.incident_news import tell_followers

TITLE_LIMIT, BODY_LIMIT = 200, 10_000
MOST_COUNTRIES = 250
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the desk says when it declares an incident; without `started_at` it began just now."""

    title: str
    services: Sequence[str]
    impact: str
    body: str
    state: str = IncidentState.INVESTIGATING.value
    started_at: datetime | None = None
    countries: Sequence[str] = ()


class IncidentChanges(TypedDict, total=False):
    """What to put right; what is not named stays. State and words change by updates."""

    title: str
    services: Sequence[str]
    impact: str
    countries: Sequence[str]
    started_at: datetime


@service
def declare_incident(*, declaration: Declaration, actor: Actor, now: datetime | None = None) -> Incident:
    """Declare an incident, with its first public update; endpoints of those whom it concerns hear of it.

    Raises NotPermitted, InvalidIncident, InvalidText.
    """
    assert now
    require(actor, "declare_incident")
    if declaration.state not in set(OPEN):
        raise InvalidIncident("state", "unknown_choice")
    values = _checked(
        {
            "title": declaration.title,
            "services": declaration.services,
            "impact": declaration.impact,
            "countries": declaration.countries,
            "started_at": declaration.started_at or now,
        },
        declared_at=now,
    )
    incident = Incident.objects.create(
        number=_next_number(now.year),
        state=declaration.state,
        declared_at=now,
        declared_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself declares nothing
        updated_at=now,
        **values,
    )
    _write(incident, declaration.body, actor=actor, now=now)
    data = {"impact": incident.impact, "services": incident.services, "to": incident.state}
    event = _record("incident_declared", incident, actor=actor, now=now, data=data)
    announce_incident(event, incident, now=now)
    return incident


@service
def update_incident(
    *,
    number: str,
    body: str,
    actor: Actor,
    state: str | None = None,
    resolved_at: datetime | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> IncidentUpdate:
    """Say in public how it stands; in another `state`, if one is named. `resolved_at` is when it was over, else now.

    Followers, and the contacts of the requests that belong to it, are told; no request is answered or closed by it.
    Raises IncidentNotFound, NotPermitted, VersionMismatch, IllegalIncidentAct, InvalidIncident, InvalidText.
    """
    assert now
    incident = _lock(number, actor, version=version, now=now)
    before, after = incident.state, _next_state(incident, state)
    incident.state = after.value
    incident.resolved_at = _resolved_at(incident, before, resolved_at, now=now)
    incident.updated_at = now
    update = _write(incident, body, actor=actor, now=now)
    _save(incident, "state", "resolved_at", "updated_at")
    over = after == IncidentState.RESOLVED and before != after
    kind = "incident_resolved" if over else "incident_updated"
    data = {"update": update.pk, "from": before, "to": after.value}
    event = _record(kind, incident, actor=actor, now=now, data=data)
    tell_followers(event, incident, update, now=now)
    announce_incident(event, incident, now=now)
    return update


@service
def note_on_incident(*, number: str, body: str, actor: Actor, now: datetime | None = None) -> IncidentUpdate:
    """Write a note for the desk alone. Raises IncidentNotFound, NotPermitted, InvalidText."""
    assert now
    incident = _lock(number, actor, version=None, now=now)
    note = _write(incident, body, actor=actor, now=now, internal=True)
    _record("incident_noted", incident, actor=actor, now=now, data={"update": note.pk}, internal=True)
    return note


@service
def change_incident(
    *, number: str, changes: IncidentChanges, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Incident:
    """Put particulars right: the title, what it touches and where, how grave it is, when it began.

    Where nothing differs, nothing is recorded. Raises IncidentNotFound, NotPermitted, VersionMismatch, InvalidIncident,
    InvalidText.
    """
    assert now
    incident = _lock(number, actor, version=version, now=now)
    values = _checked(changes, declared_at=incident.declared_at, resolved_at=incident.resolved_at)
    before = {name: getattr(incident, name) for name, value in values.items() if getattr(incident, name) != value}
    if not before:
        return incident
    for name in before:
        setattr(incident, name, values[name])
    _save(incident, *before)
    told = [name for name in before if name != "title"]
    data = {
        "fields": sorted(before),
        "from": {name: _plain(before[name]) for name in told},
        "to": {name: _plain(values[name]) for name in told},
    }
    event = _record("incident_changed", incident, actor=actor, now=now, data=data)
    announce_incident(event, incident, now=now)
    return incident


@service
def follow_incident(*, number: str, following: bool, actor: Actor, now: datetime | None = None) -> Incident:
    """Choose to hear of an incident's updates, or not to, for the organisation acted for.

    Whoever is the contact of a request that belongs to it hears of them without choosing. Raises IncidentNotFound,
    NotPermitted.
    """
    assert now
    require(actor, "follow_incident")
    incident = incident_of(actor, number, now=now)
    if follows(actor, incident) == following:
        return incident
    IncidentFollow.objects.update_or_create(
        incident=incident,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        defaults={"following": following, "changed_at": now},
    )
    kind = "incident_followed" if following else "incident_unfollowed"
    about = About(organisation_id=actor.organisation_id)
    record_event(kind, about=about, at=now, actor=actor, data={"incident": incident.number})
    return incident


def _lock(number: str, actor: Actor, *, version: int | None, now: datetime) -> Incident:
    rows = visible_incidents(actor, now=now).select_for_update(of=("self",), no_key=True)
    try:
        incident = rows.get(number=number)
    except Incident.DoesNotExist:
        raise IncidentNotFound(number) from None
    check_waiting()
    require(actor, "declare_incident")
    if version is not None and version != incident.version:
        raise VersionMismatch(incident.version)
    return incident


def _save(incident: Incident, *fields: str) -> None:
    incident.version += 1
    incident.save(update_fields=[*fields, "version"])


def _next_state(incident: Incident, wanted: str | None) -> IncidentState:
    if wanted is None:
        return IncidentState(incident.state)
    if wanted not in set(IncidentState):
        raise InvalidIncident("state", "unknown_choice")
    return advance(incident.state, wanted)


def _resolved_at(incident: Incident, before: str, given: datetime | None, *, now: datetime) -> datetime | None:
    """When it was over: what was given, what is known already, or now; nothing while it goes on."""
    if incident.state != IncidentState.RESOLVED:
        if given is not None:
            raise InvalidIncident("resolved_at", "not_resolved")
        return None
    if given is None:
        return incident.resolved_at if before == IncidentState.RESOLVED else now
    if given > now:
        raise InvalidIncident("resolved_at", "future")
    if given < incident.started_at:
        raise InvalidIncident("resolved_at", "out_of_order")
    return given


def _checked(
    values: Mapping[str, Any], *, declared_at: datetime, resolved_at: datetime | None = None
) -> dict[str, Any]:
    """The values as they may be stored. Raises InvalidIncident, InvalidText."""
    checked = dict(values)
    if "title" in values:
        checked["title"] = checked_text("title", values["title"], limit=TITLE_LIMIT, clean=clean_line)
    if "services" in values:
        checked["services"] = _services(values["services"])
    if "impact" in values and values["impact"] not in set(IncidentImpact):
        raise InvalidIncident("impact", "unknown_choice")
    if "countries" in values:
        checked["countries"] = _countries(values["countries"])
    if "started_at" in values:
        if values["started_at"] > declared_at:
            raise InvalidIncident("started_at", "future")
        if resolved_at and values["started_at"] > resolved_at:
            raise InvalidIncident("started_at", "out_of_order")
    return checked


def _services(codes: Collection[str]) -> list[str]:
    """The codes in the order of the catalogue, each once."""
    known = list(Service.objects.filter(code__in=list(codes)).order_by("position", "pk").values_list("code", flat=True))
    if not known:
        raise InvalidIncident("services", "unknown_choice" if codes else "empty")
    if set(codes) - set(known):
        raise InvalidIncident("services", "unknown_choice")
    return known


def _countries(codes: Collection[str]) -> list[str]:
    if len(codes) > MOST_COUNTRIES or not all(COUNTRY.fullmatch(code) for code in codes):
        raise InvalidIncident("countries", "country")
    return sorted(set(codes))


def _write(incident: Incident, body: str, *, actor: Actor, now: datetime, internal: bool = False) -> IncidentUpdate:
    return IncidentUpdate.objects.create(
        incident=incident,
        state=incident.state,
        body=checked_text("body", body, limit=BODY_LIMIT),
        internal=internal,
        author_id=actor.person_id,  # type: ignore[misc]  # the portal itself writes nothing here
        at=now,
    )


def _record(
    kind: str, incident: Incident, *, actor: Actor, now: datetime, data: Mapping[str, object], internal: bool = False
) -> Event:
    told = {"incident": incident.number, **data}
    return record_event(kind, about=About(), at=now, actor=actor, data=told, internal=internal)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _next_number(year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_incident_position')")
        return incident_number_of(cursor.fetchone()[0], year=year, key=settings.REQUEST_NUMBER_KEY)
