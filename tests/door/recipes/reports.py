"""Reports."""

from __future__ import annotations

from tests.door.recipes import Of, operation

operation("api-report-sla", by="admin", query={"organisation": Of("organisation")})
operation("api-report-surveys", by="lead")
operation("api-survey-answers", by="lead", shows=True, pages="cursor")
operation("api-report-assessments", by="lead", shows=True)
operation("tickets:sla_report", by="admin", shows=True)
operation("tickets:sla_report_file", by="admin")
operation("tickets:staff_sla_report", by="lead", query={"organisation": Of("organisation")}, shows=True)
operation("tickets:staff_sla_report_file", by="lead", query={"organisation": Of("organisation")})
