"""The first page after signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import selectors as accounts
from accounts.models import Delegation
from accounts.permissions import may
from selfhelp.views import home_for_user
from tickets import lifecycle
from tickets.selectors.availability import phone_line
from tickets.selectors.incidents import known_incidents
from tickets.selectors.lists import Wanted, requests_page
from tickets.views.base import RequestsView, reading_language
from tickets.views.incidents import banner_of

SHOWN = 10
CUSTOMERS_SHOWN = 5
BEGINNINGS = {"read_queue": "tickets:queue", "read_operations": "tickets:operations"}  # of support staff


class HomeView(RequestsView):
    """An admin's requests; the queue or operations for who works there; else self-help (CH-3, SH-2)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw what this person begins with."""
        if self.actor.is_staff:
            begins_with = (page for act, page in BEGINNINGS.items() if may(self.actor, act))
            return HttpResponseRedirect(reverse(next(begins_with, "selfhelp:articles")))
        if not may(self.actor, "read_request"):
            return home_for_user(request)
        return self._admin_home()

    def _admin_home(self) -> HttpResponse:
        open_page = requests_page(self.actor, Wanted(folder="open"), now=self.now, size=SHOWN)
        closed = requests_page(self.actor, Wanted(folder="recently_closed"), now=self.now, size=SHOWN)
        country = self.person.organisation.country if self.person.organisation else ""
        customers = self._customers()
        context = {
            "open_requests": open_page.rows,
            "more_open": bool(open_page.next),
            "closed_requests": [(row, lifecycle.reopen_until(row.closed_at)) for row in closed.rows if row.closed_at],
            "phone": phone_line(country, language=reading_language(), now=self.now),
            "may_file": may(self.actor, "file_request"),
            "customers": customers[:CUSTOMERS_SHOWN],
            "more_customers": len(customers) > CUSTOMERS_SHOWN,
            "incidents": banner_of(known_incidents(self.actor, now=self.now)),
            "now": self.now,
        }
        return self.render("tickets/home.html", context)

    def _customers(self) -> list[Delegation]:
        """Whom a partner's person may act for while they act for nobody; one more than are shown (PA-1)."""
        own = self.person.organisation
        if not own or not own.is_partner or self.actor.on_behalf_of_id:
            return []
        return list(accounts.customers_of(self.person, now=self.now)[: CUSTOMERS_SHOWN + 1])
