"""Lists of requests with search and filters: the customer's history, and for staff all that they may see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from accounts.errors import InvalidCursor
from accounts.keyset import Page
from accounts.labels import in_active_language
from accounts.permissions import may, require
from tickets import lifecycle, wording
from tickets.errors import UnknownChoice
from tickets.models import ServiceRequest
from tickets.selectors import catalogue
from tickets.selectors.incidents import known_incidents
from tickets.selectors.lists import Wanted, requests_page
from tickets.selectors.tags import tags_on
from tickets.views.base import RequestsView
from tickets.views.incidents import banner_of
from tickets.views.narrowing import PlaceFilter
from tickets.views.tagging import TagFilter

FOLDERS = {"open": _("Open"), "recently_closed": _("Recently closed"), "archived": _("Archived"), "all": _("All")}
LONGEST_SEARCH = 200


class RequestListView(RequestsView):
    """Open, recently closed, archived or all requests (CH-3, CH-5)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the list; htmx gets the list alone."""
        require(self.actor, "read_request")
        tags, places = TagFilter(self), PlaceFilter(self)
        wanted = replace(self._wanted(), within=places.within(tags.ids))
        found = self._page(wanted)
        context: dict[str, Any] = {
            "tabs": self._tabs(wanted),
            "rows": [self._row(row) for row in found.rows],
            "next": found.next,
            "previous": found.previous,
            "wanted": wanted,
            "chips": places.chips,
            "fault": places.fault,
            "may_file": may(self.actor, "file_request"),
            "now": self.now,
            "tag_selects": [] if is_part(request) else tags.selects,
            "severities": [*wording.SEVERITIES.items()],
            "categories": [*wording.CATEGORIES.items()],
            "services": [(row.code, in_active_language(row.names)) for row in catalogue.services()],
        }
        if not is_part(request):
            known = known_incidents(self.actor, now=self.now)
            context["places"] = places.fields(known)
            context["incidents"] = [] if self.actor.is_staff else banner_of(known)
        response = self.render("tickets/_list.html" if is_part(request) else "tickets/list.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _wanted(self) -> Wanted:
        """The filters of the address; a folder that does not exist is the first one."""
        given = self.request.GET
        folder = given.get("folder", "open")
        return Wanted(
            folder=folder if folder in FOLDERS else "open",
            severities=[value for value in given.getlist("severity") if value in wording.SEVERITIES],
            categories=[given["category"]] if given.get("category") in wording.CATEGORIES else [],
            services=[given["service"][:40]] if given.get("service") else [],
            text=given.get("q", "").replace("\x00", "")[:LONGEST_SEARCH],
        )

    def _page(self, wanted: Wanted) -> Page[ServiceRequest]:
        """The page that the address asks for; a cursor that is none leads to the first one."""
        try:
            return requests_page(self.actor, wanted, now=self.now, cursor=self.request.GET.get("cursor"))
        except (InvalidCursor, UnknownChoice):
            return requests_page(self.actor, wanted, now=self.now)

    def _row(self, row: ServiceRequest) -> dict[str, Any]:
        return {
            "request": row,
            "state": lifecycle.state_at(row.state, closed_at=row.closed_at, now=self.now),
            "reopen_until": lifecycle.reopen_until(row.closed_at) if row.closed_at else None,
            "breached": bool(row.due_at and row.due_at < self.now),
            "tags": tags_on(row) if may(self.actor, "read_internal") else [],
        }

    def _tabs(self, wanted: Wanted) -> list[dict[str, Any]]:
        """The folders; a search goes along to the next one."""
        kept = self.request.GET.copy()
        kept.pop("cursor", None)
        tabs = []
        for code, label in FOLDERS.items():
            kept["folder"] = code
            tabs.append({"url": f"?{kept.urlencode()}", "label": label, "current": code == wanted.folder})
        return tabs


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; going back in history asks for the whole."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request
