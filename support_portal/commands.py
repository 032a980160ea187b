"""What `manage.py` does before Django takes over: servers for the command, and time enough for its statements."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from django.core.management import execute_from_command_line

from accounts import circumstances
from support_portal import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
WITHOUT_SERVERS = frozenset(
    {
        "assess_severity",
        "check",
        "collectstatic",
        "findstatic",
        "help",
        "run",
        "sla_what_if",
        "spectacular",
        "translations",
        "verify_audit",
        "version",
    }
)
UNHURRIED = frozenset({"migrate", "dbshell", "verify", "demo"})
WAIT_SECONDS = 30.0
LONGEST_VIA = 60  # characters of a column


def run_command(arguments: list[str]) -> None:
    """Run one management command; on embedded servers it brings them up for itself where nobody runs them."""
    name = arguments[1] if len(arguments) > 1 else "help"
    os.environ.setdefault("STATEMENT_TIMEOUT", "0" if name in UNHURRIED else "30")
    servers = nullcontext() if name in WITHOUT_SERVERS or name.startswith("-") else servers_for_command(name)
    with servers, circumstances.under(f"command:{name}"[:LONGEST_VIA]):
        execute_from_command_line(arguments)


@contextmanager
def servers_for_command(name: str) -> Iterator[None]:
    """Use the embedded servers that run already, or run them as long as the command takes."""
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if os.environ.get("DJANGO_SETTINGS_MODULE") != "support_portal.settings" or not (postgres or valkey):
        yield
        return
    folder = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()
    servers = embedded.Servers(folder, postgres=postgres, valkey=valkey)
    with ExitStack() as stack:
        holder = True
        try:
            stack.enter_context(embedded.held(folder, f"the command {name}"))
            stack.enter_context(servers)
        except embedded.AlreadyHeld:
            holder = False
            _wait_for(servers)
        except embedded.ServerError as error:
            sys.exit(f"{name}: {error}")
        stack.enter_context(_in_use(folder, wait_for_others=holder))
        yield


def _wait_for(servers: embedded.Servers) -> None:
    """Give whoever holds the folder the time to bring the servers up."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not servers.answer() and time.monotonic() < deadline:
        time.sleep(0.1)


@contextmanager
def _in_use(folder: Path, *, wait_for_others: bool) -> Iterator[None]:
    """Count as a user of the servers; who holds them waits for the other users before they end with it."""
    with (folder / "users.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
        fcntl.flock(lock, fcntl.LOCK_UN)
        if wait_for_others:
            fcntl.flock(lock, fcntl.LOCK_EX)
