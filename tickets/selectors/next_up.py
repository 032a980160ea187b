"""The next request for an engineer to take, and why that one (settled point 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import rota
from accounts.actors import Actor
from accounts.models import Person
from accounts.permissions import may, require
from accounts.selectors.staff import works_now
from tickets import choosing
from tickets.choosing import Engineer, Reason, Urgency, Waiting
from tickets.lifecycle import State
from tickets.models import ServiceRequest
from tickets.selectors.escalations import SENIOR, may_take_over
from tickets.selectors.lists import Listed, listed
from tickets.selectors.queue import front_of, load_of

FRONT = 50  # of each part of the queue; what is owed much later is not the next thing to do


@dataclass(frozen=True, slots=True)
class Next:
    """The request to take, as lists show it, with its reasons; what weighs most comes first."""

    listed: Listed
    waiting: Waiting
    engineer: Engineer
    urgency: Urgency
    reasons: Sequence[Reason]
    now: datetime

    @property
    def seconds_left(self) -> int:
        """Until what is owed next is owed; less than nothing where that has passed."""
        return round((self.waiting.owed_at - self.now).total_seconds())


def next_request(actor: Actor, *, now: datetime) -> Next | None:
    """What this engineer had best take next among what nobody has; for senior engineers also what they are offered.

    Looks at the front of the queue alone, in the same number of queries however long it is. Raises NotPermitted.
    """
    require(actor, "take_request")
    engineer = _engineer(actor, now=now)
    rows = {row.pk: row for row in front_of(actor, now=now, most=FRONT, offered=engineer.is_senior)}
    able = [row for row in rows.values() if _may_take(actor, row)]
    chosen = choosing.choose([_waiting(row) for row in able], engineer, now=now)
    if chosen is None:
        return None
    [found] = listed([rows[chosen.pk]], now=now)
    reasons = list(choosing.reasons(chosen, engineer, now=now))
    return Next(listed=found, waiting=chosen, engineer=engineer, urgency=chosen.urgency(now), reasons=reasons, now=now)


def _engineer(actor: Actor, *, now: datetime) -> Engineer:
    person = Person.objects.filter(pk=actor.person_id or 0, is_staff=True).first()
    if person is None:
        return Engineer(is_senior=SENIOR in actor.roles)
    in_hand = load_of(actor, now=now)
    return Engineer(
        languages=frozenset(person.languages),
        services=frozenset(person.services),
        is_senior=SENIOR in actor.roles,
        on_duty=any(shift.person_id == person.pk for shift in rota.roster_at(now).shifts.values()),
        works_now=works_now(person, now=now),
        in_hand=in_hand.requests,
        late_in_hand=in_hand.late,
        owes_at=in_hand.owes_at,
    )


def _may_take(actor: Actor, row: ServiceRequest) -> bool:
    free = row.assignee_id is None or may_take_over(actor, row)
    return free and may(actor, "take_request", on=row)


def _waiting(row: ServiceRequest) -> Waiting:
    return Waiting(
        pk=row.pk,
        severity=row.severity,
        language=row.language,
        service=row.service_code,
        created_at=row.created_at,
        owed_at=min(at for at in (row.queue_at, row.dispute_due_at) if at),
        due_at=row.due_at,
        begun=row.state == State.IN_PROGRESS,
        disputed=row.dispute_due_at is not None and row.dispute_due_at < row.queue_at,
        senior_wanted=row.senior_wanted_at is not None,
    )
