"""A full disk for attachments, and a change of tables under load (P-9)."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg2
import pytest

from tests.chaos import evidence
from tests.chaos.callers import Reply
from tests.chaos.long.conftest import Work

SMALL_DISK = "2m"
FILE = b"The log of the mail server.\n" * 20_000  # 560 KB
LOCK_TIMEOUT_OF_MIGRATIONS = 2  # seconds
FILED_WITHIN = 1.0


@pytest.fixture
def small_disk(work: Work) -> Iterator[Path]:
    """Two megabytes for attachments."""
    folder = Path(work.rig.environment["ATTACHMENTS_DIR"])
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", folder], check=True)
    try:
        yield folder
    finally:
        work.rig.processes.end_all()
        subprocess.run(["umount", folder], check=True)


def upload(work: Work, number: str) -> Reply:
    """Attach the file to a request."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="mail.log"\r\n\r\n'
    body = head.encode() + FILE + f"\r\n--{boundary}--\r\n".encode()
    connection = HTTPConnection("127.0.0.1", work.rig.port, timeout=15)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Host": "localhost"}
    headers["Authorization"] = f"Bearer {work.crowd.secrets['business']}"
    connection.request("POST", f"/api/v1/service-requests/{number}/attachments/", body, headers)
    answer = connection.getresponse()
    reply = Reply(answer.status, json.loads(answer.read()), dict(answer.headers))
    connection.close()
    return reply


@pytest.mark.needs("mount")
def test_a_full_disk_refuses_files_and_nothing_else(
    work: Work, small_disk: Path, measured: Callable[[str], None]
) -> None:
    """P-8, P-9: row and file appear together or not at all."""
    rig = work.rig
    rig.run("web")
    numbers: list[str] = []
    work.callers.give(work.crowd.filing("business", "C", then=lambda answer: numbers.append(answer["number"])))
    rig.until(lambda: numbers, within=30, what="a request")

    replies = [upload(work, numbers[0]) for _ in range(6)]

    stored = evidence.number("SELECT count(*) FROM tickets_attachment")
    files = [path for path in small_disk.rglob("*") if path.is_file()]
    began = time.monotonic()
    for _ in range(10):
        work.callers.give(work.crowd.filing("business", "C"))
        rig.until(lambda: work.callers.done, within=30, what="one more request")
    refusals = Counter((reply.status, reply.code) for reply in replies if reply.status != 201)
    measured(f"2 MB for six files of 560 KB: {stored} stored, {len(files)} on the disk, refused {dict(refusals)}")
    assert [reply.status for reply in replies].count(201) == stored == len(files)
    assert all(path.stat().st_size == len(FILE) for path in files)
    assert refusals
    assert not any(reply.status == 500 for reply in replies)
    assert work.callers.slowest(since=began) <= FILED_WITHIN
    assert work.callers.statuses(since=began) == {201: 10}
    work.finish()


def test_a_change_of_tables_under_load_blocks_for_two_seconds_at_most(
    work: Work, measured: Callable[[str], None]
) -> None:
    """P-9: with LOCK_TIMEOUT=2 a migration that meets a long transaction gives up, and is tried again."""
    rig = work.rig
    rig.run("web", "worker-1", "beat", "sweeper")
    work.begin()
    rig.wait(4)
    reader = rig.administrator()
    reader.cursor().execute("SELECT count(*) FROM tickets_servicerequest")  # and stays in its transaction
    began = time.monotonic()
    tries = threading.Thread(target=reader.commit)
    attempts = change_tables(work, let_go=lambda: tries.start())
    rig.wait(2)
    slowest = max(reply.took for reply in work.replies(began))
    statuses = dict(work.callers.statuses(since=began))
    measured(f"a column added at try {attempts}; slowest request meanwhile {slowest:.1f} s, {statuses}")
    assert attempts > 1
    assert slowest <= LOCK_TIMEOUT_OF_MIGRATIONS + 1
    assert set(statuses) == {201}
    reader.close()
    work.finish()


def change_tables(work: Work, *, let_go: Callable[[], None]) -> int:
    """Add a column, and go on trying as whoever migrates would; return how many tries it took."""
    session = work.rig.administrator()
    session.autocommit = True
    cursor = session.cursor()
    cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_OF_MIGRATIONS}s'")
    for attempt in range(1, 6):
        try:
            cursor.execute("ALTER TABLE tickets_servicerequest ADD COLUMN added_under_load integer NULL")
        except psycopg2.errors.LockNotAvailable:
            if attempt == 2:
                let_go()
            work.rig.wait(1)
        else:
            session.close()
            return attempt
    raise AssertionError("the table could not be changed")
