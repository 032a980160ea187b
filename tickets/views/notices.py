"""What the portal has told a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.keyset import page_or_first
from accounts.selectors import notices_for
from accounts.services.notices import read_notices
from tickets.selectors.notices import told
from tickets.views.base import RequestsView


class NoticesView(RequestsView):
    """A person's notices, newest first; a POST marks them all as read."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of notices about requests that the person may still see (P-6)."""
        notices = notices_for(self.person.pk)
        found = page_or_first(notices, order=("-id",), cursor=request.GET.get("cursor"))
        context = {"groups": told(self.person, self.actor, found.rows), "next": found.next, "previous": found.previous}
        return self.render("tickets/notices.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mark everything as read."""
        read_notices(person_id=self.person.pk)
        return HttpResponseRedirect(reverse("tickets:notices"))
