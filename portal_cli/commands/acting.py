"""Closing, reopening, and the severity."""

from __future__ import annotations

from typing import Any

import click

from portal_cli.client import part
from portal_cli.commands.group import command, key, message, number
from portal_cli.shell import Shell, given_text, pass_shell
from portal_cli.showing import fact_lines, moment, request_lines
from portal_cli.words import _

SEVERITY = click.argument("severity", type=click.Choice(["A", "B", "C"]))


def _act(shell: Shell, number: str, act: str, body: dict[str, Any], key: str | None) -> None:
    done = shell.api().post(f"service-requests/{part(number)}/{act}/", body, key=key)
    shell.screen.answer(done, request_lines(done))


@command("close", help=_("Close a request: solved, or withdrawn; support staff have more resolutions."))
@number
@click.option("--resolution", "-r", metavar="CODE", default="solved", help=_("solved unless said otherwise."))
@message
@click.option("--referral", metavar="CODE", help=_("With out_of_scope."))
@click.option("--duplicate-of", metavar="NUMBER", help=_("With duplicate: the original."))
@key
@pass_shell
def close(
    shell: Shell,
    number: str,
    resolution: str,
    message: str | None,
    message_file: str | None,
    referral: str | None,
    duplicate_of: str | None,
    key: str | None,
) -> None:
    """Close a request."""
    text = given_text(message, message_file, option="--message", needed=False)
    given = {"message": text, "referral": referral, "duplicate_of": duplicate_of}
    body = {"resolution": resolution, **{name: value for name, value in given.items() if value}}
    _act(shell, number, "close", body, key)


@command("reopen", help=_("Put a closed request back to work, within 14 days."))
@number
@message
@key
@pass_shell
def reopen(shell: Shell, number: str, message: str | None, message_file: str | None, key: str | None) -> None:
    """Reopen a request; the text is its reason."""
    reason = given_text(message, message_file, option="--message", needed=False)
    _act(shell, number, "reopen", {"reason": reason} if reason else {}, key)


@command("severity", help=_("Change the severity, with a reason; customers need elevated support."))
@number
@SEVERITY
@message
@key
@pass_shell
def severity(
    shell: Shell, number: str, severity: str, message: str | None, message_file: str | None, key: str | None
) -> None:
    """Set another severity, or confirm the one that stands; the text is the reason."""
    reason = given_text(message, message_file, option="--message", needed=False)
    _act(shell, number, "severity", {"severity": severity, **({"reason": reason} if reason else {})}, key)


@command("dispute", help=_("Dispute the severity: say which is right, and what the impact on the business is."))
@number
@SEVERITY
@message
@key
@pass_shell
def dispute(
    shell: Shell, number: str, severity: str, message: str | None, message_file: str | None, key: str | None
) -> None:
    """Ask for another severity; the text is the statement."""
    statement = given_text(message, message_file, option="--message")
    made = shell.api().post(
        f"service-requests/{part(number)}/dispute/", {"severity": severity, "statement": statement}, key=key
    )
    facts = [(_("Asked for"), made["severity"]), (_("State"), made["state"]), (_("At"), moment(made.get("asked_at")))]
    shell.screen.answer(made, fact_lines(facts))


COMMANDS = (close, reopen, severity, dispute)
