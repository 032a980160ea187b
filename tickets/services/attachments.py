"""Files on a request: stored under a random key outside the web root, row and file together or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import puremagic
import structlog
from django.conf import settings
from django.db.models import Sum

from accounts.actors import Actor
from accounts.text import clean_label
from accounts.transactions import service
from tickets.errors import AttachmentRefused, AttachmentTooLarge, StorageFull, StorageUnavailable
from tickets.events import EventKind
from tickets.models import Attachment, Message
from tickets.services import pacing
from tickets.services.base import lock_open_request, record, save

MEBIBYTE = 1024 * 1024
LARGEST = 25 * MEBIBYTE
MOST_PER_MESSAGE = 10
ROOM_PER_ORGANISATION = 5 * 1024 * MEBIBYTE
NAME_LIMIT = 120
SNIFFED = 4096
log = structlog.get_logger(__name__)
PLAIN_TEXT, UNKNOWN = "text/plain", "application/octet-stream"


class Upload(Protocol):
    """A file as it arrives, Django's or any other."""

    @property
    def name(self) -> str | None:
        """The name it was given."""

    @property
    def size(self) -> int | None:
        """Its length in bytes."""

    @property
    def file(self) -> BinaryIO:
        """Its content, to be read once."""


@service
def attach_file(
    *,
    number: str,
    actor: Actor,
    upload: Upload,
    message: Message | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Attachment:
    """Store one file with one message of an open request, with the first one if none is named.

    Raises RequestNotFound, NotPermitted, IllegalTransition, AttachmentRefused, AttachmentTooLarge, StorageFull.
    """
    assert now
    service_request = lock_open_request(number, actor, "attach_file", version=version, now=now)
    message = message or service_request.messages.order_by("id").first()
    name = _checked_name(upload)
    _check_room(service_request.organisation_id, service_request.pk, message, upload)
    key, digest, content_type = _store(upload, organisation_id=service_request.organisation_id)
    attachment = Attachment.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        message=message,
        internal=bool(message and message.kind == "internal"),
        key=key,
        name=name,
        content_type=content_type,
        size=upload.size or 0,
        sha256=digest,
        uploaded_by_id=actor.person_id or 0,
        uploaded_at=now,
    )
    if not attachment.internal:
        pacing.customer_acted(service_request, actor=actor, now=now)
        save(service_request, "queue_at", now=now)
    data = {"attachment": attachment.pk, "size": attachment.size}
    record(service_request, EventKind.ATTACHED, actor=actor, at=now, internal=attachment.internal, data=data)
    return attachment


def path_of(attachment: Attachment) -> Path:
    """Where the file lies; the folder carries the organisation (P-5)."""
    return _folder(attachment.organisation_id) / attachment.key


def _folder(organisation_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / str(organisation_id)


def _checked_name(upload: Upload) -> str:
    """The given name as a label: the last part of a path, without characters that deceive."""
    last = (upload.name or "").replace("\\", "/").rpartition("/")[2]
    try:
        name = clean_label(last)
    except ValueError:
        raise AttachmentRefused("name") from None
    if not name.strip(". ") or len(name) > NAME_LIMIT:
        raise AttachmentRefused("name")
    if not upload.size:
        raise AttachmentRefused("empty")
    if upload.size > LARGEST:
        raise AttachmentTooLarge("size")
    return name


def _check_room(organisation_id: int, request_id: int, message: Message | None, upload: Upload) -> None:
    if Attachment.objects.filter(request=request_id, message=message).count() >= MOST_PER_MESSAGE:
        raise AttachmentRefused("count")
    used = Attachment.objects.filter(organisation=organisation_id).aggregate(total=Sum("size"))["total"] or 0
    if used + (upload.size or 0) > ROOM_PER_ORGANISATION:
        raise StorageFull


def _store(upload: Upload, *, organisation_id: int) -> tuple[str, str, str]:
    """Keep the file under a new key, and return key, digest and type; orphans of a rollback are swept."""
    folder, key = _folder(organisation_id), secrets.token_hex(24)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, head = _write(upload, folder / key)
    except OSError as error:
        with suppress(OSError):
            (folder / key).unlink()
        log.error("attachment.not_stored", error=type(error).__name__, errno=error.errno)
        raise StorageUnavailable from error
    return key, digest, _content_type(head)


def _write(upload: Upload, path: Path) -> tuple[str, bytes]:
    """Write a file for nobody else to read, flushed before its row commits; return its SHA-256 and its beginning."""
    digest, head = hashlib.sha256(), b""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := upload.file.read(64 * 1024):
            head = head or chunk[:SNIFFED]
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), head


def _content_type(head: bytes) -> str:
    """The type by content, for the reader's information; files are always served as downloads."""
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        pass
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return PLAIN_TEXT if error.start >= len(head) - 3 else UNKNOWN
    return PLAIN_TEXT
