"""The organisations that support staff serve, to look one up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import clock, keyset, permissions, selectors
from accounts.labels import country_name
from accounts.models import Organisation
from accounts.views.base import PersonView
from accounts.views.desk_organisation import page_of

LONGEST_SEARCH = 100


class OrganisationsView(PersonView):
    """Find an organisation by its name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of them, by short name."""
        permissions.require(self.actor, "read_organisations")
        sought = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        found = self._page(sought)
        context: dict[str, Any] = {
            "rows": [
                {"organisation": row, "country": country_name(row.country), "url": page_of(row)} for row in found.rows
            ],
            "query": sought,
            "may_manage": permissions.may(self.actor, "manage_organisations"),
            "next": found.next,
            "previous": found.previous,
        }
        return self.render("accounts/organisations.html", context)

    def _page(self, sought: str) -> keyset.Page[Organisation]:
        rows = selectors.organisations_called(self.actor, sought, now=clock.now())
        return keyset.page_or_first(rows, order=["slug"], cursor=self.request.GET.get("cursor"))
