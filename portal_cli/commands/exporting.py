"""Exports: asked for, waited for, and downloaded, going on where a download broke off."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from portal_cli import sending
from portal_cli.client import Api
from portal_cli.commands.group import command, key
from portal_cli.inert import inert
from portal_cli.problems import Failure
from portal_cli.shell import Shell, pass_shell
from portal_cli.words import _

KINDS = ("requests", "commitments", "events")
FORMATS = ("ndjson", "csv")
UNDER_WAY = ("queued", "running")
LOOK_EVERY = 2.0


@command("export", help=_("Export requests, commitments or events to a file, and wait for it."))
@click.argument("kind", type=click.Choice(KINDS), default="requests")
@click.option("--format", "file_format", type=click.Choice(FORMATS), default="ndjson", help=_("Else ndjson."))
@click.option("--output", "-o", metavar="FILE", help=_("Where to; else named for what it holds."))
@click.option("--state", multiple=True, metavar="CODE", help=_("May be given more than once."))
@click.option("--severity", type=click.Choice(["A", "B", "C"]), multiple=True, help=_("May be given more than once."))
@click.option("--created-after", metavar=_("INSTANT"), help=_("Opened after that."))
@click.option("--created-before", metavar=_("INSTANT"), help=_("Opened before that."))
@click.option("--no-wait", is_flag=True, help=_("Only ask for it; fetch it later with --id."))
@click.option("--id", "export_id", type=click.IntRange(1), help=_("Fetch one that was asked for."))
@click.option("--force", is_flag=True, help=_("Replace files that are there."))
@key
@pass_shell
def export(
    shell: Shell,
    /,
    kind: str,
    file_format: str,
    output: str | None,
    no_wait: bool,
    export_id: int | None,
    force: bool,
    key: str | None,
    **filters: Any,
) -> None:
    """Ask for an export, or take one that was asked for; wait, and download it."""
    if output and not no_wait:
        sending.free(Path(output), force=force)  # before anything is asked for
    api = shell.api()
    if export_id is None:
        given = {name: list(value) if isinstance(value, tuple) else value for name, value in filters.items() if value}
        wish = {"kind": kind, "file_format": file_format, "filters": given, "notify": no_wait}
        asked = api.post("exports/", wish, key=key)
    else:
        asked = api.get(f"exports/{export_id}/")
    if no_wait:
        shell.screen.answer(asked, [_("Asked for as {id}.").format(id=asked["id"])])
        return
    target = sending.free(Path(output or f"{asked['kind']}-{asked['id']}.{asked['file_format']}"), force=force)
    ready = _ready(shell, api, asked)
    sending.fetch_export(api, ready, target)
    shell.screen.answer({**ready, "path": str(target)}, [inert(target)])


def _ready(shell: Shell, api: Api, asked: dict[str, Any]) -> dict[str, Any]:
    """The export once its file is there; told on the way is how far it has come."""
    percent = None
    while asked["state"] in UNDER_WAY:
        if asked["progress"]["percent"] != percent:
            percent = asked["progress"]["percent"]
            shell.screen.note(_("Export {id}: {percent} %").format(id=asked["id"], percent=percent))
        time.sleep(LOOK_EVERY)
        asked = api.get(f"exports/{asked['id']}/")
    if not asked["url"]:
        why = f"{asked['state']} {asked['failure'] or ''}".strip()
        raise Failure(_("The export has no file: {why}").format(why=why), code="export-not-ready")
    return asked


COMMANDS = (export,)
