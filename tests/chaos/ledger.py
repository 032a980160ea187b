"""The ledger: every attempt and every answer, on the disk before anything else happens."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any


class Ledger:
    """An append-only file of JSON lines, flushed to the disk line by line; several threads may write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")
        self._lock = threading.Lock()

    def write(self, what: str, **facts: Any) -> None:
        """Store one line and return when it is on the disk."""
        line = json.dumps({"what": what, **facts}).encode() + b"\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()
            os.fdatasync(self._file.fileno())

    def lines(self, what: str) -> Iterator[dict[str, Any]]:
        """The lines of one kind, in order."""
        for line in self.path.read_bytes().splitlines():
            entry: dict[str, Any] = json.loads(line)
            if entry["what"] == what:
                yield entry

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
