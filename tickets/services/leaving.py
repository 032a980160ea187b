"""Somebody leaves an organisation: their account is closed, and a colleague takes their requests over (RO-1, RO-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.models import Person
from accounts.services import people
from accounts.transactions import service
from tickets.services.contact import HandedOver, hand_over_requests


@dataclass(frozen=True, slots=True)
class Left:
    """Who left, and what became of their requests."""

    person: Person
    handed_over: HandedOver


@service
def close_account(
    *,
    person_id: int,
    actor: Actor,
    hand_over_to: int | None = None,
    even_mine: bool = False,
    now: datetime | None = None,
) -> Left:
    """Close a person's account, and make a colleague the primary contact of their open requests, or nothing.

    Without a colleague the requests keep their contact; what there is to tell goes to the admins who look after all
    of them. Locks the organisation before the requests. Raises what `deactivate_person` and `hand_over_requests` do.
    """
    person = people.deactivate_person(person_id=person_id, actor=actor, even_mine=even_mine, now=now)
    if hand_over_to is None:
        return Left(person, HandedOver(done=0, left=0))
    handed_over = hand_over_requests(person_id=person_id, to_id=hand_over_to, actor=actor, now=now)
    return Left(person, handed_over)
