"""Translators who join calls: asked for, arranged, done or called off, for both sides to see (LA-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.actors import PORTAL, Actor
from accounts.text import clean_line
from accounts.transactions import service
from sla.ladder import Recipient
from tickets.catalogue import TRANSLATED_LANGUAGES
from tickets.errors import (
    JoinInThePast,
    JoinTooFar,
    NoTranslatorAsked,
    TranslatorAsked,
    UnknownChoice,
)
from tickets.events import EventKind
from tickets.models import ServiceRequest, TranslatorRequest, TranslatorState
from tickets.selectors.translators import active_translator
from tickets.services import notices, pacing
from tickets.services.base import checked_text, lock_open_request, record, save

WORDS_LIMIT, NAME_LIMIT = 2_000, 120
JOIN_WITHIN = timedelta(days=90)  # as for a call back; the last day of all calendars has no local time everywhere


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who joins, when, and what both sides have to know to meet."""

    interpreter: str
    join_at: datetime
    note: str = ""


@service
def ask_translator(
    *,
    number: str,
    actor: Actor,
    language: str = "",
    wish: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> TranslatorRequest:
    """Ask that a translator joins calls about an open request, in the language of its conversation unless told.

    Raises RequestNotFound, NotPermitted, IllegalTransition, UnknownChoice, InvalidText, TranslatorAsked.
    """
    assert now
    service_request = lock_open_request(number, actor, "ask_translator", version=version, now=now)
    if language and language not in TRANSLATED_LANGUAGES:
        raise UnknownChoice("language", language)
    if active_translator(service_request):
        raise TranslatorAsked
    words = checked_text("wish", wish, limit=WORDS_LIMIT) if wish.strip() else ""
    asked = note_wish(service_request, actor, language=language, wish=words, now=now)
    service_request.translator = True
    pacing.customer_acted(service_request, actor=actor, now=now)
    save(service_request, "translator", "queue_at", now=now)
    return asked


def note_wish(
    service_request: ServiceRequest, actor: Actor, *, language: str = "", wish: str = "", now: datetime
) -> TranslatorRequest:
    """Keep the wish of a locked request that has none, and tell those who arrange it.

    Filing and a change of the contact details come here too, where `contact.translator` says so.
    """
    asked = TranslatorRequest.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        language=language or service_request.language,
        wish=wish,
        requested_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself asks for nobody
        requested_at=now,
    )
    event = _record(EventKind.TRANSLATOR_ASKED, asked, actor, now=now)
    told = Recipient.TEAM_LEAD if actor.is_staff else Recipient.ASSIGNEE_OR_TEAM
    context = {"language": asked.language}
    notices.tell_ladder(
        event, service_request, recipients=(told,), notice="translator_requested", context=context, now=now
    )
    return asked


@service
def arrange_translator(
    *, number: str, actor: Actor, arrangement: Arrangement, version: int | None = None, now: datetime | None = None
) -> TranslatorRequest:
    """Say who joins and when, or change it; the customer and the assignee are told. The same again changes nothing.

    Raises RequestNotFound, NotPermitted, IllegalTransition, NoTranslatorAsked, JoinInThePast, JoinTooFar, InvalidText.
    """
    assert now
    service_request = lock_open_request(number, actor, "arrange_translator", version=version, now=now)
    asked = _active(service_request)
    if arrangement.join_at < now:
        raise JoinInThePast
    if arrangement.join_at > now + JOIN_WITHIN:
        raise JoinTooFar
    interpreter = checked_text("interpreter", arrangement.interpreter, limit=NAME_LIMIT, clean=clean_line)
    note = checked_text("note", arrangement.note, limit=WORDS_LIMIT) if arrangement.note.strip() else ""
    wanted = (TranslatorState.ARRANGED, interpreter, note, arrangement.join_at)
    if (asked.state, asked.interpreter, asked.note, asked.join_at) == wanted:
        return asked
    asked.state, asked.interpreter, asked.note, asked.join_at = wanted
    asked.arranged_by_id, asked.arranged_at = actor.person_id, now
    asked.save()
    save(service_request, now=now)
    event = _record(EventKind.TRANSLATOR_ARRANGED, asked, actor, now=now, join_at=arrangement.join_at.isoformat())
    context = {"language": asked.language, "join_at": arrangement.join_at.isoformat()}
    notices.tell_customer(event, service_request, notice="translator_arranged", context=context)
    notices.tell_assignee(event, service_request, notice="translator_arranged", actor=actor, context=context)
    return asked


@service
def finish_translator(
    *, number: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> TranslatorRequest:
    """Keep that the arranged translator joined.

    Raises RequestNotFound, NotPermitted, IllegalTransition, NoTranslatorAsked.
    """
    assert now
    service_request = lock_open_request(number, actor, "arrange_translator", version=version, now=now)
    asked = _active(service_request)
    if asked.state != TranslatorState.ARRANGED:
        raise NoTranslatorAsked
    _settle(asked, TranslatorState.DONE, now=now)
    save(service_request, "translator", now=now)
    _record(EventKind.TRANSLATOR_DONE, asked, actor, now=now)
    return asked


@service
def cancel_translator(
    *, number: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> TranslatorRequest:
    """Call the translator off, by either side; the other side is told.

    Raises RequestNotFound, NotPermitted, IllegalTransition, NoTranslatorAsked.
    """
    assert now
    service_request = lock_open_request(number, actor, "ask_translator", version=version, now=now)
    asked = withdraw_wish(service_request, actor, now=now)
    if asked is None:
        raise NoTranslatorAsked
    pacing.customer_acted(service_request, actor=actor, now=now)
    save(service_request, "translator", "queue_at", now=now)
    return asked


def withdraw_wish(service_request: ServiceRequest, actor: Actor, *, now: datetime) -> TranslatorRequest | None:
    """Call off what a locked request still has of it; the caller saves `translator`. None if there is nothing."""
    asked = active_translator(service_request)
    if asked is None:
        return None
    _settle(asked, TranslatorState.CANCELLED, now=now)
    event = _record(EventKind.TRANSLATOR_CANCELLED, asked, actor, now=now)
    context = {"language": asked.language}
    notices.tell_assignee(event, service_request, notice="translator_cancelled", actor=actor, context=context)
    if actor.is_staff:
        notices.tell_customer(event, service_request, notice="translator_cancelled", context=context)
    return asked


def end_with_request(service_request: ServiceRequest) -> None:
    """Call the translator off when a locked request is closed; nobody is told of more than of the close."""
    asked = active_translator(service_request) if service_request.translator else None
    if asked is None or service_request.closed_at is None:
        return
    _settle(asked, TranslatorState.CANCELLED, now=service_request.closed_at)
    _record(EventKind.TRANSLATOR_CANCELLED, asked, PORTAL, now=service_request.closed_at)
    service_request.save(update_fields=["translator"])


def _active(service_request: ServiceRequest) -> TranslatorRequest:
    asked = active_translator(service_request)
    if asked is None:
        raise NoTranslatorAsked
    return asked


def _settle(asked: TranslatorRequest, state: TranslatorState, *, now: datetime) -> None:
    asked.state, asked.settled_at = state, now
    asked.save(update_fields=["state", "settled_at"])
    asked.request.translator = False


def _record(kind: EventKind, asked: TranslatorRequest, actor: Actor, *, now: datetime, **facts: Any) -> Any:
    data = {"translator": asked.pk, "language": asked.language, **facts}
    return record(asked.request, kind, actor=actor, at=now, data=data)
