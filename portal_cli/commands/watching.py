"""Following a request as it happens."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import click
from rich.live import Live
from rich.text import Text

from portal_cli.client import Api, part, query_of
from portal_cli.commands.group import command, number
from portal_cli.inert import as_json, one_line
from portal_cli.problems import Failure, OutOfReach, Refused
from portal_cli.shell import Shell, pass_shell
from portal_cli.showing import Code, instant, left_until, when
from portal_cli.words import _

ENDS = ("closed", "archived")
UNTIL = ("closed", "response", "change")


class Watch:
    """One request and what has happened to it, asked for politely: unchanged answers are not sent again."""

    def __init__(self, api: Api, number: str) -> None:
        self.api, self.path = api, f"service-requests/{part(number)}/"
        self.shown: dict[str, Any] = {}
        self.etag = ""
        self.ahead = timedelta()  # how far this machine's clock is behind the portal's
        self.seen = 0
        self.last_page: dict[str, Any] = {"page_size": 100}

    def look(self) -> list[dict[str, Any]] | None:
        """Read it again; what is new, or None where nothing has changed."""
        headers = {"If-None-Match": self.etag} if self.etag else {}
        answer = self.api.call("GET", self.path, headers=headers)
        self._set_clock(answer.headers.get("Date"))
        if answer.status_code == 304:
            return None
        etag, shown = answer.headers.get("ETag", ""), answer.json()
        if self.shown and shown == self.shown:
            return None
        news = self._news()
        self.etag, self.shown = etag, shown  # now that all is known: else it is to be read again
        return news

    def now(self) -> datetime:
        """The portal's time."""
        return datetime.now(UTC) + self.ahead

    def _news(self) -> list[dict[str, Any]]:
        """The events since the last look, from the page on which the last one stood; all of them, or a Failure."""
        found, place = [], self.last_page
        while True:
            page = self.api.call("GET", f"{self.path}events/", params=place).json()
            found += [event for event in page["results"] if event["id"] > self.seen]
            if not page["next"]:
                break
            place = query_of(page["next"])
        self.last_page, self.seen = place, max((event["id"] for event in found), default=self.seen)
        return found

    def _set_clock(self, date: str | None) -> None:
        try:
            offset = parsedate_to_datetime(date or "") - datetime.now(UTC)
        except ValueError:
            return
        self.ahead = offset if abs(offset) > timedelta(seconds=2) else timedelta()

    def due(self) -> datetime | None:
        """The instant that is counted down to: while a response is owed, or long overdue."""
        promise = self.shown["commitment"] or {}
        owed = promise.get("state") == "running" or (promise.get("state") == "breached" and not self._responded)
        return instant(promise.get("due_at")) if owed and self.shown["state"] not in ENDS else None

    @property
    def _responded(self) -> bool:
        return bool(self.shown["responded_at"])

    def is_over(self, until: str, *, changed: bool) -> bool:
        """Whether there is nothing more to wait for."""
        if until == "change":
            return changed
        if until == "response":
            return self._responded or self.shown["state"] in ENDS
        return self.shown["state"] in ENDS

    def line(self) -> Text:
        """How it stands, on one line."""
        due = self.due()
        words = left_until(due, self.now()) if due else _("no response is owed")
        style = "bold red" if due and due < self.now() else "bold"
        return Text.assemble(
            f"{one_line(self.shown['number'])}  ",
            Code(self.shown["severity"]).in_words(),
            "  ",
            Code(self.shown["state"]).in_words(),
            "  ",
            (words, style),
            f"  {one_line(self.shown['subject'])}",
        )

    def document(self, news: list[dict[str, Any]]) -> dict[str, Any]:
        """How it stands, for programs."""
        due = self.due()
        left = int((due - self.now()).total_seconds()) if due else None
        named = ("number", "state", "severity", "changed_at", "responded_at", "closed_at", "reopen_until")
        facts = {name: self.shown[name] for name in named}
        return {**facts, "commitment": self.shown["commitment"], "seconds_left": left, "events": news}


@command("watch", help=_("Follow a request: what happens, and the time left until the promised response."))
@number
@click.option("--interval", type=click.FloatRange(1, 3600), default=10.0, help=_("Seconds between looks; else 10."))
@click.option("--until", type=click.Choice(UNTIL), default="closed", help=_("When to end; else once it is closed."))
@pass_shell
def watch(shell: Shell, number: str, interval: float, until: str) -> None:
    """Follow a request until it is closed; each change is a line, with --json a document on a line."""
    watched = Watch(shell.api(), number)
    tell = _json_teller(shell, watched) if shell.wants_json else _teller(shell, watched)
    news = watched.look() or []
    live = shell.screen.out.is_terminal and not shell.wants_json
    if not live:
        tell(news)
        _follow(shell, watched, interval, until, tell)
        return
    screen = shell.screen
    with Live(get_renderable=watched.line, console=screen.out, refresh_per_second=2, transient=False) as shown:
        tell = _teller(shell, watched, console=shown.console, with_line=False)
        tell(news)
        _follow(shell, watched, interval, until, tell)


def _follow(shell: Shell, watched: Watch, interval: float, until: str, tell: Any) -> None:
    if until != "change" and watched.is_over(until, changed=False):
        return
    while True:
        time.sleep(interval)
        try:
            news = watched.look()
        except Failure as failure:
            if not isinstance(failure, OutOfReach) and not (isinstance(failure, Refused) and failure.exit_status == 5):
                raise
            shell.screen.note(failure.words)
            continue
        if news is not None:
            tell(news)
        if watched.is_over(until, changed=news is not None):
            return


def _teller(shell: Shell, watched: Watch, *, console: Any = None, with_line: bool = True) -> Any:
    out = console or shell.screen.out

    def tell(news: list[dict[str, Any]]) -> None:
        for event in news:
            actor = one_line((event["actor"] or {}).get("name", ""))
            out.print(Text(f"{when(event['at'])}  {one_line(event['text'])}  {actor}".rstrip(), style="dim"))
        if with_line:
            out.print(watched.line())

    return tell


def _json_teller(shell: Shell, watched: Watch) -> Any:
    return lambda news: shell.screen.raw(as_json(watched.document(news)))


COMMANDS = (watch,)
