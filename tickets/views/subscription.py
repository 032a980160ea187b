"""The page on which a request is put down to another subscription (SLA-5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from accounts.errors import AccountsError
from accounts.labels import in_active_language
from accounts.models import Subscription
from tickets.errors import RequestNotFound, TicketsError
from tickets.models import ServiceRequest
from tickets.selectors.visibility import request_of
from tickets.services.subscription import change_subscription
from tickets.views.base import RequestsView, refusal


class SubscriptionForm(forms.Form):
    """Which of the organisation's running subscriptions a request is about."""

    subscription = forms.ChoiceField(label=_("Subscription"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, running: list[Subscription], about: int | None
    ) -> None:
        super().__init__(data, initial={"subscription": next((s.reference for s in running if s.pk == about), "")})
        self.fields["subscription"].choices = [(each.reference, _name(each)) for each in running]  # type: ignore[attr-defined]


def _name(subscription: Subscription) -> str:
    plan = in_active_language(subscription.plan.names)
    words = gettext("%(plan)s, trial (%(reference)s)") if subscription.trial else gettext("%(plan)s (%(reference)s)")
    return words % {"plan": plan, "reference": subscription.reference}


class SubscriptionView(RequestsView):
    """The form, and what comes of it; whether the act is lawful, the service says."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Draw the page."""
        service_request = request_of(self.actor, number)
        return self._page(service_request, self._form(service_request))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Put it down to the chosen one, or say why not."""
        service_request = request_of(self.actor, number)
        form = self._form(service_request, request.POST)
        if not form.is_valid():
            return self._page(service_request, form, status=400)
        chosen = form.cleaned_data["subscription"]
        try:
            change_subscription(number=number, actor=self.actor, subscription=chosen)
        except RequestNotFound:
            raise
        except (TicketsError, AccountsError) as error:
            words = refusal(error)
            form.add_error(None, words.detail)
            return self._page(service_request, form, status=words.status)
        messages.success(request, gettext("The request is about this subscription now."))
        return HttpResponseRedirect(reverse("tickets:detail", args=[number]))

    def _form(self, service_request: ServiceRequest, data: Mapping[str, Any] | None = None) -> SubscriptionForm:
        running = list(accounts.running_subscriptions(service_request.organisation_id, now=self.now))
        return SubscriptionForm(data, running=running, about=service_request.subscription_id)

    def _page(self, service_request: ServiceRequest, form: SubscriptionForm, *, status: int = 200) -> HttpResponse:
        context = {"request_row": service_request, "number": service_request.number, "form": form}
        return self.render("tickets/subscription.html", context, status=status)
