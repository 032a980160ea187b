"""Files, up and down."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from portal_cli.client import UNREACHED, Api, part
from portal_cli.inert import CONTROL, one_line
from portal_cli.problems import Failure, OutOfReach, WrongUsage
from portal_cli.shell import Shell, tell
from portal_cli.showing import file_line
from portal_cli.words import _

LONGEST_NAME = 150
CHUNK = 64 * 1024


def attach_all(shell: Shell, number: str, files: Iterable[str], *, message: int | None = None) -> list[dict[str, Any]]:
    """Attach every file, each with a key of its own; goes on after one that is refused, and fails at the end."""
    api, stored, failures = shell.api(), [], []
    for file in files:
        try:
            stored.append(_attached(api, number, file, message))
            shell.screen.note(_("Attached {name}.").format(name=file))
        except Failure as failure:
            tell(Failure(f"{file}: {failure.words}"), wants_json=shell.wants_json)
            failures.append(failure)
    if failures:
        words = _("{count} of the files could not be attached.").format(count=len(failures))
        raise Failure(words, exit_status=failures[0].exit_status, code=failures[0].code)
    return stored


def _attached(api: Api, number: str, file: str, message: int | None) -> dict[str, Any]:
    fields = {} if message is None else {"message": str(message)}
    path = f"service-requests/{part(number)}/attachments/"
    answer: dict[str, Any] = api.post(path, fields, files=lambda: {"file": (Path(file).name, _opened(file))})
    return answer


def _opened(file: str) -> IO[bytes]:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise WrongUsage(f"{file}: {error.strerror}") from None


def free(target: Path, *, force: bool) -> Path:
    """The path, if nothing is there, or is to be replaced."""
    if target.exists() and not force:
        raise WrongUsage(_("{path} is there already. Say --force to replace it.").format(path=target))
    return target


def fetch(api: Api, number: str, file: Mapping[str, Any], target: Path) -> Path:
    """Download one file, whole or not at all."""
    handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".portal-")
    try:
        with os.fdopen(handle, "wb") as output:
            digest = hashlib.sha256(content := content_of(api, number, int(file["id"]))).hexdigest()
            output.write(content)
        if digest != file["sha256"]:
            raise Failure(_("{name} arrived damaged. Download it again.").format(name=one_line(file["name"])))
        Path(unfinished).replace(target)
    finally:
        with suppress(OSError):
            Path(unfinished).unlink()
    return target


def fetch_export(api: Api, export: Mapping[str, Any], target: Path) -> None:
    """Download the file of an export, whole or not at all; what broke off goes on where it ended."""
    digest = hashlib.sha256()
    handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".portal-")
    try:
        with os.fdopen(handle, "wb") as output:
            for chunk in _chunks(api, f"exports/{export['id']}/file/", export["size"]):
                digest.update(chunk)
                output.write(chunk)
        if digest.hexdigest() != export["sha256"]:
            raise Failure(_("{name} arrived damaged. Download it again.").format(name=target.name))
        Path(unfinished).replace(target)
    finally:
        with suppress(OSError):
            Path(unfinished).unlink()


def _chunks(api: Api, path: str, size: int) -> Iterator[bytes]:
    """All bytes of a file, in as many calls as it takes, as long as each brings some."""
    had = 0
    while had < size:
        before = had
        headers = {"Range": f"bytes={had}-"} if had else {}
        with api.call("GET", path, headers=headers, stream=True) as answer, suppress(*UNREACHED):
            for chunk in answer.iter_content(CHUNK):
                had += len(chunk)
                yield chunk
        if had == before:
            raise OutOfReach(api.address, key=None)


def content_of(api: Api, number: str, attachment: int) -> bytes:
    """A file of at most 25 MiB."""
    return api.call("GET", f"service-requests/{part(number)}/attachments/{attachment}/").content


def names_of(files: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """The name that each of these files gets here, by its id, which tells those apart that share one."""
    names = {file["id"]: safe_name(file["name"], fallback=f"attachment-{file['id']}") for file in files}
    bearers = Counter(name.casefold() for name in names.values())
    return {
        pk: name if bearers[name.casefold()] == 1 else f"{Path(name).stem}-{pk}{Path(name).suffix}"
        for pk, name in names.items()
    }


def safe_name(name: str, *, fallback: str) -> str:
    """The name that a file gets here: no folders, nothing hidden, nothing that a terminal obeys."""
    last = CONTROL.sub("_", name.replace("\\", "/").rpartition("/")[2]).lstrip(". ").rstrip(". ")
    cleaned = "".join("_" if letter in '<>:"|?*' else letter for letter in last)
    while len(cleaned.encode()) > LONGEST_NAME:
        cleaned = cleaned[1:]
    return cleaned or fallback


def listed(stored: Iterable[Mapping[str, Any]]) -> Iterable[Any]:
    """Stored files as lines."""
    return (file_line(file) for file in stored)
