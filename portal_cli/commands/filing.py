"""Filing, previewing and following up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
from rich.text import Text

from portal_cli import asking, sending
from portal_cli.client import part
from portal_cli.commands.group import Function, attach, command, key, message, number, options
from portal_cli.inert import inert, one_line
from portal_cli.problems import WrongUsage
from portal_cli.shell import Shell, at_terminal, given_text, pass_shell
from portal_cli.showing import fact_lines, request_lines
from portal_cli.words import _

REQUESTS = "service-requests/"
IMPACT = ("service_state", "users_affected", "business_impact", "workaround", "deadline_at_risk")
PLAIN = ("subject", "category", "service", "topic", "subscription", "severity", "problem_started_at")
CONTACT = {"contact_method": "method", "phone": "phone", "contact_language": "language", "callback_at": "callback_at"}
FLAGS = ("diagnostic_consent", "is_test", "translator")


def form(function: Function) -> Function:
    """The options that fill in the form."""
    named: list[Callable[[Function], Function]] = [
        click.option("--subject", "-s", metavar="TEXT", help=_("One line.")),
        message,
        click.option("--category", metavar="CODE", help=_("As in technical.configuration; codes: portal catalogue.")),
        click.option("--service", metavar="CODE", help=_("Which service it is about.")),
        click.option("--topic", metavar="CODE", help=_("Which topic of the category.")),
        click.option("--subscription", metavar="REFERENCE", help=_("Which subscription it is about.")),
        click.option("--service-state", metavar="CODE", help="down, degraded, available"),
        click.option("--users-affected", metavar="CODE", help="all_users, multiple_users, single_user"),
        click.option("--business-impact", metavar="CODE", help="severe, moderate, minimal"),
        click.option("--workaround", metavar="CODE", help="yes, no"),
        click.option("--deadline-at-risk", metavar="CODE", help="yes, no"),
        click.option("--problem-started-at", metavar=_("INSTANT"), help=_("As in 2026-11-24T09:00:00+08:00.")),
        click.option("--contact-method", metavar="CODE", help="email, phone, callback"),
        click.option("--phone", metavar="NUMBER", help=_("Where to call; needed when it is critical.")),
        click.option("--contact-language", metavar="TAG", help=_("As in en or zh-Hant.")),
        click.option("--callback-at", metavar=_("INSTANT"), help=_("When to call back.")),
        click.option("--translator", is_flag=True, help=_("A translator is to join calls.")),
        click.option("--severity", metavar="A|B|C", help=_("With elevated support only.")),
        click.option("--diagnostic-consent", is_flag=True, help=_("Engineers may look at diagnostic data.")),
        click.option("--test", "is_test", is_flag=True, help=_("It only tries the integration.")),
    ]
    return options(*named)(function)


def body_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The form as the API takes it; what was not given is left out, for the portal to find."""
    body: dict[str, Any] = {name: given[name] for name in PLAIN if given.get(name)}
    body |= {name: True for name in ("diagnostic_consent", "is_test") if given.get(name)}
    impact = {name: given[name] for name in IMPACT if given.get(name)}
    contact = {field: given[name] for name, field in CONTACT.items() if given.get(name)}
    contact |= {"translator": True} if given.get("translator") else {}
    return {**body, **({"impact": impact} if impact else {}), **({"contact": contact} if contact else {})}


def _filled(shell: Shell, given: dict[str, Any], *, needed: tuple[str, ...]) -> dict[str, Any]:
    """The form with its text; whoever sits at a terminal is asked for what is missing, others are told."""
    body = body_of(given)
    missing = [name for name in needed if name not in body]
    if missing and not at_terminal():
        raise WrongUsage(_("{name} is missing.").format(name=f"--{missing[0]}"))
    if missing:
        body |= asking.ask_for(shell.api(), body, missing)
    return {**body, "description": given_text(given["message"], given["message_file"], option="--message")}


@command("file", help=_("File a request. What is missing is asked for; the text is written in your editor."))
@form
@attach
@click.option("--preview", is_flag=True, help=_("Show what would come of it, and file nothing."))
@click.option("--yes", "-y", is_flag=True, help=_("File without asking whether it is right."))
@key
@pass_shell
def file(shell: Shell, /, attach: tuple[str, ...], preview: bool, yes: bool, key: str | None, **given: Any) -> None:
    """File a request, with its files."""
    asked = at_terminal() and not yes
    body = _filled(shell, given, needed=("subject", "category"))
    if preview or asked:
        seen = shell.api().post(f"{REQUESTS}preview/", body)
        _show_preview(shell, seen)
        if preview:
            return
        click.confirm(_("File it?"), default=True, abort=True, err=True)
    _file(shell, REQUESTS, body, attach, key)


@command("preview", help=_("Show severity, response time and help for a request, and file nothing."))
@form
@pass_shell
def preview(shell: Shell, /, **given: Any) -> None:
    """Show what would come of it."""
    body = _filled(shell, given, needed=("subject", "category"))
    _show_preview(shell, shell.api().post(f"{REQUESTS}preview/", body))


@command("follow-up", help=_("File a request that goes on with an archived one."))
@number
@form
@attach
@key
@pass_shell
def follow_up(shell: Shell, /, number: str, attach: tuple[str, ...], key: str | None, **given: Any) -> None:
    """Go on with an archived request; what it is about is taken from there."""
    body = _filled(shell, given, needed=("subject",))
    _file(shell, f"{REQUESTS}{part(number)}/follow-up/", body, attach, key)


def _file(shell: Shell, path: str, body: dict[str, Any], files: tuple[str, ...], key: str | None) -> None:
    filed = shell.api().post(path, body, key=key)
    shell.screen.answer(filed, request_lines(filed))
    shell.screen.note(_("Filed as {number}.").format(number=filed["number"]))
    sending.attach_all(shell, filed["number"], files)


def _show_preview(shell: Shell, seen: dict[str, Any]) -> None:
    shell.screen.answer(seen, _preview_lines(seen))


def _preview_lines(seen: Mapping[str, Any]) -> Iterable[str | Text]:
    promise, referral = seen["commitment"] or {}, seen["scope"]["referral"] or {}
    yield from fact_lines(
        [
            (_("Severity"), seen["severity"]),
            (_("Why"), seen["assessment"]["reason"]),
            (_("Response"), promise.get("due_text")),
            (_("Works on it"), promise.get("availability_text")),
            (_("Beyond support"), referral.get("title")),
        ]
    )
    if referral:
        yield Text(inert(referral["next_steps"]))
    if seen["phone_missing"]:
        yield Text(_("It is critical: add a phone number with --phone."), style="bold red")
    for article in seen["self_help"]:
        yield Text(f"  {_('May help')}: {one_line(article['title'])}. {one_line(article['summary'])}", style="dim")


COMMANDS = (file, preview, follow_up)
