"""Calls to the API: the token, one key for each piece of work, and patience."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests
from requests.auth import AuthBase

from portal_cli.problems import Failure, OutOfReach, Refused, WrongUsage
from portal_cli.words import _

CONNECT_WITHIN, READ_WITHIN = 5.0, 40.0  # the portal gives a call 30 s in all
LONGEST_WAIT = 60.0  # between two tries, whatever Retry-After says
FIRST_WAIT = 0.5
UNREACHED = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
Files = Callable[[], dict[str, tuple[str, IO[bytes]]]]


class Bearer(AuthBase):
    """Puts the token into its header; with an `auth` of ours, requests leaves ~/.netrc alone."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, call: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the call."""
        call.headers["Authorization"] = f"Bearer {self.token}"
        return call


def checked_address(address: str) -> str:
    """The address without a slash at its end; WrongUsage for what a token must not be sent to."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        raise WrongUsage(_("Give the portal's address, such as https://support.example.com"))
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise WrongUsage(_("Use https: over http others could read your token."))
    return address.strip().rstrip("/")


def new_key() -> str:
    """A key for one piece of work."""
    return str(uuid.uuid4())


def part(text: str) -> str:
    """Something typed, as one part of an address."""
    return quote(text.strip(), safe="")


@dataclass
class Api:
    """One portal, called by one person."""

    address: str
    token: str
    language: str
    patience: float = 60.0
    told: Callable[[float], None] = lambda _wait: None  # that we wait, and how long
    pause: Callable[[float], None] = time.sleep
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **filters: Any) -> Any:
        """The answer to a read."""
        return self.call("GET", path, params=_given(filters)).json()

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        files: Files | None = None,
        etag: str | None = None,
    ) -> Any:
        """The answer to an act, which is done once however often it has to be sent; `etag` is what was read."""
        sent: dict[str, Any] = {"files": files, "data": body} if files else {"json": {} if body is None else body}
        headers = {"If-Match": etag} if etag else {}
        return self.call("POST", path, key=key or new_key(), headers=headers, **sent).json()

    def pages(self, path: str, *, limit: int | None = None, **filters: Any) -> Iterator[dict[str, Any]]:
        """The rows of a list, page by page as they are asked for, at most `limit`."""
        params = {**_given(filters), "page_size": min(limit or 100, 100)}
        left = limit
        while True:
            page = self.call("GET", path, params=params).json()
            for row in page["results"]:
                if left is not None and left <= 0:
                    return
                yield row
                left = None if left is None else left - 1
            if not page["next"] or left == 0:
                return
            params = query_of(page["next"])

    def call(self, method: str, path: str, *, key: str | None = None, **options: Any) -> requests.Response:
        """A successful answer, or 304; raises Refused or OutOfReach once patience has come to its end."""
        ends_at = time.monotonic() + self.patience
        backoff = FIRST_WAIT
        while True:
            answer, failure = self._try(method, path, key, options)
            if failure is None:
                assert answer is not None
                return answer
            wait = _wait_of(answer, backoff)
            if wait is None or time.monotonic() + wait > ends_at:
                raise failure
            self.told(wait)
            self.pause(wait)
            backoff = min(backoff * 2, LONGEST_WAIT)

    def _try(
        self, method: str, path: str, key: str | None, options: dict[str, Any]
    ) -> tuple[requests.Response | None, Failure | None]:
        sent = {name: value for name, value in options.items() if name not in ("files", "headers")}
        if options.get("files"):
            sent["files"] = options["files"]()  # opened anew for each try
        headers = {"Accept-Language": self.language, "User-Agent": "portal-cli", **options.get("headers", {})}
        headers.update({"Idempotency-Key": key} if key else {})
        try:
            answer = self.session.request(
                method,
                f"{self.address}/api/v1/{path}",
                headers=headers,
                auth=Bearer(self.token),
                timeout=(CONNECT_WITHIN, READ_WITHIN),
                allow_redirects=False,
                **sent,
            )
        except UNREACHED:
            return None, OutOfReach(self.address, key=key)
        except (requests.RequestException, UnicodeError):
            raise WrongUsage(_("Give the portal's address, such as https://support.example.com")) from None
        finally:
            for _name, file in sent.get("files", {}).values():
                file.close()
        return answer, _failure_of(answer, key)


def _failure_of(answer: requests.Response, key: str | None) -> Failure | None:
    if answer.status_code < 300 or answer.status_code == 304:
        return None if answer.status_code == 304 or _is_ours(answer) else _stranger()
    if answer.status_code < 400:
        return _stranger()
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    return Refused(answer.status_code, problem if isinstance(problem, dict) else {}, key=key)


def _is_ours(answer: requests.Response) -> bool:
    return "X-Request-ID" in answer.headers


def _stranger() -> Failure:
    return WrongUsage(_("What answers at this address is not the portal. Check the address."))


def _wait_of(answer: requests.Response | None, backoff: float) -> float | None:
    """How long to wait before the next try; None where trying again is of no use."""
    if answer is None:
        return backoff
    asked = answer.headers.get("Retry-After", "")
    seconds = float(asked) if asked.isascii() and asked.isdigit() else None
    if answer.status_code in (429, 503):
        return backoff if seconds is None else max(seconds, FIRST_WAIT)
    if answer.status_code == 409 and seconds is not None:
        return max(seconds, FIRST_WAIT)  # the first call with this key is still at work
    return backoff if answer.status_code in (502, 504) else None  # of a proxy before the portal


def _given(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value not in (None, (), "")}


def query_of(address: str) -> dict[str, list[str]]:
    """The parameters of a neighbouring page's address; its host is not looked at, so no token can leave by it."""
    params: dict[str, list[str]] = {}
    for name, value in parse_qsl(urlsplit(address).query):
        params.setdefault(name, []).append(value)
    return params
