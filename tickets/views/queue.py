"""The engineers' queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from accounts import rota
from accounts.errors import InvalidCursor
from accounts.permissions import may, require
from tickets import wording
from tickets.lifecycle import State
from tickets.models import ServiceRequest
from tickets.selectors.incidents import known_incidents
from tickets.selectors.queue import VIEWS, QueuePage, queue_page
from tickets.selectors.tags import tags_on
from tickets.views.base import RequestsView
from tickets.views.incidents import banner_of
from tickets.views.lists import is_part
from tickets.views.tagging import TagFilter

LABELS = {
    "work": _("To do"),
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "spoken": _("Unassigned, in my languages"),
    "senior": _("For senior engineers"),
    "waiting": _("Waiting for the customer"),
}


class QueueView(RequestsView):
    """What is due next comes first: breached, then due, then severity, then age (settled point 16)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the queue; htmx gets the list alone."""
        require(self.actor, "read_queue")
        view = request.GET.get("view", VIEWS[0])
        view = view if view in VIEWS else VIEWS[0]
        wanted = TagFilter(self)
        found = self._page(view, wanted.ids)
        context: dict[str, Any] = {
            "tabs": [
                {"url": self._address(code, wanted.names), "label": LABELS[code], "current": code == view}
                for code in VIEWS
            ],
            "view": view,
            "rows": [self._row(row) for row in found.rows],
            "next": found.next,
            "first": not request.GET.get("cursor"),
            "now": self.now,
        }
        if not is_part(request):
            context |= {
                "on_duty": rota.roster_at(self.now).in_order(),
                "incidents": banner_of(known_incidents(self.actor, now=self.now)),
                "tag_selects": wanted.selects,
                "reset_url": f"?view={view}" if wanted.names else "",
            }
        response = self.render("tickets/_queue.html" if is_part(request) else "tickets/queue.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _address(self, view: str, tags: list[str]) -> str:
        """Another view; the filter goes along."""
        return f"?{urlencode({'view': view, 'tag': tags}, doseq=True)}"

    def _page(self, view: str, tags: Sequence[int]) -> QueuePage:
        try:
            return queue_page(self.actor, now=self.now, view=view, tags=tags, cursor=self.request.GET.get("cursor"))
        except InvalidCursor:
            return queue_page(self.actor, now=self.now, view=view, tags=tags)

    def _row(self, row: ServiceRequest) -> dict[str, Any]:
        """One line: what is owed next, and whether it is a promise or internal (SLA-6)."""
        waiting = row.state == State.AWAITING_RESPONSE
        return {
            "request": row,
            "breached": waiting and row.due_at is not None and row.due_at < self.now,
            "promised": row.due_at is not None,
            "may_take": may(self.actor, "take_request", on=row),
            "tags": tags_on(row),
            "language": wording.LANGUAGE_NAMES.get(row.language, row.language),
        }
