"""The organisations that support staff serve, to look one up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import clock, keyset, permissions, selectors
from accounts.errors import InvalidCursor
from accounts.labels import country_name
from accounts.models import Organisation
from accounts.views.base import PersonView

LONGEST_SEARCH = 100


class OrganisationsView(PersonView):
    """Find an organisation by its name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of them, by short name."""
        permissions.require(self.actor, "read_queue")
        sought = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        found = self._page(sought)
        context: dict[str, Any] = {
            "rows": [
                {"organisation": row, "country": country_name(row.country), "url": _hours(row)} for row in found.rows
            ],
            "query": sought,
            "next": found.next,
            "previous": found.previous,
        }
        return self.render("accounts/organisations.html", context)

    def _page(self, sought: str) -> keyset.Page[Organisation]:
        rows = selectors.organisations_called(self.actor, sought, now=clock.now())
        try:
            return keyset.page(rows, order=["slug"], cursor=self.request.GET.get("cursor"))
        except InvalidCursor:
            return keyset.page(rows, order=["slug"])


def _hours(organisation: Organisation) -> str:
    return reverse("accounts:desk_calendar", kwargs={"slug": organisation.slug})
