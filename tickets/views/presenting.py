"""What selectors return, as the templates' components take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.actors import Actor
from accounts.labels import TIERS, in_active_language
from accounts.models import Event
from accounts.rich_text import render
from accounts.timezones import zone_or_utc
from selfhelp.selectors import Referral, referral
from severity import wording as severity
from severity.assessment import Assessment, Contradiction, Counterfactual, Evidence, ScopeVerdict
from sla import wording as promises
from sla.commitments import Cell
from sla.explanation_wording import explanation_sentences
from tickets import wording
from tickets.models import MessageKind, Scan, ServiceRequest, SeverityDecision, SeverityDispute
from tickets.selectors.detail import StandingCommitment
from tickets.selectors.tags import names_of
from tickets.views.base import reading_language
from tickets.views.corrections import topic_words, words_of
from tickets.views.disputes import declining, dispute_lines

EVENTS_SHOWN = 100  # of the timeline; an A that nobody updates has a dozen new ones a day
BUBBLES = {
    MessageKind.CUSTOMER: "customer",
    MessageKind.REPLY: "engineer",
    MessageKind.CALL: "call",
    MessageKind.INTERNAL: "note",
    MessageKind.SYSTEM: "system",
}
EVENT_ICONS = {
    "request_filed": "inbox",
    "first_response": "headset",
    "severity_changed": "scale",
    "severity_confirmed": "scale",
    "severity_disputed": "scale",
    "dispute_settled": "scale",
    "request_tagged": "tags",
    "scope_corrected": "signpost",
    "category_corrected": "tag",
    "topic_corrected": "tag",
    "request_closed": "circle-check",
    "request_reopened": "rotate-ccw",
    "request_archived": "archive",
    "escalation_step": "trending-up",
    "commitment_breached": "circle-alert",
    "call_logged": "phone",
    "internal_note_added": "lock",
    "file_attached": "paperclip",
    "commitment_made": "timer",
    "reply_posted": "message-square",
    "customer_asked": "circle-question-mark",
    "customer_reminded": "bell",
    "customer_wrote": "message-square",
    "request_taken": "hand",
    "request_assigned": "user-check",
    "request_released": "undo-2",
    "phone_needed": "phone",
    "survey_asked": "star",
    "survey_answered": "star",
    "escalation_requested": "trending-up",
    "senior_engineer_wanted": "user-star",
    "translator_requested": "languages",
    "translator_arranged": "calendar-check",
    "translator_joined": "languages",
    "translator_cancelled": "calendar-x",
    "timer_retried": "rotate-ccw",
    "delivery_retried": "rotate-ccw",
    "delivery_given_up": "mail-x",
}
CORRECTED = {"scope_corrected": "scope", "category_corrected": "category", "topic_corrected": "topic"}
MOST_REASONS = 5
EVENT_TONES = {
    "escalation_requested": "warning",
    "senior_engineer_wanted": "warning",
    "severity_disputed": "warning",
    "commitment_breached": "danger",
    "escalation_step": "warning",
    "request_closed": "success",
}


def commitment_card(standing: StandingCommitment, *, zone: str, now: datetime) -> dict[str, Any]:
    """A promise for the component `commitment`, in the reader's time zone and language."""
    row = standing.row
    cell = Cell.parse(availability=row.availability, target=row.target)
    return {
        "state": standing.state.value,
        "severity": row.severity,
        "due_at": row.due_at,
        "received_at": row.received_at,
        "responded_at": row.responded_at,
        "ended_at": row.ended_at,
        "by_day": standing.is_by_day and _is_midnight(row.due_at, zone),
        "due_text": promises.due_text(cell=cell, due_at=row.due_at, timezone=zone, now=now),
        "availability": promises.availability_text(cell.availability),
        "target": promises.target_text(cell),
        "policy_version": _policy(standing),
        "explanation": explanation_sentences(standing.explanation, viewer_timezone=zone),
        "reason": row.reason,
        "cycle": row.cycle,
    }


def _policy(standing: StandingCommitment) -> str:
    """The version that it was promised under, and what caps its severity there (settled point 7)."""
    if standing.cap is None:
        return str(standing.row.policy_version_id)
    return _("%(version)d; %(kind)s is treated as %(cap)s at most") % {
        "version": standing.row.policy_version_id,
        "kind": wording.words(wording.KINDS, standing.row.kind),
        "cap": standing.cap,
    }


def _is_midnight(at: datetime | None, zone: str) -> bool:
    """Whether a day ends at that instant on the reader's clock; elsewhere the hour has to be named."""
    if at is None:
        return False
    clock = zone_or_utc(zone)
    return at.astimezone(clock).date() != (at - timedelta(microseconds=1)).astimezone(clock).date()


def bubbles(messages: Iterable[Any], service_request: ServiceRequest, *, reader: Actor) -> list[dict[str, Any]]:
    """The conversation for the component `bubble`; Markdown is rendered through the allow-list (P-7)."""
    return [
        {
            "id": f"message-{message.pk}",
            "kind": BUBBLES[MessageKind(message.kind)],
            "author": message.author.name if message.author else "",
            "on_behalf_of": message.on_behalf_of.name if message.on_behalf_of else "",
            "at": message.at,
            "body": render(message.body),
            "attachments": file_items(message.files, number=service_request.number, reader=reader),
        }
        for message in messages
    ]


def file_items(files: Iterable[Mapping[str, Any]], *, number: str, reader: Actor) -> list[dict[str, Any]]:
    """Files for the component `attachments`; what is withheld has no address."""
    return [
        {
            "name": file["name"],
            "size": file["size"],
            "url": reverse("tickets:file", args=[number, file["id"]]) if _is_handed_out(file, reader) else "",
            "scan": file["scan"],
            "scan_words": wording.words(wording.SCANS, file["scan"]),
            "preview_url": reverse("tickets:file_preview", args=[number, file["id"]])
            if file["preview"] == "ready"
            else "",
            "width": file["preview_width"],
            "height": file["preview_height"],
        }
        for file in files
    ]


def _is_handed_out(file: Mapping[str, Any], reader: Actor) -> bool:
    waits = file["scan"] == Scan.WAITING and file["uploaded_by_id"] != reader.person_id
    return file["scan"] != Scan.INFECTED and not waits


def timeline(events: QuerySet[Event]) -> dict[str, Any]:
    """What happened last, for the component `timeline`, newest first; a request that lies for weeks has many events."""
    newest = list(events.order_by("-id")[: EVENTS_SHOWN + 1])
    corrected = [event.data for event in newest if event.kind == "topic_corrected"]
    topics = topic_words(data[end] for data in corrected for end in ("from", "to"))
    tagged = [event.data for event in newest if event.kind == "request_tagged"]
    tags = names_of(pk for data in tagged for pk in (*data["added"], *data["removed"]))
    shown = [
        {
            "at": event.at,
            "text": wording.words(wording.EVENTS, event.kind),
            "actor": event.actor.name if event.actor else "",
            "on_behalf_of": event.on_behalf_of.name if event.on_behalf_of else "",
            "detail": _event_detail(event, topics, tags),
            "icon": EVENT_ICONS.get(event.kind, "dot"),
            "tone": EVENT_TONES.get(event.kind, "neutral"),
        }
        for event in newest[:EVENTS_SHOWN]
    ]
    return {"events": shown, "is_cut": len(newest) > EVENTS_SHOWN}


def _event_detail(event: Event, topics: Mapping[str, str], tags: Mapping[int, str]) -> str:
    data = event.data
    if event.kind == "request_tagged":
        return tags_changed(data, tags)
    if event.kind == "dispute_settled":
        return wording.words(wording.DISPUTE_STATES, data["outcome"])
    if event.kind in ("severity_changed", "severity_confirmed", "severity_disputed"):
        return f"{data['from']} → {data['to']}" if data["from"] != data["to"] else str(data["to"])
    if event.kind in CORRECTED:
        return " → ".join(words_of(CORRECTED[event.kind], data[end], topics) for end in ("from", "to"))
    if event.kind == "request_closed":
        return wording.words(wording.RESOLUTIONS, data["resolution"])
    if event.kind in ("escalation_requested", "senior_engineer_wanted"):
        return wording.words(wording.ESCALATION_REASONS, data["reason"])
    if event.kind == "escalation_step":
        kind, step = wording.words(wording.TIMERS, data["timer"]), wording.timer_step(data["timer"], data["step"])
        return kind + pgettext("between a label and what it says", ": ") + step if step else kind
    return ""


def tags_changed(data: Mapping[str, Any], tags: Mapping[int, str]) -> str:
    """Which tags were put on and taken off; one that was removed from the list since has no name any more."""
    signs = (("+", data["added"]), ("−", data["removed"]))
    each = [f"{sign} {tags.get(pk, f'#{pk}')}" for sign, found in signs for pk in found]
    return pgettext("between items of a list", ", ").join(each)


def assessment_card(decisions: Sequence[SeverityDecision]) -> dict[str, Any] | None:
    """The engine's assessment in sentences: why, what would change it, what does not fit together (SE-1)."""
    engine = next((each for each in decisions if each.assessment), None)
    if engine is None or engine.assessment is None:
        return None
    card = {"severity": engine.severity, "confidence": engine.assessment.get("confidence")}
    try:
        return {**card, **reasons(restored(engine.assessment))}
    except (KeyError, TypeError):
        return card  # by an earlier engine, whose words are not ours any more; the verdict still counts


def decision_lines(
    decisions: Sequence[SeverityDecision], disputes: Sequence[SeverityDispute] = ()
) -> list[dict[str, Any]]:
    """Who set the severity or disputed it, when and why, oldest first (SE-5)."""
    declined = declining(decisions, disputes)
    decided = [
        {
            "severity": decision.severity,
            "previous": decision.previous,
            "who": decision.actor.name if decision.actor else "",
            "on_behalf_of": decision.on_behalf_of.name if decision.on_behalf_of else "",
            "source": _("Dispute declined") if decision in declined else str(wording.DECISION_SOURCES[decision.source]),
            "reason": decision.reason,
            "at": decision.at,
        }
        for decision in decisions
    ]
    return sorted([*decided, *dispute_lines(decisions, disputes)], key=lambda line: line["at"])


def referral_card(code: str) -> Referral | None:
    """Where a request that is beyond the scope is referred to (SC-6)."""
    return referral(code, language=reading_language()) if code else None


def subject_facts(service_request: ServiceRequest) -> dict[str, str]:
    """Category, service, topic and subscription in words."""
    subscription = service_request.subscription
    return {
        "category": wording.words(wording.CATEGORIES, service_request.category),
        "service": in_active_language(service_request.service.names) if service_request.service else "",
        "topic": in_active_language(service_request.topic.names) if service_request.topic else "",
        "plan": in_active_language(subscription.plan.names) if subscription else "",
        "tier": wording.words(TIERS, service_request.tier),
    }


def impact_answers(service_request: ServiceRequest) -> list[tuple[str, str]]:
    """The impact questions that were answered, with the answers."""
    return [
        (str(question), wording.words(wording.IMPACT_ANSWERS[name], getattr(service_request, name)))
        for name, question in wording.IMPACT_QUESTIONS.items()
        if getattr(service_request, name)
    ]


def reasons(assessment: Assessment) -> dict[str, Any]:
    """The sentences of an assessment: which rule fits, what counted, what would change it, what does not fit."""
    return {
        "reason": severity.reason(assessment),
        "reasons": severity.evidence_sentences(assessment, limit=MOST_REASONS),
        "changes": [severity.counterfactual_sentence(each) for each in assessment.counterfactuals],
        "contradictions": [severity.contradiction_sentence(each) for each in assessment.contradictions],
    }


def restored(document: Mapping[str, Any]) -> Assessment:
    """An assessment as it was kept; raises KeyError or TypeError for one of an engine that knew other words."""
    scope = {**document["scope"], "evidence": tuple(Evidence(**each) for each in document["scope"]["evidence"])}
    return Assessment(
        **{
            **document,
            "evidence": tuple(Evidence(**each) for each in document["evidence"]),
            "counterfactuals": tuple(Counterfactual(**each) for each in document["counterfactuals"]),
            "contradictions": tuple(Contradiction(**each) for each in document["contradictions"]),
            "scope": ScopeVerdict(**scope),
        }
    )
