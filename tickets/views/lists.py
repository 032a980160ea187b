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
from accounts.models import Organisation
from accounts.permissions import may, require
from accounts.selectors import visible_organisation
from tickets import lifecycle, wording
from tickets.errors import UnknownChoice
from tickets.models import ServiceRequest
from tickets.selectors import catalogue
from tickets.selectors.incidents import known_incidents
from tickets.selectors.lists import Wanted, requests_page
from tickets.selectors.tags import tags_on
from tickets.views.base import RequestsView
from tickets.views.incidents import banner_of
from tickets.views.tagging import TagFilter

FOLDERS = {"open": _("Open"), "recently_closed": _("Recently closed"), "archived": _("Archived"), "all": _("All")}
LONGEST_SEARCH = 200


class RequestListView(RequestsView):
    """Open, recently closed, archived or all requests (CH-3, CH-5)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the list; htmx gets the list alone."""
        require(self.actor, "read_request")
        organisation = self._organisation()
        tags = TagFilter(self)
        organisation_id = organisation.pk if organisation else None
        wanted = replace(self._wanted(), organisation_id=organisation_id, tags=tags.ids)
        found = self._page(wanted)
        context: dict[str, Any] = {
            "tabs": self._tabs(wanted),
            "rows": [self._row(row) for row in found.rows],
            "next": found.next,
            "previous": found.previous,
            "wanted": wanted,
            "organisation": organisation,
            "may_file": may(self.actor, "file_request"),
            "now": self.now,
            "tag_selects": [] if is_part(request) else tags.selects,
            "severities": [*wording.SEVERITIES.items()],
            "categories": [*wording.CATEGORIES.items()],
            "services": [(row.code, in_active_language(row.names)) for row in catalogue.services()],
        }
        if not (is_part(request) or self.actor.is_staff):
            context["incidents"] = banner_of(known_incidents(self.actor, now=self.now))
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
            category=given.get("category", "") if given.get("category") in wording.CATEGORIES else "",
            service=given.get("service", "")[:40],
            text=given.get("q", "").replace("\x00", "")[:LONGEST_SEARCH],
        )

    def _organisation(self) -> Organisation | None:
        """The one organisation that staff want to see requests of; one out of reach narrows to nothing of anybody's."""
        slug = self.request.GET.get("organisation", "")
        if not (slug and self.actor.is_staff):
            return None
        return visible_organisation(self.actor, slug.replace("\x00", ""), now=self.now)

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
