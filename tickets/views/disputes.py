"""Disputes of a severity as the request's page shows them: what is claimed, assessed and agreed (SE-5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tickets.dispute_forms import AgreeForm, DeclineForm, DisputeForm
from tickets.models import DisputeState, ServiceRequest, SeverityDecision, SeverityDispute

SETTLED = (DisputeState.AGREED, DisputeState.DECLINED)


def dispute_card(service_request: ServiceRequest, disputes: Sequence[SeverityDispute]) -> dict[str, Any] | None:
    """The dispute of this cycle that stands or was settled, with the severity that counted once it was."""
    newest = disputes[0] if disputes else None
    if newest is None or newest.cycle != service_request.cycle or newest.state not in (DisputeState.OPEN, *SETTLED):
        return None
    return {
        "row": newest,
        "is_open": newest.state == DisputeState.OPEN,
        "is_agreed": newest.state == DisputeState.AGREED,
        "severity": _counted(newest),
    }


def _counted(dispute: SeverityDispute) -> str:
    """The severity that counted once a dispute was settled, which need not be the one that was disputed; or nothing."""
    return dispute.counted or ""  # type: ignore[attr-defined]  # `disputes_of` tells it


def dispute_forms(
    service_request: ServiceRequest, disputes: Sequence[SeverityDispute], acts: frozenset[str]
) -> dict[str, forms.Form]:
    """An empty form for each act that is offered."""
    stands, offered = service_request.severity, dict[str, forms.Form]()
    if "dispute_severity" in acts:
        offered["dispute"] = DisputeForm(prefix="dispute", stands=stands)
    if "settle_dispute" in acts and disputes:
        offered["agree"] = AgreeForm(prefix="agree", stands=stands, initial={"severity": disputes[0].asked})
        offered["decline"] = DeclineForm(prefix="decline")
    return offered


def stances(
    service_request: ServiceRequest,
    decisions: Sequence[SeverityDecision],
    disputes: Sequence[SeverityDispute],
    *,
    is_staff: bool,
) -> list[dict[str, Any]]:
    """The severity as the customer claims it, as the portal assessed it, and as it counts, side by side.

    Customers who claimed nothing see it where the assessment and what counts differ, or may come to.
    """
    claims = [(each.at, each.severity) for each in decisions if each.source == SeverityDecision.Source.CUSTOMER]
    claims += [(each.at, each.asked) for each in disputes]
    claimed = max(claims)[1] if claims else ""
    assessed = next((each.severity for each in decisions if each.assessment), "")
    in_force, unconfirmed = service_request.severity, service_request.needs_confirmation
    if not (claimed or is_staff or unconfirmed or assessed != in_force):
        return []
    rows: list[dict[str, Any]] = [
        {"label": pgettext("severity", "Claimed"), "severity": claimed},
        {"label": pgettext("severity", "Assessed"), "severity": assessed},
        {"label": pgettext("severity", "Counts now"), "severity": in_force, "unconfirmed": unconfirmed},
    ]
    return rows if claimed or is_staff else rows[1:]


def dispute_lines(decisions: Sequence[SeverityDecision], disputes: Sequence[SeverityDispute]) -> list[dict[str, Any]]:
    """What was asked for, and how that ended, as lines beside the decisions; what settled it may be one of these."""
    return [line for each in disputes for line in _lines(each, decisions)]


def declining(
    decisions: Sequence[SeverityDecision], disputes: Sequence[SeverityDispute]
) -> frozenset[SeverityDecision]:
    """The decisions by which disputes were declined: an earlier version of the portal made none of the sort."""
    declined = {(each.settled_at, each.settled_by_id) for each in disputes if each.state == DisputeState.DECLINED}
    return frozenset(each for each in decisions if (each.at, each.actor_id) in declined)


def _lines(dispute: SeverityDispute, decisions: Sequence[SeverityDecision]) -> list[dict[str, Any]]:
    asked = {
        "severity": dispute.asked,
        "previous": dispute.disputed,
        "who": dispute.asked_by.name,
        "on_behalf_of": dispute.on_behalf_of.name if dispute.on_behalf_of else "",
        "source": _("Disputed by the customer"),
        "reason": dispute.statement,
        "at": dispute.at,
    }
    if dispute.state not in (DisputeState.DECLINED, DisputeState.ENDED):
        return [asked]
    declined = dispute.state == DisputeState.DECLINED
    if declined and declining(decisions, [dispute]):
        return [asked]
    settled = {
        "severity": _counted(dispute),
        "who": dispute.settled_by.name if dispute.settled_by else "",
        "source": _("Dispute declined") if declined else _("Closed before the dispute was settled"),
        "reason": dispute.reason,
        "at": dispute.settled_at,
    }
    return [asked, settled]
