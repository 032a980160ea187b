"""The writing of exports: by workers, in slices, so that a killed one costs a slice and no file is ever half (P-1).

A worker takes up one export for a few seconds, then lets go of it, so that several take turns and mail is not held up.
Each slice is appended and flushed; place and length follow in one conditional update, which only the worker that took
the export up last can make. Whoever takes up what another has let lapse copies the part that counts to a file of a new
name first: the other may be stopped and not dead, and still write.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import translation

from accounts import clock
from accounts.transactions import service
from tickets import export_rows
from tickets.errors import ExportBeyondReach, ExportRoomFull
from tickets.models import Export, ExportFormat, ExportKind, ExportState, ServiceRequest
from tickets.selectors import exports as selectors
from tickets.services.exports import TASK, nudge, path_of, record, room, settle, tell
from tickets.services.storage import CHUNK, created, new_key, remove_files

__all__ = ["TASK", "is_stale", "write_exports"]
LEASE = timedelta(seconds=90)  # longer than one slice can take
STALE_AFTER = timedelta(seconds=30)
WITHIN = timedelta(seconds=5)  # of one turn: the same worker also sends mail
SLICES = {ExportKind.REQUESTS: 1_000, ExportKind.COMMITMENTS: 1_000, ExportKind.EVENTS: 250}  # requests
MOST_ATTEMPTS = 6  # without a line written
LONGEST_PAUSE = timedelta(minutes=5)
CLAIMS = 0x65787074  # "expt": the lock on taking up
log = structlog.get_logger(__name__)


class Lost(Exception):
    """Somebody else has the export now, or it is over: nothing of ours counts any more."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some requests, read behind a place."""

    requests: list[ServiceRequest]
    is_last: bool


def is_stale() -> bool:
    """Tell whether an export has been due for 30 s with nobody on it, so that the sweeper has to step in (P-9)."""
    return selectors.under_way(clock.now() - STALE_AFTER).exists()


def write_exports(*, within: timedelta = WITHIN) -> int:
    """Write on at the exports that are due, for a while at most; return how many rows were written."""
    until, written = time.monotonic() + within.total_seconds(), 0
    while time.monotonic() < until and (export := take_up()):
        written += work_on(export, until=until)
    if selectors.under_way(clock.now()).exists():
        nudge()
    return written


@transaction.atomic
def take_up() -> Export | None:
    """The export that has waited longest, for us alone until its lease lapses; None where enough are being written."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CLAIMS])
        if not cursor.fetchone()[0]:
            return None
    if Export.objects.filter(held=True, run_at__gt=now).count() >= settings.EXPORTS_AT_ONCE:
        return None
    due = selectors.under_way(now).order_by("run_at", "run", "id")
    export = due.select_for_update(skip_locked=True, no_key=True).first()
    if export is None:
        return None
    lapsed = export.held
    export.run, export.held, export.run_at, export.attempts = export.run + 1, True, now + LEASE, export.attempts + 1
    export.state, export.began_at, export.version = ExportState.RUNNING, export.began_at or now, export.version + 1
    export.save()
    export.held = lapsed  # what it was: `_opened` asks
    return export


def work_on(export: Export, *, until: float) -> int:
    """Write slices of one export until the time is up, or it is whole; return how many rows were written.

    Whatever fails is put off, and the next export has its turn.
    """
    before = export.rows
    try:
        _write(export, until=until)
    except Lost:
        pass
    except ExportBeyondReach:
        _give_up(export_id=export.pk, run=export.run, failure="access_ended")
    except ExportRoomFull:
        _give_up(export_id=export.pk, run=export.run, failure="too_large")
    except Exception as error:  # one export that cannot be written must not stop the others
        log.exception("export.not_written", export=export.pk, attempts=export.attempts)
        _put_off(export, failure="storage" if isinstance(error, OSError) else "internal")
    return export.rows - before


def _write(export: Export, *, until: float) -> None:
    if export.attempts > MOST_ATTEMPTS:  # each time the worker was gone before it could tell why
        _give_up(export_id=export.pk, run=export.run, failure="internal")
        return
    with _opened(export) as file, translation.override(export.language):
        while True:
            now = clock.now()
            portion = _read(export, now=now)
            _append(export, portion, file, now=now)
            if portion.is_last:
                break
            if time.monotonic() >= until:
                _let_go(export)
                return
    _finish(export_id=export.pk, run=export.run, sha256=_digest(path_of(export)))


def _read(export: Export, *, now: datetime) -> Slice:
    """The next requests, as their asker may see them at this moment (P-6)."""
    actor = selectors.asker_of(export, now=now)
    rows = selectors.requests_for(export, actor, now=now)
    if export.total is None:
        export.total = rows.count()
    size = SLICES[ExportKind(export.kind)]
    found = list(
        selectors.behind(rows, export.place)
        .select_related(*selectors.related_to(export))
        .prefetch_related(*selectors.along_with(export))[:size]
    )
    return Slice(requests=found, is_last=len(found) < size)


def _append(export: Export, portion: Slice, file: BinaryIO, *, now: datetime) -> None:
    """Append the rows of a slice, flush them, and only then say how far the file counts."""
    begins = export.size == 0 and export.place is None
    size, rows = export.size, 0
    limit = room() - selectors.room_used(export.organisation_id) + export.size
    for line, is_row in _lines(export, portion.requests, begins=begins, now=now):
        file.write(line)
        size, rows = size + len(line), rows + is_row
        if size > limit:
            raise ExportRoomFull
    file.flush()
    os.fsync(file.fileno())
    place = [portion.requests[-1].created_at.isoformat(), portion.requests[-1].pk] if portion.requests else export.place
    passed = export.passed + len(portion.requests)
    _note(export, size=size, rows=export.rows + rows, passed=passed, place=place, total=export.total, attempts=0)


def _lines(
    export: Export, requests: list[ServiceRequest], *, begins: bool, now: datetime
) -> Iterator[tuple[bytes, bool]]:
    is_staff = export.organisation_id is None
    rows = selectors.rows_about(export, requests, is_staff=is_staff, now=now)
    if export.file_format == ExportFormat.NDJSON:
        yield from ((line, True) for line in export_rows.ndjson(rows))
        return
    if begins:
        mark = export.byte_order_mark
        yield export_rows.csv_head(export.kind, internal=export.internal, byte_order_mark=mark), False
    yield from ((line, True) for line in export_rows.csv_body(rows, export.kind, internal=export.internal))


def _note(export: Export, **changes: Any) -> None:
    """Store how far it has come, and hold it on; raises Lost where it is not ours any more."""
    ours = Export.objects.filter(pk=export.pk, run=export.run, state=ExportState.RUNNING)
    if not ours.update(**changes, run_at=clock.now() + LEASE, version=F("version") + 1):
        raise Lost
    for name, value in changes.items():
        setattr(export, name, value)


def _let_go(export: Export) -> None:
    """End this turn; whoever comes next goes on in the same file."""
    ours = Export.objects.filter(pk=export.pk, run=export.run, state=ExportState.RUNNING)
    ours.update(held=False, run_at=clock.now(), version=F("version") + 1)


def _put_off(export: Export, *, failure: str) -> None:
    if export.attempts >= MOST_ATTEMPTS:
        _give_up(export_id=export.pk, run=export.run, failure=failure)
        return
    pause = min(timedelta(seconds=5 * 2**export.attempts), LONGEST_PAUSE)
    ours = Export.objects.filter(pk=export.pk, run=export.run, state=ExportState.RUNNING)
    ours.update(held=False, run_at=clock.now() + pause, version=F("version") + 1)


@service
def _finish(*, export_id: int, run: int, sha256: str, now: datetime | None = None) -> None:
    """The file is whole: it can be had for 48 hours, and its asker hears of it."""
    assert now
    export = _locked(export_id, run)
    if export is None:
        return
    export.state, export.sha256, export.settled_at = ExportState.READY, sha256, now
    export.expires_at, export.run_at, export.held = now + selectors.KEPT_FOR, None, False
    export.version += 1
    export.save()
    data = {"rows": export.rows, "size": export.size, "sha256": sha256}
    event = record(export, "export_ready", at=now, data=data)
    tell(event, export, "export_ready")


@service
def _give_up(*, export_id: int, run: int, failure: str, now: datetime | None = None) -> None:
    """It comes to nothing: its asker hears why, unless it is because they may not read it any more."""
    assert now
    export = _locked(export_id, run)
    if export is None:
        return
    ended = failure == "access_ended"
    settle(export, ExportState.CANCELLED if ended else ExportState.FAILED, failure=failure, now=now)
    kind = "export_cancelled" if ended else "export_failed"
    event = record(export, kind, at=now, data={"reason": failure})
    tell(event, export, "export_failed")


def _locked(export_id: int, run: int) -> Export | None:
    rows = Export.objects.select_for_update(no_key=True)
    return rows.filter(pk=export_id, run=run, state=ExportState.RUNNING).first()


@contextmanager
def _opened(export: Export) -> Iterator[BinaryIO]:
    """The file at its end, without what does not count; a new one where there is none, or another may still write."""
    if not export.key or export.held or not _is_whole(export):
        _renew(export)
    with path_of(export).open("r+b") as file:
        file.truncate(export.size)
        file.seek(export.size)
        yield file


def _is_whole(export: Export) -> bool:
    try:
        return path_of(export).stat().st_size >= export.size
    except FileNotFoundError:
        return False


def _renew(export: Export) -> None:
    """Go on in a file of a new name, with what counts of the old one; from the beginning where that is gone."""
    old = path_of(export) if export.key else None
    is_whole = old is not None and _is_whole(export)
    start = {} if is_whole else {"size": 0, "rows": 0, "passed": 0, "place": None, "total": None}
    key = new_key()
    path = path_of(export).parent / key if export.key else path_of(export) / key
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with created(path) as file:
            if old is not None and is_whole:
                _copy(old, file, length=export.size)
        _note(export, key=key, **start)
    except BaseException:
        remove_files([path])
        raise
    if old is not None:
        remove_files([old])


def _copy(source: Path, file: BinaryIO, *, length: int) -> None:
    with source.open("rb") as old:
        while length and (chunk := old.read(min(CHUNK, length))):
            file.write(chunk)
            length -= len(chunk)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
