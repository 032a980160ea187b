"""Incidents of services: what is known, what was said, and following it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import click
from rich.text import Text

from portal_cli.client import part
from portal_cli.commands.group import command, every, key, limit
from portal_cli.inert import inert, one_line
from portal_cli.shell import PortalGroup, Shell, pass_shell
from portal_cli.showing import Code, Columns, fact_lines, in_words, moment, when
from portal_cli.words import _

LIST: Columns = {
    _("Number"): lambda row: row["number"],
    _("State"): lambda row: Code(row["state"]),
    _("Impact"): lambda row: Code(row["impact"]),
    _("Services"): lambda row: ", ".join(row["services"]),
    _("Since"): lambda row: when(row["started_at"]),
    _("Title"): lambda row: row["title"],
}


class IncidentNumber(click.ParamType[str]):
    """The number of an incident as people write it; nothing else gets into an address."""

    name = "number"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """The number as the portal writes it."""
        found = re.fullmatch(r"(?:INC-)?([0-9]{4}-[0-9]{5})", str(value).strip().upper(), re.ASCII)
        if not found:
            self.fail(_("the number of an incident looks like INC-2026-00012."), parameter, context)
        return f"INC-{found[1]}"


incident_number = click.argument("number", metavar="NUMBER", type=IncidentNumber())


@click.group("incidents", cls=PortalGroup, help=_("Incidents of services: what goes on, what was said, following it."))
def incidents() -> None:
    """Hold the commands."""


@command("list", help=_("List the incidents that concern you, the newest first; without an option those that go on."))
@click.option("--resolved", is_flag=True, help=_("Those that are over."))
@click.option("--service", metavar="CODE", help=_("Of this service."))
@limit
@every
@pass_shell
def list_incidents(shell: Shell, resolved: bool, service: str | None, limit: int, every: bool) -> None:
    """List incidents."""
    wanted = {"open": str(not resolved).lower(), "service": service}
    rows = shell.api().pages("incidents/", limit=None if every else limit, **wanted)
    shell.screen.rows(rows, LIST, nothing=_("There are no such incidents."))


@command("show", help=_("Show an incident and what was said about it."))
@incident_number
@pass_shell
def show(shell: Shell, number: str) -> None:
    """Show one incident; in JSON its `updates` lie beside its own fields."""
    api, path = shell.api(), f"incidents/{part(number)}/"
    shown = api.get(path)
    shown["updates"] = list(api.pages(f"{path}updates/"))
    shell.screen.answer(shown, _lines(shown))


@command("follow", help=_("Be told of every update of an incident by mail; with --stop, no longer."))
@incident_number
@click.option("--stop", is_flag=True, help=_("Be told no longer."))
@key
@pass_shell
def follow(shell: Shell, number: str, stop: bool, key: str | None) -> None:
    """Follow an incident, or stop."""
    told = shell.api().post(f"incidents/{part(number)}/follow/", {"following": not stop}, key=key)
    words = _("You are told of no further update.") if stop else _("You are told of every update.")
    shell.screen.answer(told, [words])


def _lines(shown: dict[str, Any]) -> Iterable[str | Text]:
    yield Text(f"{one_line(shown['number'])}  {one_line(shown['title'])}", style="bold")
    yield from fact_lines(
        [
            (_("State"), in_words(shown["state"])),
            (_("Impact"), in_words(shown["impact"])),
            (_("Services"), ", ".join(shown["services"])),
            (_("Countries"), ", ".join(shown["countries"])),
            (_("Since"), moment(shown["started_at"])),
            (_("Resolved"), moment(shown["resolved_at"])),
        ]
    )
    for update in shown["updates"]:
        kind = in_words("internal") if update["internal"] else in_words(update["state"])
        author = one_line((update["author"] or {}).get("name", ""))
        yield ""
        yield Text(f"── {moment(update['at'])}  {kind}  {author}".rstrip(), style="dim")
        yield Text(inert(update["body"]))


for _each in (list_incidents, show, follow):
    incidents.add_command(_each)
COMMANDS = (incidents,)
