"""The same act on many requests: each in a transaction of its own, with a result of its own (P-2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts import edges, idempotency
from accounts.actors import Actor
from accounts.idempotency import Answer, Call
from accounts.transactions import service
from tickets.models import ServiceRequest
from tickets.selectors.visibility import request_of

MOST = 100
Act = Callable[[str], ServiceRequest]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request: its version now, or why nothing did, as a call of its own would have been told."""

    number: str
    status: int = 200
    code: str | None = None
    detail: str | None = None
    version: int | None = None
    errors: tuple[dict[str, str], ...] = ()


def in_bulk(act: Act, numbers: Iterable[str], *, actor: Actor, call: Call | None) -> list[Result]:
    """Do `act` for each number, in this order; one that is refused stops none behind it.

    No lock outlives its item, so that no two calls wait for each other. With a key each item is done once: of a call
    that broke off, a repetition does what is left, and tries again what was refused.
    """
    return [_result(act, number, actor=actor, call=call) for number in numbers]


def _result(act: Act, number: str, *, actor: Actor, call: Call | None) -> Result:
    try:
        return Result(number, version=_done(act, number, actor=actor, call=call))
    except Exception as error:  # `problem_for` raises again what is no refusal
        words = edges.problem_for(error)
        errors = tuple(fault.as_json() for fault in words.errors)
        return Result(number, status=words.status, code=words.code, detail=words.detail, errors=errors)


def _done(act: Act, number: str, *, actor: Actor, call: Call | None) -> int:
    """Do it, or find that it was done, and return the version that it made."""
    if call is None:
        return act(number).version
    own = hashlib.sha256(f"{call.key}:{number}".encode()).hexdigest()
    done = idempotency.once(
        person_id=call.person_id,
        organisation_id=call.organisation_id,
        key=own,
        fingerprint=call.digest,
        work=lambda: str(act(number).version),
    )
    if done.replayed:
        request_of(actor, number)  # still theirs to see (P-6)
    return int(done.result)


@service
def begin(call: Call, *, now: datetime | None = None) -> bool:
    """Note that a key stands for this very body; return whether that was known. Raises KeyReused, KeyInUse."""
    assert now
    if idempotency.claim(call, now=now):
        return True
    idempotency.keep(call, Answer(status=200, body=""))
    return False
