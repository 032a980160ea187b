"""Pages and the API over HTTP: web servers as we start them, and clients that keep their connections."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from signal import SIGKILL
from socket import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.figures import Report, Round
from support_portal.embedded import child_hook, stop
from support_portal.supervisor import kill_group

if TYPE_CHECKING:
    from accounts.models import Person
    from bench.crowd import Crowd

BASE_DIR = Path(__file__).resolve().parent.parent
UP_WITHIN = 60.0
CONFIGURATION = re.compile(r"(?P<server>gunicorn|granian):(?P<workers>[1-9])x(?P<threads>[1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class WebServer:
    """One way to serve the portal: which server, how many processes, how many threads in each."""

    server: str
    workers: int
    threads: int

    @classmethod
    def parse(cls, text: str) -> WebServer:
        """Read `gunicorn:2x4` or `granian:2x4`; raises ValueError."""
        match = CONFIGURATION.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not like gunicorn:2x4 or granian:2x4")
        return cls(match["server"], int(match["workers"]), int(match["threads"]))

    def __str__(self) -> str:
        return f"{self.server}, {self.workers} processes of {self.threads} threads"

    def command(self, port: int, *, python: str) -> list[str | Path]:
        """The command that starts it; `python` is one that has granian, where granian is wanted."""
        if self.server == "gunicorn":
            config = BASE_DIR / "support_portal" / "gunicorn_conf.py"
            address = f"127.0.0.1:{port}"
            return [sys.executable, "-m", "gunicorn", "--config", config, "--bind", address, "support_portal.wsgi"]
        options = ["--interface", "wsgi", "--workers", str(self.workers), "--blocking-threads", str(self.threads)]
        where = ["--host", "127.0.0.1", "--port", str(port)]
        return [python, "-m", "granian", *options, *where, "support_portal.wsgi:application"]

    @contextmanager
    def running(self, *, python: str = sys.executable) -> Iterator[int]:
        """Serve on a free port of this machine; the port."""
        port = _free_port()
        sizes = {"WEB_WORKERS": str(self.workers), "WEB_THREADS": str(self.threads), "PORT": str(port)}
        with (Path(os.environ["VAR_DIR"]) / f"web-{port}.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(port, python=python),
                cwd=BASE_DIR,
                env={**os.environ, **sizes, "LOG_LEVEL": "INFO", "STATEMENT_TIMEOUT": "10"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=child_hook(SIGKILL),
            )
        try:
            _wait_for(process, port)
            yield port
        finally:
            stop(process, SIGKILL)
            kill_group(process.pid)


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise SystemExit(f"The web server did not answer; see {os.environ['VAR_DIR']}.")


# ── Clients ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Call:
    """What a client asks for, again and again; `asks` are the headers and bodies to take in turn."""

    name: str
    path: str
    asks: Iterator[tuple[dict[str, str], str | None]]
    method: str = "GET"
    expected: int = 200

    def send(self, connection: HTTPConnection) -> float:
        """Send it once, read the whole answer, and return the seconds that took."""
        headers, body = next(self.asks)
        began = time.perf_counter()
        connection.request(self.method, self.path, body=body, headers=headers)
        response = connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - began
        if response.status != self.expected:
            raise RuntimeError(f"{self.name}: {response.status} {answer[:300]!r}")
        return took


def measured(port: int, call: Call, *, clients: int, seconds: float) -> Round:
    """Let some clients send the call one after the other, each over its own connection."""
    times: list[list[float]] = [[] for _ in range(clients)]
    faults: list[Exception] = []
    barrier = threading.Barrier(clients)
    began = [0.0]

    def run(mine: list[float]) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            call.send(connection)
            if barrier.wait() == 0:
                began[0] = time.perf_counter()
            deadline = time.perf_counter() + seconds
            while time.perf_counter() < deadline:
                mine.append(call.send(connection))
        except Exception as fault:
            faults.append(fault)
            barrier.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[each]) for each in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(f"{call.name} failed: {faults[0]}")
    return Round([took for each in times for took in each], time.perf_counter() - began[0])


def calls_for(desk: Crowd) -> list[Call]:
    """The pages that people look at most, and filing over the API."""
    from tickets.models import ServiceRequest

    engineer, admin = desk.engineer, desk.large
    number = ServiceRequest.objects.filter(organisation=admin.organisation, state="in_progress").values_list("number")
    request = f"/requests/{number[0][0]}/"
    return [
        _page("Queue", "/queue/", engineer),
        _page("Request, as an engineer", request, engineer),
        _page("Request, as an admin", request, admin),
        _page("List of a customer", "/requests/", admin),
        _page("Search of the whole desk, English", f"/requests/?folder=all&q={quote('certificate')}", engineer),
        _page("Search of the whole desk, Chinese", f"/requests/?folder=all&q={quote('無法傳送')}", engineer),
        _page("Home of a customer", "/", admin),
        *_readings(admin, number[0][0]),
        Call("Filing over the API", "/api/v1/service-requests/", _filings(desk), "POST", 201),
    ]


def _page(name: str, path: str, person: Person) -> Call:
    """A page as somebody sees it who has signed in."""
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return Call(name, path, cycle([({"Host": "localhost", "Cookie": cookies, "Accept": "text/html"}, None)]))


def _readings(person: Person, number: str) -> Iterator[Call]:
    """What programs of a large customer read most."""
    headers = {"Host": "localhost", "Authorization": f"Bearer {_token_of(person)}"}
    root = "/api/v1/service-requests/"
    for name, path in (
        ("API: list, 25 rows", root),
        ("API: list, 100 rows", f"{root}?page_size=100"),
        ("API: list, 25 rows with messages and promises", f"{root}?include=messages,commitments"),
        ("API: request", f"{root}{number}/"),
        ("API: search", f"{root}?q=certificate"),
    ):
        yield Call(name, path, cycle([(headers, None)]))


def _token_of(person: Person) -> str:
    from accounts import clock, selectors
    from accounts.services.tokens import issue_token

    actor = selectors.actor_for(person, now=clock.now())
    return issue_token(actor=actor, name="bench", scopes=["requests:read", "requests:write"]).secret


def _filings(desk: Crowd) -> Iterator[tuple[dict[str, str], str | None]]:
    """The texts of the demo in turn, every fourth an outage, filed by several customers at once."""
    from accounts import clock, selectors
    from bench.crowd import stories

    senders = []
    for person in desk.customers:
        actor = selectors.actor_for(person, now=clock.now())
        senders.append((_token_of(person), selectors.subscriptions_of(actor, now=clock.now())[0].reference))
    asks = []
    for place, (story, (secret, subscription)) in enumerate(zip(stories(), cycle(senders), strict=False)):
        outage = {"service_state": "down", "users_affected": "all_users"}
        form = {
            "subject": story["subject"],
            "description": story["description"],
            "category": "technical.configuration",
            "service": "exchange_online",
            "subscription": subscription,
            "impact": outage if place % 4 == 0 else {"service_state": "available", "users_affected": "single_user"},
            "contact": {"phone": "+886 2 5550 0100"},
        }
        headers = {"Host": "localhost", "Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        asks.append((headers, json.dumps(form)))
    return cycle(asks)


def pages(report: Report, desk: Crowd, *, server: WebServer, rounds: int, seconds: float) -> None:
    """Measure each page with one client and with four, in rounds that take turns."""
    calls = calls_for(desk)
    found: dict[tuple[str, int], list[Round]] = {(call.name, n): [] for call in calls for n in (1, 4)}
    with server.running() as port:
        for call in calls:
            measured(port, call, clients=server.workers * server.threads, seconds=0.2)
        for _ in range(rounds):
            for call in calls:
                for clients in (1, 4):
                    found[call.name, clients].append(measured(port, call, clients=clients, seconds=seconds))
    for (name, clients), each in found.items():
        report.add(f"{name}, {clients} at a time" if clients > 1 else name, each)


def compare(
    report: Report, desk: Crowd, *, servers: Sequence[WebServer], python: str, rounds: int, seconds: float
) -> None:
    """Measure the queue with several web servers that take turns."""
    queue = calls_for(desk)[0]
    found: dict[tuple[WebServer, int], list[Round]] = {(server, n): [] for server in servers for n in (1, 4, 16)}
    with ExitStack() as stack:
        ports = {server: stack.enter_context(server.running(python=python)) for server in servers}
        for server, port in ports.items():
            measured(port, queue, clients=server.workers * server.threads, seconds=1)
        for _ in range(rounds):
            for (server, clients), rows in found.items():
                rows.append(measured(ports[server], queue, clients=clients, seconds=seconds))
    for (server, clients), each in found.items():
        report.add(f"{server}, {clients} at a time", each)
