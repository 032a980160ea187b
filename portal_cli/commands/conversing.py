"""Writing on a request, and its files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from portal_cli import sending
from portal_cli.client import part
from portal_cli.commands.group import attach, command, key, message, number
from portal_cli.problems import Failure, WrongUsage
from portal_cli.shell import Shell, given_text, pass_shell
from portal_cli.showing import message_lines
from portal_cli.words import _

KINDS = ("reply", "question", "call", "internal")


@command("reply", help=_("Write on a request: --message, a file, a pipe, or your editor."))
@number
@message
@click.option("--kind", type=click.Choice(KINDS), help=_("For support staff: how they speak."))
@attach
@key
@pass_shell
def reply(
    shell: Shell,
    number: str,
    message: str | None,
    message_file: str | None,
    kind: str | None,
    attach: tuple[str, ...],
    key: str | None,
) -> None:
    """Write a message, with files."""
    body = {"body": given_text(message, message_file, option="--message"), **({"kind": kind} if kind else {})}
    written = shell.api().post(f"service-requests/{part(number)}/messages/", body, key=key)
    shell.screen.answer(written, message_lines(written))
    sending.attach_all(shell, number, attach, message=written["id"])


@command("attach", help=_("Attach files to a request."))
@number
@click.argument("files", nargs=-1, required=True, metavar=_("FILE…"), type=click.Path(exists=True, dir_okay=False))
@pass_shell
def attach_files(shell: Shell, number: str, files: tuple[str, ...]) -> None:
    """Attach files."""
    stored = sending.attach_all(shell, number, files)
    shell.screen.answer(stored, sending.listed(stored))


@command("download", help=_("Download files of a request, by their ids or all of them."))
@number
@click.argument("ids", nargs=-1, type=click.IntRange(1), metavar=_("[ID…]"))
@click.option("--output", "-o", metavar=_("FOLDER"), default=".", help=_("Where to; - writes one file to the pipe."))
@click.option("--force", is_flag=True, help=_("Replace files that are there."))
@pass_shell
def download(shell: Shell, number: str, ids: tuple[int, ...], output: str, force: bool) -> None:
    """Download files, each whole or not at all."""
    api = shell.api()
    files = {file["id"]: file for file in api.pages(f"service-requests/{part(number)}/attachments/")}
    wanted = tuple(dict.fromkeys(ids or files))
    unknown = [each for each in wanted if each not in files]
    if unknown:
        words = _("The request has no file {id}.").format(id=unknown[0])
        raise Failure(words, exit_status=3, code="attachment-not-found")
    if output == "-":
        _to_pipe(shell, number, wanted)
        return
    folder = Path(output)
    if not folder.is_dir():
        raise WrongUsage(_("{path} is no folder.").format(path=output))
    names, saved = sending.names_of(files.values()), []
    for each in wanted:
        target = sending.free(folder / names[each], force=force)
        saved.append({**files[each], "path": str(sending.fetch(api, number, files[each], target))})
    shell.screen.answer(saved, (file["path"] for file in saved))


def _to_pipe(shell: Shell, number: str, wanted: tuple[int, ...]) -> None:
    if len(wanted) != 1:
        raise WrongUsage(_("One file at a time can go to the pipe: name its id."))
    if sys.stdout.isatty():
        raise WrongUsage(_("A file could upset your terminal. Send it to a file or a pipe."))
    sys.stdout.buffer.write(sending.content_of(shell.api(), number, wanted[0]))
    sys.stdout.buffer.flush()


COMMANDS: tuple[Any, ...] = (reply, attach_files, download)
