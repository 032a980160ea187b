"""A body of 100 MB, at a real server: refused, soon, and without the memory to hold it (P-8)."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import factories
from tests.processes import Process, Processes
from tests.tickets import making

SIZE = 100 * 1000 * 1000
PIECE = b"x" * 65_536
MOST_MEMORY = 50 * 1000 * 1000
WITHIN = 60.0  # with other tests beside it; alone it takes two
MULTIPART = "multipart/form-data; boundary=zq"
PART = b'--zq\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
Answered = tuple[HTTPResponse, bytes]


def said_of(process: Process, name: str) -> int:
    """The sum of a figure of the kernel's over all processes of a group, in bytes."""
    figures = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            fields = (status.parent / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == process.popen.pid:
                figures.append(int(re.findall(rf"^{name}:\s+(\d+) kB", status.read_text(), re.MULTILINE)[0]))
    assert len(figures) >= 2, "the web server and its worker"
    return sum(figures) * 1024


def pieces(start: bytes, *, chunked: bool) -> Iterator[bytes]:
    yield _framed(start, chunked=chunked)
    left = SIZE - len(start)
    while left > 0:
        piece = PIECE[:left]
        left -= len(piece)
        yield _framed(piece, chunked=chunked)
    if chunked:
        yield b"0\r\n\r\n"


def _framed(piece: bytes, *, chunked: bool) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece) if chunked and piece else piece


def send(address: str, path: str, start: bytes, headers: dict[str, str], *, chunked: bool) -> Answered:
    """Send a large body as long as the server takes it; the answer and its body."""
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(SIZE)}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (headers | length).items()), "", ""]
    place = urlsplit(address)
    with closing(socket.create_connection((place.hostname, place.port), timeout=WITHIN)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces(start, chunked=chunked):
                connection.sendall(piece)
        answer = HTTPResponse(connection)
        answer.begin()
        return answer, answer.read()


@pytest.fixture
def portal(processes: Processes) -> tuple[Process, str, dict[str, str], str]:
    """A web server of one worker, a token, and where files go."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation, reference="here")
    admin = factories.make_person(organisation, "global_admin")
    request = making.filed(factories.actor(admin))
    _, token = factories.make_token(admin)
    web, address = processes.web()
    return web, address, {"Authorization": f"Bearer {token}", "Host": "localhost"}, request.number


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_body_of_100_mb_is_refused_in_little_memory(portal, chunked: bool) -> None:
    """P-8: what says its length is too large, what does not is asked for it"""
    web, address, headers, number = portal
    files, expected = f"/api/v1/service-requests/{number}/attachments/", 411 if chunked else 413
    calls = {
        "/api/v1/service-requests/": ("application/json", b'{"subject": "'),
        files: (MULTIPART, PART),
        "/login/": ("application/x-www-form-urlencoded", b"login="),
    }
    before = said_of(web, "VmRSS")
    for path, (content_type, start) in calls.items():
        began = time.monotonic()
        answer, body = send(address, path, start, {**headers, "Content-Type": content_type}, chunked=chunked)
        assert answer.status == expected, (path, body[:300])
        assert time.monotonic() - began < WITHIN
        if path.startswith("/api/"):
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert json.loads(body)["status"] == expected
    assert said_of(web, "VmHWM") - before < MOST_MEMORY
