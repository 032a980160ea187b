"""Receivers of webhooks on loopback, for tests: each answers as it is told and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Script = Callable[[socket.socket], None]


def answered(status: int, body: bytes = b"", *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    head = "\r\n".join([f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Got:
    """One webhook as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """What tells it from others."""
        return self.headers["webhook-id"]

    @property
    def type(self) -> str:
        """What it tells."""
        return str(self.json["type"])

    @property
    def json(self) -> dict[str, Any]:
        """The payload."""
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """A server on loopback. `answer` is what it sends, or a script that is given the connection."""

    answer: bytes | Script = field(default_factory=lambda: answered(204))
    got: list[Got] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hook"
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def types(self) -> list[str]:
        """What it was told, in order."""
        return [each.type for each in self.got]

    def close(self) -> None:
        """Answer nobody any more."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(client,), daemon=True).start()

    def _take(self, client: socket.socket) -> None:
        with client:
            try:
                self.got.append(_read(client))
                if callable(self.answer):
                    self.answer(client)
                else:
                    client.sendall(self.answer)
            except OSError:
                return


def _read(client: socket.socket) -> Got:
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
    headers = {name.lower(): value for name, _, value in lines}
    while len(body) < int(headers.get("content-length", 0)):
        body += client.recv(65536)
    return Got(headers, body)
