"""What the notices of one page, or of one mail, are about, read at once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, QuerySet, Value

from accounts import clock, selectors
from accounts.actors import Actor
from accounts.models import Delivery, Person

Row = TypeVar("Row", bound=Model)
Key = Callable[[Delivery], Any]  # what a notice names; nothing where it names none


class Reading:
    """The notices that somebody reads together. Each kind asks once, for the rows that all of its notices name."""

    def __init__(self, person: Person, deliveries: Sequence[Delivery]) -> None:
        self.person = person
        self._deliveries = deliveries
        self._known: dict[Hashable, Any] = {}

    @cached_property
    def now(self) -> datetime:
        """When they are read."""
        return clock.now()

    @cached_property
    def actors(self) -> dict[int | None, Actor]:
        """The reader as they act for the organisations that the notices went to; without those they may not act for."""
        customers = {each.organisation_id for each in self._deliveries}
        return selectors.actors_for(self.person, now=self.now, customers=customers)

    def once(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """What `read` returns, and returned when it was asked for by this key before."""
        if key not in self._known:
            self._known[key] = read()
        return self._known[key]

    def row(self, rows: QuerySet[Row], delivery: Delivery, key: Key, *, by: str = "pk") -> Row | None:
        """The one of `rows` that a notice names in the column `by`."""

        def read() -> dict[Any, Row]:
            named = {key(each) for each in self._like(delivery)} - {None, ""}
            return {getattr(row, by): row for row in rows.filter(**{f"{by}__in": named})}

        found: dict[Any, Row] = self.once((delivery.notice, rows.model), read)
        return found.get(key(delivery))

    def visible(
        self, gate: Callable[[Actor], QuerySet[Row]], delivery: Delivery, key: Key, *, by: str = "pk"
    ) -> Row | None:
        """The same of what the gate lets the reader see, as they act for whom the notice went to (P-6)."""

        def read() -> dict[Any, Row]:
            named = defaultdict(set)
            for each in self._like(delivery):
                if each.organisation_id in self.actors:
                    named[self.actors[each.organisation_id]].add(key(each))
            readers = list(named)
            first, *others = (
                gate(reader).filter(**{f"{by}__in": named[reader]}).annotate(reader=Value(place))
                for place, reader in enumerate(readers)
            )
            rows: Any = first.union(*others, all=True)
            return {(readers[row.reader], getattr(row, by)): row for row in rows}

        reader = self.actors.get(delivery.organisation_id)
        return self.once((delivery.notice, "visible"), read).get((reader, key(delivery))) if reader else None

    def _like(self, delivery: Delivery) -> list[Delivery]:
        return [each for each in self._deliveries if each.notice == delivery.notice]
