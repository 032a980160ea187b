"""Completion in shells."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from portal_cli.commands.group import command
from portal_cli.shell import Shell, pass_shell
from portal_cli.words import _


@command(
    "completion", help=_("Print what completes commands in a shell. For example: portal completion bash >> ~/.bashrc")
)
@click.argument("shell_name", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@pass_shell
@click.pass_context
def completion(context: click.Context, shell: Shell, shell_name: str) -> None:
    """Print the script of one shell."""
    kind = get_completion_class(shell_name)
    assert kind
    source = kind(context.find_root().command, {}, "portal", "_PORTAL_COMPLETE").source()
    shell.screen.raw(source)


COMMANDS = (completion,)
