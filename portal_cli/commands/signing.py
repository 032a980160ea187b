"""Signing in and out, and who one is."""

from __future__ import annotations

import os
import sys

import click

from portal_cli import keeping
from portal_cli.commands.group import command
from portal_cli.shell import Shell, checked_token, pass_shell
from portal_cli.showing import fact_lines, moment
from portal_cli.words import _


@command("sign-in", help=_("Keep a token. It is asked for or piped in, checked, and readable by you alone."))
@pass_shell
def sign_in(shell: Shell) -> None:
    """Keep a token that works."""
    if not (shell.address or os.environ.get("PORTAL_URL") or shell.kept.address) and sys.stdin.isatty():
        shell.address = click.prompt(_("Address of the portal"), err=True)
    where, token = shell.where, _token_given()
    caller = shell.api(token).get("me/")
    keeping.write(os.environ, keeping.Kept(where, {**shell.kept.tokens, where: token}))
    shell.screen.answer({"address": where, "name": caller["name"], "email": caller["email"]})
    shell.screen.note(_("Signed in at {address} as {name}.").format(address=where, name=caller["name"]))


def _token_given() -> str:
    """The token from the environment, a prompt that shows nothing, or standard input; never from the command line."""
    token = os.environ.get("PORTAL_TOKEN", "")
    if not token:
        token = click.prompt(_("Token"), hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    return checked_token(token.strip())


@command("sign-out", help=_("Forget the token that is kept here. It stays valid; revoke it in the portal."))
@pass_shell
def sign_out(shell: Shell) -> None:
    """Forget the token."""
    where = shell.where
    left = {address: token for address, token in shell.kept.tokens.items() if address != where}
    usual = shell.kept.address if shell.kept.address in left else next(iter(left), "")
    keeping.write(os.environ, keeping.Kept(usual, left))
    shell.screen.answer({"address": where, "signed_out": True})
    shell.screen.note(_("Signed out. The token stays valid until you revoke it in the portal."))


@command("whoami", help=_("Show who you are, whom you act for, and what your token may do."))
@pass_shell
def whoami(shell: Shell) -> None:
    """Show the caller."""
    caller = shell.api().get("me/")
    organisation, token = caller["organisation"] or {}, caller["token"] or {}
    facts = [
        (_("Name"), f"{caller['name']} <{caller['email']}>" if caller["email"] else caller["name"]),
        (_("Acts for"), organisation.get("name")),
        (_("Roles"), ", ".join(caller["roles"])),
        (_("Portal"), shell.where),
        (_("Token"), token.get("name")),
        (_("Scopes"), ", ".join(token.get("scopes", ()))),
        (_("Expires"), moment(token.get("expires_at"))),
    ]
    shell.screen.answer(caller, fact_lines(facts))


COMMANDS = (sign_in, sign_out, whoami)
