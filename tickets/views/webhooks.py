"""Pages of webhook endpoints and the log of their deliveries, of an organisation and of the desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from accounts import permissions
from accounts import selectors as accounts
from accounts.errors import RecordChanged, TooMany
from accounts.keyset import Page, page_or_first
from accounts.models import Delivery, WebhookAttempt, WebhookEndpoint
from accounts.views.versions import changed_meanwhile, version_in
from tickets import webhook_wording as wording
from tickets.errors import EndpointOff, InvalidEndpoint, InvalidText, NotToBeSentAgain, TooManyEndpoints
from tickets.selectors import endpoints as selectors
from tickets.services import endpoints as services
from tickets.services.endpoints import Made, Wanted
from tickets.services.webhook_sender import payload_of
from tickets.views.base import RequestsView, refusal
from tickets.webhook_forms import EndpointForm, SendMissedForm
from tickets.webhooks import TYPES

LOG = 25
REFUSALS = (EndpointOff, NotToBeSentAgain, TooMany)


class _WebhooksPage(RequestsView):
    """A page of webhooks, of the side that its address is for."""

    for_staff: ClassVar[bool] = False
    prefix: ClassVar[str] = ""

    def base(self) -> dict[str, Any]:
        """What every page of this side shows. Raises NotPermitted."""
        permissions.require(self.actor, "manage_desk_webhooks" if self.for_staff else "manage_webhooks")
        if self.actor.is_staff != self.for_staff:
            raise permissions.refused(self.actor, "manage_webhooks")
        shared: dict[str, Any] = {"for_staff": self.for_staff, "layout": "base.html", "list_url": self.to("webhooks")}
        if not self.for_staff:
            shared |= {"organisation": accounts.organisation_of(self.actor)}
            shared["layout"] = "accounts/organisation/base.html"
        return shared

    def to(self, name: str, *args: Any) -> str:
        """The address of a page of this side."""
        return reverse(f"tickets:{self.prefix}{name}", args=args)

    def endpoint(self, endpoint_id: int) -> WebhookEndpoint:
        """One endpoint as this actor may see it. Raises EndpointNotFound (P-5)."""
        return selectors.endpoint_of(self.actor, endpoint_id)

    def shown(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        """An endpoint in words."""
        tone, icon, state = _state_of(endpoint)
        return {
            "row": endpoint,
            "host": urlsplit(endpoint.url).netloc.rpartition("@")[2],
            "url": self.to("webhook", endpoint.pk),
            "state": state,
            "tone": tone,
            "icon": icon,
            "types": [wording.TYPES[type_] for type_ in endpoint.types if type_ in wording.TYPES],
            "why_off": wording.OFF.get(endpoint.off_reason, ""),
        }

    def draw(self, endpoint_id: int, *, status: int = HTTPStatus.OK, **shown: Any) -> HttpResponse:
        """The page of one endpoint, with whichever form needs another look."""
        context, endpoint = self.base(), self.endpoint(endpoint_id)
        initial = {"url": endpoint.url, "description": endpoint.description, "types": endpoint.types}
        log = self._log(endpoint)
        context |= {
            "endpoint": endpoint,
            "shown": self.shown(endpoint),
            "form": EndpointForm(initial=initial),
            "again_form": SendMissedForm(),
            "version": endpoint.version,
            "deliveries": [self.told(delivery) for delivery in log.rows],
            "next": log.next,
            "previous": log.previous,
            "filters": self._filters(endpoint),
            "hears_all": set(TYPES) <= set(endpoint.types),
            "both_until": _both_until(endpoint, self),
            "now": self.now,
            **shown,
        }
        return self.render("tickets/webhooks/endpoint.html", context, status=status)

    def told(self, delivery: Delivery) -> dict[str, Any]:
        """A delivery in words."""
        words, tone, icon = wording.STATES[delivery.state]
        tries = [_try(each) for each in delivery.tries.all()]
        return {
            "row": delivery,
            "url": self.to("webhook_delivery", delivery.endpoint_id, delivery.pk),
            "type": wording.TYPES.get(delivery.notice, delivery.notice),
            "state": words,
            "tone": tone,
            "icon": icon,
            "tries": tries,
            "last": tries[-1] if tries else None,
            "waits": delivery.state == "pending",
        }

    def _log(self, endpoint: WebhookEndpoint) -> Page[Delivery]:
        state = self.request.GET.get("state", "")
        rows = selectors.deliveries_to(endpoint, state=state if state in wording.STATES else "")
        return page_or_first(rows, order=("-id",), cursor=self.request.GET.get("cursor"), size=LOG)

    def _filters(self, endpoint: WebhookEndpoint) -> list[dict[str, Any]]:
        here, chosen = self.to("webhook", endpoint.pk), self.request.GET.get("state", "")
        offered = [("", _("All")), *((state, words[0]) for state, words in wording.STATES.items())]
        return [
            {"url": f"{here}?state={state}#log" if state else f"{here}#log", "label": label, "current": state == chosen}
            for state, label in offered
        ]


class EndpointsView(_WebhooksPage):
    """All endpoints of this side, and a form for another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return self._draw(EndpointForm(initial={"types": TYPES}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one; the answer is its page, since the secret must not be stored for a later one."""
        self.base()
        form = EndpointForm(request.POST)
        if not form.is_valid():
            return self._draw(form, status=HTTPStatus.BAD_REQUEST)
        try:
            made = services.create_endpoint(actor=self.actor, **form.cleaned_data)
        except (InvalidEndpoint, InvalidText) as error:
            form.add_error(error.field, refusal(error).detail)
        except TooManyEndpoints as error:
            form.add_error(None, refusal(error).detail)
        else:
            return self.draw(made.endpoint.pk, status=HTTPStatus.CREATED, secret=made.secret)
        return self._draw(form, status=HTTPStatus.BAD_REQUEST)

    def _draw(self, form: EndpointForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        context = self.base()
        rows = selectors.visible_endpoints(self.actor).order_by("-id")[: services.MOST]
        context |= {"endpoints": [self.shown(row) for row in rows], "form": form, "now": self.now}
        return self.render("tickets/webhooks/list.html", context, status=status)


class EndpointView(_WebhooksPage):
    """One endpoint, with its log."""

    def get(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Draw the page."""
        return self.draw(endpoint_id)

    def post(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Change it, or show the form again with what was typed."""
        self.base()
        form, version = EndpointForm(request.POST), version_in(request)
        if form.is_valid() and self._change(endpoint_id, form, version):
            messages.success(request, _("The endpoint is saved."))
            return HttpResponseRedirect(self.to("webhook", endpoint_id))
        return self.draw(endpoint_id, status=HTTPStatus.BAD_REQUEST, form=form)

    def _change(self, endpoint_id: int, form: EndpointForm, version: int) -> bool:
        wanted = Wanted(**form.cleaned_data)
        try:
            services.change_endpoint(endpoint_id=endpoint_id, wanted=wanted, actor=self.actor, version=version)
        except RecordChanged as error:
            form.add_error(None, changed_meanwhile(error))
        except (InvalidEndpoint, InvalidText) as error:
            form.add_error(error.field, refusal(error).detail)
        return not form.errors


class EndpointActView(_WebhooksPage):
    """One act on an endpoint; it leads back to the page and says what came of it."""

    def get(self, request: HttpRequest, endpoint_id: int, act: str) -> HttpResponse:
        """Lead to the endpoint: this address takes forms only."""
        self.base()
        return HttpResponseRedirect(self.to("webhook", self.endpoint(endpoint_id).pk))

    def post(self, request: HttpRequest, endpoint_id: int, act: str) -> HttpResponse:
        """Do it."""
        self.base()
        if act not in ACTS_OF:
            raise Http404
        try:
            done = ACTS_OF[act](self, endpoint_id)
        except REFUSALS as error:
            messages.warning(request, refusal(error).detail)
            return HttpResponseRedirect(self.to("webhook", endpoint_id))
        if isinstance(done, Made):
            return self.draw(endpoint_id, secret=done.secret)
        messages.success(request, done)
        return HttpResponseRedirect(self.to("webhooks") if act == "remove" else self.to("webhook", endpoint_id))

    def rotate(self, endpoint_id: int) -> Made:
        """Exchange the secret; it is shown this once."""
        return services.rotate_secret(endpoint_id=endpoint_id, actor=self.actor)

    def test(self, endpoint_id: int) -> str:
        """Send a test event."""
        services.send_test(endpoint_id=endpoint_id, actor=self.actor)
        return _now("The test event is on its way. Load the page anew in a moment to see what came of it.")

    def switch_on(self, endpoint_id: int) -> str:
        """Tell it again."""
        services.change_endpoint(endpoint_id=endpoint_id, wanted=Wanted(active=True), actor=self.actor)
        return _now("The endpoint is switched on. It hears of what happens from now on.")

    def switch_off(self, endpoint_id: int) -> str:
        """Tell it nothing more."""
        services.change_endpoint(endpoint_id=endpoint_id, wanted=Wanted(active=False), actor=self.actor)
        return _now("The endpoint is switched off.")

    def remove(self, endpoint_id: int) -> str:
        """Let it go."""
        services.remove_endpoint(endpoint_id=endpoint_id, actor=self.actor)
        return _now("The endpoint is removed, with its secret.")

    def again(self, endpoint_id: int) -> str:
        """Send again what failed."""
        form = SendMissedForm(self.request.POST)
        hours = form.cleaned_data["hours"] if form.is_valid() else wording.SINCE[0][0]
        since = self.now - timedelta(hours=hours)
        count = services.send_missed(endpoint_id=endpoint_id, since=since, actor=self.actor)
        return ngettext("%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", count) % {
            "count": count
        }


ACTS_OF: dict[str, Callable[[EndpointActView, int], Made | str]] = {
    "rotate": EndpointActView.rotate,
    "test": EndpointActView.test,
    "on": EndpointActView.switch_on,
    "off": EndpointActView.switch_off,
    "remove": EndpointActView.remove,
    "again": EndpointActView.again,
}


class WebhookDeliveryView(_WebhooksPage):
    """One delivery: what it tells, and each try."""

    def get(self, request: HttpRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
        """Draw the page."""
        context, endpoint = self.base(), self.endpoint(endpoint_id)
        delivery = selectors.delivery_to(endpoint, delivery_id)
        context |= {
            "endpoint": self.shown(endpoint),
            "delivery": self.told(delivery),
            "payload": json.dumps(payload_of(delivery), indent=2, ensure_ascii=False),
            "now": self.now,
        }
        return self.render("tickets/webhooks/delivery.html", context)

    def post(self, request: HttpRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
        """Send it again."""
        self.base()
        try:
            services.send_again(endpoint_id=endpoint_id, delivery_id=delivery_id, actor=self.actor)
        except REFUSALS as error:
            messages.warning(request, refusal(error).detail)
        else:
            messages.success(request, _("It is sent again."))
        return HttpResponseRedirect(self.to("webhook_delivery", endpoint_id, delivery_id))


class StaffEndpointsView(EndpointsView):
    """The same for the desk."""

    for_staff, prefix = True, "staff_"


class StaffEndpointView(EndpointView):
    """The same for the desk."""

    for_staff, prefix = True, "staff_"


class StaffEndpointActView(EndpointActView):
    """The same for the desk."""

    for_staff, prefix = True, "staff_"


class StaffWebhookDeliveryView(WebhookDeliveryView):
    """The same for the desk."""

    for_staff, prefix = True, "staff_"


def _state_of(endpoint: WebhookEndpoint) -> tuple[str, str, Any]:
    if not endpoint.is_on:
        return "neutral", "circle-minus", _("Switched off")
    if endpoint.failing_since:
        return "warning", "triangle-alert", _("Failing")
    return "success", "circle-check", pgettext("an endpoint", "On")


def _both_until(endpoint: WebhookEndpoint, view: RequestsView) -> Any:
    """Until when two secrets sign, while they do."""
    until = endpoint.former_until
    return until if until and until > view.now else None


def _try(attempt: WebhookAttempt) -> dict[str, Any]:
    answered = attempt.status is not None
    return {
        "row": attempt,
        "said": f"HTTP {attempt.status}" if answered else wording.FAULTS.get(attempt.fault, attempt.fault),
        "good": answered and 200 <= (attempt.status or 0) < 300,
    }
