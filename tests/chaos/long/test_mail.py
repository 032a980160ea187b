"""The mail server in every mood: people file as ever, deadlines hold, mail arrives later (P-2, P-3, P-9)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from tests.chaos import evidence
from tests.chaos.history import judge_timers, share
from tests.chaos.long.conftest import Work
from tests.chaos.post_office import Mood

LASTS = 20.0  # seconds of each mood
MOODS = (Mood.SLOW, Mood.SILENT, Mood.BUSY, Mood.FORGETFUL)
FILED_WITHIN = 1.0
END_OF_PAUSES = """
    UPDATE accounts_delivery SET next_attempt_at = now()
    WHERE state = 'pending' AND lease_until IS NULL AND next_attempt_at > now()
"""


def test_a_mail_server_in_any_mood_delays_mail_and_nothing_else(work: Work, measured: Callable[[str], None]) -> None:
    """P-2, P-3, P-9: down, slow, silent, refusing for now, and dying after DATA."""
    rig = work.rig
    rig.run("web", "clockwork", "mailer", "beat", "sweeper")
    work.begin()
    rig.wait(3)
    for mood in (None, *MOODS):
        began = time.monotonic()
        if mood is None:
            rig.post.down()
        else:
            rig.post.mood = mood
        rig.wait(LASTS)
        p95, statuses = work.callers.slowest(since=began), work.callers.statuses(since=began)
        if mood is None:
            rig.post.open()
        measured(f"mail server {mood.value if mood else 'is down'}: p95 of filing {p95:.2f} s, {dict(statuses)}")
        assert p95 <= FILED_WITHIN
        assert set(statuses) == {201}
    rig.post.mood = Mood.GOOD
    work.finish()
    rig.until(lambda: not evidence.number(evidence.UNSETTLED), within=60, what="every step fired")

    verdict = judge_timers(
        evidence.targets(leeway=timedelta(0)), evidence.firings(), within=timedelta(seconds=30 + rig.longest_turn)
    )
    figures = f"p99 {share(verdict.lateness, 0.99):.1f} s, worst {verdict.lateness[-1].total_seconds():.1f} s"
    measured(f"fired after due meanwhile: {figures}: {verdict}")
    assert verdict.sound, str(verdict)
    arrive(work, measured)


def arrive(work: Work, measured: Callable[[str], None]) -> None:
    """Let the pauses between tries pass; every mail arrives, and what was taken without an answer comes twice."""

    def all_sent() -> bool:
        return not evidence.number(evidence.UNSENT)

    evidence.rows(END_OF_PAUSES)
    took = work.rig.until(all_sent, within=240, what="every mail sent")
    arrived = work.rig.post.message_ids()
    repeats = sum(count - 1 for count in Counter(arrived).values())
    verdict = evidence.judge_post(work.rig.post, crashes=repeats)
    measured(
        f"{len(arrived)} mails, all through {took:.0f} s after; {repeats} repeats under the same Message-ID; {verdict}"
    )
    assert verdict.sound, str(verdict)


def test_a_refusal_for_good_ends_as_failed_and_shows(work: Work, measured: Callable[[str], None]) -> None:
    """P-9: and nobody else's mail waits for it."""
    rig = work.rig
    rig.post.mood = Mood.STERN
    rig.run("web", "worker-1", "beat", "sweeper")
    work.callers.give(work.crowd.filing("business", "C"))
    failed = "SELECT count(*) FROM accounts_delivery WHERE channel = 'mail' AND state = 'failed'"
    took = rig.until(lambda: evidence.number(failed), within=60, what="a failed delivery")
    rig.post.mood = Mood.GOOD
    work.callers.give(work.crowd.filing("business", "C"))
    rig.until(lambda: rig.post.arrivals, within=60, what="the next mail")
    measured(
        f"550 to a receiver: failed after {took:.1f} s; the next mail arrived; {settings.EMAIL_CONNECTIONS} connections"
    )
    work.finish()
