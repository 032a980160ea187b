"""Reports."""

from __future__ import annotations

from tests.door.recipes import operation

operation("api-report-sla", by="admin")
