"""The teams that requests are routed to (RO-3, tickets.routing)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import InvalidParticulars, NameTaken
from accounts.models import Team
from accounts.particulars import checked_name, checked_slug
from accounts.permissions import ALL_KINDS, require
from accounts.selectors import staff
from accounts.services.skills import known
from accounts.transactions import service
from accounts.versions import check_version, version_from

REGIONS = ("amer", "emea", "apac")


@dataclass(frozen=True, slots=True)
class TeamTerms:
    """What a team is called and what it takes; what it names none of, it takes all of."""

    names: Mapping[str, str]
    support_kinds: Collection[str]
    services: Collection[str] = ()
    region: str = ""
    languages: Collection[str] = ()


@service
def add_team(*, code: str, terms: TeamTerms, actor: Actor, now: datetime | None = None) -> Team:
    """Make a team; it gets new requests from now on. Raises NotPermitted, InvalidParticulars, NameTaken."""
    assert now
    require(actor, "manage_teams")
    team = Team(code=checked_slug(code), **_columns(terms))
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise NameTaken from None
    _record("team_added", team, actor=actor, now=now)
    return team


@service
def change_team(
    *, code: str, terms: TeamTerms, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Team:
    """Change what a team takes; requests that it has stay with it.

    Raises NotPermitted, TeamNotFound, InvalidParticulars, and RecordChanged when another `version` was read.
    """
    assert now
    require(actor, "manage_teams")
    team = staff.team_called(code, lock=True)
    check_version(version, team_version(team))
    wanted = _columns(terms, before=team)
    changed = sorted(name for name, value in wanted.items() if getattr(team, name) != value)
    before = {name: getattr(team, name) for name in changed if name != "names"}
    for name in changed:
        setattr(team, name, wanted[name])
    if changed:
        team.save(update_fields=changed)
        told = {name: {"from": value, "to": wanted[name]} for name, value in before.items()}
        _record("team_changed", team, actor=actor, now=now, fields=changed, **told)
    return team


@service
def retire_team(*, code: str, actor: Actor, now: datetime | None = None) -> Team:
    """Send new requests to a team no longer; its people and what it has stay. Raises NotPermitted, TeamNotFound."""
    assert now
    return _set_retired(code, now, "team_retired", actor=actor, now=now)


@service
def bring_team_back(*, code: str, actor: Actor, now: datetime | None = None) -> Team:
    """Send new requests to a retired team again. Raises NotPermitted, TeamNotFound."""
    assert now
    return _set_retired(code, None, "team_brought_back", actor=actor, now=now)


def team_version(team: Team) -> int:
    """The version of a team: what it is called and takes, and since when it is retired."""
    seen = (team.names, team.support_kinds, team.services, team.region, team.languages, team.retired_at)
    return version_from(*seen)


def _set_retired(code: str, retired_at: datetime | None, kind: str, *, actor: Actor, now: datetime) -> Team:
    require(actor, "manage_teams")
    team = staff.team_called(code, lock=True)
    if bool(team.retired_at) != bool(retired_at):
        team.retired_at = retired_at
        team.save(update_fields=["retired_at"])
        _record(kind, team, actor=actor, now=now)
    return team


def _columns(terms: TeamTerms, before: Team | None = None) -> dict[str, Any]:
    kinds = [kind for kind in ALL_KINDS if kind in terms.support_kinds]
    if not kinds:
        raise InvalidParticulars("support_kinds", "none")
    if len(kinds) != len(set(terms.support_kinds)):
        raise InvalidParticulars("support_kinds", "choice")
    if terms.region and terms.region not in REGIONS:
        raise InvalidParticulars("region", "choice")
    return {
        "names": {tag: checked_name(name, field=f"names.{tag}") for tag, name in terms.names.items()},
        "support_kinds": kinds,
        "services": known("services", terms.services, keep=before.services if before else ()),
        "region": terms.region,
        "languages": known("languages", terms.languages, keep=before.languages if before else ()),
    }


def _record(kind: str, team: Team, *, actor: Actor, now: datetime, **data: Any) -> None:
    record_event(kind, about=About(), actor=actor, at=now, internal=True, data={"team": team.pk, **data})
