"""The life of a request: one table of states and acts, and the reopen window (CH-4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from tickets.errors import IllegalTransition, ReopenWindowClosed

REOPEN_WINDOW = timedelta(days=14)  # CH-4: 14 × 24 h, never local days


class State(StrEnum):
    """Where a request stands."""

    AWAITING_RESPONSE = "awaiting_response"
    IN_PROGRESS = "in_progress"
    AWAITING_CUSTOMER = "awaiting_customer"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Action(StrEnum):
    """What moves a request on."""

    RESPOND = "respond"
    ASK_CUSTOMER = "ask_customer"
    CUSTOMER_MESSAGE = "customer_message"
    CLOSE = "close"
    LAPSE = "lapse"
    REOPEN = "reopen"
    ARCHIVE = "archive"


class Resolution(StrEnum):
    """Why a request was closed; closing needs one."""

    SOLVED = "solved"
    WORKAROUND = "workaround"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    NO_REPLY = "no_reply"


OPEN = (State.AWAITING_RESPONSE, State.IN_PROGRESS, State.AWAITING_CUSTOMER)
BY_CUSTOMER = (Resolution.SOLVED, Resolution.WITHDRAWN)
BY_ENGINEER = (
    Resolution.SOLVED,
    Resolution.WORKAROUND,
    Resolution.OUT_OF_SCOPE,
    Resolution.DUPLICATE,
    Resolution.WITHDRAWN,
    Resolution.NO_REPLY,
)

TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.AWAITING_RESPONSE, Action.RESPOND): State.IN_PROGRESS,
    (State.AWAITING_RESPONSE, Action.ASK_CUSTOMER): State.AWAITING_CUSTOMER,
    (State.AWAITING_RESPONSE, Action.CUSTOMER_MESSAGE): State.AWAITING_RESPONSE,
    (State.AWAITING_RESPONSE, Action.CLOSE): State.CLOSED,
    (State.IN_PROGRESS, Action.RESPOND): State.IN_PROGRESS,
    (State.IN_PROGRESS, Action.ASK_CUSTOMER): State.AWAITING_CUSTOMER,
    (State.IN_PROGRESS, Action.CUSTOMER_MESSAGE): State.IN_PROGRESS,
    (State.IN_PROGRESS, Action.CLOSE): State.CLOSED,
    (State.AWAITING_CUSTOMER, Action.RESPOND): State.AWAITING_CUSTOMER,
    (State.AWAITING_CUSTOMER, Action.ASK_CUSTOMER): State.AWAITING_CUSTOMER,
    (State.AWAITING_CUSTOMER, Action.CUSTOMER_MESSAGE): State.IN_PROGRESS,
    (State.AWAITING_CUSTOMER, Action.CLOSE): State.CLOSED,
    (State.AWAITING_CUSTOMER, Action.LAPSE): State.CLOSED,
    (State.CLOSED, Action.REOPEN): State.AWAITING_RESPONSE,
    (State.CLOSED, Action.ARCHIVE): State.ARCHIVED,
}


def advance(state: str, action: Action) -> State:
    """Return the state that `action` leads to, or raise IllegalTransition."""
    try:
        return TRANSITIONS[State(state), action]
    except KeyError:
        raise IllegalTransition(state, action) from None


def can(state: str, action: Action) -> bool:
    """Tell whether `action` is lawful in `state`; what pages ask before they show a button."""
    return (State(state), action) in TRANSITIONS


def state_at(state: str, *, closed_at: datetime | None, now: datetime) -> State:
    """The state that counts at `now`: archived once the reopen window is over, swept or not (CH-4, P-4)."""
    if state == State.CLOSED and closed_at and now > reopen_until(closed_at):
        return State.ARCHIVED
    return State(state)


def reopen_until(closed_at: datetime) -> datetime:
    """The last instant at which a request closed at `closed_at` can be reopened (CH-4)."""
    return closed_at + REOPEN_WINDOW


def archived_at(closed_at: datetime) -> datetime:
    """The instant from which a closed request is archived: one microsecond after its reopen window (CH-4)."""
    return reopen_until(closed_at) + timedelta(microseconds=1)


def check_reopen_window(*, closed_at: datetime, now: datetime) -> None:
    """Raise ReopenWindowClosed from one microsecond after `closed_at` + 14 × 24 h (CH-4)."""
    if now > reopen_until(closed_at):
        raise ReopenWindowClosed(reopen_until(closed_at))
