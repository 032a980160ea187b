"""Lists, one request, the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from portal_cli.client import part, query_of
from portal_cli.commands.group import command, every, limit, number, places
from portal_cli.inert import one_line
from portal_cli.problems import WrongUsage
from portal_cli.shell import Shell, pass_shell
from portal_cli.showing import (
    Code,
    Columns,
    due_words,
    message_lines,
    request_lines,
    when,
)
from portal_cli.words import _

STATES = ("awaiting_response", "in_progress", "awaiting_customer", "closed", "archived")
SUMMARY: Columns = {
    _("Number"): lambda row: row["number"],
    _("Severity"): lambda row: Code(row["severity"]),
    _("State"): lambda row: Code(row["state"]),
    _("Promise"): due_words,
    _("Opened"): lambda row: when(row["created_at"]),
    _("Subject"): lambda row: row["subject"],
}


@command("list", help=_("List requests, the newest first. Without a filter: what is open or can be reopened."))
@click.argument("words", nargs=-1, metavar=_("[WORDS]"))
@click.option("--state", type=click.Choice(STATES), multiple=True, help=_("May be given more than once."))
@click.option("--open/--not-open", "is_open", default=None, help=_("Not closed; or closed or archived."))
@click.option("--recently-closed", is_flag=True, default=None, help=_("Closed, and can still be reopened."))
@click.option("--severity", type=click.Choice(["A", "B", "C"]), multiple=True, help=_("May be given more than once."))
@click.option("--category", metavar="CODE", multiple=True, help=_("Of this category. May be given more than once."))
@click.option("--service", metavar="CODE", multiple=True, help=_("Of this service. May be given more than once."))
@click.option("--assignee", metavar="WHO", help=_("nobody; for support staff also me, or an id."))
@click.option("--breached/--not-breached", default=None, help=_("Whether the promised response is or was overdue."))
@click.option("--due-before", metavar=_("INSTANT"), help=_("A response is due before that."))
@click.option("--created-after", metavar=_("INSTANT"), help=_("Opened after that."))
@click.option("--created-before", metavar=_("INSTANT"), help=_("Opened before that."))
@click.option("--changed-after", metavar=_("INSTANT"), help=_("Changed then or later; the earliest change first."))
@places
@click.option("--ordering", metavar=_("FIELD"), help="created_at, changed_at, due_at, severity, -created_at …")
@limit
@every
@click.option("--cursor", metavar="CURSOR", help=_("Go on where an earlier list ended (it says so)."))
@pass_shell
def list_requests(
    shell: Shell, /, words: tuple[str, ...], is_open: bool | None, limit: int, every: bool, **filters: Any
) -> None:
    """List requests."""
    filters |= {"q": " ".join(words), "open": is_open}
    if not any(value for name, value in filters.items() if name not in ("ordering", "cursor")) and is_open is None:
        filters |= {"open": True, "recently_closed": True}
    given: dict[str, Any] = {
        name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()
    }
    nothing = _("There are no such requests.")
    if every:
        shell.screen.rows(shell.api().pages("service-requests/", limit=None, **given), SUMMARY, nothing=nothing)
        return
    rows, cursor = _page(shell, given, limit)
    shell.screen.rows(rows, SUMMARY, nothing=nothing)
    if cursor:
        shell.screen.note(_("There are more: --cursor {cursor}").format(cursor=cursor))


def _page(shell: Shell, filters: dict[str, Any], limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """At most `limit` rows, and where they go on."""
    api = shell.api()
    rows: list[dict[str, Any]] = []
    cursor = filters.pop("cursor", None)
    while len(rows) < limit:
        size = str(min(limit - len(rows), 100))
        page = api.get("service-requests/", **filters, cursor=cursor, page_size=size)
        rows += page["results"]
        cursor = cursor_of(page["next"])
        if cursor is None:
            break
    return rows, cursor


def cursor_of(address: str | None) -> str | None:
    """The cursor in the address of the next page."""
    return "".join(query_of(address).get("cursor", [])) or None if address else None


@command("show", help=_("Show a request with its conversation."))
@number
@click.option("--events", is_flag=True, help=_("With everything that happened to it."))
@click.option("--why", is_flag=True, help=_("With what counted for the severity and the promise."))
@pass_shell
def show(shell: Shell, number: str, events: bool, why: bool) -> None:
    """Show one request; in JSON its `messages`, `attachments` and, if asked for, `events` lie beside its own fields."""
    api, path = shell.api(), f"service-requests/{part(number)}/"
    shown = api.get(path)
    shown["messages"] = list(api.pages(f"{path}messages/"))
    shown["attachments"] = list(api.pages(f"{path}attachments/"))
    if events:
        shown["events"] = list(api.pages(f"{path}events/"))
    shell.screen.answer(shown, _lines(shown, why=why))


def _lines(shown: dict[str, Any], *, why: bool) -> Any:
    yield from request_lines(shown)
    if why:
        yield from (f"  · {sentence}" for sentence in _reasons(shown))
    for message in shown["messages"]:
        yield ""
        yield from message_lines(message)
    for event in shown.get("events", ()):
        actor = one_line((event["actor"] or {}).get("name", ""))
        yield f"  {when(event['at'])}  {one_line(event['text'])}  {actor}".rstrip()


def _reasons(shown: dict[str, Any]) -> Iterable[str]:
    """What counted, each once."""
    assessed = shown["assessment"]
    told = [each["sentence"] for each in (*assessed["evidence"], *assessed["counterfactual"])]
    return dict.fromkeys(one_line(each) for each in (*told, *(shown["commitment"] or {}).get("explanation", ())))


@command("catalogue", help=_("List the codes that other commands take, in words."))
@click.argument("part", metavar=_("[PART]"), default="")
@pass_shell
def catalogue(shell: Shell, part: str) -> None:
    """List codes."""
    whole = shell.api().get("catalogue/")
    if part and part not in whole:
        raise WrongUsage(_("{name} is one of: {choices}").format(name="PART", choices=", ".join(whole)))
    chosen = {part: whole[part]} if part else whole
    rows = [{"part": name, **row} for name, codes in chosen.items() for row in codes]
    columns: Columns = {
        _("Part"): lambda row: row["part"],
        _("Code"): lambda row: row["code"],
        _("Name"): lambda row: row["name"],
    }
    shell.screen.rows(rows, columns, nothing="")


COMMANDS = (list_requests, show, catalogue)
