"""The page on which a request gets another primary contact (RO-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import AccountsError
from accounts.permissions import require
from tickets.errors import RequestNotFound, TicketsError
from tickets.forms import HandOverForm
from tickets.models import ServiceRequest
from tickets.selectors.contacts import possible_contacts
from tickets.selectors.visibility import request_of
from tickets.services.contact import change_contact
from tickets.views.base import RequestsView, refusal


class HandOverView(RequestsView):
    """The colleagues who could have it, and what comes of it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Draw the page."""
        service_request = self._find(number)
        return self._page(service_request, self._form(service_request))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Hand it over, or say why not."""
        service_request = self._find(number)
        form = self._form(service_request, request.POST)
        if not form.is_valid():
            return self._page(service_request, form, status=400)
        try:
            change_contact(number=number, actor=self.actor, changes=form.cleaned_data)  # type: ignore[arg-type]
        except RequestNotFound:
            raise
        except (TicketsError, AccountsError) as error:
            words = refusal(error)
            form.add_error(None, words.detail)
            return self._page(service_request, form, status=words.status)
        messages.success(request, _("The request has another primary contact now."))
        return HttpResponseRedirect(reverse("tickets:detail", args=[number]))

    def _find(self, number: str) -> ServiceRequest:
        service_request = request_of(self.actor, number)
        require(self.actor, "make_primary_contact", on=service_request)
        return service_request

    def _form(self, service_request: ServiceRequest, data: Mapping[str, Any] | None = None) -> HandOverForm:
        return HandOverForm(data, people=possible_contacts(service_request))

    def _page(self, service_request: ServiceRequest, form: HandOverForm, *, status: int = 200) -> HttpResponse:
        context = {"request_row": service_request, "number": service_request.number, "form": form}
        return self.render("tickets/hand_over.html", context, status=status)
