"""How the portal itself is doing: for team leads, duty managers and operators, readable at three in the morning."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.keyset import Page, page_or_first
from accounts.permissions import may, require
from accounts.rota import INSTANT, gaps
from accounts.rota.week import warning
from tickets import wording
from tickets.errors import NotFailed
from tickets.models import Commitment, Timer
from tickets.selectors import operations as selectors
from tickets.services import operating
from tickets.views.base import RequestsView, refusal
from tickets.views.lists import is_part

ALERTS = {
    "sweep_stale": (
        _("Nobody has swept for 30 seconds"),
        _("Deadlines do not happen: worker, beat and sweeper are down, or the database refuses them (see the logs)."),
    ),
    "timers_overdue": (
        _("Timers are overdue"),
        _("Sweeps run but do not keep up, or some timers fail again and again: look for timer.failed in the log."),
    ),
    "timers_failed": (
        _("Timers have failed"),
        _("They were tried eight times. Repair the cause, then try them again."),
    ),
    "deliveries_failed": (_("Notices have failed"), _("The mail server refused them for good, or for five days.")),
    "undelivered": (
        _("Mail is not going out"),
        _("A notice has waited for more than 15 minutes. Notices stand in the portal all the same."),
    ),
    "webhooks_unsent": (
        _("Webhooks are not going out"),
        _("One has waited for more than 15 minutes with nobody on it: “manage.py webhooks” and the sweeper are down."),
    ),
    "files_unscanned": (
        _("Files are not being scanned"),
        _("A file has waited for its virus scan for 15 minutes: clamd does not answer, or refuses it (see the log)."),
    ),
    "held_after_restore": (
        _("Held after a restore"),
        _("What may have happened before the restore waits for a decision: manage.py release_held lets it go."),
    ),
    "audit_unsealed": (
        _("The audit trail is not sealed in time"),
        _("Records wait for their seal for more than a minute: look for failing sweeps in the log."),
    ),
    "nobody_on_duty": (
        _("Nobody is on duty"),
        _("What escalates now goes to all who hold the role. The duty rota shows the gap."),
    ),
    "server_error": (
        _("A page ended with an error"),
        _("Within the last 15 minutes this web server answered 500. The request id leads to its line in the log."),
    ),
    "redis_degraded": (
        _("Redis does not answer"),
        _("The portal goes on: the sweeper takes over, and steps fire within 30 seconds."),
    ),
}


class OperationsView(RequestsView):
    """Alerts and figures, and what failed; htmx gets alerts and figures alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page, or the part that keeps itself fresh."""
        require(self.actor, "read_operations")
        report = import_string(settings.HEALTH_REPORT)()
        alerts = _alerts(report, now=self.now)
        context: dict[str, Any] = {"report": report, "alerts": alerts, "figures": _figures(report)}
        if not is_part(request):
            context |= self._lists()
        response = self.render(
            "tickets/_operations_state.html" if is_part(request) else "tickets/operations.html", context
        )
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _lists(self) -> dict[str, Any]:
        timers = self._page(selectors.failed_timers(), "timers", order=("-id",))
        deliveries = self._page(selectors.failed_deliveries(), "deliveries", order=("-id",))
        broken = self._page(selectors.broken_promises(now=self.now), "broken", order=("-breached_at", "-id"))
        return {
            "timers": timers,
            "timer_rows": [_timer_row(row) for row in timers.rows],
            "deliveries": deliveries,
            "broken": broken,
            "broken_rows": [_broken_row(row) for row in broken.rows],
            "may_read": may(self.actor, "read_request"),
            "may_retry": may(self.actor, operating.ACT),
            "days": selectors.BROKEN_WITHIN.days,
        }

    def _page(self, rows: QuerySet[Any], name: str, *, order: tuple[str, ...]) -> Page[Any]:
        return page_or_first(rows, order=order, cursor=self.request.GET.get(name))


def _alerts(report: Any, *, now: datetime) -> list[dict[str, Any]]:
    """What somebody should look at, in words."""
    found = []
    for code in report.alerts:
        title, text = ALERTS.get(code, (code, ""))
        id_of_fault = report.faults.get("last_request_id", "") if code == "server_error" else ""
        seats = [warning(gap) for gap in gaps(now=now, within=INSTANT)] if code == "nobody_on_duty" else []
        found.append({"title": title, "text": text, "id": id_of_fault, "seats": seats})
    if not report.fit:
        text = _("Database: %(database)s; migrations: %(migrations)s.") % vars(report)
        found.insert(0, {"title": _("The portal cannot serve"), "text": text, "id": ""})
    return found


def _figures(report: Any) -> list[dict[str, Any]]:
    """The figures of /readyz, each calm unless it is an alert; ages are written by the template."""
    timers, deliveries = report.timers, report.deliveries
    redis = _("answers") if report.redis == "ok" else _("away")
    rows = [
        (_("Last sweep"), _("never"), "refresh-cw", "sweep_stale", report.last_sweep_age),
        (_("Timers due now"), timers.get("due", "–"), "timer", "", None),
        (_("Overdue by a minute"), timers.get("overdue", "–"), "hourglass", "timers_overdue", None),
        (_("Failed timers"), timers.get("failed", "–"), "circle-alert", "timers_failed", None),
        (_("Notices not yet sent"), deliveries.get("undelivered", "–"), "send", "undelivered", None),
        (_("Oldest of them"), "–", "clock", "undelivered", deliveries.get("oldest_undelivered_age")),
        (_("Failed notices"), deliveries.get("failed", "–"), "mail-x", "deliveries_failed", None),
        (_("Webhooks not yet taken"), report.webhooks.get("undelivered", "–"), "webhook", "webhooks_unsent", None),
        (_("Failed webhooks"), report.webhooks.get("failed", "–"), "webhook", "", None),
        (_("Held timers"), timers.get("held", "–"), "pause", "held_after_restore", None),
        (_("Held notices"), deliveries.get("held", "–"), "pause", "held_after_restore", None),
        (_("Files to be scanned"), report.files.get("waiting_for_scan", "–"), "shield", "files_unscanned", None),
        (_("Redis"), redis, "database-zap", "redis_degraded", None),
    ]
    return [
        {
            "label": label,
            "value": value,
            "icon": icon,
            "age": None if age is None else timedelta(seconds=age),
            "tone": "danger" if code in report.alerts else "",
        }
        for label, value, icon, code, age in rows
    ]


def _timer_row(timer: Timer) -> dict[str, Any]:
    return {
        "row": timer,
        "kind": wording.words(wording.TIMERS, timer.kind),
        "step": wording.timer_step(timer.kind, timer.step),
    }


def _broken_row(promise: Commitment) -> dict[str, Any]:
    """A broken promise, and how long after its deadline that was noticed (P-4)."""
    seen = promise.breach_detected_at
    return {"row": promise, "lag": seen - promise.breached_at if seen and promise.breached_at else None}


class RepairView(RequestsView):
    """One act about a failure; it leads back to the page and says what came of it."""

    def post(self, request: HttpRequest, **where: int) -> HttpResponse:
        """Do it, or say that somebody was quicker."""
        try:
            messages.success(request, self.act(**where))
        except NotFailed as error:
            messages.warning(request, refusal(error).detail)
        return HttpResponseRedirect(reverse("tickets:operations"))

    @abstractmethod
    def act(self, **where: int) -> str:
        """Call the service; return what to say."""


class RetryTimerView(RepairView):
    """Try one failed timer again."""

    def act(self, **where: int) -> str:
        """Set it waiting, unless its cause has passed."""
        if operating.retry_timer(timer_id=where["timer_id"], actor=self.actor):
            return _now("The timer is tried again with the next sweep.")
        return _now("Its cause has passed; the timer was cancelled.")


class RetryDeliveryView(RepairView):
    """Send one failed notice again."""

    def act(self, **where: int) -> str:
        """Put it back into the outbox."""
        operating.retry_delivery(delivery_id=where["delivery_id"], actor=self.actor)
        return _now("The notice is sent again.")


class GiveUpDeliveryView(RepairView):
    """Stop counting one failed notice."""

    def act(self, **where: int) -> str:
        """Cancel it."""
        operating.give_up_delivery(delivery_id=where["delivery_id"], actor=self.actor)
        return _now("The notice was given up; it still stands in the portal.")


class RetryDeliveriesView(RepairView):
    """Send all failed notices again."""

    def act(self, **where: int) -> str:
        """Put them back into the outbox."""
        count = operating.retry_deliveries(actor=self.actor)
        return ngettext("%(count)s notice is sent again.", "%(count)s notices are sent again.", count) % {
            "count": count
        }
