"""Two tenants, furnished alike through services, with canaries in all they write; and who may come to the door.

Each module of this folder furnishes an area: `prepare(world)` makes what belongs to no tenant, `furnish(world, tenant)`
makes a tenant's part, in the order of the modules' `ORDER`. Text is `tenant.says(part, "words")`, which marks it with
tenant and part; `CODES` tells which columns hold no words of anybody's. Ids are told with
`tenant.knows(name, value, part)`, so that recipes can ask for them (`Of(name)`).

Parts: `name` (of the organisation), `people` (their names and addresses), `organisation` (its particulars, for its
admins), `request` (what requests hold), `private` (one person's own), `internal` (support staff only).
"""

from __future__ import annotations

import itertools
import pkgutil
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any

from django.db import connection

from accounts import clock
from accounts.actors import Actor
from accounts.models import Organisation, Person
from tests import factories

NAME, PEOPLE, ORGANISATION, REQUEST, PRIVATE, INTERNAL = PARTS = (
    "name", "people", "organisation", "request", "private", "internal",
)  # fmt: skip
EVERYTHING = frozenset(PARTS)
DAY = timedelta(days=1)
MISSING = 999_999_999


@dataclass(frozen=True)
class Known:
    """An id of a tenant: its value, and the part of the tenant that it belongs to."""

    value: Any
    part: str


@dataclass
class Tenant:
    """One organisation with all that hangs on it."""

    mark: str
    first_id: int  # its rows are numbered from here on, so that a number alone tells whose it is
    organisation: Organisation
    ids: dict[str, Known] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    _words: Any = field(default_factory=lambda: itertools.count(1))

    def says(self, part: str, words: str = "", *, joint: str = " ") -> str:
        """Words with a canary of this part in front."""
        return f"{canary(self.mark, part)}{next(self._words)}{joint}{words}".strip(joint)

    def knows(self, name: str, value: Any, part: str) -> Any:
        """Remember an id; returns it."""
        self.ids[name] = Known(value, part)
        return value

    def actor(self, who: str, *, now: datetime | None = None) -> Actor:
        """One of its people, or of the support staff, as they act."""
        return factories.actor(self.people[who], now=now)


@dataclass(frozen=True)
class Caller:
    """Somebody at the door. `sees` are the parts of tenant A that this caller may learn."""

    name: str
    person: Person | None = None
    sees: frozenset[str] = frozenset()
    acting_for: Organisation | None = None
    scopes: tuple[str, ...] = ()
    token: str = ""
    session: str = ""
    api_only: bool = False


@dataclass(repr=False)
class World:
    """Everything."""

    now: datetime
    staff: dict[str, Person] = field(default_factory=dict)
    common: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, Organisation] = field(default_factory=dict)
    partner_admins: dict[str, Person] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)
    a: Tenant = None  # type: ignore[assignment]
    b: Tenant = None  # type: ignore[assignment]

    @property
    def tenants(self) -> tuple[Tenant, Tenant]:
        return self.a, self.b

    def actor(self, who: str) -> Actor:
        """One of the support staff as they act."""
        return factories.actor(self.staff[who])


def canary(mark: str, part: str) -> str:
    return f"zq{mark}{part}"


def canaries(text: str, mark: str) -> set[str]:
    """The parts of a tenant of which canaries are in a text."""
    return set(re.findall(rf"zq{mark}({'|'.join(PARTS)})", text.lower()))


def ids_in(text: str, tenant: Tenant) -> set[str]:
    """The ids of a tenant in a text: its request numbers, and its rows by the room that their ids lie in."""
    rows = set(re.findall(rf"(?<![0-9a-zA-Z_-]){str(tenant.first_id)[:4]}[0-9]{{5}}(?![0-9a-zA-Z_-])", text))
    return rows | {number for number in tenant.numbers if number in text}


@cache
def modules() -> list[Any]:
    """The areas of the world, in their order."""
    found = (import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__))
    return sorted(found, key=lambda module: (module.ORDER, module.__name__))


def build() -> World:
    """Make the whole world, with real commits."""
    world = World(now=clock.now())
    for module in modules():
        getattr(module, "prepare", lambda _world: None)(world)
    for mark, first_id in (("a", 710_000_000), ("b", 820_000_000)):
        _number_from(first_id)
        organisation = factories.make_organisation(
            f"{canary(mark, NAME)}slug", name=f"{canary(mark, NAME)} Trading", phone=f"+886 {first_id + 77}"
        )
        tenant = Tenant(mark, first_id, organisation)
        setattr(world, mark, tenant)
        for module in modules():
            getattr(module, "furnish", lambda _world, _tenant: None)(world, tenant)
    _number_from(930_000_000)
    for module in modules():
        getattr(module, "admit", lambda _world: None)(world)
    return world


def _number_from(first: int) -> None:
    """Let every table number its next rows from here on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(format('%I', table_name), column_name) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND is_identity = 'YES'"
        )
        for (sequence,) in cursor.fetchall():
            cursor.execute("SELECT setval(%s, %s)", [sequence, first])
