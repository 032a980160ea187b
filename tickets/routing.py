"""Which team a new request goes to: plain values in, one of the teams out (RO-3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

REGIONS = {"America": "amer", "Europe": "emea", "Africa": "emea", "Atlantic": "emea"}  # by the first part of a zone
OTHERWISE = "apac"
NAMED, ANY, OTHER = 2, 1, 0  # it names what is wanted, names nothing, names something else


class Routed(Protocol):
    """What is asked of a team; what it names none of, it takes all of."""

    @property
    def code(self) -> str:
        """Its short name."""

    @property
    def support_kinds(self) -> Sequence[str]:
        """The kinds of support that it gives."""

    @property
    def services(self) -> Sequence[str]:
        """The codes of the services that it is for."""

    @property
    def region(self) -> str:
        """The region that it is for."""

    @property
    def languages(self) -> Sequence[str]:
        """The languages that it is for."""


Team = TypeVar("Team", bound=Routed)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request is about, where its organisation is, and the language that it is written in."""

    kind: str
    service: str | None
    region: str
    language: str


def region_of(timezone: str) -> str:
    """The region of a time zone."""
    return REGIONS.get(timezone.partition("/")[0], OTHERWISE)


def team_for(wanted: Wanted, teams: Iterable[Team]) -> Team | None:
    """The team of this kind of support that fits best, None where there is none of the kind.

    A team that names another service, region or language comes after all that do not. Among these it counts first
    whether it names the service, then the region, then the language; the general team, which names nothing, is last
    of them. Ties go by code.
    """
    giving = [team for team in teams if wanted.kind in team.support_kinds]
    return min(giving, key=lambda team: _rank(wanted, team), default=None)


def _rank(wanted: Wanted, team: Routed) -> tuple[bool, tuple[int, ...], str]:
    fits = (
        _fit(team.services, wanted.service),
        _fit([team.region] if team.region else [], wanted.region),
        _fit(team.languages, wanted.language),
    )
    return OTHER in fits, tuple(-fit for fit in fits), team.code


def _fit(named: Sequence[str], wanted: str | None) -> int:
    if not named:
        return ANY
    return NAMED if wanted in named else OTHER
