"""`portal` itself, and how its commands are declared."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from importlib import metadata
from typing import Any

import click

from portal_cli.shell import PortalCommand, PortalGroup
from portal_cli.words import _

Function = Callable[..., Any]


def version() -> str:
    """The version of what is installed; a checkout has none of its own."""
    try:
        return metadata.version("support-portal")
    except metadata.PackageNotFoundError:
        return "0+checkout"


@click.group(cls=PortalGroup, help=_("File service requests with support, follow them and answer."))
@click.version_option(version(), message="%(version)s", help=_("Show the version and end."))
def portal() -> None:
    """Hold the commands."""


command: Callable[..., Callable[[Function], click.Command]] = functools.partial(click.command, cls=PortalCommand)


def options(*each: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Several options under one name."""

    def decorate(function: Function) -> Function:
        for option in reversed(each):
            function = option(function)
        return function

    return decorate


class RequestNumber(click.ParamType[str]):
    """The number of a request as people write it; nothing else gets into an address."""

    name = "number"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """The number as the portal writes it."""
        found = re.fullmatch(r"(?:SR-)?([0-9]{9})", str(value).strip().upper(), re.ASCII)
        if not found:
            self.fail(_("a number looks like SR-123456789."), parameter, context)
        return f"SR-{found[1]}"


number = click.argument("number", metavar="NUMBER", type=RequestNumber())
key = click.option("--key", metavar="KEY", help=_("Idempotency key, to repeat a call that had no answer."))
message = options(
    click.option("--message", "-m", metavar="TEXT", help=_("The text; else --message-file, a pipe or the editor.")),
    click.option("--message-file", "-F", metavar="FILE", help=_("Read the text from a file; - is standard input.")),
)
attach = click.option(
    "--attach",
    "-a",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, readable=True),
    help=_("Attach a file; may be given more than once."),
)
places = options(
    click.option("--organisation", metavar="NAME", help=_("Of this organisation, by its short name.")),
    click.option("--incident", metavar="NUMBER", help=_("That belong to this incident.")),
    click.option(
        "--tag", metavar="NAME", multiple=True, help=_("For support staff: that carry this tag, or all of these.")
    ),
)
limit = click.option("--limit", "-n", type=click.IntRange(1), default=25, help=_("How many at most; else 25."))
every = click.option("--all", "every", is_flag=True, help=_("All, page by page."))
