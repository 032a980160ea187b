"""What a filled-in form would become, as the page of filing shows it beside the form (SE-1, SC-6, SH-1, LA-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.labels import TIERS, country_name
from accounts.models import Organisation, Person
from selfhelp.selectors import Referral, referral, suggest
from severity import wording as reasons
from severity.assessment import Assessment, Counterfactual
from severity.scope import IN_SCOPE
from sla import explanation
from sla import wording as promises
from sla.explanation_wording import explanation_sentences
from sla.vocabulary import is_above
from tickets import wording
from tickets.catalogue import IMPACT, SUBSCRIPTION_OPTIONAL
from tickets.filing import Filing
from tickets.filing_form import plan_name
from tickets.selectors.availability import LanguageDesk, Opening, has_regional_hours, phone_line, speakers_of
from tickets.selectors.offers import Offer
from tickets.selectors.prospects import Matter, Prospect, prospect_about
from tickets.views.base import reading_language

MOST_REASONS, MOST_CHANGES, MOST_ARTICLES = 3, 4, 3
SURE, FAIRLY_SURE = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a preview is drawn, and when."""

    person: Person
    organisation: Organisation
    zone: str
    now: datetime


def says_nothing(filing: Filing) -> bool:
    """Tell whether there is nothing to assess yet: no words and no answers."""
    return not (filing.subject or filing.description or any(getattr(filing.impact, name) for name in IMPACT))


def preview_of(filing: Filing, offer: Offer, reader: Reader) -> dict[str, Any]:
    """Everything that the preview shows. A half-filled form is taken as it stands, about the first subscription.

    Raises ElevatedRequired, SeverityNotPermitted.
    """
    prospect = prospect_about(_matter(filing, offer, reader), filing, now=reader.now)
    commitment = _commitment(prospect, filing, reader)
    return {
        "severity": prospect.severity,
        "cap": prospect.terms.cap,
        "kind": wording.words(wording.KINDS, prospect.kind),
        "service": prospect.service_code or "",
        "claimed": prospect.claimed,
        "differs": prospect.severity != prospect.assessment.severity,
        "needs_confirmation": prospect.needs_confirmation,
        "assessment": _assessment(prospect.assessment),
        "scope": _scope(prospect.assessment),
        "commitment": commitment,
        "asks_phone": prospect.phone_missing,
        "language": language_line(prospect.contact.language, now=reader.now, since=_begins_at(prospect, reader)),
        "phone": phone_line(prospect.contact.country, language=reading_language(), now=reader.now),
        "is_purchase": prospect.kind in SUBSCRIPTION_OPTIONAL,
        "articles": suggest(
            f"{filing.subject}\n{filing.description}",
            language=reading_language(),
            service=prospect.service_code,
            limit=MOST_ARTICLES,
        ),
        "announcement": _announcement(prospect, commitment["due_text"]),
        "announced_as": " ".join(map(str, _announced(prospect))),
    }


def language_line(language: str, *, now: datetime, since: datetime | None = None) -> dict[str, Any]:
    """When an engineer who speaks a language is next available, region by region, and English if sooner (LA-1).

    Who answers only `since` an instant is not there before it, whatever the hours of the language.
    """
    speakers = speakers_of(language, reading=reading_language(), now=since or now)
    return {
        **_line(speakers.wanted, now=now),
        "regions": speakers.wanted.regions,
        "instead": _line(speakers.instead, now=now) if speakers.instead else None,
    }


def _line(desk: LanguageDesk, *, now: datetime) -> dict[str, Any]:
    """A language by the name that its speakers give it."""
    next_open_at = desk.opening.next_open_at
    opening = Opening(is_open=next_open_at == now, next_open_at=next_open_at)
    return {"name": wording.LANGUAGE_NAMES.get(desk.language, desk.name), "opening": opening}


def _begins_at(prospect: Prospect, reader: Reader) -> datetime:
    """From when anybody looks at it: pre-sales and billing in business hours only (PS-1, BI-1)."""
    if prospect.kind in SUBSCRIPTION_OPTIONAL:
        return prospect.terms.calendar.next_open_at(reader.now)
    return reader.now


def _matter(filing: Filing, offer: Offer, reader: Reader) -> Matter:
    """The rows that the form names; what does not exist or fit is left out."""
    topic = offer.topic(filing.topic, category=filing.category)
    service = (topic and topic.service) or offer.service(filing.service)
    subscription = offer.subscription(filing.subscription) or next(iter(offer.subscriptions), None)
    return Matter(reader.person, reader.organisation, subscription, service, topic)


def _assessment(assessment: Assessment) -> dict[str, Any]:
    """The engine's proposal in sentences."""
    return {
        "name": reasons.severity_name(assessment.severity),
        "confidence": round(assessment.confidence * 100),
        "sureness": _sureness(assessment.confidence),
        "reason": reasons.reason(assessment),
        "why": reasons.evidence_sentences(assessment, limit=MOST_REASONS),
        "changes": [reasons.counterfactual_sentence(each) for each in _nearest(assessment)][:MOST_CHANGES],
        "contradictions": [reasons.contradiction_sentence(each) for each in assessment.contradictions],
        "confirmation": reasons.confirmation_notice(assessment),
        "language": reasons.language_notice(assessment),
    }


def _sureness(confidence: float) -> str:
    if confidence >= SURE:
        return _("Sure")
    return _("Fairly sure") if confidence >= FAIRLY_SURE else _("Unsure")


def _nearest(assessment: Assessment) -> Iterable[Counterfactual]:
    """Of the answers to one question that would lead to the same severity, the one that takes the smallest step."""
    nearest: dict[tuple[str, str], Counterfactual] = {}
    for each in assessment.counterfactuals:
        known = nearest.setdefault((each.answer, each.severity), each)
        places = IMPACT[each.answer]  # the gravest answer comes first
        graver = places.index(each.value) < places.index(known.value)
        if graver != is_above(each.severity, assessment.severity):
            nearest[each.answer, each.severity] = each
    return sorted(nearest.values(), key=lambda each: not is_above(each.severity, assessment.severity))


def _scope(assessment: Assessment) -> dict[str, str | Referral | list[str]] | None:
    """The notice for what looks beyond the scope of support (SC-1 to SC-6)."""
    verdict = assessment.scope
    if verdict.referral is None:
        return None
    quotes = dict.fromkeys(reasons.evidence_sentence(each) for each in verdict.evidence)
    return {
        "reason": reasons.referral_reason(verdict),
        "referral": referral(verdict.scope, language=reading_language()),
        "quotes": [*quotes][:MOST_REASONS],
    }


def _commitment(prospect: Prospect, filing: Filing, reader: Reader) -> dict[str, Any]:
    """The promise that filing now would bring, and how it is counted (SLA-1, SLA-6)."""
    terms = prospect.terms
    cell = terms.cell(prospect.severity)
    explained = explanation.explain(
        cell=cell, received_at=reader.now, calendar=terms.calendar, named_calendars=terms.policy.calendars
    )
    due_text = promises.due_text(cell=cell, due_at=prospect.promise.due_at, timezone=reader.zone, now=reader.now)
    sentences = explanation_sentences(explained, viewer_timezone=reader.zone) if prospect.promise.due_at else []
    return {
        "due_at": prospect.promise.due_at,
        "due_text": due_text,
        "availability": capfirst(promises.availability_text(cell.availability)),
        "explanation": sentences,
        "region": country_name(terms.country) if has_regional_hours(terms, prospect.severity) else "",
        **_ground(prospect, filing),
    }


def _ground(prospect: Prospect, filing: Filing) -> dict[str, Any]:
    """What the promise rests on: the subscription, chosen or assumed, and the tier."""
    if prospect.kind in SUBSCRIPTION_OPTIONAL:
        return {"plan": "", "tier": "", "assumed": False}
    return {
        "plan": plan_name(prospect.subscription) if prospect.subscription else "",
        "tier": wording.words(TIERS, prospect.terms.tier),
        "assumed": bool(prospect.subscription and prospect.subscription.reference != filing.subscription),
    }


def _announcement(prospect: Prospect, due_text: str) -> str:
    """The whole preview in a few sentences, for people who hear the page."""
    severity = wording.words(wording.SEVERITIES, prospect.severity)
    if prospect.promise.due_at is None:
        proposed = _("Severity %(severity)s; no committed response time.") % {"severity": severity}
    else:
        proposed = _("Severity %(severity)s; first response %(due)s.") % {"severity": severity, "due": due_text}
    _severity, unsure, contradicted, referred, no_phone = _announced(prospect)
    said = {
        _("An engineer will confirm it."): unsure,
        _("Your answers and your words do not fit together."): contradicted,
        _("It may be beyond our support; you can file it all the same."): referred,
        _("For a critical request we need a phone number."): no_phone,
    }
    return " ".join([proposed, *(sentence for sentence, holds in said.items() if holds)])


def _announced(prospect: Prospect) -> tuple[str, bool, bool, bool, bool]:
    """What is told to people who hear the page, and told anew when it is another."""
    assessment = prospect.assessment
    return (
        prospect.severity,
        prospect.needs_confirmation,
        bool(assessment.contradictions),
        assessment.scope.scope != IN_SCOPE,
        prospect.phone_missing,
    )
