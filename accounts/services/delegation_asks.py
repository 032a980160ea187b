"""Partners ask for duties; customers grant, decline, or let the ask lapse (PA-1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts import circumstances, limits, selectors
from accounts.actors import PORTAL, Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import (
    AskedAlready,
    AskSettled,
    DelegationAskNotFound,
    InvalidAddress,
    InvalidDelegation,
    InvalidReason,
)
from accounts.models import Delegation, DelegationAsk, DelegationAskState, Event, Organisation
from accounts.permissions import refused, require
from accounts.services import delegations
from accounts.services.delegates import carry_over
from accounts.services.people import lock_organisation
from accounts.signing_in.domain_names import domain_name
from accounts.text import clean_text
from accounts.transactions import service
from accounts.versions import check_version

OPEN_FOR = timedelta(days=30)
REASON_LIMIT = 1_000
MOST_IN_AN_HOUR, MOST_OF_ONE_IN_A_DAY = 10, 3
SHORT_NAME = re.compile("[a-z0-9_-]{1,60}")


@service
def ask_for_delegation(
    *,
    customer: str,
    duties: Iterable[str],
    reason: str,
    wished_until: datetime,
    actor: Actor,
    now: datetime | None = None,
) -> DelegationAsk:
    """Ask a customer, by its short name or a mail domain of its own, for duties until `wished_until` (PA-1).

    Whether there is such a customer makes no difference to the answer, nor to what the partner sees of the ask (P-5).
    Raises NotPermitted, InvalidAddress, InvalidReason, InvalidDelegation, TooMany, AskedAlready.
    """
    assert now
    require(actor, "ask_for_delegation")
    address, words = address_of(customer), checked_reason(reason)
    terms = delegations.checked_terms(duties, wished_until, now=now)
    partner = lock_organisation(actor)
    if not partner.is_partner:
        raise refused(actor, "ask_for_delegation")
    _ration(partner, address, now=now)
    for standing in _lock_open(partner=partner.pk, addressed_to=address):
        if standing.lapses_at >= now:
            raise AskedAlready
        _lapse(standing)
    reached = _whom_it_reaches(partner, address, now=now)
    ask = DelegationAsk.objects.create(
        partner=partner,
        customer=reached,
        addressed_to=address,
        duties=terms.duties,
        reason=words,
        wished_until=terms.expires_at,
        asked_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself asks for nothing
        asked_at=now,
        lapses_at=now + OPEN_FOR,
    )
    data = {"duties": terms.duties, "until": terms.expires_at.isoformat()}
    event = _record("delegation_asked", ask, at=now, actor=actor, data=data)
    if reached:
        notice = Notice("delegation_asked", selectors.global_admins_of(reached.pk), {"ask": ask.pk})
        send_notice(event, notice, about=About(organisation_id=reached.pk))
    return ask


@service
def withdraw_ask(
    *, ask_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> DelegationAsk:
    """Take an ask of the actor's organisation back; one that was withdrawn already stays so.

    Raises NotPermitted, DelegationAskNotFound, AskSettled, RecordChanged when another `version` was read.
    """
    assert now
    require(actor, "ask_for_delegation")
    partner = lock_organisation(actor)
    ask = _lock(ask_id, version, now=now, partner=partner.pk)
    if ask.state == DelegationAskState.WITHDRAWN:
        return ask
    _check_open(ask, now=now)
    _settle(ask, DelegationAskState.WITHDRAWN, actor=actor, at=now)
    _record("delegation_ask_withdrawn", ask, at=now, actor=actor)
    return ask


@service
def grant_ask(
    *,
    ask_id: int,
    duties: Iterable[str],
    expires_at: datetime,
    actor: Actor,
    version: int | None = None,
    now: datetime | None = None,
) -> Delegation:
    """Grant what a partner asked for, or less of it: fewer duties, an earlier end (PA-1).

    A delegation that the partner holds gives way to the new one at the same instant, with its people. Raises
    NotPermitted, DelegationAskNotFound, AskSettled, InvalidDelegation, RecordChanged.
    """
    assert now
    require(actor, "manage_delegations")
    customer = lock_organisation(actor)
    ask = _lock(ask_id, version, now=now, customer=customer.pk)
    _check_open(ask, now=now)
    terms = delegations.checked_terms(duties, expires_at, now=now)
    if not set(terms.duties) <= set(ask.duties) or terms.expires_at > ask.wished_until:
        raise InvalidDelegation
    before = _make_way(ask, actor=actor, now=now)
    delegation = delegations.appoint(customer, ask.partner, terms, actor=actor, now=now)
    if before:
        carry_over(before, delegation)
    ask.delegation = delegation
    _settle(ask, DelegationAskState.GRANTED, actor=actor, at=now)
    event = _record("delegation_ask_granted", ask, at=now, actor=actor, data={"delegation": delegation.pk})
    _tell_partner(event, ask)
    return delegation


@service
def decline_ask(
    *, ask_id: int, reason: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> DelegationAsk:
    """Decline what a partner asked for, with a reason that it reads (PA-1).

    Raises NotPermitted, DelegationAskNotFound, AskSettled, InvalidReason, RecordChanged.
    """
    assert now
    require(actor, "manage_delegations")
    words = checked_reason(reason)
    customer = lock_organisation(actor)
    ask = _lock(ask_id, version, now=now, customer=customer.pk)
    _check_open(ask, now=now)
    ask.answer = words
    _settle(ask, DelegationAskState.DECLINED, actor=actor, at=now)
    _tell_partner(_record("delegation_ask_declined", ask, at=now, actor=actor), ask)
    return ask


@service
def lapse_asks(*, batch: int = 100, now: datetime | None = None) -> int:
    """Put on record which asks nobody answered in 30 days, dated at their last instant; how many (for the sweep).

    Nothing waits for it: whether an ask is open is decided by `lapses_at` (P-4).
    """
    assert now
    lapsed = DelegationAsk.objects.filter(state=DelegationAskState.OPEN, lapses_at__lt=now).order_by("lapses_at", "pk")
    claimed = list(lapsed.select_for_update(of=("self",), skip_locked=True, no_key=True)[:batch])
    for ask in claimed:
        _lapse(ask)
    return len(claimed)


def address_of(text: str) -> str:
    """A short name or a mail domain as asks keep it, from what somebody typed; a mail address stands for its domain."""
    name = text.strip().lower().rpartition("@")[2]
    if SHORT_NAME.fullmatch(name):
        return name
    try:
        return domain_name(name)
    except ValueError:
        raise InvalidAddress from None


def checked_reason(text: str) -> str:
    """A reason as it may be stored, or InvalidReason."""
    try:
        cleaned = clean_text(text)
    except ValueError as fault:
        raise InvalidReason(str(fault)) from None
    if not cleaned or len(cleaned) > REASON_LIMIT:
        raise InvalidReason("too_long" if cleaned else "empty")
    return cleaned


def _ration(partner: Organisation, address: str, *, now: datetime) -> None:
    """Neither many customers in an hour, nor one customer again and again: each ask is a mail to its admins."""
    limits.count(f"asks:{partner.pk}", limit=MOST_IN_AN_HOUR, per=timedelta(hours=1), now=now)
    one = f"asks_of_one:{partner.pk}:{address[:90]}"
    limits.count(one, limit=MOST_OF_ONE_IN_A_DAY, per=timedelta(days=1), now=now)


def _whom_it_reaches(partner: Organisation, address: str, *, now: datetime) -> Organisation | None:
    """The customer by that address; nobody where an ask of this partner, by another address, lies there already."""
    customer = selectors.customer_addressed(address)
    if customer is None or customer.pk == partner.pk:
        return None
    for standing in _lock_open(partner=partner.pk, customer=customer.pk):
        if standing.lapses_at >= now:
            return None
        _lapse(standing)
    return customer


def _lock_open(**which: Any) -> list[DelegationAsk]:
    standing = DelegationAsk.objects.filter(state=DelegationAskState.OPEN, **which)
    return list(standing.select_for_update(of=("self",), no_key=True))


def _lock(ask_id: int, version: int | None, *, now: datetime, **whose: int) -> DelegationAsk:
    asks = DelegationAsk.objects.filter(**whose).select_related("partner")
    try:
        ask = asks.select_for_update(of=("self",), no_key=True).get(pk=ask_id)
    except DelegationAsk.DoesNotExist:
        raise DelegationAskNotFound from None
    check_version(version, selectors.ask_version(ask, now=now))
    return ask


def _check_open(ask: DelegationAsk, *, now: datetime) -> None:
    if selectors.state_of_ask(ask, now=now) != DelegationAskState.OPEN:
        raise AskSettled


def _make_way(ask: DelegationAsk, *, actor: Actor, now: datetime) -> Delegation | None:
    """End the delegation that stands between the two, if any; return it where it was still in force."""
    assert ask.customer_id
    for standing in delegations.lock_standing(ask.customer_id, ask.partner_id):
        if standing.expires_at >= now:
            delegations.end(standing, actor=actor, now=now)
            return standing
        delegations.close_expired(standing)
    return None


def _settle(ask: DelegationAsk, state: DelegationAskState, *, at: datetime, actor: Actor = PORTAL) -> None:
    ask.state, ask.settled_at, ask.settled_by_id = state, at, actor.person_id
    ask.save(update_fields=["state", "settled_at", "settled_by", "answer", "delegation"])


def _lapse(ask: DelegationAsk) -> None:
    _settle(ask, DelegationAskState.LAPSED, at=ask.lapses_at)
    _tell_partner(_record("delegation_ask_lapsed", ask, at=ask.lapses_at), ask)


def _tell_partner(event: Event, ask: DelegationAsk) -> None:
    """What came of it, to whoever asked and the partner's global admins; nobody's silence reads like a customer's."""
    people = [*selectors.global_admins_of(ask.partner_id), *selectors.askers_of(ask)]
    notice = Notice("delegation_answered", people, {"ask": ask.pk, "state": ask.state})
    send_notice(event, notice, about=About(organisation_id=ask.partner_id))


def _record(
    kind: str, ask: DelegationAsk, *, at: datetime, actor: Actor = PORTAL, data: Mapping[str, object] | None = None
) -> Event:
    """One event for each side: who may read the one reads nothing of the other. Return the partner's.

    Who of the customer answered, and from where, stands in the customer's alone (P-5).
    """
    told = {"ask": ask.pk, **(data or {})}
    if ask.customer_id:
        about = About(organisation_id=ask.customer_id)
        theirs = {**told, "partner": ask.partner_id}
        record_event(kind, about=about, at=at, actor=actor, ref=f"ask:{ask.pk}:customer", data=theirs)
    about, ref = About(organisation_id=ask.partner_id), f"ask:{ask.pk}:partner"
    if actor.organisation_id == ask.partner_id:
        return record_event(kind, about=about, at=at, actor=actor, ref=ref, data=told)
    with circumstances.under(""):
        return record_event(kind, about=about, at=at, actor=PORTAL, ref=ref, data=told)
