"""A virus scanner outside our walls, for tests: it speaks clamd's INSTREAM and knows one virus."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"  # harmless, found by every scanner


class Scanner:
    """How it answers, and what it was given; `says` in place of a verdict, `hangs_up` before any."""

    def __init__(self) -> None:
        self.says = b""
        self.hangs_up = False
        self.given: list[bytes] = []
        self.url = ""

    def answer(self, connection: socket.socket) -> None:
        """Speak with one client."""
        with connection.makefile("rb") as stream:
            command = stream.read(len(b"zINSTREAM\0"))
            if self.hangs_up or command != b"zINSTREAM\0":
                return
            content = b""
            while length := int.from_bytes(stream.read(4), "big"):
                content += stream.read(length)
        self.given.append(content)
        verdict = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        connection.sendall((self.says or verdict) + b"\0")


@contextmanager
def scanning(at: Path | None = None) -> Iterator[Scanner]:
    """Run a scanner on a free port, or on a socket in the file system."""
    scanner = Scanner()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            scanner.answer(self.request)

    server: socketserver.BaseServer
    if at:
        server, scanner.url = socketserver.ThreadingUnixStreamServer(str(at), Handler), f"unix://{at}"
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        scanner.url = f"tcp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield scanner
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
