"""Calls and answers of exports, for the schema."""

from __future__ import annotations

from typing import Any

from accounts.api.schema import answered, sent

WISH = {
    "kind": "requests",
    "file_format": "csv",
    "filters": {"open": True, "severity": ["A", "B"], "created_after": "2026-11-01T00:00:00Z"},
    "language": "en",
    "byte_order_mark": True,
}
EXPORT: dict[str, Any] = {
    "id": 118,
    "kind": "requests",
    "file_format": "csv",
    "language": "en",
    "byte_order_mark": True,
    "filters": WISH["filters"],
    "state": "queued",
    "failure": None,
    "progress": {"rows": 0, "percent": 0},
    "asked_at": "2026-11-24T04:05:00Z",
    "began_at": None,
    "settled_at": None,
    "expires_at": None,
    "size": 0,
    "sha256": None,
    "url": None,
}
READY = {
    **EXPORT,
    "state": "ready",
    "progress": {"rows": 412, "percent": 100},
    "began_at": "2026-11-24T04:05:01Z",
    "settled_at": "2026-11-24T04:05:02Z",
    "expires_at": "2026-11-26T04:05:02Z",
    "size": 133790,
    "sha256": "0f1f3c5b0a6b5a8c1c6b7f0f6d1c2b3a4e5d6c7b8a9f0e1d2c3b4a5f6e7d8c9b",
    "url": "https://support.example.com/api/v1/exports/118/file/",
}
CANCELLED = {**EXPORT, "state": "cancelled", "failure": "by_asker", "settled_at": "2026-11-24T04:05:01Z"}

ASK = [sent("Open requests for a spreadsheet", WISH), answered("It waits for its turn", EXPORT, 201)]
SHOW = [answered("It is ready", READY)]
CANCEL = [answered("It is cancelled", CANCELLED)]
