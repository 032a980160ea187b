"""Clear forms of what events hold as salted hashes: kept beside them, shown while they exist, erased with a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection, transaction

from accounts.models import PersonalValue
from accounts.pseudonyms import exact_pseudonym, pseudonym

Kind = PersonalValue.Kind
WHATEVER_ITS_CASE = frozenset({Kind.ADDRESS, Kind.MAIL})
MOST_REMEMBERED = 20_000
LONGEST = 254
KEEP = """
    INSERT INTO accounts_personalvalue (person_id, kind, stand_in, value) VALUES (%s, %s, %s, %s)
    ON CONFLICT (stand_in, person_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value that the database is known to have, as of one day; called once its transaction has committed."""

    database: str
    person_id: int | None
    stand_in: str
    day: date

    def __call__(self) -> None:
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        _known.add(self)


_known: set[_Kept] = set()  # of this process: an address that acts all day is written once


def keep(kind: Kind, value: str, *, person_id: int | None) -> str:
    """Return the stand-in of a personal value for an event, and keep its clear form until it is erased (P-10).

    Nothing stands for an empty value. Somebody who is erased is not kept anew by a process that knew them: what is
    known is not written again before the next day.
    """
    if not value:
        return ""
    stand_in = pseudonym(value) if kind in WHATEVER_ITS_CASE else exact_pseudonym(value)
    kept = _Kept(str(connection.settings_dict["NAME"]), person_id, stand_in, datetime.now(UTC).date())
    if kept not in _known and not _is_underway(kept):
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [person_id, kind, stand_in, value[:LONGEST]])
        transaction.on_commit(kept, robust=True)
    return stand_in


def _is_underway(kept: _Kept) -> bool:
    """Tell whether this very transaction has written it; Django forgets the hook when a savepoint is rolled back."""
    return any(hook[1] == kept for hook in connection.run_on_commit)


def clear_forms(pairs: Iterable[tuple[int | None, str]]) -> dict[tuple[int | None, str], str]:
    """The clear forms that still exist, by person and stand-in, in one query."""
    wanted = {pair for pair in pairs if pair[1]}
    if not wanted:
        return {}
    rows = PersonalValue.objects.filter(stand_in__in={stand_in for _, stand_in in wanted})
    found = rows.values_list("person", "stand_in", "value")
    return {(person, stand_in): value for person, stand_in, value in found if (person, stand_in) in wanted}


def erase_personal_values(person_id: int) -> int:
    """Erase the clear forms of one person's values; their events stay, and so do the chains (P-10). Return how many."""
    return PersonalValue.objects.filter(person=person_id).delete()[0]
