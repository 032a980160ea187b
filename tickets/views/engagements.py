"""Pages of engagements, for customers and for the desk, and of the customers that somebody looks after (EL-1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts import selectors as accounts
from accounts.errors import Lack, NotPermitted
from accounts.keyset import page_or_first
from accounts.labels import CONTRACT_KINDS
from accounts.rich_text import render
from selfhelp.selectors import language_name
from tickets import wording
from tickets.engagement_forms import BeginForm, CallOffForm, CompleteForm, EntryForm, LinkForm, PlanForm, WishForm
from tickets.engagements import EngagementAct, allows
from tickets.errors import (
    EngagementNotFound,
    IllegalEngagementAct,
    InvalidEngagement,
    NoElevatedSupport,
    RequestNotFound,
)
from tickets.models import Engagement
from tickets.selectors import engagements as selectors
from tickets.services import engagements as services
from tickets.views.base import RequestsView, reading_language, refusal

TONES = {
    "requested": ("accent", "circle-dot"),
    "planned": ("info", "calendar-check"),
    "under_way": ("warning", "circle-play"),
    "completed": ("success", "circle-check"),
    "called_off": ("neutral", "circle-x"),
}


class _EngagementsPage(RequestsView):
    """A page of engagements, of the side that its address is for."""

    for_staff: ClassVar[bool] = False
    names: ClassVar[dict[str, str]] = {"list": "tickets:engagements", "one": "tickets:engagement"}

    def base(self) -> dict[str, Any]:
        """What every page of this side shows. Raises NotPermitted."""
        permissions.require(self.actor, "read_engagements")
        if self.actor.is_staff != self.for_staff:
            lack = Lack.BEING_STAFF if self.for_staff else Lack.BEING_CUSTOMER
            raise NotPermitted("read_engagements", lack=lack)
        shared: dict[str, Any] = {"for_staff": self.for_staff, "layout": "base.html"}
        if not self.for_staff:
            shared["organisation"] = accounts.organisation_of(self.actor)
            shared["layout"] = "accounts/organisation/base.html"
        return shared


class EngagementsView(_EngagementsPage):
    """The engagements of the organisation, or of all customers within reach."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the list, newest first."""
        context = self.base()
        ended = request.GET.get("ended") == "1"
        rows = selectors.listed(selectors.visible_engagements(self.actor), ongoing=not ended)
        found = page_or_first(rows, order=("-id",), cursor=request.GET.get("cursor"))
        context |= {
            "engagements": [_shown(row, self.names["one"]) for row in found.rows],
            "next": found.next,
            "previous": found.previous,
            "ended": ended,
            "views": self._views(ended=ended),
        }
        if not self.for_staff:
            contract = accounts.elevated_contract_of(self.actor.organisation_id or 0, now=self.now)
            context["contract"] = contract
            context["may_file"] = permissions.may(self.actor, "file_request")
            context["may_request"] = bool(contract) and permissions.may(self.actor, "request_engagement")
        return self.render("tickets/engagements/list.html", context)

    def _views(self, *, ended: bool) -> list[dict[str, Any]]:
        here = reverse(self.names["list"])
        return [
            {"url": here, "label": _("Ongoing"), "current": not ended},
            {"url": f"{here}?ended=1", "label": _("Ended"), "current": ended},
        ]


class NewEngagementView(_EngagementsPage):
    """A wish for an engagement."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the form, or say what elevated support is."""
        context = self.base()
        permissions.require(self.actor, "request_engagement")
        if accounts.elevated_contract_of(self.actor.organisation_id or 0, now=self.now) is None:
            return HttpResponseRedirect(reverse("tickets:engagements"))
        return self.render("tickets/engagements/new.html", {**context, "form": WishForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for it, or show the form again with what was typed."""
        context, form = self.base(), WishForm(request.POST)
        if form.is_valid():
            try:
                made = services.request_engagement(wish=form.wish_given(), actor=self.actor)
            except InvalidEngagement as error:
                form.add_error(error.field, refusal(error).detail)
            except NoElevatedSupport as error:
                form.add_error(None, refusal(error).detail)
            else:
                messages.success(request, _("Your wish is on its way. You hear when it is planned."))
                return HttpResponseRedirect(reverse("tickets:engagement", args=[made.number]))
        return self.render("tickets/engagements/new.html", {**context, "form": form}, status=400)


class EngagementView(_EngagementsPage):
    """One engagement, with everything that was written on it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Draw the page."""
        return self.draw(number)

    def draw(self, number: str, bound: dict[str, forms.Form] | None = None, *, status: int = 200) -> HttpResponse:
        """The page, with a form that needs another look if there is one."""
        context = self.base()
        engagement = selectors.engagement_of(self.actor, number)
        entries = engagement.entries.select_related("author", "on_behalf_of").order_by("id")
        context |= {
            "engagement": engagement,
            "shown": _shown(engagement, self.names["one"]),
            "entries": [
                {"row": row, "did": wording.words(wording.ENGAGEMENT_ENTRIES, row.what), "html": render(row.body)}
                for row in entries
            ],
            "language": language_name(engagement.language, reading_language()),
            "requests": selectors.requests_of(self.actor, engagement),
            "forms": {**self._forms(engagement), **(bound or {})},
            "action": reverse(self.names["one"], args=[number]),
            "list_url": reverse(self.names["list"]),
        }
        return self.render("tickets/engagements/detail.html", context, status=status)

    def _forms(self, engagement: Engagement) -> dict[str, forms.Form]:
        """What this person may do now."""
        found: dict[str, forms.Form] = {}
        if allows(engagement.state, EngagementAct.CALL_OFF) and permissions.may(self.actor, "write_on_engagement"):
            found["entry"] = EntryForm()
            found["link"] = LinkForm()
        if self._may(engagement, "plan_engagement", EngagementAct.PLAN):
            planned = {"lead": engagement.lead_id, "starts_on": engagement.starts_on, "ends_on": engagement.ends_on}
            wished = {"starts_on": engagement.wished_from, "ends_on": engagement.wished_until}
            found["plan"] = PlanForm(initial=planned if engagement.lead_id else wished)
        if self._may(engagement, "work_on_engagement", EngagementAct.BEGIN):
            found["begin"] = BeginForm()
        if self._may(engagement, "work_on_engagement", EngagementAct.COMPLETE):
            found["complete"] = CompleteForm()
        if self._may(engagement, "call_off_engagement", EngagementAct.CALL_OFF):
            found["call_off"] = CallOffForm()
        return found

    def _may(self, engagement: Engagement, act: str, step: EngagementAct) -> bool:
        return allows(engagement.state, step) and permissions.may(self.actor, act)


class EngagementActView(EngagementView):
    """One act on an engagement: check the form, call one service, come back."""

    FORMS: ClassVar[dict[str, type[forms.Form]]] = {
        "entry": EntryForm,
        "link": LinkForm,
        "plan": PlanForm,
        "begin": BeginForm,
        "complete": CompleteForm,
        "call_off": CallOffForm,
    }

    def get(self, request: HttpRequest, number: str, act: str = "") -> HttpResponse:
        """Lead to the engagement: this address takes forms only."""
        return HttpResponseRedirect(reverse(self.names["one"], args=[number]))

    def post(self, request: HttpRequest, number: str, act: str) -> HttpResponse:
        """Do it, or show the page again with the form as it was."""
        self.base()
        name = act.replace("-", "_")
        if name not in self.FORMS:
            raise EngagementNotFound(number)
        form = self.FORMS[name](request.POST)
        if not form.is_valid():
            return self.draw(number, {name: form}, status=400)
        try:
            self._do(name, number, form)
        except (IllegalEngagementAct, InvalidEngagement, RequestNotFound) as error:
            words = refusal(error)
            form.add_error(None, words.detail)
            return self.draw(number, {name: form}, status=words.status)
        messages.success(request, _("It is noted, and the other side hears of it."))
        return HttpResponseRedirect(reverse(self.names["one"], args=[number]))

    def _do(self, name: str, number: str, form: Any) -> None:
        common: dict[str, Any] = {"number": number, "actor": self.actor}
        acts: dict[str, Callable[[], object]] = {
            "entry": lambda: services.write_on_engagement(**common, **form.cleaned_data),
            "link": lambda: services.link_request(**common, **form.cleaned_data),
            "plan": lambda: services.plan_engagement(**common, plan=form.plan_given()),
            "begin": lambda: services.begin_engagement(**common, **form.cleaned_data),
            "complete": lambda: services.complete_engagement(**common, **form.cleaned_data),
            "call_off": lambda: services.call_off_engagement(**common, **form.cleaned_data),
        }
        acts[name]()


STAFF_NAMES = {"list": "tickets:staff_engagements", "one": "tickets:staff_engagement"}


class StaffEngagementsView(EngagementsView):
    """The same for the desk."""

    for_staff, names = True, STAFF_NAMES


class StaffEngagementView(EngagementView):
    """The same for the desk."""

    for_staff, names = True, STAFF_NAMES


class StaffEngagementActView(EngagementActView):
    """The same for the desk."""

    for_staff, names = True, STAFF_NAMES


class MyCustomersView(RequestsView):
    """The customers that an account manager looks after: what is open, what is late, what goes on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        permissions.require(self.actor, "look_after_customers")
        customers = [
            {"row": each, "contract_kind": CONTRACT_KINDS.get(each.contract.kind, each.contract.kind)}
            for each in selectors.customers_looked_after(self.actor, now=self.now)
        ]
        late = selectors.late_requests(self.actor, now=self.now)
        return self.render("tickets/engagements/customers.html", {"customers": customers, "late": late})


def _shown(engagement: Engagement, name: str) -> dict[str, Any]:
    tone, icon = TONES[engagement.state]
    return {
        "row": engagement,
        "kind": wording.words(wording.ENGAGEMENT_KINDS, engagement.kind),
        "state": wording.words(wording.ENGAGEMENT_STATES, engagement.state),
        "tone": tone,
        "icon": icon,
        "url": reverse(name, args=[engagement.number]),
    }
