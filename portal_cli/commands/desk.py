"""For engineers: the queue, the next one, taking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from rich.text import Text

from portal_cli.client import Api, part
from portal_cli.commands.group import command, every, key, limit, number, places
from portal_cli.commands.reading import SUMMARY
from portal_cli.exits import NOT_FOUND
from portal_cli.inert import one_line
from portal_cli.problems import Failure, Refused
from portal_cli.shell import Shell, pass_shell
from portal_cli.showing import Columns, due_words, fact_lines, in_words, request_lines, when
from portal_cli.words import _

NOTHING = 204
TRIES = 20  # that often somebody may be faster
FASTER = ("already-taken", "version-mismatch", "request-not-found", "illegal-transition")
QUEUE: Columns = {
    **{name: cell for name, cell in SUMMARY.items() if name not in (_("Opened"), _("Subject"))},
    _("Attention"): lambda row: when(row["attention_at"]),
    _("Language"): lambda row: row["language"],
    _("Assignee"): lambda row: (row["assignee"] or {}).get("name", ""),
    _("Subject"): lambda row: row["subject"],
}


@command("queue", help=_("List what is owed next, in its order (engineers)."))
@click.option("--view", metavar="CODE", help=_("Another part of the queue, such as senior."))
@places
@limit
@every
@pass_shell
def queue(shell: Shell, /, view: str | None, limit: int, every: bool, **filters: Any) -> None:
    """List the queue."""
    rows = shell.api().pages("queue/", limit=None if every else limit, view=view, **filters)
    shell.screen.rows(rows, QUEUE, nothing=_("Nothing is owed. Well done."))


@command("take", help=_("Take a request (engineers)."))
@number
@key
@pass_shell
def take(shell: Shell, number: str, key: str | None) -> None:
    """Take a request."""
    taken = _take(shell.api(), number, key)
    shell.screen.answer(taken, request_lines(taken))


@command("tag", help=_("Put tags on a request, or take them off (support staff); without an option, show them."))
@number
@click.option("--add", "-a", metavar="NAME", multiple=True, help=_("Put this one on; may be given more than once."))
@click.option(
    "--remove", "-r", metavar="NAME", multiple=True, help=_("Take this one off; may be given more than once.")
)
@key
@pass_shell
def tag(shell: Shell, number: str, add: tuple[str, ...], remove: tuple[str, ...], key: str | None) -> None:
    """Tag a request, or tell what it carries."""
    api, path = shell.api(), f"service-requests/{part(number)}/"
    given = {name: list(names) for name, names in (("add", add), ("remove", remove)) if names}
    shown = api.post(f"{path}tags/", given, key=key) if given else api.get(path)
    shell.screen.answer(shown, [one_line(name) for name in shown["tags"] or ()])


@command("tags", help=_("List the tags that there are (support staff)."))
@pass_shell
def tags(shell: Shell) -> None:
    """List the desk's tags on offer."""
    columns: Columns = {_("Name"): lambda row: row["name"]}
    rows = shell.api().pages("tags/", archived="false")
    shell.screen.rows(rows, columns, nothing=_("There are no tags."))


@command("next", help=_("Show the request to take next, and why (engineers); with --take, take it."))
@click.option("--take", "taking", is_flag=True, help=_("Take it; where somebody is faster, the one after it."))
@pass_shell
def next_one(shell: Shell, taking: bool) -> None:
    """Show or take what the portal thinks best to take."""
    api = shell.api()
    for _try in range(TRIES):
        answer = api.call("GET", "queue/next/")
        if answer.status_code == NOTHING:
            break
        found = answer.json()
        if not taking:
            shell.screen.answer(found, _next_lines(found))
            return
        try:
            taken = _take(api, found["request"]["number"], None, etag=answer.headers["ETag"])
        except Refused as refusal:
            if refusal.code not in FASTER:
                raise
            continue
        shell.screen.answer(taken, [*_reason_lines(found), *request_lines(taken)])
        return
    raise Failure(_("There is nothing to take."), exit_status=NOT_FOUND, code="nothing-to-take")


def _next_lines(found: dict[str, Any]) -> Iterable[Text]:
    row = found["request"]
    yield Text(f"{one_line(row['number'])}  {one_line(row['subject'])}", style="bold")
    yield from fact_lines(
        [
            (_("Severity"), row["severity"]),
            (_("State"), in_words(row["state"])),
            (_("Promise"), in_words(due_words(row))),
        ]
    )
    yield from _reason_lines(found)


def _reason_lines(found: dict[str, Any]) -> Iterable[Text]:
    return (Text(f"  · {one_line(reason['sentence'])}") for reason in found["reasons"])


def _take(api: Api, number: str, key: str | None, etag: str | None = None) -> dict[str, Any]:
    path = f"service-requests/{part(number)}/assign/"
    taken: dict[str, Any] = api.post(path, {"assignee": "me"}, key=key, etag=etag)
    return taken


COMMANDS = (queue, next_one, take, tag, tags)
