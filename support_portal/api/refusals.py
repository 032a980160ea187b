"""What the API's machinery refuses in a body or a session."""

from __future__ import annotations

from rest_framework.exceptions import ParseError, PermissionDenied, UnsupportedMediaType


class BodyRefused(ParseError):
    """JSON that we do not take; `pointer` tells where, as far as that is known."""

    def __init__(self, fault: str, words: str, *, pointer: str = "#") -> None:
        self.fault, self.words, self.pointer = fault, words, pointer
        super().__init__(words, code=fault)


class CharsetRefused(UnsupportedMediaType):
    """A body in another encoding than UTF-8."""


class CsrfRefused(PermissionDenied):
    """A session's call without the token of our pages."""
