"""Loading the demo into an empty database: people, two months of requests, notices, and how to sign in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from accounts import clock
from accounts.models import Delivery, DeliveryState, Organisation
from tickets.demo import incidents
from tickets.demo.agreements import agree
from tickets.demo.directory import keep_directories
from tickets.demo.disputes import dispute_steps
from tickets.demo.planning import plan
from tickets.demo.sign_ins import write_sign_ins
from tickets.demo.surroundings import make_world
from tickets.demo.tags import put_tags
from tickets.demo.telling import reading_steps, tell
from tickets.models import ServiceRequest

MAIL_KEPT = timedelta(hours=1)
HISTORY_NOTE = "demo history"  # why a mail of the demo's past was never sent
PROGRESS_EVERY = 20  # per cent

Say = Callable[[str], None]


def is_empty() -> bool:
    """Tell whether there is no organisation yet."""
    return not Organisation.objects.exists()


def load(*, say: Say, seed: int = 1, limit: int | None = None, now: datetime | None = None) -> Counter[str]:
    """Tell the demo up to `now` and write how to sign in; return how many requests stand in each state."""
    now = now or clock.now()
    world = make_world(now=now)
    runs = plan(world, now=now, seed=seed, limit=limit)
    reading = reading_steps(world, Random(seed), now=now)  # noqa: S311  # chance for a story, nothing secret
    beside = chain(reading, dispute_steps(runs, world, now=now))
    agree(world, now=now)
    keep_directories(world.houses, now=now)
    tell(runs, beside, now=now, report=Progress(f"Filing {len(runs)} requests", say))
    incidents.declare(world, now=now)
    put_tags(world, now=now)
    _put_old_mail_aside(now=now)
    write_sign_ins(world, now=now)
    return Counter(ServiceRequest.objects.values_list("state", flat=True))


class Progress:
    """Says how far something is, now and then."""

    def __init__(self, what: str, say: Say) -> None:
        self._what, self._say, self._next = what, say, PROGRESS_EVERY

    def __call__(self, done: int, of: int) -> None:
        """Say it when the next mark is reached."""
        percent = 100 * done // of
        if percent >= self._next:
            self._say(f"  {self._what} … {percent:3} %")
            self._next = percent - percent % PROGRESS_EVERY + PROGRESS_EVERY


def _put_old_mail_aside(*, now: datetime) -> None:
    """Cancel the mails of the past: thousands that nobody waits for; those of the last hour are really sent.

    Their copies in the portal stay, read or unread as people left them.
    """
    waiting = Delivery.objects.filter(channel=Delivery.Channel.MAIL, state=DeliveryState.PENDING)
    old = waiting.filter(event__at__lt=now - MAIL_KEPT)
    old.update(state=DeliveryState.CANCELLED, last_error=HISTORY_NOTE)
