"""Exports, on the pages of both sides and over the API."""

from __future__ import annotations

from tests.door.recipes import Common, Of, operation

READY, WAITING = {"export_id": Of("export")}, {"export_id": Of("waiting_export")}
DESKS, DESKS_WAITING = {"export_id": Common("export")}, {"export_id": Common("waiting_export")}
FORM = {"kind": "requests", "file_format": "csv"}

operation("tickets:exports", by="admin", pages="cursor")
operation("tickets:exports", "POST", by="admin", body=FORM)
operation("tickets:export_file", by="admin", path=READY, shows=True)
operation("tickets:cancel_export", "POST", by="admin", path=WAITING)
operation("tickets:remove_export", "POST", by="admin", path=READY)
operation("tickets:staff_exports", by="lead", pages="cursor")
operation("tickets:staff_exports", "POST", by="lead", body={**FORM, "organisation": Of("organisation")})
operation("tickets:staff_export_file", by="lead", path=DESKS, shows=True)
operation("tickets:cancel_staff_export", "POST", by="lead", path=DESKS_WAITING)
operation("tickets:remove_staff_export", "POST", by="lead", path=DESKS)

operation("api-exports", by="admin", shows=True, pages="cursor")
operation("api-exports", "POST", by="admin", body=FORM)
operation("api-export", by="admin", path=WAITING, shows=True)
operation("api-export", "DELETE", by="admin", path=READY)
operation("api-export-cancel", "POST", by="admin", path=WAITING, body={})
operation("api-export-file", by="admin", path=READY, shows=True)
