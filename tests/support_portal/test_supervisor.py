"""Children are kept alive and in view, and end together."""

import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support_portal.supervisor import Output, Supervisor, end_left_overs
from tests.processes import eventually


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, written: io.StringIO) -> Iterator[Supervisor]:
    running = Supervisor(Output(written), cwd=tmp_path, register=tmp_path / "children")
    yield running
    running.stop(within=1)


def add(supervisor: Supervisor, code: str) -> int:
    supervisor.add("child", [sys.executable, "-c", code])
    process = supervisor.children[-1].process
    assert process
    return process.pid


def turns_until(supervisor: Supervisor, written: io.StringIO, text: str) -> None:
    def turn() -> bool:
        supervisor.turn(within=0.05)
        return text in written.getvalue()

    eventually(turn, what=text)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_whole_lines_are_shown_with_the_name_of_who_said_them(supervisor: Supervisor, written: io.StringIO) -> None:
    add(supervisor, "import sys, time; sys.stdout.write('half a '); sys.stdout.flush(); print('line'); time.sleep(60)")

    turns_until(supervisor, written, "line")

    assert written.getvalue() == "child   │ half a line\n"


def test_a_child_that_dies_is_started_again_and_that_is_said(supervisor: Supervisor, written: io.StringIO) -> None:
    add(supervisor, "import time; print('I live', flush=True); time.sleep(60)")
    turns_until(supervisor, written, "I live")

    process = supervisor.children[0].process
    assert process
    process.kill()
    turns_until(supervisor, written, "was killed (SIGKILL); starting it again in 1 s")
    eventually(lambda: supervisor.turn(within=0.05) or written.getvalue().count("I live") == 2, what="it lives again")


def test_a_child_that_keeps_failing_is_given_longer_and_longer_pauses(
    supervisor: Supervisor, written: io.StringIO
) -> None:
    add(supervisor, "print('what went wrong'); raise SystemExit(3)")

    turns_until(supervisor, written, "ended with code 3; starting it again in 2 s")

    assert written.getvalue().count("what went wrong") == 2


def test_all_end_together_and_whoever_refuses_is_killed(
    supervisor: Supervisor, written: io.StringIO, tmp_path: Path
) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('no', flush=True)\n"
    pids = [add(supervisor, "import time; print('yes', flush=True); time.sleep(60)")]
    pids += [add(supervisor, stubborn + "time.sleep(60)")]
    turns_until(supervisor, written, "yes")
    turns_until(supervisor, written, "no")

    began = time.monotonic()
    supervisor.stop(within=0.5)

    assert time.monotonic() - began < 3
    assert all(map(gone, pids))
    assert "did not end within 0.5 s; killed" in written.getvalue()
    assert not (tmp_path / "children").exists()


def test_grandchildren_do_not_outlive_their_parent(supervisor: Supervisor, written: io.StringIO) -> None:
    add(
        supervisor,
        "import subprocess, sys, time\n"
        "print('pid', subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)",
    )
    turns_until(supervisor, written, "starting it again")

    grandchild = int(written.getvalue().split("pid ")[1].split()[0])
    eventually(lambda: gone(grandchild), what="the grandchild is gone")


def test_what_a_killed_supervisor_left_is_ended_and_strangers_are_not(tmp_path: Path) -> None:
    register, marker = tmp_path / "children", str(tmp_path)
    left = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", marker])
    register.write_text(f"{left}\n{os.getpid()}\n999999999")

    def reap() -> bool:
        return gone(left) or os.waitpid(left, os.WNOHANG) != (0, 0)

    eventually(lambda: Path(f"/proc/{left}/cmdline").read_bytes().count(marker.encode()), what="it runs")
    assert end_left_overs(register, ours=lambda line: marker in line) == 1

    eventually(reap, what="it has ended")  # its command line is gone a moment before it is
    assert not register.exists()


def test_without_a_terminal_there_are_no_colours(written: io.StringIO) -> None:
    Output(written).said("web", "plain", 31)

    assert "\x1b" not in written.getvalue()


def test_a_reader_that_has_gone_is_no_reason_to_fail() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "w") as stream:
        Output(stream).line("anybody there?")
        Output(stream).line("no")
