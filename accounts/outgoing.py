"""Requests to servers that other people name: never into our own network, never for long, never much.

Addresses are judged, not names: the name is resolved once, every address it has must be allowed, and the connection
goes to one of those (RELIABILITY, outgoing requests). No redirect is followed, and no proxy of the environment used.
"""

from __future__ import annotations

import io
import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import connection

from accounts.errors import OutgoingFailed

CONNECT_WITHIN = timedelta(seconds=3)
WHOLE_WITHIN = timedelta(seconds=15)
LONGEST_ANSWER = 64 * 1024  # bytes
LONGEST_HEAD = 32 * 1024
LONGEST_URL = 2_000
PORTS = {"https": (443, 8443), "http": (80, 8080)}
SECONDS = re.compile(r"[0-9]{1,12}")
MOST_ADDRESSES = 4  # tried one after the other, within the same time

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Python calls these global, or used to; what is behind them is not, or is an address of another kind in disguise.
NOT_OUTSIDE: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "5f00::/16",
        "fec0::/10",
    )
)
_resolvers = ThreadPoolExecutor(
    128, thread_name_prefix="resolver"
)  # a name server that hangs holds some of these, not us


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: any status but a redirect, and at most 64 KiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def asked_until(self, *, now: datetime) -> datetime | None:
        """Until when the server asks to be left alone, in Retry-After as seconds or as a date; None where it does not.

        Whoever honours it sets the bounds: anybody can ask for ten years.
        """
        told = self.headers.get("retry-after", "").strip()
        try:
            return now + timedelta(seconds=min(int(told), 10**9)) if SECONDS.fullmatch(told) else _date(told)
        except (ValueError, OverflowError):
            return None

    def json(self) -> Any:
        """The body as JSON; raises OutgoingFailed when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise OutgoingFailed("answer") from None


def _date(told: str) -> datetime:
    """A date as HTTP writes it; raises ValueError for anything else."""
    return datetime.strptime(told, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)


def fetch(
    url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Send one request and return the whole answer; takes 15 s at most, and never runs inside a transaction.

    Raises OutgoingFailed with the fault: `url`, `address`, `unreachable`, `tls`, `timeout`, `redirect`, `too_large` or
    `answer`.
    """
    return _exchange(url, method=method, headers=headers or {}, body=body, read=_answer)


def post(url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
    """Tell a server something and return what it said to that: any status, and of the body what came in time.

    The status counts as soon as it is there; a body that is endless, drips or breaks off changes nothing about it.
    Takes 15 s at most, and never runs inside a transaction. Raises OutgoingFailed as `fetch` does, but for `redirect`.
    """
    return _exchange(url, method="POST", headers=headers, body=body, read=_beginning)


def _exchange(
    url: str,
    *,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    read: Callable[[HTTPResponse], Answer],
) -> Answer:
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("Nothing waits for the network inside a transaction.")
    until = time.monotonic() + WHOLE_WITHIN.total_seconds()
    parts = checked_url(url)
    try:
        with (
            _connected(parts, until=until) as wire,
            _ask(parts, wire, method=method, headers=headers, body=body) as response,
        ):
            return read(response)
    except ssl.SSLError:
        raise OutgoingFailed("tls") from None
    except TimeoutError:
        raise OutgoingFailed("timeout") from None
    except HTTPException:
        raise OutgoingFailed("answer") from None
    except OSError:
        raise OutgoingFailed("unreachable") from None


def checked_url(url: str) -> SplitResult:
    """The parts of an address that we may ask; raises OutgoingFailed for what we never would, whoever answers there."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        raise OutgoingFailed("url")
    try:
        parts = urlsplit(url)
        port = port_of(parts)
    except ValueError:
        raise OutgoingFailed("url") from None
    schemes = ("https", "http") if settings.OUTGOING_PLAIN_HTTP else ("https",)
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise OutgoingFailed("url")
    if port not in PORTS[parts.scheme] and not _inner_networks():
        raise OutgoingFailed("url")
    return parts


def port_of(parts: SplitResult) -> int:
    """The port of an address, the usual one where it names none."""
    return parts.port or PORTS.get(parts.scheme, (0,))[0]


def is_allowed(address: Address) -> bool:
    """Whether we may connect there: a public address, or one of a network that the operator named."""
    judged = _unwrapped(address)
    return is_inner(judged) or (
        judged.is_global and not judged.is_multicast and not any(judged in network for network in NOT_OUTSIDE)
    )


def is_inner(address: Address) -> bool:
    """Whether it lies in a network that the operator named."""
    return any(_unwrapped(address) in network for network in _inner_networks())


def resolve(host: str, port: int) -> list[Address]:
    """Every address of a name, once; raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(str(sockaddr[0])) for *_, sockaddr in found))


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _inner_networks() -> tuple[Network, ...]:
    return _networks(tuple(settings.OUTGOING_ALLOW))


@lru_cache(maxsize=4)
def _networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in named)


def _checked_addresses(parts: SplitResult) -> list[Address]:
    """All that the name resolves to, if we may connect to every one of them."""
    port = port_of(parts)
    resolving = _resolvers.submit(resolve, str(parts.hostname), port)
    try:
        addresses = resolving.result(CONNECT_WITHIN.total_seconds())
    except Late:
        resolving.cancel()
        raise TimeoutError from None
    except (OSError, ValueError):  # UnicodeError is one, for names that cannot be
        raise OutgoingFailed("unreachable") from None
    usual = port in PORTS[parts.scheme]
    if not addresses or not all(is_allowed(each) and (usual or is_inner(each)) for each in addresses):
        raise OutgoingFailed("address")
    return addresses[:MOST_ADDRESSES]


class _Wire:
    """A connection that lives until an instant and reads so many bytes: what http.client needs of a socket."""

    def __init__(self, sock: socket.socket, *, until: float) -> None:
        self.sock, self.until, self.left = sock, until, LONGEST_HEAD + LONGEST_ANSWER + 1

    def __enter__(self) -> _Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def sendall(self, data: bytes) -> None:
        self.sock.settimeout(self.time_left())
        self.sock.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Do nothing: who opened the connection closes it."""

    def time_left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(io.RawIOBase):
    """Reads from a wire; each read has the time that is left of the whole, so that dripping gains nothing."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wire = self._wire
        if not wire.left:
            raise OutgoingFailed("too_large")
        wire.sock.settimeout(wire.time_left())
        count = wire.sock.recv_into(memoryview(buffer)[: wire.left])
        wire.left -= count
        return count


def _connected(parts: SplitResult, *, until: float) -> _Wire:
    """A connection to the first of the checked addresses that takes one; name and certificate stay those of the URL."""
    refusal: OSError = OSError()
    for address in _checked_addresses(parts):
        patience = min(CONNECT_WITHIN.total_seconds(), until - time.monotonic())
        if patience <= 0:
            raise TimeoutError
        try:
            sock = socket.create_connection((str(address), port_of(parts)), timeout=patience)
        except OSError as error:
            refusal = error
            continue
        return _Wire(_secured(sock, parts), until=until)
    raise refusal


def _secured(sock: socket.socket, parts: SplitResult) -> socket.socket:
    if parts.scheme != "https":
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)
    except OSError:
        sock.close()
        raise


def _ask(
    parts: SplitResult, wire: _Wire, *, method: str, headers: Mapping[str, str], body: bytes | None
) -> HTTPResponse:
    http = HTTPConnection(str(parts.hostname), port_of(parts))
    http.sock = wire  # it sends and reads, which is all that is asked of it
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    http.request(method, target, body, {"Host": parts.netloc, "User-Agent": "support-portal", **headers})
    return http.getresponse()


def _answer(response: HTTPResponse) -> Answer:
    if 300 <= response.status < 400:
        raise OutgoingFailed("redirect")
    body = response.read(LONGEST_ANSWER + 1)
    if len(body) > LONGEST_ANSWER:
        raise OutgoingFailed("too_large")
    if response.length:  # announced, and never came
        raise OutgoingFailed("answer")
    return Answer(response.status, _headers_of(response), body)


def _beginning(response: HTTPResponse) -> Answer:
    """The status, and what arrives of the body within the limits."""
    body = b""
    try:
        while len(body) < LONGEST_ANSWER and (chunk := response.read1(LONGEST_ANSWER - len(body))):
            body += chunk
    except (OSError, HTTPException, OutgoingFailed):  # TimeoutError is one of the first
        pass
    return Answer(response.status, _headers_of(response), body)


def _headers_of(response: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}
