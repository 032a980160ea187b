"""What all commands share: their options, who is signed in, how they end."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from portal_cli import keeping
from portal_cli.client import Api, checked_address
from portal_cli.inert import as_json, inert
from portal_cli.problems import Failure, SignedOut, WrongUsage
from portal_cli.showing import Screen
from portal_cli.words import LANGUAGES, _, chosen

DEFAULT_PATIENCE = 60.0


@dataclass
class Shell:
    """One run of the command."""

    wants_json: bool = False
    address: str = ""
    patience: float = DEFAULT_PATIENCE
    kept: keeping.Kept = field(default_factory=lambda: keeping.read(os.environ))

    @property
    def screen(self) -> Screen:
        """Where to write."""
        return Screen(as_json=self.wants_json)

    @property
    def where(self) -> str:
        """The portal's address: as given, of the environment, or where one signed in last."""
        address = self.address or os.environ.get("PORTAL_URL", "") or self.kept.address
        if not address:
            raise SignedOut
        return checked_address(address)

    @property
    def token(self) -> str:
        """The token for that address; one that was given by another portal is never sent there."""
        token = os.environ.get("PORTAL_TOKEN", "").strip() or self.kept.tokens.get(self.where, "")
        if not token:
            raise SignedOut
        return token

    def api(self, token: str | None = None) -> Api:
        """The portal, ready to be called."""
        note = self.screen.note
        return Api(
            address=self.where,
            token=checked_token(token or self.token),
            language=chosen(),
            patience=self.patience,
            told=lambda wait: note(_("Waiting {seconds} s, then trying again …").format(seconds=f"{wait:g}")),
        )


def checked_token(token: str) -> str:
    """The token, if it can stand in a header; it is never shown, not even when it is wrong."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise WrongUsage(_("That is no token: it begins with sp_ and has neither spaces nor lines."))
    return token


pass_shell = click.make_pass_decorator(Shell, ensure=True)


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None and value is not False:
            setattr(context.ensure_object(Shell), name, value)

    return callback


def common_options() -> list[click.Parameter]:
    """The options that stand after any command as well as before it."""
    options: list[tuple[list[str], dict[str, Any]]] = [
        (["--json"], {"is_flag": True, "callback": _set("wants_json"), "help": _("Answer with JSON.")}),
        (["--address"], {"metavar": "URL", "callback": _set("address"), "help": _("Which portal; else PORTAL_URL.")}),
        (["--language"], {"type": click.Choice(LANGUAGES), "help": _("Of the words; else that of LANG.")}),
        (
            ["--patience"],
            {
                "type": click.FloatRange(0, 3600),
                "metavar": _("SECONDS"),
                "callback": _set("patience"),
                "help": _("How long to go on trying while the portal is busy or away; else 60."),
            },
        ),
    ]
    return [click.Option(names, expose_value=False, **settings) for names, settings in options]


def _first_sentence(words: str) -> str:
    return re.split(r"(?<=[.。:：;；])\s*", words, maxsplit=1)[0].rstrip(".。:：;；")


class _Spoken:
    """Help and usage in the chosen language."""

    def format_usage(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how to call it."""
        pieces = self.collect_usage_pieces(context)  # type: ignore[attr-defined]  # of click.Command
        formatter.write_usage(context.command_path, " ".join(pieces), prefix=_("Usage: "))

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and of a group its commands."""
        options = [each for each in self.get_params(context) if isinstance(each, click.Option)]  # type: ignore[attr-defined]
        records = [record for each in options if (record := each.get_help_record(context))]
        with formatter.section(_("Options")):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(context, formatter)

    def get_help_option(self, context: click.Context) -> click.Option | None:
        """The option --help."""
        option: click.Option | None = super().get_help_option(context)  # type: ignore[misc]
        if option is not None:
            option.help = _("Show this and end.")
        return option


class PortalCommand(_Spoken, click.Command):
    """A command with the common options."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += common_options()


class PortalGroup(_Spoken, click.Group):
    """All commands, in the order in which one needs them."""

    command_class = PortalCommand

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += common_options()

    def list_commands(self, context: click.Context) -> list[str]:
        """The names in the order in which they were added."""
        return list(self.commands)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write them."""
        rows = [(name, _first_sentence(command.help or "")) for name, command in self.commands.items()]
        with formatter.section(_("Commands")):
            formatter.write_dl(rows)


# ── What people type, pipe or write in an editor ────────────────────────────────────────────────────────────────────


def at_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def given_text(text: str | None, file: str | None, *, option: str, needed: bool = True) -> str:
    """A text from an option, a file, standard input (`-`, or a pipe), or the editor of whoever sits there."""
    if text is not None:
        return text
    if file:
        return read_text(file)
    if not sys.stdin.isatty():
        return _piped(option, needed=needed)
    if not needed:
        return ""
    written = click.edit("", extension=".md") if sys.stdout.isatty() else None
    if not written or not str(written).strip():
        raise WrongUsage(_("There is no text. Give one with {option}, or pipe it in.").format(option=option))
    return str(written)


def _piped(option: str, *, needed: bool) -> str:
    text = "" if not needed else sys.stdin.buffer.read().decode("utf-8", errors="replace")
    if needed and not text.strip():
        raise WrongUsage(_("There is no text. Give one with {option}, or pipe it in.").format(option=option))
    return text


def read_text(path: str) -> str:
    """A file, or standard input for `-`, as UTF-8."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror}") from None
    return data.decode("utf-8-sig", errors="replace")


# ── How a run ends ──────────────────────────────────────────────────────────────────────────────────────────────────


def tell(failure: Failure, *, wants_json: bool) -> None:
    """Write why it ended, on standard error."""
    screen = Screen(as_json=wants_json)
    if wants_json:
        sys.stderr.write(as_json(failure.document()) + "\n")
        return
    for number, line in enumerate(failure.lines()):
        screen.err.print(f"portal: {line}" if number == 0 else line, style="red" if number == 0 else None)


def usage_words(error: click.UsageError) -> str:
    """What click found wrong on the command line, in the chosen language."""
    name = _name_of(error)
    if isinstance(error, click.MissingParameter):
        return _("{name} is missing.").format(name=name)
    if isinstance(error, click.NoSuchOption):
        return _("There is no option {name}.").format(name=error.option_name)
    if isinstance(error, click.BadParameter) and name:
        if isinstance(getattr(error.param, "type", None), click.Choice):
            choices = ", ".join(str(choice) for choice in error.param.type.choices)  # type: ignore[union-attr]
            return _("{name} is one of: {choices}").format(name=name, choices=choices)
        return _("{name} is not right: {why}").format(name=name, why=inert(error.message))
    return inert(error.format_message())


def _name_of(error: click.UsageError) -> str:
    parameter: click.Parameter | None = getattr(error, "param", None)
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.human_readable_name if isinstance(parameter, click.Argument) else ""
