"""The plans on offer, with the tier that decides their response times (SLA-1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import permissions, selectors
from accounts.forms.desk import FAMILY_LABELS, PlanForm, done
from accounts.labels import TIERS, in_active_language
from accounts.services import plans
from accounts.views.base import ActView


class PlansView(ActView):
    """All plans, and a form for one more."""

    act = "read_organisations"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self._draw(PlanForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add one."""
        permissions.require(self.actor, "manage_plans")
        form = PlanForm(request.POST)
        if not form.is_valid() or not done(form, lambda: self._add(form)):
            return self._draw(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The plan is on offer."))
        return HttpResponseRedirect(reverse("accounts:plans"))

    def _add(self, form: PlanForm) -> None:
        data = form.cleaned_data
        plans.add_plan(
            code=data["slug"],
            names={"en": data["name_en"], "zh-Hant": data["name_zh_hant"]},
            family=data["family"],
            tier=data["tier"],
            trialable=data["trialable"],
            actor=self.actor,
        )

    def _draw(self, form: PlanForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        rows: list[dict[str, Any]] = [
            {
                "row": plan,
                "name": in_active_language(plan.names),
                "family": FAMILY_LABELS.get(plan.family, plan.family),
                "tier": TIERS[plan.tier],
            }
            for plan in selectors.plans().order_by("family", "code")
        ]
        context = {"rows": rows, "form": form, "may_manage": permissions.may(self.actor, "manage_plans")}
        return self.render("accounts/desk/plans.html", context, status=status)


class RetirePlanView(ActView):
    """Offer a plan no longer."""

    act = "manage_plans"

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Retire it."""
        plans.retire_plan(code=code, actor=self.actor)
        messages.success(request, _("The plan is no longer on offer. Subscriptions to it run on."))
        return HttpResponseRedirect(reverse("accounts:plans"))


class OfferPlanView(ActView):
    """Offer a retired plan again."""

    act = "manage_plans"

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Offer it."""
        plans.offer_plan_again(code=code, actor=self.actor)
        messages.success(request, _("The plan is on offer again."))
        return HttpResponseRedirect(reverse("accounts:plans"))
