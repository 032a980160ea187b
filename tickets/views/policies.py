"""The pages of published policies: all versions, and one of them as people read it (SLA-1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.errors import InvalidCursor
from accounts.keyset import Page
from accounts.permissions import may, require
from sla.models import PolicyVersion
from sla.policy_text import write_text
from sla.policy_wording import difference_lines
from sla.selectors import policy_document, policy_in_force
from tickets.selectors import policies
from tickets.views import policy_tables as tables
from tickets.views.base import RequestsView


class PoliciesView(RequestsView):
    """Every version, newest first, and the drafts for those who may publish."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the list."""
        require(self.actor, "read_policies")
        found = self._page()
        may_publish = may(self.actor, "publish_policy")
        context = {
            "rows": found.rows,
            "next": found.next,
            "previous": found.previous,
            "in_force": policy_in_force().version,
            "may_publish": may_publish,
            "drafts": policies.drafts(self.actor) if may_publish else [],
        }
        return self.render("tickets/policies/list.html", context)

    def _page(self) -> Page[PolicyVersion]:
        try:
            return policies.versions(self.actor, cursor=self.request.GET.get("cursor"))
        except InvalidCursor:
            return policies.versions(self.actor)


class VersionView(RequestsView):
    """One version in words: response table, calendars, regions, caps, ladders, and what it changed."""

    def get(self, request: HttpRequest, version: int) -> HttpResponse:
        """Draw it."""
        require(self.actor, "read_policies")
        document = policy_document(version)
        row = PolicyVersion.objects.defer("document").get(version=version)
        context = {
            "row": row,
            "in_force": policy_in_force().version,
            "may_publish": may(self.actor, "publish_policy"),
            "changes": self._changes(row, document),
            **parts_of(document),
        }
        return self.render("tickets/policies/version.html", context)

    def _changes(self, row: PolicyVersion, document: dict[str, Any]) -> dict[str, Any] | None:
        earlier = PolicyVersion.objects.defer("document").filter(version__lt=row.version).order_by("-version").first()
        if earlier is None:
            return None
        return {"version": earlier.version, "lines": difference_lines(policy_document(earlier.version), document)}


class DocumentView(RequestsView):
    """One version as the document that it is."""

    def get(self, request: HttpRequest, version: int) -> HttpResponse:
        """Give the JSON to keep."""
        require(self.actor, "read_policies")
        answer = HttpResponse(write_text(policy_document(version)) + "\n", content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="policy-{version}.json"'
        return answer


def parts_of(document: dict[str, Any]) -> dict[str, Any]:
    """What a page shows of a document."""
    return {
        "kinds": tables.table_of(document),
        "tiers": [cell.tier_name for cell in tables.table_of(document)[0].rows[0].cells],
        "ladders": tables.ladders_of(document),
        "calendars": tables.calendars_of(document),
        "regions": tables.regions_of(document),
        "closed": _("closed"),
    }
