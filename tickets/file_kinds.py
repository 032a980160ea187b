"""What a file is, by its name and by its content, and whether the two agree (P-7).

Only beginnings that no text has by chance count here: a refusal must be right, and a log that happens to begin with two
letters of some format must come through.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

HEAD = 4096  # bytes that are looked at
# Names that Windows takes for devices whatever follows the first dot.
DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: the endings it goes by, and how its content begins."""

    name: str
    endings: frozenset[str]
    beginnings: tuple[bytes, ...]
    within: int = 0  # how far into the file the beginning may stand
    inner: tuple[int, bytes] | None = None  # what stands further on as well
    is_picture: bool = False
    is_container: bool = False  # many formats of other endings are such a file inside


def _kind(name: str, endings: str, *beginnings: bytes, **more: object) -> Kind:
    return Kind(name, frozenset(endings.split()), beginnings, **more)  # type: ignore[arg-type]


KINDS = (
    _kind("PNG", "png", b"\x89PNG\r\n\x1a\n", is_picture=True),
    _kind("JPEG", "jpg jpeg jpe jfif", b"\xff\xd8\xff", is_picture=True),
    _kind("GIF", "gif", b"GIF87a", b"GIF89a", is_picture=True),
    _kind("WebP", "webp", b"RIFF", inner=(8, b"WEBP"), is_picture=True),
    _kind("PDF", "pdf ai", b"%PDF-", within=1024),
    _kind("ZIP", "zip", b"PK\x03\x04", b"PK\x05\x06", is_container=True),
    _kind("gzip", "gz tgz", b"\x1f\x8b\x08", is_container=True),
    _kind("7z", "7z", b"7z\xbc\xaf\x27\x1c", is_container=True),
    _kind("RAR", "rar", b"Rar!\x1a\x07", is_container=True),
    _kind("Office 97", "doc xls ppt msg msi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", is_container=True),
    _kind("Office", "docx xlsx pptx odt ods odp", b"PK\x03\x04", is_container=True),
    _kind("ELF", "so elf o bin", b"\x7fELF", is_container=True),
)
# Two letters are too few to tell a program of Windows from a text that begins with them; their header counts.
WINDOWS_PROGRAM = _kind("EXE", "exe dll sys scr com cpl ocx efi drv", b"MZ")
TEXT = "txt log csv tsv json jsonl xml html htm xhtml svg md ini cfg conf yaml yml toml eml ics vcf sql har"
SCRIPTS = "js mjs css ps1 psm1 sh bat cmd vbs py reg ldif pem"
TEXT_ENDINGS = frozenset(f"{TEXT} {SCRIPTS}".split())
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # text with NUL bytes in it


def is_device(name: str) -> bool:
    """Whether Windows would open a device instead of a file of this name."""
    return DEVICE.fullmatch(name.strip(" .")) is not None


def ending_of(name: str) -> str:
    """What stands after the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def kind_of(head: bytes) -> Kind | None:
    """The kind of the content; None for what has no beginning that tells."""
    if _is_program(head):
        return WINDOWS_PROGRAM
    return next((kind for kind in KINDS if _begins(head, kind)), None)


def disagreement(name: str, head: bytes) -> tuple[str, str] | None:
    """What the name says and what the content is, where they do not agree; the words are names of formats.

    Text is told by what it lacks: it may be in any encoding, but is of no other kind and has no NUL in it.
    """
    ending, found = ending_of(name), kind_of(head)
    claimed = [kind for kind in (*KINDS, WINDOWS_PROGRAM) if ending in kind.endings]
    if claimed and not any(_begins(head, kind) for kind in claimed):
        return claimed[0].name, found.name if found else ""
    if ending in TEXT_ENDINGS and (found or not _may_be_text(head)):
        return ending.upper(), found.name if found else ""
    if found and not claimed and not found.is_container:
        return ending.upper(), found.name
    return None


def picture_kind(name: str, head: bytes) -> str:
    """PNG, JPEG, GIF or WebP where both name and content say so, else nothing."""
    kind = kind_of(head)
    return kind.name if kind and kind.is_picture and ending_of(name) in kind.endings else ""


def is_text(head: bytes) -> bool:
    """Whether this is the beginning of UTF-8 text; the last letter may be cut in two."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) >= HEAD
    return b"\x00" not in head


def _begins(head: bytes, kind: Kind) -> bool:
    if kind is WINDOWS_PROGRAM:
        return _is_program(head)
    if kind.within:
        return any(beginning in head[: kind.within] for beginning in kind.beginnings)
    if kind.inner and not head.startswith(kind.inner[1], kind.inner[0]):
        return False
    return head.startswith(kind.beginnings)


def _is_program(head: bytes) -> bool:
    at = int.from_bytes(head[60:64], "little")
    return head.startswith(b"MZ") and (head[at : at + 4] == b"PE\x00\x00" or b"DOS mode" in head[:256])


def _may_be_text(head: bytes) -> bool:
    return head.startswith(MARKS) or b"\x00" not in head
