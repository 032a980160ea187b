"""The virus scanner beside the portal: clamd, asked over its socket, which may be on another machine.

Our own words for the one command that is needed: the client there is for Python does not look how much it has sent.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

PATIENCE = 30.0  # seconds for one file, whole
CHUNK = 256 * 1024
LONGEST_ANSWER = 4096
CLEAN, FOUND = b"stream: OK", b" FOUND"


class ScannerAway(Exception):
    """Nobody scans at the moment, or not this file; try again later."""


def finds_virus(path: Path) -> bool:
    """Whether the scanner takes the content for a virus.

    Raises ScannerAway for every answer but the two that decide, and OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        content = file.read()
    try:
        answer = _asked(content, until=time.monotonic() + PATIENCE)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error
    if answer != CLEAN and not answer.endswith(FOUND):
        raise ScannerAway(answer[:100].decode("ascii", "replace"))
    return answer != CLEAN


def _asked(content: bytes, *, until: float) -> bytes:
    """Send a file by INSTREAM, each part with its length before it and an empty one at the end; return the answer."""
    with _connected() as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(b"zINSTREAM\0")
        for at in range(0, len(content), CHUNK):
            part = content[at : at + CHUNK]
            connection.settimeout(_left(until))
            connection.sendall(len(part).to_bytes(4, "big") + part)
        connection.sendall(bytes(4))
        return _answer(connection, until=until)


def _answer(connection: socket.socket, *, until: float) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        connection.settimeout(_left(until))
        part = connection.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.partition(b"\0")[0]


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected() -> socket.socket:
    address = urlsplit(settings.CLAMD_URL)
    if address.scheme == "tcp":
        return socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5)
    try:
        connection.connect(address.path)
    except OSError:
        connection.close()
        raise
    return connection
