"""The invariants of P-2, P-3, P-4 and P-10 over the whole database, each as a search for what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import connection

from accounts.services.sealing import chain_faults
from sla import selectors as sla
from sla.policy import Policy
from tickets.invariants import RECORDS, REMINDERS
from tickets.models import Commitment
from tickets.replay import counts_anew, recomputed


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be."""

    promise: str
    subject: str
    problem: str

    def __str__(self) -> str:
        return f"{self.promise} {self.subject}: {self.problem}"


# Each query finds rows that must not exist: (subject, problem).
QUERIES: tuple[tuple[str, str], ...] = (
    (
        "P-10",
        """SELECT r.number, 'has no event of its filing' FROM tickets_servicerequest r
           WHERE NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.number = r.number AND e.kind = 'request_filed' AND e.at = r.created_at)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'has no event of its closing' FROM tickets_servicerequest r
           WHERE r.closed_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.number = r.number AND e.kind = 'request_closed' AND e.at = r.closed_at)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'was received in cycle ' || c.cycle || ' at an instant no event tells'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE NOT EXISTS (
               SELECT FROM accounts_event e WHERE e.number = r.number AND e.at = c.received_at
               AND e.kind = CASE WHEN c.cycle = 1 THEN 'request_filed' ELSE 'request_reopened' END)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'timer ' || t.id || ' fired before it was due'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.state = 'fired' AND t.settled_at < t.due_at""",
    ),
    (
        "P-2",
        """SELECT r.number, 'timer ' || t.id || ' fired without its event'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.state = 'fired' AND t.kind NOT IN ('breach_watch', 'survey') AND NOT EXISTS (
               SELECT FROM accounts_event e WHERE e.ref = 'timer:' || t.id)""",
    ),
    (
        "P-2",
        """SELECT e.number, e.ref || ' is settled by an event but did not fire' FROM accounts_event e
           JOIN tickets_timer t ON e.ref = 'timer:' || t.id WHERE t.state <> 'fired'""",
    ),
    (
        "P-2",
        """SELECT r.number, 'timer ' || t.id || ' fired without its survey'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.state = 'fired' AND t.kind = 'survey' AND NOT EXISTS (
               SELECT FROM tickets_survey s JOIN accounts_event e ON e.ref = 'survey:' || s.id
               WHERE s.request_id = r.id AND s.asked_at = t.due_at
               AND e.kind = 'survey_asked' AND e.number = r.number AND e.at = t.due_at)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'survey ' || s.id || ' was answered without an event'
           FROM tickets_survey s JOIN tickets_servicerequest r ON r.id = s.request_id
           WHERE s.answered_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM accounts_event e WHERE e.ref = 'survey:' || s.id
               AND e.kind = 'survey_answered' AND e.number = r.number AND e.at = s.answered_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'is closed but nothing will archive it' FROM tickets_servicerequest r
           WHERE r.state = 'closed' AND NOT EXISTS (
               SELECT FROM tickets_timer t WHERE t.request_id = r.id AND t.kind = 'archive'
               AND t.state IN ('waiting', 'held', 'failed'))""",
    ),
    (
        "P-3",
        """SELECT r.number, 'awaits a promised response but no ladder watches it' FROM tickets_servicerequest r
           WHERE r.due_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM tickets_timer t JOIN tickets_commitment c ON c.id = t.commitment_id
               WHERE t.request_id = r.id AND t.kind = 'response' AND c.due_at = r.due_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'has a ladder without a due instant' FROM tickets_timer t
           JOIN tickets_servicerequest r ON r.id = t.request_id JOIN tickets_commitment c ON c.id = t.commitment_id
           WHERE c.due_at IS NULL""",
    ),
    (
        "P-4",
        """SELECT r.number, 'mirrors a due instant that its running commitment does not have'
           FROM tickets_servicerequest r LEFT JOIN tickets_commitment c ON c.request_id = r.id AND c.ended_at IS NULL
           WHERE r.state = 'awaiting_response' AND r.due_at IS DISTINCT FROM c.due_at""",
    ),
    (
        "P-4",
        """SELECT r.number, 'was answered late but no breach is on record'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c.responded_at > c.due_at AND c.breached_at IS NULL""",
    ),
    (
        "P-4",
        """SELECT r.number, 'has a breach on record although it was answered in time'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c.responded_at <= c.due_at AND c.breached_at IS NOT NULL""",
    ),
    (
        "P-10",
        """SELECT r.number, 'has a breach without its event'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c.breached_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM accounts_event e WHERE e.ref = 'commitment:' || c.id AND e.kind = 'commitment_breached'
               AND e.at = c.due_at)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'changed its severity to ' || d.severity || ' without an event'
           FROM tickets_severitydecision d JOIN tickets_servicerequest r ON r.id = d.request_id
           WHERE d.source = 'engineer' AND NOT EXISTS (
               SELECT FROM accounts_event e WHERE e.number = r.number AND e.at = d.at
               AND e.kind IN ('severity_changed', 'severity_confirmed') AND e.data ->> 'to' = d.severity)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'was archived without the event of that instant' FROM tickets_servicerequest r
           WHERE r.state = 'archived' AND NOT EXISTS (
               SELECT FROM accounts_event e WHERE e.number = r.number AND e.kind = 'request_archived'
               AND e.at = r.closed_at + interval '336 hours' + interval '1 microsecond')""",
    ),
    (
        "P-10",
        """SELECT r.number, 'was answered without an event' FROM tickets_servicerequest r
           WHERE r.responded_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.number = r.number AND e.kind = 'first_response' AND e.at = r.responded_at)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'has a message, ' || m.id || ', of an instant that no event tells'
           FROM tickets_message m JOIN tickets_servicerequest r ON r.id = m.request_id
           WHERE NOT EXISTS (SELECT FROM accounts_event e WHERE e.number = r.number AND e.at = m.at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'timer ' || t.id || ' goes on although its promise has ended'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           JOIN tickets_commitment c ON c.id = t.commitment_id
           WHERE t.kind = 'response' AND t.state IN ('waiting', 'held') AND c.ended_at IS NOT NULL
           AND NOT (t.step = '100' AND t.due_at < c.ended_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'timer ' || t.id || ' watches for an untaken A that it is not'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.kind = 'untaken' AND t.state IN ('waiting', 'held')
           AND (r.severity <> 'A' OR r.assignee_id IS NOT NULL
                OR r.state NOT IN ('awaiting_response', 'in_progress'))""",
    ),
    (
        "P-4",
        """SELECT r.number, 'awaits a response without a running commitment' FROM tickets_servicerequest r
           WHERE r.state = 'awaiting_response' AND NOT EXISTS (
               SELECT FROM tickets_commitment c
               WHERE c.request_id = r.id AND c.cycle = r.cycle AND c.ended_at IS NULL)""",
    ),
    (
        "P-4",
        """SELECT r.number, 'came due unanswered, and nothing will record the breach'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c.ended_at IS NULL AND c.due_at < now() AND c.breached_at IS NULL AND NOT EXISTS (
               SELECT FROM tickets_timer t WHERE t.commitment_id = c.id AND t.kind = 'response'
               AND t.state IN ('waiting', 'held', 'failed'))""",
    ),
    (
        "P-4",
        """SELECT r.number, 'was closed late and unanswered but no breach is on record'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c."end" = 'closed' AND c.ended_at > c.due_at AND c.breached_at IS NULL""",
    ),
)


INVARIANTS = (*QUERIES, *REMINDERS, *RECORDS)


def faults() -> Iterator[Fault]:
    """Everything that breaks an invariant, the cheap searches first."""
    return chain(*(_found(promise, query) for promise, query in INVARIANTS), *(check() for check in CHECKS))


def _found(promise: str, query: str) -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        for subject, problem in cursor.fetchall():
            yield Fault(promise, subject, problem)


def _promises_that_differ() -> Iterator[Fault]:
    """Promises that do not follow from policy version, calendar version and recorded facts: due instant and terms.

    Rows come in portions, so that memory does not grow with the history.
    """
    related = ("request", "calendar_version", "policy_version")
    rows = Commitment.objects.select_related(*related).defer("policy_version__document").order_by("id")
    for row in rows.iterator(chunk_size=500):
        policy = sla.policy_of(row.policy_version).policy
        due_at = recomputed(row, policy)
        if due_at != row.due_at:
            yield Fault("P-4", row.request.number, f"commitment {row.pk} is due {row.due_at}, recomputed {due_at}")
        elif not counts_anew(row):
            yield from _terms_that_differ(row, policy)


def _terms_that_differ(row: Commitment, policy: Policy) -> Iterator[Fault]:
    """The words of a promise that was made from one cell of the table."""
    severity = policy.counted_severity(kind=row.kind, severity=row.severity)
    cell = policy.cell(kind=row.kind, tier=row.tier, severity=severity, country=row.country)
    told, meant = f"{row.availability}, {row.target}", f"{cell.availability}, {cell.target}"
    if told != meant:
        yield Fault("P-4", row.request.number, f"commitment {row.pk} promises {told}, its policy {meant}")


def _chains_that_broke() -> Iterator[Fault]:
    """Events that are not what they were when they were sealed, and events that no chain holds."""
    return (Fault("P-10", subject, problem) for subject, problem in chain_faults())


CHECKS: tuple[Callable[[], Iterator[Fault]], ...] = (_promises_that_differ, _chains_that_broke)
