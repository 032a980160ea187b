"""The ladder of a request in words, for the part `_ladder.html` of the engineers' page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from sla import wording as promises
from sla.ladder import Recipient
from tickets import wording
from tickets.models import Timer, TimerState
from tickets.selectors.ladder import TOLD_TO_CUSTOMERS, Ladder

LOOKS = {  # tone and icon
    TimerState.WAITING: ("info", "clock"),
    TimerState.HELD: ("warning", "pause"),
    TimerState.FIRED: ("success", "check"),
    TimerState.CANCELLED: ("neutral", "x"),
    TimerState.FAILED: ("danger", "circle-alert"),
}


def ladder_card(ladder: Ladder) -> dict[str, Any]:
    """What is next and what is over, each line with its words."""
    return {
        "coming": [_line(timer) for timer in ladder.coming],
        "past": [_line(timer) for timer in ladder.past],
        "is_cut": ladder.is_cut,
    }


def _line(timer: Timer) -> dict[str, Any]:
    tone, icon = LOOKS[TimerState(timer.state)]
    return {
        "kind": wording.words(wording.TIMERS, timer.kind),
        "step": wording.timer_step(timer.kind, timer.step),
        "told": _told(timer),
        "due_at": timer.due_at,
        "settled_at": timer.settled_at,
        "state": wording.words(wording.TIMER_STATES, timer.state),
        "tone": tone,
        "icon": icon,
        "cause": wording.words(wording.TIMER_CAUSES, timer.cause) if timer.cause else "",
    }


def _told(timer: Timer) -> list[str]:
    if timer.kind in TOLD_TO_CUSTOMERS:
        return [gettext("the customer")]
    return [promises.recipient_text(Recipient(name)) for name in timer.recipients]
