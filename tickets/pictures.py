"""How large a picture is, read from its header alone: nothing is decoded before this has been looked at (P-7)."""

from __future__ import annotations

from typing import BinaryIO

MOST_PIXELS = 40_000_000  # RELIABILITY, attachments
MOST_SEGMENTS = 2_000  # of a JPEG, before the one that says its size

Size = tuple[int, int]


def size_of(file: BinaryIO, kind: str) -> Size | None:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP; None where the header does not say."""
    file.seek(0)
    return _READERS[kind](file)


def is_too_large(size: Size) -> bool:
    """Whether decoding it would take too much memory."""
    return size[0] * size[1] > MOST_PIXELS


def _png(file: BinaryIO) -> Size | None:
    head = file.read(24)
    return _checked(_big(head[16:20]), _big(head[20:24])) if head[12:16] == b"IHDR" and len(head) == 24 else None


def _gif(file: BinaryIO) -> Size | None:
    head = file.read(10)
    return _checked(_little(head[6:8]), _little(head[8:10])) if len(head) == 10 else None


def _webp(file: BinaryIO) -> Size | None:
    head = file.read(30)
    if len(head) < 30:
        return None
    if head[12:16] == b"VP8X":
        return _checked(_little(head[24:27]) + 1, _little(head[27:30]) + 1)
    if head[12:16] == b"VP8L":
        bits = _little(head[21:25])
        return _checked((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return _checked(_little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF) if head[12:16] == b"VP8 " else None


def _jpeg(file: BinaryIO) -> Size | None:
    """Walk over the segments to the frame's header, which stands behind whatever a camera wrote."""
    file.seek(2)
    for _ in range(MOST_SEGMENTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return None
        marker, length = head[1], _big(head[2:4])
        if marker == 0xFF:  # padding before the marker
            file.seek(-3, 1)
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            return _checked(_big(frame[3:5]), _big(frame[1:3])) if len(frame) == 5 else None
        file.seek(length - 2, 1)
    return None


def _checked(width: int, height: int) -> Size | None:
    return (width, height) if width and height else None


def _big(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _little(value: bytes) -> int:
    return int.from_bytes(value, "little")


_READERS = {"PNG": _png, "JPEG": _jpeg, "GIF": _gif, "WebP": _webp}
