"""What is found afterwards, as plain values for the judge; read from the tables, past the code that wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from tests.chaos.history import Firing, Target, Verdict, Write, judge_mails
from tests.chaos.ledger import Ledger
from tests.chaos.post_office import PostOffice

STEPS = (50, 75, 100, 200)

FIRINGS = """
    SELECT t.commitment_id, t.step, e.at, pg_xact_commit_timestamp(e.xmin)
    FROM accounts_event e JOIN tickets_timer t ON e.ref = 'timer:' || t.id
    WHERE e.kind = 'escalation_step' AND t.kind = 'response'
"""
COMMITMENTS = (
    "SELECT id, received_at, due_at, ended_at FROM tickets_commitment WHERE due_at <= now() + interval '1 day'"
)
UNSETTLED = """
    SELECT count(*) FROM tickets_timer
    WHERE state = 'waiting' AND kind = 'response' AND due_at <= now() + interval '10 minutes'
"""
UNSENT = "SELECT count(*) FROM accounts_delivery WHERE channel = 'mail' AND state = 'pending'"
MAILS = "SELECT message_id FROM accounts_delivery WHERE channel = 'mail' AND state = %s"
REQUESTS = "SELECT split_part(subject, ' ', 1), number FROM tickets_servicerequest WHERE subject LIKE 'key-%'"
MESSAGES = """
    SELECT split_part(m.body, ' ', 1), r.number || ':' || m.id
    FROM tickets_message m JOIN tickets_servicerequest r ON r.id = m.request_id WHERE m.body LIKE 'key-%'
"""
ATTACHMENTS = """
    SELECT split_part(a.name, '.', 1), r.number || ':' || a.id
    FROM tickets_attachment a JOIN tickets_servicerequest r ON r.id = a.request_id WHERE a.name LIKE 'key-%'
"""
CLOSINGS = "SELECT number FROM accounts_event WHERE kind = 'request_closed'"
WEBHOOKS = "SELECT number, message_id FROM accounts_delivery WHERE channel = 'webhook' ORDER BY id"
UNTOLD = "SELECT count(*) FROM accounts_delivery WHERE channel = 'webhook' AND state = 'pending'"
LAPSE = """
    UPDATE accounts_delivery SET next_attempt_at = now(), lease_until = now()
    WHERE state = 'pending' AND lease_until BETWEEN now() AND now() + interval '50 seconds'
"""


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The answer of the database."""
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def number(query: str, *values: Any) -> int:
    """The one number that the database answers."""
    return int(rows(query, *values)[0][0])


def asked(ledger: Ledger) -> set[str]:
    """Every key that was ever sent."""
    return {line["key"] for line in ledger.lines("asked")}


def answered(ledger: Ledger) -> list[Write]:
    """Every acknowledged write, and where the answer said that it is."""
    return [Write(line["key"], line["place"]) for line in ledger.lines("answered")]


def present() -> list[Write]:
    """Every write that is there."""
    return [Write(key, place) for query in (REQUESTS, MESSAGES, ATTACHMENTS) for key, place in rows(query)]


def closings(ledger: Ledger) -> list[Write]:
    """Every closing that is there, under the key that asked for it."""
    calls = [line for line in ledger.lines("asked") if line["path"].endswith("/close/")]
    keys = {line["path"].split("/")[-3]: line["key"] for line in calls}
    return [Write(keys.get(number, number), number) for (number,) in rows(CLOSINGS)]


def owed_webhooks() -> dict[str, list[str]]:
    """The id of every webhook, by request, in the order of its events."""
    owed: dict[str, list[str]] = {}
    for number, message_id in rows(WEBHOOKS):
        owed.setdefault(number, []).append(message_id)
    return owed


def targets(*, leeway: timedelta) -> Iterator[Target]:
    """Every instant at which a step of the ladder is owed, from the promises alone.

    An answer cancels the steps after it. One that was due less than `leeway` before the answer may have been cancelled
    as well, for the answer may have come before the sweep; the breach itself may not.
    """
    for commitment, received_at, due_at, ended_at in rows(COMMITMENTS):
        for step in STEPS:
            due = received_at - (-(due_at - received_at) * step // 100)
            if ended_at is None or due < ended_at:
                obliged = ended_at is None or step == 100 or ended_at - due > leeway
                yield Target(f"{commitment}:{step}", due, obligatory=obliged)


def firings() -> list[Firing]:
    """Every step of the ladder that fired, with the instant of its commit."""
    return [Firing(f"{commitment}:{step}", at, seen) for commitment, step, at, seen in rows(FIRINGS)]


def mails(state: str) -> set[str]:
    """The Message-ID of every mail of the outbox in this state."""
    return {message_id for (message_id,) in rows(MAILS, state)}


def judge_post(post: PostOffice, *, crashes: int) -> Verdict:
    """Every mail that is marked as sent has arrived (P-2). What arrived is read last: mail may still be going out."""
    sent = mails("sent")
    arrived = post.message_ids()
    return judge_mails(owed=sent, arrived=arrived, crashes=crashes, on_their_way=mails("pending") | mails("sent"))


def let_leases_lapse() -> None:
    """Have the minute pass for which killed processes still hold their mails; a living one has renewed its lease."""
    rows(LAPSE)
