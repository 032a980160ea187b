"""The audit trail, as pages, as files and over the API."""

from __future__ import annotations

from tests.door.recipes import Of, operation

OF_A = {"organisation": Of("organisation")}
FILE = {"file_format": "ndjson"}

operation("tickets:audit", by="admin", shows=True, pages="cursor")
operation("tickets:export_audit", "POST", by="admin", body=FILE)
operation("tickets:audit_head", "POST", by="admin", body={"wanted": "yes"})
operation("tickets:audit_verifier", by="admin")
operation("tickets:staff_audit", by="operator", query=OF_A, shows=True, pages="cursor")
operation("tickets:export_staff_audit", "POST", by="operator", body={**FILE, **OF_A, "records": "customers"})
operation("tickets:staff_audit_head", "POST", by="operator", body={"wanted": "yes", **OF_A})
operation("tickets:staff_audit_verifier", by="operator")
operation("api-audit", by="operator", query={**OF_A, "number": Of("open")}, pages="cursor")
operation("api-audit-export", by="operator", query={**FILE, **OF_A, "records": "customers", "number": Of("open")})
