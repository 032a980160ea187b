"""What happens to a file after it came: the virus scan, then the preview of a picture; by workers, never in a request.

A row is leased, the work is done outside of any transaction, and what came of it is written. A crash lets the lease
lapse. With the scanner away the file goes on waiting (P-9).
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts import clock
from accounts.transactions import service
from tickets import picture_process
from tickets.events import EventKind
from tickets.file_kinds import HEAD, picture_kind
from tickets.models import Attachment, Preview, Scan, ServiceRequest
from tickets.services import notices
from tickets.services.base import record, touch
from tickets.services.scanner import ScannerAway, finds_virus
from tickets.services.storage import new_key, path_of, preview_path_of, remove_files, write_new

TASK = "tickets.inspect_files"
LEASE = timedelta(seconds=90)  # longer than one file can take
STALE_AFTER = timedelta(seconds=30)
WITHIN = timedelta(seconds=40)  # a task has 50 s
BATCH = 5
DRAWING = 15.0  # seconds; the process itself has ten of the processor
LONGEST_PAUSE = timedelta(minutes=5)
log = structlog.get_logger(__name__)


def nudge() -> None:
    """Hurry the inspection by task name; with the broker away somebody looks for due rows all the same (P-9)."""
    current_app.send_task(TASK, expires=10, ignore_result=True, retry=False)


def is_stale() -> bool:
    """Tell whether a file has been due for 30 s with nobody on it, so that the sweeper has to step in (P-9)."""
    return Attachment.objects.filter(inspect_at__lt=clock.now() - STALE_AFTER).exists()


def inspect_all(*, within: timedelta = WITHIN) -> int:
    """Look at every file that is due, for a while at most; return how many were looked at."""
    until, looked_at = time.monotonic() + within.total_seconds(), 0
    while time.monotonic() < until and (leased := _lease()):
        for attachment in leased:
            inspect(attachment)
        looked_at += len(leased)
    return looked_at


@transaction.atomic
def _lease() -> list[Attachment]:
    now = clock.now()
    due = Attachment.objects.filter(inspect_at__lte=now).order_by("inspect_at", "id")
    rows = list(due.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    ids = [row.pk for row in rows]
    Attachment.objects.filter(pk__in=ids).update(inspect_at=now + LEASE, attempts=F("attempts") + 1)
    return list(Attachment.objects.filter(pk__in=ids).order_by("pk"))


def inspect(attachment: Attachment) -> None:
    """Do what is left to do about one leased file; whatever fails is put off, and the next file has its turn."""
    try:
        if attachment.scan == Scan.WAITING:
            _scan(attachment)
        if attachment.scan != Scan.INFECTED and attachment.preview == Preview.WAITING:
            _preview(attachment)
    except ScannerAway as error:
        log.warning("attachment.not_scanned", attachment=attachment.pk, error=str(error))
        _put_off(attachment)
    except Exception:  # one file that cannot be looked at must not stop the others
        log.exception("attachment.not_inspected", attachment=attachment.pk)
        _put_off(attachment)


def _scan(attachment: Attachment) -> None:
    infected = finds_virus(path_of(attachment)) if settings.CLAMD_URL else None
    if infected:
        _settle_infected(attachment_id=attachment.pk)
        attachment.scan = Scan.INFECTED
        return
    attachment.scan = Scan.UNSCANNED if infected is None else Scan.CLEAN  # the scanner may have been taken away
    done = {"inspect_at": None} if attachment.preview != Preview.WAITING else {}
    scanned_at = None if infected is None else clock.now()
    _settle(attachment, scan=attachment.scan, scanned_at=scanned_at, **done)


@transaction.atomic
def _settle(attachment: Attachment, **outcome: Any) -> int:
    """Keep what came of a file that waited for its scan or its preview; its request has changed with it (1 or 0)."""
    asked = "scan" if "scan" in outcome else "preview"
    if not attachment.internal:
        touch(attachment.request)  # which locks it first, as everybody does
    return Attachment.objects.filter(pk=attachment.pk, **{asked: "waiting"}).update(**outcome)


@service
def _settle_infected(*, attachment_id: int, now: datetime | None = None) -> None:
    """Withhold the file for good, tell who sent it and who works on the request, and remove it from the disk (P-7)."""
    assert now
    attachment = Attachment.objects.get(pk=attachment_id)
    service_request = ServiceRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=attachment.request_id)
    waiting = Attachment.objects.filter(pk=attachment_id, scan=Scan.WAITING)
    if not waiting.update(scan=Scan.INFECTED, scanned_at=now, preview=Preview.NONE, inspect_at=None):
        return
    data, internal = {"attachment": attachment_id}, attachment.internal
    ref = f"attachment:{attachment_id}"
    event = record(service_request, EventKind.INFECTED, at=now, ref=ref, internal=internal, data=data)
    notices.tell_of_virus(event, service_request, sender=attachment.uploaded_by, internal=internal)
    path = path_of(attachment)
    transaction.on_commit(lambda: remove_files([path]), robust=True)


def _preview(attachment: Attachment) -> None:
    """Draw the picture anew, in a process of its own; one that cannot be drawn stays a download."""
    drawn = _drawn(path_of(attachment), name=attachment.name)
    if drawn is None:
        _settle(attachment, preview=Preview.FAILED, inspect_at=None)
        return
    attachment.preview_key = new_key()
    path = preview_path_of(attachment)
    write_new(path, drawn[8:])
    width, height = int.from_bytes(drawn[:4], "big"), int.from_bytes(drawn[4:8], "big")
    won = _settle(
        attachment,
        preview=Preview.READY,
        preview_key=attachment.preview_key,
        preview_width=width,
        preview_height=height,
        inspect_at=None,
    )
    if not won:
        remove_files([path])


def _drawn(path: Path, *, name: str) -> bytes | None:
    """What the process of pictures makes of a file: eight bytes of size, then WebP; None where it makes nothing."""
    with path.open("rb") as file:
        kind = picture_kind(name, file.read(HEAD))
        file.seek(0)
        command = [sys.executable, "-I", picture_process.__file__, kind]
        try:
            done = subprocess.run(command, stdin=file, capture_output=True, timeout=DRAWING, env={}, check=True)
        except subprocess.SubprocessError as error:
            said = (getattr(error, "stderr", None) or b"")[-100:].decode("ascii", "replace").strip()
            log.warning("attachment.not_drawn", error=type(error).__name__, said=said)
            return None
    return done.stdout if len(done.stdout) > 8 else None


def _put_off(attachment: Attachment) -> None:
    pause = min(timedelta(seconds=5 * 2 ** min(attachment.attempts, 10)), LONGEST_PAUSE)
    pending = Attachment.objects.filter(pk=attachment.pk, inspect_at__isnull=False)
    pending.update(inspect_at=clock.now() + pause)
