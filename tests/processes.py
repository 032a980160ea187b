"""The portal's real processes for tests, on a database and a broker of the test's own."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket

from support_portal.embedded import child_hook
from support_portal.supervisor import kill_group

BASE_DIR = Path(__file__).resolve().parent.parent
UP_WITHIN = 60.0
DOWN_WITHIN = 10.0


def eventually(holds: Callable[[], object], *, within: float = 10.0, what: str | Callable[[], str] = "") -> None:
    """Return as soon as `holds` is true; fail when it still is not after `within` seconds.

    `what` says in the failure what was waited for; a function is asked only then.
    """
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what() if callable(what) else what or holds}")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A process of the test's own, leader of a group that ends with it."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        """Return everything it has written."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """Kill it and all it started, without warning (`kill -9`)."""
        kill_group(self.popen.pid)
        self.popen.wait()

    def pause(self) -> None:
        """Stop it and all it started where they are, until `go_on`."""
        os.killpg(self.popen.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it continue after `pause`."""
        os.killpg(self.popen.pid, signal.SIGCONT)

    def end(self, within: float = DOWN_WITHIN) -> int:
        """Ask it to end, and return its exit code; kill what is left of its group."""
        self.popen.terminate()
        try:
            return self.popen.wait(within)
        finally:
            self.kill()


@dataclass
class Processes:
    """Starts the portal's processes with the same surroundings, and ends whatever still runs."""

    folder: Path
    environment: Mapping[str, str]
    started: list[Process] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self, name: str, command: Sequence[str | Path], **environment: str) -> Process:
        """Start a command; its output goes into a file in the test's folder."""
        log = self.folder / f"{name}-{next(self.numbers)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, *command],
                cwd=BASE_DIR,
                env={**os.environ, **self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=child_hook(signal.SIGKILL),
            )
        process = Process(name, popen, log)
        self.started.append(process)
        return process

    def until(self, process: Process, holds: Callable[[], object]) -> Process:
        """Return the process once `holds` is true; where it dies before, show what it said."""

        def up_or_dead() -> object:
            assert process.popen.poll() is None, f"{process.name} ended:\n{process.said()[-4000:]}"
            return holds()

        eventually(up_or_dead, within=UP_WITHIN, what=lambda: f"{process.name}: {process.said()[-2000:]}")
        return process

    def worker(self, **environment: str) -> Process:
        """Start a Celery worker and return it when it takes tasks."""
        process = self.worker_soon(**environment)
        return self.until(process, lambda: takes_tasks(process))

    def worker_soon(self, name: str = "worker", *, queues: str = "celery,slow", **environment: str) -> Process:
        """Start a Celery worker for these queues, and wait for nothing."""
        command = [
            "-m",
            "celery",
            "--quiet",
            "-A",
            "support_portal",
            "worker",
            "--queues",
            queues,
            "--concurrency",
            "2",
        ]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        return self.start(name, command, STATEMENT_TIMEOUT="30", APPLICATION_NAME="worker", **environment)

    def beat(self, **environment: str) -> Process:
        """Start Celery beat; it says nothing when it is up."""
        return self.start("beat", ["-m", "celery", "--quiet", "-A", "support_portal", "beat"], **environment)

    def sweeper(self, **environment: str) -> Process:
        """Start the sweeper that needs no broker."""
        return self.start("sweeper", ["manage.py", "sweeper"], STATEMENT_TIMEOUT="30", **environment)

    def web(self, **environment: str) -> tuple[Process, str]:
        """Start the web server; return it and its address when it answers."""
        port = free_port()
        process = self.until(self.web_at(port, **environment), lambda: page_answers(port))
        return process, f"http://127.0.0.1:{port}"

    def web_at(self, port: int, **environment: str) -> Process:
        """Start the web server on this port, and wait for nothing."""
        config = BASE_DIR / "support_portal" / "gunicorn_conf.py"
        command: list[str | Path] = [
            "-m",
            "gunicorn",
            "--config",
            config,
            "--bind",
            f"127.0.0.1:{port}",
            "support_portal.wsgi",
        ]
        return self.start("web", command, **{"PORT": str(port), "WEB_WORKERS": "1", **environment})

    def kill(self, process: Process) -> None:
        """Kill one and forget it, for by the end its number may belong to a stranger."""
        process.kill()
        self.started.remove(process)

    def end_all(self) -> None:
        """Kill whatever is still there."""
        for process in reversed(self.started):
            process.kill()


def takes_tasks(worker: Process) -> bool:
    """Tell whether a worker has come up."""
    return " ready." in worker.said()


def page_answers(port: int, path: str = "/healthz") -> bool:
    """Tell whether a page on this machine answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
