"""The page of one request: for the customer's admins, and for engineers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from accounts import idempotency
from accounts.labels import country_name
from tickets import lifecycle, wording
from tickets.forms import (
    AssignForm,
    ConfirmSeverityForm,
    ContactForm,
    CustomerCloseForm,
    MessageForm,
    NoteForm,
    ReopenForm,
    ReplyForm,
    SeverityForm,
    StaffCloseForm,
)
from tickets.models import ServiceRequest
from tickets.selectors import detail
from tickets.selectors.disputes import disputes_of
from tickets.selectors.ladder import ladder_of
from tickets.selectors.people import engineers_for
from tickets.selectors.terms import was_and_is_elevated
from tickets.selectors.timers import waiting_close_of
from tickets.selectors.visibility import request_of, visible_number
from tickets.tag_forms import TaggingForm
from tickets.views import presenting
from tickets.views.base import RequestsView
from tickets.views.corrections import sorting_card
from tickets.views.deliveries import deliveries_card
from tickets.views.disputes import dispute_card, dispute_forms, stances
from tickets.views.hanging import hanging_on
from tickets.views.ladder import ladder_card
from tickets.views.tagging import tags_of_page

TABS = ("conversation", "history", "notices")


class RequestView(RequestsView):
    """One request, with what its reader may do about it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Draw the page."""
        return request_page(self, number)


def request_page(
    view: RequestsView, number: str, *, bound: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a request; `bound` forms come back with what was typed and what is wrong with it."""
    service_request = request_of(view.actor, number)
    context = _common(view, service_request, bound or {})
    if view.actor.is_staff:
        shown = {**context, **_for_staff(view, service_request, context["forms"].get("tag"))}
        return view.render("tickets/detail_staff.html", shown, status=status)
    return view.render("tickets/detail.html", {**context, **_for_customer(view, service_request)}, status=status)


def _common(view: RequestsView, service_request: ServiceRequest, bound: dict[str, forms.Form]) -> dict[str, Any]:
    elevated = was_and_is_elevated(service_request, now=view.now)
    acts = detail.allowed_acts(view.actor, service_request, elevated=elevated, now=view.now)
    hanging = hanging_on(view, service_request, acts)
    standing = detail.commitments_of(service_request, now=view.now)
    closed_at = service_request.closed_at
    decisions, disputes = list(detail.decisions_of(service_request)), disputes_of(service_request)
    return {
        "request_row": service_request,
        "number": service_request.number,
        "state": lifecycle.state_at(service_request.state, closed_at=closed_at, now=view.now),
        "acts": acts,
        "now": view.now,
        "zone": view.zone,
        "commitment": presenting.commitment_card(standing[0], zone=view.zone, now=view.now) if standing else None,
        "earlier": [presenting.commitment_card(each, zone=view.zone, now=view.now) for each in standing[1:]],
        "assessment": presenting.assessment_card(decisions),
        "decisions": presenting.decision_lines(decisions, disputes),
        "stances": stances(service_request, decisions, disputes, is_staff=view.actor.is_staff),
        "dispute": dispute_card(service_request, disputes),
        "facts": _facts(view, service_request),
        "closes_at": waiting_close_of(service_request),
        "reopen_until": lifecycle.reopen_until(closed_at) if closed_at else None,
        "resolution": wording.words(wording.RESOLUTIONS, service_request.resolution),
        "referral": presenting.referral_card(service_request.referral),
        **hanging.context,
        "forms": {
            **_fresh_forms(view, service_request, acts),
            **dispute_forms(service_request, disputes, acts),
            **hanging.forms,
            **bound,
        },
        **{f"opened_{name}": True for name in bound},
    }


def _for_customer(view: RequestsView, service_request: ServiceRequest) -> dict[str, Any]:
    events = detail.events_of(view.actor, service_request)
    return {**_conversation(view, service_request), "timeline": presenting.timeline(events)}


def _conversation(view: RequestsView, service_request: ServiceRequest) -> dict[str, Any]:
    messages = detail.conversation_with_files(view.actor, service_request)
    return {"messages_shown": presenting.bubbles(messages, service_request, reader=view.actor)}


def _for_staff(view: RequestsView, service_request: ServiceRequest, tag_form: forms.Form | None) -> dict[str, Any]:
    carried, others = tags_of_page(service_request)
    if isinstance(tag_form, TaggingForm):
        tag_form.offer(others)
    tab, shared = (
        view.request.GET.get("tab", TABS[0]),
        {
            "sorting": sorting_card(view, service_request),
            "tags": carried,
        },
    )
    if tab == "notices":
        return {"tab": tab, **shared, **deliveries_card(view, service_request)}
    if tab != "history":
        return {"tab": TABS[0], **shared, **_conversation(view, service_request)}
    return {
        "tab": tab,
        **shared,
        "timeline": presenting.timeline(detail.events_of(view.actor, service_request)),
        "ladder": ladder_card(ladder_of(service_request)),
    }


def _fresh_forms(view: RequestsView, service_request: ServiceRequest, acts: frozenset[str]) -> dict[str, forms.Form]:
    """An empty form for each act that is offered."""
    key = {"key": idempotency.new_key()}
    severity_form = ConfirmSeverityForm if service_request.needs_confirmation else SeverityForm
    severity = severity_form(initial={"severity": service_request.severity}, prefix="severity")
    offered: dict[str, tuple[str, forms.Form]] = {
        "message": ("post_message", MessageForm(initial=key)),
        "reply": ("reply_publicly", ReplyForm(initial={**key, "kind": "reply"})),
        "note": ("add_internal_note", NoteForm(initial=key, prefix="note")),
        "severity": ("change_severity" if view.actor.is_staff else "set_severity", severity),
        "reopen": ("reopen_request", ReopenForm(prefix="reopen")),
        "contact": ("log_call" if view.actor.is_staff else "post_message", _contact_form(service_request)),
    }
    fresh = {name: form for name, (act, form) in offered.items() if act in acts}
    if "assign_request" in acts:
        people = engineers_for(service_request, now=view.now)
        fresh["assign"] = AssignForm(people=people, initial={"assignee": service_request.assignee_id})
    if "tag_request" in acts:
        fresh["tag"] = TaggingForm()
    if "close_request" in acts or "withdraw_request" in acts:
        fresh["close"] = (StaffCloseForm if view.actor.is_staff else CustomerCloseForm)(prefix="close")
    return fresh


def _contact_form(service_request: ServiceRequest) -> ContactForm:
    initial = {
        "method": service_request.contact_method,
        "phone": service_request.contact_phone,
        "translator": service_request.translator,
    }
    return ContactForm(initial=initial, prefix="contact")


def _facts(view: RequestsView, service_request: ServiceRequest) -> dict[str, Any]:
    """Who and what the request is about, in words."""
    return {
        **presenting.subject_facts(service_request),
        "country": country_name(service_request.contact_country),
        "language": wording.LANGUAGE_NAMES.get(service_request.language, service_request.language),
        "contact_method": wording.words(wording.CONTACT_METHODS, service_request.contact_method),
        "impact": presenting.impact_answers(service_request),
        "follow_up_of": visible_number(view.actor, service_request.follow_up_of),
        "duplicate_of": visible_number(view.actor, service_request.duplicate_of),
    }
