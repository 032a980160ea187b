"""The engineers' queue."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from accounts import rota
from accounts.errors import InvalidCursor
from accounts.permissions import may, require
from tickets import wording
from tickets.choosing import Reason
from tickets.choosing_wording import reason_sentence
from tickets.lifecycle import State
from tickets.models import ServiceRequest
from tickets.selectors.incidents import known_incidents
from tickets.selectors.narrowing import Within
from tickets.selectors.next_up import next_request
from tickets.selectors.queue import VIEWS, QueuePage, queue_page
from tickets.selectors.tags import tags_on
from tickets.views.base import RequestsView
from tickets.views.incidents import banner_of
from tickets.views.lists import is_part
from tickets.views.narrowing import PlaceFilter
from tickets.views.tagging import TagFilter

LABELS = {
    "work": _("To do"),
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "spoken": _("Unassigned, in my languages"),
    "senior": _("For senior engineers"),
    "waiting": _("Waiting for the customer"),
}
OFFERING = ("work", "unassigned")  # the views that say what to take next
ABOUT_READER = (Reason.LOAD, Reason.OWN_OWED_FIRST, Reason.OFF_DUTY)


class QueueView(RequestsView):
    """What is due next comes first: breached, then due, then severity, then age (settled point 16)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the queue; htmx gets the list alone."""
        require(self.actor, "read_queue")
        view = request.GET.get("view", VIEWS[0])
        view = view if view in VIEWS else VIEWS[0]
        wanted, places = TagFilter(self), PlaceFilter(self)
        found = self._page(view, places.within(wanted.ids))
        context: dict[str, Any] = {
            "tabs": [
                {"url": _address(code, wanted, places), "label": LABELS[code], "current": code == view}
                for code in VIEWS
            ],
            "view": view,
            "chips": places.chips,
            "fault": places.fault,
            "rows": [self._row(row) for row in found.rows],
            "next": found.next,
            "first": not request.GET.get("cursor"),
            "now": self.now,
            "next_up": self._next_up(view)
            if not (request.GET.get("cursor") or wanted.names or places.kept())
            else None,
        }
        if not is_part(request):
            known = known_incidents(self.actor, now=self.now)
            context |= {
                "on_duty": rota.roster_at(self.now).in_order(),
                "incidents": banner_of(known),
                "tag_selects": wanted.selects,
                "places": places.fields(known),
                "reset_url": f"?view={view}" if wanted.names or places.kept() else "",
            }
        response = self.render("tickets/_queue.html" if is_part(request) else "tickets/queue.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _page(self, view: str, within: Within) -> QueuePage:
        cursor = self.request.GET.get("cursor")
        try:
            return queue_page(self.actor, now=self.now, view=view, within=within, cursor=cursor)
        except InvalidCursor:
            return queue_page(self.actor, now=self.now, view=view, within=within)

    def _next_up(self, view: str) -> dict[str, Any] | None:
        """The request that the reader had best take, with the reasons in words, in the views of what is to do."""
        if view not in OFFERING or not may(self.actor, "take_request"):
            return None
        found = next_request(self.actor, now=self.now)
        if found is None:
            return None
        row = found.listed.row
        words = {
            each: reason_sentence(each, found.waiting, row, found.engineer, timezone=self.zone, now=self.now)
            for each in found.reasons
        }
        return {
            "request": row,
            "why": [words[each] for each in found.reasons if each not in (*ABOUT_READER, Reason.SEVERITY)],
            "before": [words[each] for each in found.reasons if each in ABOUT_READER],
        }

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


def _address(view: str, tags: TagFilter, places: PlaceFilter) -> str:
    """Another view; the filters go along."""
    return f"?{urlencode({'view': view, 'tag': tags.names, **places.kept()}, doseq=True)}"
