"""A few child processes kept alive and in view: prefixed output, restarts with growing pauses, an orderly end."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TextIO

from support_portal.embedded import child_hook, command_line

FIRST_PAUSE, LONGEST_PAUSE, CALM_AFTER = 1.0, 30.0, 60.0  # seconds
COLOURS = (36, 33, 35, 32, 34, 31)


class Output:
    """Lines for people: a prefix that tells who speaks, in colour where there is a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to `stream`, by default our own standard output."""
        self.stream = stream or sys.stdout
        self.coloured = self.stream.isatty() and "NO_COLOR" not in os.environ

    def line(self, text: str = "") -> None:
        """Write a line at once."""
        self.begin(text + "\n")

    def begin(self, text: str) -> None:
        """Write the beginning of a line at once; a reader that has gone is no reason to fail."""
        try:
            self.stream.write(text)
            self.stream.flush()
        except BrokenPipeError:
            with open(os.devnull, "w") as nobody:
                os.dup2(nobody.fileno(), self.stream.fileno())

    def said(self, name: str, text: str, colour: int) -> None:
        """Write what one of the processes said."""
        prefix = f"{name:<8}│"
        self.line(f"{self.paint(prefix, colour)} {text}")

    def paint(self, text: str, colour: int) -> str:
        """Return `text` in an ANSI colour, or as it is."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.coloured else text


@dataclass
class Child:
    """One process to keep: its command, its surroundings, and how it has fared so far."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    colour: int = 37
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = FIRST_PAUSE
    unfinished: bytes = b""

    @property
    def pipe(self) -> IO[bytes]:
        """Return the end from which we read what the process says."""
        assert self.process is not None and self.process.stdout is not None  # noqa: PT018
        return self.process.stdout


class Supervisor:
    """Start children, pass on what they say, start the dead again, and stop them all.

    Everything happens in the thread that calls; on Linux the children die with it.
    """

    def __init__(self, output: Output, *, cwd: Path, register: Path) -> None:
        """Remember where the children live; `register` lists them for whoever cleans up after a crash."""
        self.children: list[Child] = []
        self._output = output
        self._cwd = cwd
        self._register = register
        self._selector = selectors.DefaultSelector()

    def add(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """Start one more child."""
        colour = COLOURS[len(self.children) % len(COLOURS)]
        child = Child(name, command, environment or {}, colour)
        self.children.append(child)
        self._start(child)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            cwd=self._cwd,
            env={**os.environ, **child.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=child_hook(signal.SIGTERM),
        )
        os.set_blocking(child.pipe.fileno(), False)
        self._selector.register(child.pipe, selectors.EVENT_READ, child)
        child.started_at, child.start_again_at = time.monotonic(), 0.0
        self._note_children()

    def _note_children(self) -> None:
        running = [child.process.pid for child in self.children if child.process is not None]
        self._register.write_text("\n".join(map(str, running)))

    def turn(self, *, within: float = 0.2) -> None:
        """Pass on what was said, and see to the dead; take at most about `within` seconds."""
        for key, _ in self._selector.select(within):
            self._pass_on(key.data)
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, now)
            if child.process is None and now >= child.start_again_at:
                self._start(child)

    def _pass_on(self, child: Child) -> bool:
        """Write the whole lines that have come in; return False when there is nothing more."""
        with suppress(BlockingIOError, AssertionError):
            chunk = os.read(child.pipe.fileno(), 65536)
            if not chunk:
                self._selector.unregister(child.pipe)
                return False
            *lines, child.unfinished = (child.unfinished + chunk).split(b"\n")
            for text in (line.decode(errors="replace").rstrip() for line in lines):
                if text:
                    self._output.said(child.name, text, child.colour)
            return True
        return False

    def _bury(self, child: Child, now: float) -> None:
        assert child.process is not None
        code = child.process.returncode
        self._forget(child)
        child.pause = FIRST_PAUSE if now - child.started_at > CALM_AFTER else child.pause
        child.start_again_at = now + child.pause
        ended = f"ended with code {code}" if code >= 0 else f"was killed ({signal.Signals(-code).name})"
        self._output.said(child.name, f"{ended}; starting it again in {child.pause:g} s", 31)
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _forget(self, child: Child) -> None:
        assert child.process is not None
        while child.pipe in self._selector.get_map() and self._pass_on(child):
            pass
        with suppress(KeyError):
            self._selector.unregister(child.pipe)
        child.pipe.close()
        kill_group(child.process.pid)
        child.process, child.unfinished = None, b""

    def stop(self, *, within: float) -> None:
        """Ask all to end, kill what is left after `within` seconds, and leave nothing behind."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            child.process.terminate()  # type: ignore[union-attr]
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and any(child.process.poll() is None for child in running):  # type: ignore[union-attr]
            for key, _ in self._selector.select(0.05):
                self._pass_on(key.data)
        for child in running:
            assert child.process is not None
            if child.process.poll() is None:
                self._output.said(child.name, f"did not end within {within:g} s; killed", 31)
                kill_group(child.process.pid)
            child.process.wait()
            self._forget(child)
        self._register.unlink(missing_ok=True)


def kill_group(leader: int) -> None:
    """Kill a child with all it started; each child leads a group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def end_left_overs(register: Path, *, ours: Callable[[str], bool], within: float = 6.0) -> int:
    """End what a killed supervisor left behind; `ours` recognises a command line. Return how many there were."""
    pids = [int(word) for word in register.read_text().split() if word.isdigit()] if register.exists() else []
    alive = [pid for pid in pids if ours(command_line(pid))]
    for pid in alive:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + within
    while any(ours(command_line(pid)) for pid in alive) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in alive:
        if ours(command_line(pid)):
            kill_group(pid)
    register.unlink(missing_ok=True)
    return len(alive)
