"""Which of one person's waiting mails go out now, and which are told in a digest instead: an hour holds only so many.

The order: what an account's safety needs (never counted), the ladder of an A, what else presses, everything else; the
older first. A quarter of the hour's number is kept for what presses, and most of that for the ladder of an A.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from accounts.families import CRITICAL, ORDINARY, SECURITY, URGENT

AN_HOUR_HOLDS = 20  # RELIABILITY, outbox
IN_FLIGHT = 2  # to one receiver, so that a slow one delays only itself


@dataclass(frozen=True, slots=True)
class Waiting:
    """One unsent mail: its request, whether its time has come, and whether somebody is sending it right now.

    One that was put off keeps back those behind it, so that order holds, unless it `steps_aside`.
    """

    id: int
    number: str
    urgency: int
    due: bool = True
    in_flight: bool = False
    steps_aside: bool = False
    counts: bool = True

    @property
    def thread(self) -> str:
        """What keeps its order: the mails of one request; one that hangs on no request stands alone."""
        return self.number or f"#{self.id}"


@dataclass(frozen=True, slots=True)
class Ration:
    """The ids of mails to send now, most urgent first, and of those to tell in a digest."""

    send: list[int]
    digest: list[int]


def ration(waiting: Sequence[Waiting], *, sent: int, allowed: int = AN_HOUR_HOLDS) -> Ration:
    """Decide about all unsent mails of one person, of whom `sent` reached them within the last hour."""
    flying = [mail for mail in waiting if mail.in_flight]
    used = sent + sum(mail.counts for mail in flying)
    kept, digest = [], []
    for mail in sorted(waiting, key=lambda mail: (mail.urgency, mail.id)):
        if not mail.counts or mail.in_flight or not mail.due:
            kept.append(mail)
        elif used < share(mail.urgency, allowed=allowed):
            used += 1
            kept.append(mail)
        else:
            digest.append(mail.id)
    return Ration(send=_first_in_line(kept)[: max(0, IN_FLIGHT - len(flying))], digest=digest)


def share(urgency: int, *, allowed: int) -> int:
    """How many mails of an hour may have gone out before one of this urgency is held back."""
    kept_back = {SECURITY: 0, CRITICAL: 0, URGENT: allowed * 3 // 20, ORDINARY: allowed // 4}
    return max(1, allowed - kept_back[urgency])


def _first_in_line(mails: Iterable[Waiting]) -> list[int]:
    """The one mail of each request that has its turn, most urgent request first."""
    ready = []
    threads = groupby(sorted(mails, key=lambda mail: (mail.thread, mail.id)), key=lambda mail: mail.thread)
    for _, thread in threads:
        line = list(thread)
        head = next((mail for mail in line if mail.due or not mail.steps_aside), None)
        if head and head.due and not any(mail.in_flight for mail in line):
            ready.append((min(mail.urgency for mail in line), head.id))
    return [first for _, first in sorted(ready)]
