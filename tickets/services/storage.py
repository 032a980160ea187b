"""Files on the disk: written before the transaction that gives them a row, and gone again where it does not (P-7)."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import puremagic
import structlog
from django.conf import settings
from django.db import DatabaseError

from accounts.text import NAME_LIMIT, clean_label
from tickets import file_kinds, pictures
from tickets.errors import (
    AttachmentMismatch,
    AttachmentRefused,
    AttachmentTooLarge,
    StorageUnavailable,
    TicketsError,
)
from tickets.models import Attachment

MEBIBYTE = 1024 * 1024
LARGEST = 25 * MEBIBYTE
CHUNK = 64 * 1024
PLAIN_TEXT, UNKNOWN = "text/plain", "application/octet-stream"
log = structlog.get_logger(__name__)


class Upload(Protocol):
    """A file as it arrives, Django's or any other."""

    @property
    def name(self) -> str | None:
        """The name it was given."""

    @property
    def size(self) -> int | None:
        """Its length in bytes, as far as it is known."""

    @property
    def file(self) -> BinaryIO:
        """Its content."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies on the disk, looked at by name and content, and has no row yet."""

    organisation_id: int
    key: str
    name: str
    size: int
    sha256: str
    content_type: str
    picture: str  # PNG, JPEG, GIF or WebP where there can be a preview


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not stored, and why."""

    name: str
    error: TicketsError


@contextmanager
def storing(uploads: Sequence[Upload], *, organisation_id: int) -> Iterator[list[StoredFile | RefusedFile]]:
    """Store files for the transaction within; what has no row when it is over is removed at once.

    A crash in between leaves a file that no row knows, which is swept after a day; never a row without its file.
    """
    outcomes: list[StoredFile | RefusedFile] = []
    try:
        for upload in uploads:
            try:
                outcomes.append(store(upload, organisation_id=organisation_id))
            except TicketsError as error:
                outcomes.append(RefusedFile(upload.name or "", error))
        yield outcomes
    finally:
        _remove_unclaimed([each for each in outcomes if isinstance(each, StoredFile)])


def store(upload: Upload, *, organisation_id: int) -> StoredFile:
    """Write one file under a random key, for nobody else to read.

    Raises AttachmentRefused, AttachmentMismatch, AttachmentTooLarge, StorageUnavailable.
    """
    name = _checked_name(upload)
    folder, key = folder_of(organisation_id), new_key()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        size, digest, head = _write(upload.file, folder / key)
        picture = _checked_content(folder / key, name=name, head=head, size=size)
    except OSError as error:
        _remove(folder / key)
        log.error("attachment.not_stored", error=type(error).__name__, errno=error.errno)
        raise StorageUnavailable from error
    except TicketsError:
        _remove(folder / key)
        raise
    return StoredFile(organisation_id, key, name, size, digest, content_type(head), picture)


def path_of(attachment: Attachment) -> Path:
    """Where the file lies; the folder carries the organisation (P-5)."""
    return folder_of(attachment.organisation_id) / attachment.key


def preview_path_of(attachment: Attachment) -> Path:
    """Where its preview lies."""
    return folder_of(attachment.organisation_id) / attachment.preview_key


def folder_of(organisation_id: int) -> Path:
    """The folder of one organisation's files."""
    return Path(settings.MEDIA_ROOT) / str(organisation_id)


def new_key() -> str:
    """A name on the disk that nobody can guess."""
    return secrets.token_hex(24)


def write_new(path: Path, content: bytes) -> None:
    """Write a file of ours for nobody else to read, on the disk before this returns."""
    with created(path) as file:
        file.write(content)


def remove_files(paths: Sequence[Path]) -> None:
    """Remove files whose rows are gone; what cannot be removed is left to the sweep of orphans."""
    for path in paths:
        _remove(path)


def _checked_name(upload: Upload) -> str:
    """The given name as a label: the last part of a path, without characters that deceive."""
    last = (upload.name or "").replace("\\", "/").rpartition("/")[2]
    try:
        name = clean_label(last)
    except ValueError:
        raise AttachmentRefused("name") from None
    if not name.strip(". ") or len(name) > NAME_LIMIT or file_kinds.is_device(name):
        raise AttachmentRefused("name")
    if upload.size == 0:
        raise AttachmentRefused("empty")
    if upload.size and upload.size > LARGEST:
        raise AttachmentTooLarge("size")
    return name


def _checked_content(path: Path, *, name: str, head: bytes, size: int) -> str:
    """The kind of picture it is; raises what speaks against the content."""
    if not size:
        raise AttachmentRefused("empty")
    differing = file_kinds.disagreement(name, head)
    if differing:
        raise AttachmentMismatch(*differing)
    picture = file_kinds.picture_kind(name, head)
    if not picture:
        return ""
    with path.open("rb") as file:
        pixels = pictures.size_of(file, picture)
    if pixels and pictures.is_too_large(pixels):
        raise AttachmentRefused("pixels")
    return picture if pixels else ""


def _write(source: BinaryIO, path: Path) -> tuple[int, str, bytes]:
    """Copy a file; return its length, its SHA-256 and its beginning. The source is left as it was found."""
    size, digest, head = 0, hashlib.sha256(), b""
    source.seek(0)
    with created(path) as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise AttachmentTooLarge("size")
            head = head or chunk[: file_kinds.HEAD]
            digest.update(chunk)
            file.write(chunk)
    source.seek(0)
    return size, digest.hexdigest(), head


@contextmanager
def created(path: Path) -> Iterator[BinaryIO]:
    """A new file, `0600`; it and its place in the folder are flushed at the end, before any row commits (P-1)."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def content_type(head: bytes) -> str:
    """The type by content, for the reader's information; files are always served as downloads."""
    if file_kinds.kind_of(head) is None and file_kinds.is_text(head):
        return PLAIN_TEXT
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN


def _remove_unclaimed(files: Sequence[StoredFile]) -> None:
    """Remove the files that no row knows; with the database away they are left to the sweep."""
    if not files:
        return
    with suppress(DatabaseError):
        kept = set(Attachment.objects.filter(key__in=[each.key for each in files]).values_list("key", flat=True))
        remove_files([folder_of(each.organisation_id) / each.key for each in files if each.key not in kept])


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
