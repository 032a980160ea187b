"""The portal as it runs for people: real processes kept alive, on servers of the test's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg2
import redis
from django.db import connection, connections

from support_portal import embedded
from tests import databases
from tests.chaos.post_office import PostOffice
from tests.processes import Process, Processes, eventually, free_port, page_answers, takes_tasks

AGAIN_AFTER = 1.0  # seconds until a dead process is started again, as the supervisor does
TURN = 0.05
WORKERS = ("worker", "clockwork", "mailer")  # for everything, for deadlines, for mail and tidying up


@dataclass
class Kept:
    """A process that is started again whenever it has died, as long as it is wanted."""

    start: Callable[[], Process]
    process: Process | None = None
    wanted: bool = True
    paused: bool = False
    again_at: float = 0.0
    started_at: float = 0.0
    last_words: str = ""


@dataclass
class Rig:
    """Everything that can be broken, and the ways to break it. All of it happens in the main thread."""

    folder: Path
    postgres: embedded.Postgres
    valkey: embedded.Valkey
    post: PostOffice
    environment: Mapping[str, str]
    port: int = field(default_factory=free_port)
    kept: dict[str, Kept] = field(default_factory=dict)
    boots: list[float] = field(default_factory=list)
    servers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    longest_turn: float = TURN

    def __post_init__(self) -> None:
        self.processes = Processes(self.folder, self.environment)

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, *names: str, **environment: str) -> None:
        """Start these, and return when web and workers are up; the name before a dash says what it is."""
        for name in names:
            self.kept[name] = Kept(self._starter(name, environment))
        self.turn()
        for name in names:
            if name == "web" or name.startswith(WORKERS):
                eventually(partial(self.is_up, name), within=90, what=partial(self._said, name))

    def _starter(self, name: str, environment: Mapping[str, str]) -> Callable[[], Process]:
        starters: dict[str, Callable[[], Process]] = {
            "web": lambda: self.processes.web_at(self.port, **{"APPLICATION_NAME": "web", **environment}),
            "worker": lambda: self.processes.worker_soon(name, **environment),
            "mailer": lambda: self.processes.worker_soon(name, queues="slow", **environment),
            "clockwork": lambda: self.processes.worker_soon(name, queues="celery", **environment),
            "beat": lambda: self.processes.beat(APPLICATION_NAME="beat", **environment),
            "webhooks": lambda: self.processes.start(
                name, ["manage.py", "webhooks"], STATEMENT_TIMEOUT="30", APPLICATION_NAME="webhooks", **environment
            ),
            "sweeper": lambda: self.processes.sweeper(APPLICATION_NAME="sweeper", **environment),
        }
        return starters[name.partition("-")[0]]

    def _said(self, name: str) -> str:
        process = self.kept[name].process
        return f"{name}: {process.said()[-2000:] if process else 'not running'}"

    def is_up(self, name: str) -> bool:
        """Whether it serves; and, on the way, keep the others alive."""
        self.turn()
        kept = self.kept[name]
        assert not kept.last_words, f"{name} ended by itself:\n{kept.last_words}"
        if kept.process is None:
            return False
        return page_answers(self.port) if name == "web" else takes_tasks(kept.process)

    def turn(self) -> None:
        """Bury what has died, and start what is wanted."""
        now = time.monotonic()
        for name, kept in self.kept.items():
            if kept.process and kept.process.popen.poll() is not None:
                kept.last_words = kept.process.said()[-2000:]
                self.kill(name)
            if kept.process is None and kept.wanted and now >= kept.again_at:
                kept.process, kept.started_at = kept.start(), now
            if kept.started_at and kept.process and name.startswith(WORKERS) and takes_tasks(kept.process):
                self.boots.append(now - kept.started_at)
                kept.started_at = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass, and keep the processes alive meanwhile."""
        until = time.monotonic() + seconds
        eventually(lambda: self._turned_until(until), within=seconds + 60)

    def _turned_until(self, until: float) -> bool:
        began = time.monotonic()
        self.turn()
        time.sleep(max(0.0, min(TURN, until - time.monotonic())))
        self.longest_turn = max(self.longest_turn, time.monotonic() - began)
        return time.monotonic() >= until

    def until(self, holds: Callable[[], object], *, within: float, what: str) -> float:
        """Keep the processes alive until `holds`; return how many seconds it took."""
        began = time.monotonic()

        def turned() -> object:
            self.turn()
            return holds()

        eventually(turned, within=within, what=what)
        return time.monotonic() - began

    # ── breaking processes ───────────────────────────────────────────────────────────────────────────────────────

    def kill(self, name: str) -> None:
        """`kill -9` with all its children; it is started again after a second."""
        kept = self.kept[name]
        if kept.process:
            self.processes.kill(kept.process)
        kept.process, kept.paused, kept.again_at = None, False, time.monotonic() + AGAIN_AFTER

    def kill_all(self) -> None:
        """`kill -9` of every process of the portal."""
        for name in self.kept:
            self.kill(name)

    def kill_relay(self, name: str) -> None:
        """`kill -9` of one of the worker's children, in which sweeps and the relay run."""
        kept = self.kept[name]
        children = _children(kept.process.popen.pid) if kept.process else []
        with suppress(ProcessLookupError):
            if children:
                os.kill(children[0], signal.SIGKILL)

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        kept = self.kept[name]
        if kept.process and not kept.paused and kept.process.popen.poll() is None:
            kept.process.pause()
            kept.paused = True

    def go_on(self, name: str) -> None:
        """SIGCONT."""
        kept = self.kept[name]
        if kept.process and kept.paused:
            with suppress(ProcessLookupError):
                kept.process.go_on()
        kept.paused = False

    def keep_away(self, name: str) -> None:
        """Kill it and do not start it again until `bring_back`."""
        self.kept[name].wanted = False
        self.kill(name)

    def bring_back(self, name: str) -> None:
        """Want it again."""
        self.kept[name].wanted = True

    # ── breaking servers ─────────────────────────────────────────────────────────────────────────────────────────

    def stop_database(self) -> None:
        """What `pg_ctl stop -m immediate` does: no goodbye, no checkpoint."""
        process = self.servers.pop("postgres")
        process.send_signal(signal.SIGQUIT)
        process.wait()
        connections.close_all()

    def start_database(self) -> None:
        """Start it again, with recovery from its log."""
        self.servers["postgres"] = self.postgres.start()

    def flush_redis(self) -> None:
        """`FLUSHALL`."""
        with suppress(redis.RedisError), self.redis() as client:
            client.flushall()

    def stop_redis(self) -> None:
        """Stop it, and forget what it knew."""
        if process := self.servers.pop("valkey", None):
            embedded.stop(process, signal.SIGTERM)
        shutil.rmtree(self.valkey.data, ignore_errors=True)

    def start_redis(self) -> None:
        """Start it, empty."""
        if "valkey" not in self.servers:
            self.servers["valkey"] = self.valkey.start()

    def redis(self) -> redis.Redis:
        """A client of its own for the Redis server."""
        return redis.Redis(unix_socket_path=str(self.valkey.socket), socket_timeout=2, socket_connect_timeout=1)

    def administrator(self) -> psycopg2.extensions.connection:
        """A connection beside Django's; it may stay in a transaction, or take the last free place."""
        return psycopg2.connect(self.postgres.url, connect_timeout=3)

    def end(self) -> None:
        """End everything."""
        self.processes.end_all()
        connections.close_all()
        for name, process in reversed(self.servers.items()):
            process.send_signal(signal.SIGCONT)
            embedded.stop(process, signal.SIGTERM if name == "valkey" else signal.SIGINT)
        self.post.down()


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []


@contextmanager
def assembled(folder: Path) -> Iterator[Rig]:
    """A rig with servers that run and hold the portal's tables, and with Django's connection on them; no processes."""
    sockets, logs = embedded.socket_folder(folder / "run"), folder / "log"
    postgres = embedded.Postgres(folder / "postgres", sockets, logs / "postgres.log")
    valkey = embedded.Valkey(folder / "valkey", sockets, logs / "valkey.log")
    post = PostOffice()
    post.open()
    surroundings = {
        "DJANGO_SETTINGS_MODULE": "support_portal.settings_test",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(post.port),
        "RATE_LIMIT_FACTOR": "10000",
        "OUTGOING_ALLOW": "127.0.0.0/8",
        "OUTGOING_PLAIN_HTTP": "1",
        "ATTACHMENTS_DIR": str(folder / "attachments"),
        "WORKER_SOFT_SHUTDOWN": "2",
    }
    rig = Rig(folder, postgres, valkey, post, surroundings)
    try:
        _install(rig)
        with _django_on(postgres):
            yield rig
            rig.end()
    finally:
        rig.end()


def _install(rig: Rig) -> None:
    """Start the servers; copy the tables of this test run's template, and have commits keep their instants."""
    rig.start_redis()
    rig.start_database()
    session = rig.administrator()
    session.autocommit = True
    session.cursor().execute("ALTER SYSTEM SET track_commit_timestamp = on")
    session.close()
    embedded.stop(rig.servers.pop("postgres"), signal.SIGINT)
    rig.start_database()
    dump: list[str | Path] = [embedded.postgres_program("pg_dump"), "--no-owner", databases.url_of(databases.TEMPLATE)]
    fill: list[str | Path] = [
        embedded.postgres_program("psql"),
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        rig.postgres.url,
    ]
    tables = subprocess.run(dump, check=True, capture_output=True).stdout
    subprocess.run(fill, check=True, input=tables, capture_output=True)


@contextmanager
def _django_on(postgres: embedded.Postgres) -> Iterator[None]:
    settings = connection.settings_dict
    before = dict(settings)
    connections.close_all()
    settings.update(NAME=embedded.DATABASE, USER=embedded.USER, HOST=str(postgres.sockets), PORT="", PASSWORD="")
    try:
        yield
    finally:
        connections.close_all()
        settings.update(before)
