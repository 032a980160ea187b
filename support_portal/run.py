"""`make run`: the whole portal as one foreground process tree, from an empty folder to a page that answers."""

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from support_portal import embedded
from support_portal.supervisor import Output, Supervisor, end_left_overs

BASE_DIR = Path(__file__).resolve().parent.parent
SPACE_FOR_NEW_DATA, SPACE_TO_GO_ON = 400, 60  # MB
STOP_WITHIN = 5.0  # seconds for web and workers; the servers behind them take less than one more
ANSWER_WITHIN = 60.0
WAIT_FOR_COMMAND = 20.0
WEB_SERVERS = ("gunicorn", "granian")


class CannotRun(Exception):
    """The portal cannot start; the message says why and what helps."""


class Asked(Exception):
    """Somebody asked us to stop."""


class StopSignals:
    """Remembers that somebody asked us to stop; what is being done is finished first, and asks now and then.

    (An exception out of a signal handler could strike between a fork and the line that remembers the child.)
    """

    def __init__(self) -> None:
        """Listen to Ctrl-C, `kill`, and the end of the terminal."""
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def heed(self) -> None:
        """Raise Asked if so."""
        if self._asked:
            raise Asked


def main() -> int:
    """Run until asked to stop; return the exit code."""
    began, output = time.monotonic(), Output()
    try:
        Run(output, StopSignals(), began).through()
    except Asked:
        return 0
    except (CannotRun, embedded.ServerError) as problem:
        return refused(output, str(problem))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        return refused(output, f"{error.strerror}: {error.filename or 'the disk'}")


def refused(output: Output, why: str) -> int:
    """Say why the portal is not running, and return the exit code for that."""
    output.line(f"{output.paint('Cannot run:', 31)} {why}")
    return 1


class Run:
    """One run of the portal, step by step."""

    def __init__(self, output: Output, signals: StopSignals, began: float) -> None:
        """Read where and how to run from the environment."""
        self.output = output
        self.signals = signals
        self.began = began
        self.var = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()
        self.host = os.environ.get("BIND") or "127.0.0.1"
        self.port = port_of(os.environ.get("PORT") or "8000")
        self.web_server = os.environ.get("WEB_SERVER") or WEB_SERVERS[0]
        os.environ.setdefault("DEMO", "1")
        os.environ["PORT"] = str(self.port)
        os.environ["DJANGO_SETTINGS_MODULE"] = "support_portal.settings"
        self.servers = embedded.Servers(
            self.var, postgres=not os.environ.get("DATABASE_URL"), valkey=not os.environ.get("REDIS_URL")
        )
        self.supervisor = Supervisor(output, cwd=BASE_DIR, register=self.var / "children")

    def through(self) -> NoReturn:
        """Hold the folder, set up, start, watch; whatever ends it, everything is stopped in order."""
        check_space(self.var)
        with ExitStack() as stack:
            stack.enter_context(self.hold())
            end_left_overs(self.var / "children", ours=lambda line: "support_portal" in line or "manage.py" in line)
            check_port(self.host, self.port)
            try:
                stack.callback(self.say_goodbye)
                stack.callback(self.servers.stop)
                self.step("Starting PostgreSQL and Valkey", self.servers.start)
                self.signals.heed()
                self.set_up()
                stack.callback(self.supervisor.stop, within=STOP_WITHIN)
                self.start_children()
                self.wait_for_web()
                self.show_banner()
                self.watch()
            except Asked:
                self.output.line("Stopping …")
                raise

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold our folder; a management command that uses it is waited for, another run is not."""
        deadline = time.monotonic() + WAIT_FOR_COMMAND
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(embedded.held(self.var, "make run"))
                    break
                except embedded.AlreadyHeld as held:
                    if not held.holder.startswith("the command") or time.monotonic() > deadline:
                        raise CannotRun(
                            f"{held} One portal per folder: stop the other, or give this one a folder of its own "
                            "with VAR_DIR=… and PORT=…"
                        ) from None
                self.signals.heed()
                time.sleep(0.1)
            yield

    def step(self, what: str, act: Callable[[], object]) -> None:
        """Do one part of the set-up and say how long it took."""
        began = time.monotonic()
        self.output.begin(f"  {what:<44} ")
        act()
        self.output.line(f"{time.monotonic() - began:5.1f} s")

    def set_up(self) -> None:
        """Bring database, static files, translations and demo data up to date, in a process of its own."""
        environment = {**os.environ, "STATEMENT_TIMEOUT": "0", "LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"}
        demo_data = [] if os.environ.get("DEMO_DATA") == "0" else ["--demo"]
        process = subprocess.Popen(
            [sys.executable, BASE_DIR / "manage.py", "set_up", *demo_data],
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=embedded.child_hook(signal.SIGTERM),
        )
        try:
            while process.poll() is None:
                self.signals.heed()
                time.sleep(0.02)
        finally:
            embedded.stop(process, signal.SIGTERM, within=3)
        code = process.returncode
        if code:
            raise CannotRun("the set-up failed; the lines above say why. It can be repeated at any time.")

    def start_children(self) -> None:
        """Start web, the workers for deadlines and for mail, beat, the sender of webhooks and the sweeper."""
        python, patient = sys.executable, {"STATEMENT_TIMEOUT": "30", "WORKER_SOFT_SHUTDOWN": "2"}
        patient["PYTHONWARNINGS"] = "ignore:You're running the worker"  # as root; here that is the user's own choice
        celery = [python, "-m", "celery", "--quiet", "-A", "support_portal"]
        self.supervisor.add("web", self.web_command(), {"APPLICATION_NAME": "web"})
        alone = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        for name, queue in (("worker", "celery"), ("mailer", "slow")):
            command = [*celery, "worker", "--queues", queue, "--hostname", f"{name}@%h", *alone]
            self.supervisor.add(name, command, patient | {"APPLICATION_NAME": name})
        self.supervisor.add("beat", [*celery, "beat"], patient | {"APPLICATION_NAME": "beat"})
        for name in ("webhooks", "sweeper"):
            self.supervisor.add(name, [python, BASE_DIR / "manage.py", name], patient | {"APPLICATION_NAME": name})

    def web_command(self) -> list[str | Path]:
        """Return the command of the web server; WEB_SERVER=granian is there to be measured against."""
        address = f"{self.host}:{self.port}"
        if self.web_server == "gunicorn":
            config = BASE_DIR / "support_portal" / "gunicorn_conf.py"
            return [sys.executable, "-m", "gunicorn", "--config", config, "--bind", address, "support_portal.wsgi"]
        if self.web_server == "granian" and shutil.which("granian", path=str(Path(sys.executable).parent)):
            options = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "4"]
            where = ["--host", self.host, "--port", str(self.port)]
            return [sys.executable, "-m", "granian", *options, *where, "support_portal.wsgi:application"]
        raise CannotRun(f"WEB_SERVER must be one of {', '.join(WEB_SERVERS)} and installed, not {self.web_server!r}.")

    def wait_for_web(self) -> None:
        """Return when the first page answers."""
        deadline = time.monotonic() + ANSWER_WITHIN
        while not answers(self.host, self.port):
            if time.monotonic() > deadline:
                raise CannotRun(f"the web server did not answer within {ANSWER_WITHIN:g} s; its lines above say why.")
            self.signals.heed()
            self.supervisor.turn(within=0.1)

    def show_banner(self) -> None:
        """Say where the portal is and how to get in."""
        address = os.environ.get("PUBLIC_URL") or f"http://localhost:{self.port}"
        for line in banner(self.var, address=address, took=time.monotonic() - self.began):
            self.output.line(line)

    def watch(self) -> NoReturn:
        """Keep everything alive until somebody asks us to stop."""
        while True:
            self.signals.heed()
            self.supervisor.turn(within=0.5)
            for name in self.servers.revive():
                self.output.said(name, "had ended; started again", 31)

    def say_goodbye(self) -> None:
        """Say that all is well, as the last line."""
        self.output.line(f"Stopped. The data stays in {self.var}")


def port_of(text: str) -> int:
    """Return PORT as a number."""
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise SystemExit(f"Cannot run: PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def check_space(var: Path) -> None:
    """Raise CannotRun where the disk is too full to start with."""
    var.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(var).free // 2**20
    needed = SPACE_TO_GO_ON if (var / "postgres" / "PG_VERSION").exists() else SPACE_FOR_NEW_DATA
    if free < needed:
        raise CannotRun(f"the disk of {var} is full: {free} MB are free and {needed} MB are needed.")


def check_port(host: str, port: int) -> None:
    """Raise CannotRun where somebody else listens on our port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotRun(f"port {port} is taken. Choose another: make run PORT={port + 1}") from None
            raise CannotRun(f"{host}:{port} cannot be listened on: {error.strerror}.") from None


def answers(host: str, port: int) -> bool:
    """Tell whether the web server answers its health page."""
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    with suppress(OSError, HTTPException):
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    connection.close()
    return False


def banner(var: Path, *, address: str, took: float) -> list[str]:
    """Return the lines that tell a newcomer how to get in, as far as there is demo data."""
    demo: dict[str, Any] = {}
    with suppress(FileNotFoundError, json.JSONDecodeError):
        demo = json.loads((var / "demo.json").read_text())
    lines = ["", f"  The support portal is up after {took:.1f} s:  {address}", ""]
    if demo.get("sign_ins"):
        lines += ["  Sign in as", *sign_in_lines(demo["sign_ins"]), ""]
    if demo.get("token"):
        lines += [f"  API token    {demo['token']}    documentation {address}/api/v1/docs/"]
        curl = demo.get("curl", "").replace(demo.get("address") or address, address)  # PORT may differ this time
        lines += ["  File a request:", *(f"    {line}" for line in curl.splitlines()), ""]
    return [*lines, f"  Mail lands in {var / 'mail'}", "  Ctrl-C stops everything and keeps the data.", ""]


def sign_in_lines(sign_ins: list[dict[str, str]]) -> list[str]:
    """Return a table of the demo's sign-ins."""
    widths = {key: max(len(entry.get(key, "")) for entry in sign_ins) for key in ("role", "email", "password")}
    return [
        "    "
        + "   ".join(entry.get(key, "").ljust(width) for key, width in widths.items())
        + (f"   {entry['note']}" if entry.get("note") else "")
        for entry in sign_ins
    ]


if __name__ == "__main__":
    sys.exit(main())
