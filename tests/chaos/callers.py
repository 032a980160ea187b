"""Programs that use the API while everything breaks: they repeat a call under its key until they have an answer."""

from __future__ import annotations

import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from tests.chaos.ledger import Ledger

PATIENCE = 15.0  # seconds that a caller waits for an answer
LONGEST_PAUSE = 3.0
REPEATABLE = {409, 429, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 where nothing did, with the name of the error."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    took: float = 0.0
    error: str = ""

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work under one key. `place` finds in the answer where the work can be found afterwards.

    With `upload` it is a file of that content, named for the key, that is sent.
    """

    key: str
    path: str
    body: Mapping[str, Any]
    secret: str
    place: Callable[[Any], str]
    then: Callable[[Any], None] = lambda _: None
    persistent: bool = True
    upload: bytes = b""

    @property
    def content(self) -> tuple[str, bytes]:
        """Media type and body, the same at each attempt."""
        if not self.upload:
            return "application/json", json.dumps(self.body).encode()
        named = f'Content-Disposition: form-data; name="file"; filename="{self.key}.txt"\r\nContent-Type: text/plain'
        body = f"--{self.key}\r\n{named}\r\n\r\n".encode() + self.upload + f"\r\n--{self.key}--\r\n".encode()
        return f"multipart/form-data; boundary={self.key}", body


def call(port: int, job: Job, *, patience: float = PATIENCE) -> Reply:
    """One attempt."""
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    form, body = job.content
    headers = {"Authorization": f"Bearer {job.secret}", "Content-Type": form, "Host": "localhost"}
    began = time.monotonic()
    try:
        connection.request("POST", job.path, body, {**headers, "Idempotency-Key": job.key})
        answer = connection.getresponse()
        text = answer.read()
        return Reply(answer.status, json.loads(text or b"null"), dict(answer.headers), time.monotonic() - began)
    except (OSError, HTTPException, ValueError) as error:
        return Reply(0, took=time.monotonic() - began, error=type(error).__name__)
    finally:
        connection.close()


class Callers:
    """A few threads that work off jobs, and write every attempt and answer into the ledger."""

    def __init__(
        self, port: int, ledger: Ledger, *, threads: int, chance: random.Random, patience: float = PATIENCE
    ) -> None:
        self.port, self.patience = port, patience
        self.ledger = ledger
        self.replies: list[tuple[float, Reply]] = []
        self.refusals: Counter[str] = Counter()
        self.errors: list[Exception] = []
        self._chance = chance
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def give(self, job: Job) -> None:
        """Have a job done."""
        self._jobs.put(job)

    @property
    def done(self) -> bool:
        """Whether every job that was given has been done; raises what went wrong in a thread of ours."""
        if self.errors:
            raise self.errors[0]
        return self._jobs.unfinished_tasks == 0

    def statuses(self, *, since: float = 0.0) -> Counter[int]:
        """How many answers of each status there were; 0 stands for no answer."""
        return Counter(reply.status for at, reply in list(self.replies) if at >= since)

    def slowest(self, part: float = 0.95, *, since: float = 0.0) -> float:
        """The seconds within which this part of the 2xx answers came."""
        took = sorted(reply.took for at, reply in list(self.replies) if at >= since and 200 <= reply.status < 300)
        return took[int((len(took) - 1) * part)] if took else 0.0

    def stop(self) -> None:
        """End the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(PATIENCE + 5)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._do(job)
            except Exception as error:
                self.errors.append(error)
                raise
            finally:
                self._jobs.task_done()

    def _do(self, job: Job) -> None:
        """Try until there is an answer; one that is not persistent gives up after the first failure.

        It waits longer each time that no answer came in time, so that a busy server comes to it.
        """
        patience = self.patience
        while True:
            self.ledger.write("asked", key=job.key, path=job.path)
            reply = call(self.port, job, patience=patience)
            patience = min(PATIENCE, patience * 2) if reply.status == 0 else patience
            self.replies.append((time.monotonic(), reply))
            if 200 <= reply.status < 300:
                self.ledger.write("answered", key=job.key, place=job.place(reply.body), status=reply.status)
                job.then(reply.body)
                return
            self.ledger.write("failed", key=job.key, status=reply.status, code=reply.code)
            if not _worth_repeating(reply):
                self.refusals[f"{reply.status} {reply.code}"] += 1
                return
            if not job.persistent:
                return
            time.sleep(self._pause(reply))

    def _pause(self, reply: Reply) -> float:
        asked = float(reply.headers.get("Retry-After", 0.3))
        return min(asked, LONGEST_PAUSE) * self._chance.uniform(0.5, 1.0)


def _worth_repeating(reply: Reply) -> bool:
    if reply.status == 409:
        return "Retry-After" in reply.headers
    return reply.status in REPEATABLE or reply.status == 0 or reply.status >= 500
