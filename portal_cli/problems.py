"""What can go wrong, as sentences and as an exit status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portal_cli import exits
from portal_cli.inert import inert, one_line
from portal_cli.words import _


class Failure(Exception):
    """Something that ends the command: what to tell, and with which exit status."""

    def __init__(self, words: str, *, exit_status: int = exits.REFUSED, code: str = "") -> None:
        self.words, self.exit_status, self.code = words, exit_status, code
        super().__init__(words)

    def lines(self) -> Iterator[str]:
        """What a person reads."""
        yield inert(self.words)

    def document(self) -> dict[str, Any]:
        """What a program reads."""
        return {"code": self.code, "detail": self.words}


class WrongUsage(Failure):
    """The command line lacks something; nothing was sent."""

    def __init__(self, words: str) -> None:
        super().__init__(words, exit_status=exits.USAGE, code="usage")


class SignedOut(Failure):
    """There is no token for this portal."""

    def __init__(self) -> None:
        super().__init__(
            _("You are not signed in. Run: portal sign-in"), exit_status=exits.NOT_PERMITTED, code="signed-out"
        )


class OutOfReach(Failure):
    """The portal did not answer, however often it was asked; `key` repeats the call without doing it twice."""

    def __init__(self, address: str, *, key: str | None) -> None:
        words = _("The portal at {address} does not answer. Try again later.").format(address=address)
        super().__init__(f"{words}{_repeat(key)}", exit_status=exits.TRY_LATER, code="out-of-reach")
        self.key = key

    def document(self) -> dict[str, Any]:
        """The same with the key to go on with."""
        return {**super().document(), "idempotency_key": self.key}


class Refused(Failure):
    """The portal answered with a problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], *, key: str | None = None) -> None:
        self.status, self.problem, self.key = status, dict(problem), key
        words = _joined(_sentence(problem[name]) for name in ("title", "detail") if problem.get(name))
        super().__init__(
            words or _("The portal answered with {status}.").format(status=status),
            exit_status=exits.exit_of(status),
            code=str(problem.get("code", status)),
        )

    def lines(self) -> Iterator[str]:
        """What is wrong, where, and what to quote."""
        yield inert(self.words) + (_repeat(self.key) if self.exit_status == exits.TRY_LATER else "")
        for fault in self.problem.get("errors") or ():
            place = fault.get("pointer") or fault.get("parameter") or fault.get("header") or ""
            yield f"  {one_line(place.removeprefix('#/'))}: {one_line(fault.get('detail', ''))}"
        if self.problem.get("request_id"):
            yield "  " + _("Request id: {id}").format(id=one_line(self.problem["request_id"]))

    def document(self) -> dict[str, Any]:
        """The problem as the portal gave it."""
        return self.problem or super().document()


def _joined(sentences: Iterable[str]) -> str:
    """The sentences side by side, without a space after full-width punctuation."""
    return re.sub(r"(?<=[。！？]) ", "", " ".join(sentences))


def _sentence(text: object) -> str:
    """The text with a full stop, unless it ends with one of some kind."""
    words = str(text).strip()
    return words if words.endswith((".", "!", "?", "。", "！", "？", ":")) else words + _(".")


def _repeat(key: str | None) -> str:
    if key is None:
        return ""
    return " " + _("To repeat it without doing it twice, add: --key {key}").format(key=key)
