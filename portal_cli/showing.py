"""How answers look: for people on a terminal, tab-separated in a pipe, or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from portal_cli.inert import as_json, inert, one_line
from portal_cli.words import _

SEVERITY_STYLES = {"A": "bold red", "B": "yellow", "C": "cyan"}
STATE_STYLES = {"awaiting_response": "yellow", "in_progress": "green", "awaiting_customer": "magenta"}
NAMES = {
    "awaiting_response": _("awaiting response"),
    "in_progress": _("in progress"),
    "awaiting_customer": _("awaiting customer"),
    "closed": _("closed"),
    "archived": _("archived"),
    "kept": _("kept"),
    "breached": _("missed"),
    "ended": _("ended"),
    "running": _("running"),
    "none": _("none"),
    "superseded": _("superseded"),
    "customer": _("from the customer"),
    "reply": _("reply"),
    "call": _("call"),
    "internal": _("internal note"),
    "system": _("from the portal"),
    "solved": _("solved"),
    "workaround": _("helped by a workaround"),
    "out_of_scope": _("out of scope"),
    "duplicate": _("duplicate"),
    "withdrawn": _("withdrawn"),
    "no_reply": _("no reply came"),
    "new": _("new"),
    "investigating": _("investigating"),
    "identified": _("cause identified"),
    "monitoring": _("monitoring"),
    "resolved": _("resolved"),
    "outage": _("outage"),
    "degradation": _("degradation"),
    "advisory": _("advisory"),
}
Columns = Mapping[str, Callable[[Mapping[str, Any]], object]]


class Screen:
    """Where everything is written; colours appear on terminals only, and not with NO_COLOR (rich sees to it)."""

    def __init__(self, *, as_json: bool) -> None:
        self.is_json = as_json
        self.out = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
        self.err = Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def answer(self, value: Any, lines: Iterable[str | Text] = ()) -> None:
        """The result of a command: JSON for programs, lines for people."""
        if self.is_json:
            self.raw(as_json(value, indent=2))
        else:
            for line in lines:
                self.out.print(line)

    def raw(self, text: str) -> None:
        """The text as it is, past everything that would colour or wrap it."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def note(self, words: str) -> None:
        """Something beside the result: on standard error, and silent with --json."""
        if not self.is_json:
            self.err.print(Text(inert(words), style="dim"))

    def rows(self, rows: Iterable[Mapping[str, Any]], columns: Columns, *, nothing: str) -> None:
        """A list: a table on a terminal, tab-separated lines in a pipe, one JSON document a line with --json."""
        if self.is_json:
            for row in rows:
                self.raw(as_json(row))
        elif self.out.is_terminal:
            self._table(list(rows), columns, nothing)
        else:
            for row in rows:
                self.raw("\t".join(one_line(cell(row)) for cell in columns.values()))

    def _table(self, rows: Sequence[Mapping[str, Any]], columns: Columns, nothing: str) -> None:
        if not rows:
            self.out.print(nothing)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in columns:
            table.add_column(title, overflow="fold")
        for row in rows:
            table.add_row(*(_styled(cell(row)) for cell in columns.values()))
        self.out.print(table, soft_wrap=False)


class Code(str):
    """A code of the API: itself in pipes, and on terminals in words and in its colour, which never says it alone."""

    __slots__ = ()

    def in_words(self) -> Text:
        """What people read."""
        return Text(in_words(self), style=SEVERITY_STYLES.get(self, STATE_STYLES.get(self, "")))


def in_words(code: object) -> str:
    """A code in words, or as it is where there are none for it."""
    return NAMES.get(str(code), one_line(code))


def _styled(cell: object) -> Text:
    return cell.in_words() if isinstance(cell, Code) else Text(one_line(cell))


def instant(value: str | None) -> datetime | None:
    """An instant of the API."""
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if value else None


def when(value: str | None) -> str:
    """An instant on the clock of this machine."""
    at = instant(value)
    return at.astimezone().strftime("%Y-%m-%d %H:%M") if at else ""


def moment(value: str | None) -> str:
    """The same with the zone of that clock, where the portal's own words beside it name another."""
    at = instant(value)
    return at.astimezone().strftime("%Y-%m-%d %H:%M (%Z)") if at else ""


def left_until(due: datetime, now: datetime) -> str:
    """How long it still is, or for how long it has been over."""
    seconds = int((due - now).total_seconds())
    clock = str(timedelta(seconds=abs(seconds)))
    return _("{time} left").format(time=clock) if seconds >= 0 else _("overdue by {time}").format(time=clock)


def due_words(row: Mapping[str, Any], now: datetime | None = None) -> str:
    """How long it still is until the promised response, or what became of the promise."""
    promise = row.get("commitment") or {}
    due = instant(promise.get("due_at"))
    if due is None:
        return ""
    if promise.get("state") not in ("running", "breached") or row.get("responded_at"):
        return Code(promise.get("state", ""))
    return left_until(due, now or datetime.now(UTC))


def severity_words(shown: Mapping[str, Any]) -> str:
    """The severity, and whether a person is yet to look at it."""
    severity = one_line(shown["severity"])
    if not shown["assessment"]["needs_confirmation"]:
        return severity
    return _("{severity}, an engineer has yet to confirm it").format(severity=severity)


def request_lines(shown: Mapping[str, Any]) -> Iterable[str | Text]:
    """A whole request."""
    yield Text(f"{one_line(shown['number'])}  {one_line(shown['subject'])}", style="bold")
    promise = shown["commitment"] or {}
    facts: list[tuple[str, object]] = [
        (_("State"), in_words(shown["state"])),
        (_("Severity"), severity_words(shown)),
        (_("Why"), shown["assessment"]["reason"]),
        (_("Response"), promise.get("due_text", "")),
        (_("Promise"), in_words(due_words(shown))),
        (_("Category"), shown["category"]),
        (_("Service"), shown["service"]),
        (_("Subscription"), shown["subscription"]),
        (_("Incident"), (shown.get("incident") or {}).get("number")),
        (_("Tags"), ", ".join(shown.get("tags") or ())),
        (_("Assignee"), (shown["assignee"] or {}).get("name")),
        (_("Opened"), moment(shown["created_at"])),
        (_("Closed"), moment(shown["closed_at"])),
        (_("Can be reopened until"), moment(shown["reopen_until"])),
        (_("Will be closed without an answer"), moment(shown["closes_at"])),
        (_("Resolution"), in_words(shown["resolution"] or "")),
        (_("Follows up"), shown["follow_up_of"]),
    ]
    yield from fact_lines(facts)
    if shown["phone_missing"]:
        yield Text(_("It is critical and has no phone number. Add one in the portal."), style="bold red")


def fact_lines(facts: Iterable[tuple[str, object]]) -> Iterable[Text]:
    """Names and values, without those that are empty."""
    for name, value in facts:
        if value not in (None, ""):
            yield Text.assemble((_("  {name}: ").format(name=name), "dim"), one_line(value))


def message_lines(message: Mapping[str, Any]) -> Iterable[Text]:
    """A message of the conversation with its files."""
    author = one_line((message["author"] or {}).get("name", _("The portal")))
    yield Text.assemble(
        ("── ", "dim"), (author, "bold"), (f"  {moment(message['at'])}  {in_words(message['kind'])}", "dim")
    )
    yield Text(inert(message["body"]))
    for file in message["attachments"]:
        yield file_line(file)


def file_line(file: Mapping[str, Any]) -> Text:
    """A file with its id, by which it is downloaded."""
    return Text(f"  [{file['id']}] {one_line(file['name'])}  {file['size']:,} B", style="dim")
