"""The rows of exports, in the words and field names of the API: as lines of NDJSON, and as cells of CSV (P-7).

Written out by hand, since serializers take several times as long; a test holds each field against the API's answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.csv_cells import BYTE_ORDER_MARK, csv_rows
from accounts.models import Event, Organisation, Person
from sla.commitments import CommitmentState
from tickets.events import facts_for
from tickets.models import Commitment, ExportKind, Incident, ServiceRequest
from tickets.selectors.lists import Listed
from tickets.selectors.tags import tags_on
from tickets.wording import EVENTS, words

Row = dict[str, Any]
IMPACT = ("service_state", "users_affected", "business_impact", "workaround", "deadline_at_risk")
# What some readers of lines take for the end of one.
ENDS_OF_LINES = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\u0085": "\\u0085"})


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the rows are: staff learn ids of people, `internal` also what is for the desk only."""

    is_staff: bool
    internal: bool


def request_row(listed: Listed, reader: Reader) -> Row:
    """One request: what lists say of it, and the rest of its plain particulars."""
    row = listed.row
    return {
        "number": row.number,
        "subject": row.subject,
        "state": listed.state.value,
        "severity": row.severity,
        "needs_confirmation": row.needs_confirmation,
        "kind": row.kind,
        "category": row.category,
        "service": row.service_code,
        "topic": row.topic.code if row.topic else None,
        "subscription": row.subscription.reference if row.subscription else None,
        "tier": row.tier,
        "language": row.language,
        "organisation": _organisation(row.organisation),
        "incident": _incident(row.incident),
        "opened_by": _person(row.opened_by, reader),
        "assignee": _person(row.assignee, reader),
        "impact": {name: getattr(row, name) or None for name in IMPACT},
        "problem_started_at": _instant(row.problem_started_at),
        "commitment": {
            "availability": listed.commitment.row.availability,
            "target": listed.commitment.row.target,
            "received_at": _instant(listed.commitment.row.received_at),
            "due_at": _instant(listed.commitment.row.due_at),
            "state": listed.commitment.state.value,
        },
        "due_at": _instant(row.due_at),
        "created_at": _instant(row.created_at),
        "changed_at": _instant(row.changed_at),
        "responded_at": _instant(row.responded_at),
        "escalated_at": _instant(row.escalated_at),
        "closed_at": _instant(row.closed_at),
        "reopen_until": _instant(listed.reopen_until),
        "content_removed_at": _instant(row.content_removed_at),
        "resolution": row.resolution or None,
        "referral": row.referral or None,
        "phone_missing": row.phone_missing,
        "is_test": row.is_test,
        "tags": [tag.name for tag in tags_on(row)] if reader.internal else None,
        "desk": _desk(row) if reader.internal else None,
    }


def _desk(row: ServiceRequest) -> Row:
    return {
        "team": row.team.code if row.team else None,
        "attention_at": _instant(row.queue_at),
        "senior_wanted_at": _instant(row.senior_wanted_at),
        "scope": row.scope,
        "corrected_at": _instant(row.corrected_at),
        "dispute_due_at": _instant(row.dispute_due_at),
    }


def commitment_row(number: str, row: Commitment, state: CommitmentState) -> Row:
    """One promise of a request, without its explanation."""
    return {
        "number": number,
        "cycle": row.cycle,
        "revision": row.revision,
        "reason": row.reason,
        "severity": row.severity,
        "tier": row.tier,
        "availability": row.availability,
        "target": row.target,
        "policy_version": row.policy_version_id,
        "received_at": _instant(row.received_at),
        "due_at": _instant(row.due_at),
        "responded_at": _instant(row.responded_at),
        "ended_at": _instant(row.ended_at),
        "end": row.end or None,
        "breached_at": _instant(row.due_at) if state is CommitmentState.BREACHED else None,
        "state": state.value,
    }


def event_row(event: Event, reader: Reader) -> Row:
    """One thing that happened to a request, in the active language."""
    return {
        "number": event.number,
        "id": event.pk,
        "kind": event.kind,
        "text": words(EVENTS, event.kind),
        "at": _instant(event.at),
        "actor": _person(event.actor, reader),
        "on_behalf_of": _organisation(event.on_behalf_of) if event.on_behalf_of else None,
        "internal": event.internal,
        "details": facts_for(event.data, is_staff=reader.is_staff),
    }


def _organisation(organisation: Organisation) -> Row:
    return {"slug": organisation.slug, "name": organisation.name}


def _incident(incident: Incident | None) -> Row | None:
    if incident is None:
        return None
    return {name: getattr(incident, name) for name in ("number", "title", "impact", "state")}


def _person(person: Person | None, reader: Reader) -> Row | None:
    if person is None:
        return None
    return {"id": person.pk, "name": person.name} if reader.is_staff else {"name": person.name}


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


# Columns of CSV by kind: the place in the row, and the heading. Those of the desk are for staff only.
_COMMITMENT: tuple[tuple[str, Promise], ...] = (
    ("availability", _("Availability")),
    ("target", _("Target")),
    ("received_at", _("Received (UTC)")),
    ("due_at", _("Response due (UTC)")),
)
COLUMNS: dict[str, tuple[tuple[str, Promise], ...]] = {
    ExportKind.REQUESTS.value: (
        ("number", _("Number")),
        ("subject", _("Subject")),
        ("state", _("State")),
        ("severity", _("Severity")),
        ("needs_confirmation", _("Severity to be confirmed")),
        ("kind", _("Kind of support")),
        ("category", _("Category")),
        ("service", _("Service")),
        ("topic", _("Topic")),
        ("subscription", _("Subscription")),
        ("tier", _("Tier")),
        ("language", _("Language")),
        ("organisation.slug", _("Short name of the organisation")),
        ("organisation.name", _("Organisation")),
        ("opened_by.name", _("Filed by")),
        ("assignee.name", _("Assignee")),
        ("impact.service_state", _("Service state")),
        ("impact.users_affected", _("Users affected")),
        ("impact.business_impact", _("Business impact")),
        ("impact.workaround", _("Workaround")),
        ("impact.deadline_at_risk", _("Deadline at risk")),
        ("problem_started_at", _("Problem began (UTC)")),
        *((f"commitment.{place}", heading) for place, heading in _COMMITMENT),
        ("commitment.state", _("State of the commitment")),
        ("created_at", _("Filed (UTC)")),
        ("changed_at", _("Changed (UTC)")),
        ("responded_at", _("First response (UTC)")),
        ("escalated_at", _("Escalated (UTC)")),
        ("closed_at", _("Closed (UTC)")),
        ("reopen_until", _("Can be reopened until (UTC)")),
        ("content_removed_at", _("Content removed (UTC)")),
        ("resolution", _("Resolution")),
        ("referral", _("Referral")),
        ("incident.number", _("Incident")),
        ("phone_missing", _("Phone number missing")),
        ("is_test", _("Test")),
    ),
    ExportKind.COMMITMENTS.value: (
        ("number", _("Number")),
        ("cycle", _("Cycle")),
        ("revision", _("Revision")),
        ("reason", _("Reason")),
        ("severity", _("Severity")),
        ("tier", _("Tier")),
        *_COMMITMENT[:2],
        ("policy_version", _("Policy version")),
        *_COMMITMENT[2:],
        ("responded_at", _("First response (UTC)")),
        ("ended_at", _("Ended (UTC)")),
        ("end", _("Ended by")),
        ("breached_at", _("Missed (UTC)")),
        ("state", _("State")),
    ),
    ExportKind.EVENTS.value: (
        ("number", _("Number")),
        ("id", _("Event")),
        ("kind", _("Kind")),
        ("text", _("What happened")),
        ("at", _("When (UTC)")),
        ("actor.name", _("Who")),
        ("on_behalf_of.name", _("On behalf of")),
        ("internal", _("Internal")),
        ("details", _("Particulars")),
    ),
}
DESK_COLUMNS: tuple[tuple[str, Promise], ...] = (
    ("desk.team", _("Team")),
    ("desk.attention_at", _("Attention (UTC)")),
    ("desk.senior_wanted_at", _("Senior engineer wanted (UTC)")),
    ("desk.scope", _("Scope")),
    ("desk.corrected_at", _("Corrected (UTC)")),
    ("desk.dispute_due_at", _("Dispute due (UTC)")),
    ("tags", _("Tags")),
)


def ndjson(rows: Iterable[Row]) -> Iterator[bytes]:
    """A line of JSON for each row."""
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).translate(ENDS_OF_LINES)
        yield f"{line}\n".encode()


def csv_head(kind: str, *, internal: bool, byte_order_mark: bool) -> bytes:
    """The line of headings, in the active language."""
    [line] = csv_rows([[str(heading) for _place, heading in columns_of(kind, internal=internal)]])
    return ((BYTE_ORDER_MARK if byte_order_mark else "") + line).encode()


def csv_body(rows: Iterable[Row], kind: str, *, internal: bool) -> Iterator[bytes]:
    """A line of cells for each row, none of which a spreadsheet calculates."""
    places = [place.split(".") for place, _heading in columns_of(kind, internal=internal)]
    for line in csv_rows([_cell(row, place) for place in places] for row in rows):
        yield line.encode()


def columns_of(kind: str, *, internal: bool) -> Sequence[tuple[str, Promise]]:
    """The columns of a file."""
    return COLUMNS[kind] + (DESK_COLUMNS if internal and kind == ExportKind.REQUESTS else ())


def _cell(row: Row, place: Sequence[str]) -> Any:
    value: Any = row
    for name in place:
        value = value[name] if value is not None else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
    return value
