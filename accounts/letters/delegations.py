"""What notices about delegations and asks say to their receiver, as things stand when they are sent (PA-1, P-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock, selectors
from accounts.labels import role_label
from accounts.letters.reading import Reading
from accounts.models import Delegation, DelegationAsk, DelegationAskState, Delivery, Person

Facts = dict[str, Any] | None


def of_expiry(delivery: Delivery, person: Person) -> Facts:
    """The delegation that runs out; None once it has ended, or is no business of theirs any more."""
    live = selectors.live_delegations(now=clock.now()).select_related("partner")
    row = live.filter(pk=delivery.context["delegation"]).first()
    if row is None:
        return None
    grants = _decides(person, row.customer_id)
    if not (grants or _acts(person, row.partner_id)):
        return None
    page = "accounts:partners" if grants else "accounts:acting_for"
    return {"delegation": row, "grants": grants, **_link(page)}


def of_end(delivery: Delivery, person: Person) -> Facts:
    """The delegation that the customer ended, for the partner's people."""
    row = Delegation.objects.select_related("customer").filter(pk=delivery.context["delegation"]).first()
    if row is None or not _acts(person, row.partner_id):
        return None
    return {"delegation": row, **_link("accounts:acting_for")}


def of_ask(delivery: Delivery, reading: Reading) -> Facts:
    """What a partner asks the customer for; None once it is settled or has lapsed."""
    ask = reading.row(DelegationAsk.objects.select_related("partner"), delivery, _ask)
    if ask is None or not _decides(reading.person, ask.customer_id):
        return None
    if selectors.state_of_ask(ask, now=reading.now) != DelegationAskState.OPEN:
        return None
    return {"ask": ask, "duties": _named(ask.duties), **_link("accounts:partners")}


def of_answer(delivery: Delivery, reading: Reading) -> Facts:
    """What came of an ask, for the partner; of whom it reached only what the customer told by granting."""
    ask = reading.row(DelegationAsk.objects.select_related("delegation__customer"), delivery, _ask)
    if ask is None or not _acts(reading.person, ask.partner_id):
        return None
    granted = ask.delegation
    duties = _named(granted.duties) if granted else ""
    return {"ask": ask, "granted": granted, "duties": duties, **_link("accounts:delegation_asks")}


SITUATIONS: dict[str, Callable[[Delivery, Reading], Facts]] = {
    "delegation_asked": of_ask,
    "delegation_answered": of_answer,
}
MAILED: dict[str, Callable[[Delivery, Person], Facts]] = {
    "delegation_expiring": of_expiry,
    "delegation_ended": of_end,
}


def _ask(delivery: Delivery) -> Any:
    return delivery.context["ask"]


def _decides(person: Person, customer_id: int | None) -> bool:
    return person.organisation_id == customer_id and "global_admin" in person.role_names


def _acts(person: Person, partner_id: int) -> bool:
    return person.organisation_id == partner_id and bool(person.role_names)


def _named(duties: list[str]) -> str:
    return ", ".join(role_label(duty) for duty in duties)


def _link(page: str) -> dict[str, str]:
    return {"link": f"{settings.PUBLIC_URL}{reverse(page)}"}
