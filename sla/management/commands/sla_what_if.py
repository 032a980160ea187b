"""`manage.py sla_what_if`: what would be promised for each line of standard input."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from sla.business_time import BusinessCalendar
from sla.commitments import Cell, promise
from sla.errors import SlaError
from sla.local_time import to_utc
from sla.policy import DEFAULT_POLICY, Policy


class LineInvalid(Exception):
    """A line of input that says nothing a promise could be computed from."""


class Command(BaseCommand):
    """Read one JSON object per line and print, for each, the due instant and the hours at receipt (SLA-1)."""

    help = (
        "Reads lines of JSON with id, calendar, received_at and either policy {availability, target} or tier and "
        "severity (and kind, technical if absent) of the default policy; prints id, due_at, open_at_receipt and "
        "next_open_at for each. A line that cannot be read is named on standard error and does not stop the others."
    )
    requires_system_checks = ()
    stealth_options = ("stdin",)

    def handle(self, *args: Any, stdin: IO[bytes] | None = None, **options: Any) -> None:
        """Answer every line that can be read; fail at the end if one could not."""
        unreadable = 0
        for number, line in enumerate(stdin or sys.stdin.buffer, start=1):
            if not line.strip():
                continue
            try:
                self.stdout.write(json.dumps(answer(line), ensure_ascii=False))
            except (LineInvalid, SlaError) as refusal:
                unreadable += 1
                self.stderr.write(f"line {number}: {str(refusal) or type(refusal).__name__}")
        if unreadable:
            raise CommandError(f"{unreadable} of the lines could not be read")


def answer(line: bytes) -> dict[str, object]:
    """Return what a line asks for; raises LineInvalid, SlaError."""
    case = _object(_parsed(line), "the line")
    if "id" not in case:
        raise LineInvalid("id is missing")
    try:
        return {"id": case["id"], **_what_if(case)}
    except (LineInvalid, SlaError) as refusal:
        raise LineInvalid(f"{case['id']}: {type(refusal).__name__}: {refusal}") from refusal


def _what_if(case: Mapping[str, object]) -> dict[str, object]:
    calendar = BusinessCalendar.from_document(case.get("calendar"))
    named = {
        name: BusinessCalendar.from_document(document)
        for name, document in _object(case.get("calendars", {}), "calendars").items()
    }
    cell, received_at = _cell(case), _instant(case.get("received_at"))
    promised = promise(cell=cell, received_at=received_at, calendar=calendar, named_calendars=named)
    counted = cell.availability.pick(calendar=calendar, named_calendars=named)
    always = cell.availability.is_always
    return {
        "due_at": promised.due_at and _text(promised.due_at),
        "open_at_receipt": always or counted.is_open(received_at),
        "next_open_at": _text(received_at if always else counted.next_open_at(received_at)),
    }


def _cell(case: Mapping[str, object]) -> Cell:
    if "policy" in case:
        policy = _object(case["policy"], "policy")
        return Cell.parse(availability=policy.get("availability"), target=policy.get("target"))
    if "tier" not in case or "severity" not in case:
        raise LineInvalid("policy is missing, and so is tier or severity")
    kind, tier, severity = str(case.get("kind", "technical")), str(case["tier"]), str(case["severity"])
    return Policy.from_document(DEFAULT_POLICY).cell(kind=kind, tier=tier, severity=severity)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise LineInvalid(f"no JSON: {fault}") from None


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise LineInvalid(f"{name} must be an object")
    return value


def _instant(value: object) -> datetime:
    try:
        return to_utc(datetime.fromisoformat(str(value)))
    except ValueError:
        raise LineInvalid(f"received_at must be an instant with its offset, not {value!r}") from None


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
