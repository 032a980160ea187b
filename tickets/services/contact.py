"""How and whom to reach about a request: contact details, translator, call back, primary contact (RO-2, LA-2, CH-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.db.models import Q

from accounts import selectors as accounts
from accounts import timezones
from accounts.actors import Actor
from accounts.audit.personal_values import keep
from accounts.errors import PersonNotFound
from accounts.models import Person, PersonalValue
from accounts.permissions import may, require
from accounts.text import clean_line
from accounts.transactions import service
from tickets.catalogue import CONTACT_METHODS, LANGUAGES
from tickets.errors import UnknownChoice
from tickets.events import EventKind
from tickets.filing import check_call_back
from tickets.models import ServiceRequest
from tickets.selectors.contacts import may_be_contact, open_requests_of_contact
from tickets.services import notices, pacing, translators
from tickets.services.base import check_open, checked_text, lock_request, record, save

PHONE_LIMIT = 40


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many requests have another primary contact now, and how many could not be handed over."""

    done: int
    left: int


class ContactChanges(TypedDict, total=False):
    """What to change; what is not named stays.

    `primary_contact` is the mail address of another admin. An empty phone number gives way to the primary contact's own
    and then to the organisation's, as at filing.
    """

    method: str
    language: str
    phone: str
    timezone: str
    country: str
    translator: bool
    callback_at: datetime | None
    primary_contact: str


COLUMNS = {
    "method": "contact_method",
    "language": "language",
    "phone": "contact_phone",
    "timezone": "contact_timezone",
    "country": "contact_country",
    "translator": "translator",
    "callback_at": "callback_at",
}


@service
def change_contact(
    *, number: str, actor: Actor, changes: ContactChanges, version: int | None = None, now: datetime | None = None
) -> ServiceRequest:
    """Change how and whom to reach about an open request; admins who may write on it, and staff who may call.

    Another primary contact is chosen by those who may make one (RO-2). Where nothing differs, nothing is recorded.
    A time of a call back that stands already may have passed, and be sent again with other changes (CH-3).
    Raises RequestNotFound, NotPermitted, IllegalTransition, UnknownChoice, CallBackInThePast, CallBackTooFar,
    InvalidText, VersionMismatch.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "log_call" if actor.is_staff else "post_message", on=service_request)
    check_open(service_request, "change_contact", now=now)
    values = _values(service_request, actor, changes)
    changed = {column for column, value in values.items() if getattr(service_request, column) != value}
    if not changed:
        return service_request
    if "callback_at" in changed:
        check_call_back(values["callback_at"], now=now)
    before = {column: getattr(service_request, column) for column in changed}
    for column in changed:
        setattr(service_request, column, values[column])
    pacing.customer_acted(service_request, actor=actor, now=now)
    save(service_request, *changed, "queue_at", now=now)
    if "translator" in changed:
        follow = translators.note_wish if service_request.translator else translators.withdraw_wish
        follow(service_request, actor, now=now)
    data: dict[str, Any] = {"changed": sorted(changed), "person": service_request.primary_contact_id}
    if "primary_contact_id" in changed:
        data["primary_contact"] = service_request.primary_contact_id
    for end, columns in (("from", before), ("to", {column: values[column] for column in changed})):
        data[end] = _told(columns, person_id=service_request.primary_contact_id)
    event = record(service_request, EventKind.CONTACT_CHANGED, actor=actor, at=now, data=data)
    if "primary_contact_id" in changed and service_request.primary_contact_id != actor.person_id:
        notices.tell_customer(event, service_request, notice="contact_made")
    return service_request


@service
def hand_over_requests(*, person_id: int, to_id: int, actor: Actor, now: datetime | None = None) -> HandedOver:
    """Make a colleague the primary contact of every open request whose contact a person is (RO-2).

    What the colleague may not write on stays as it is, and so does what the actor may not hand over; it is counted.
    Raises NotPermitted, PersonNotFound for somebody who is not of the organisation, or whose account is closed.
    """
    require(actor, "make_primary_contact")
    colleague = accounts.people_of(actor).filter(pk=to_id, is_active=True).first()
    if colleague is None:
        raise PersonNotFound
    done = left = 0
    for service_request in open_requests_of_contact(actor, person_id).order_by("pk"):
        if may_be_contact(colleague, service_request) and may(actor, "make_primary_contact", on=service_request):
            changes: ContactChanges = {"primary_contact": colleague.email}
            change_contact(number=service_request.number, actor=actor, changes=changes, now=now)
            done += 1
        else:
            left += 1
    return HandedOver(done=done, left=left)


def _told(columns: dict[str, Any], *, person_id: int) -> dict[str, Any]:
    """The columns as an event may hold them: a number by its salted hash, everything else as it is."""
    told = {}
    for column, value in columns.items():
        if column == "contact_phone":
            value = keep(PersonalValue.Kind.PHONE, value, person_id=person_id)
        told[column.removesuffix("_id")] = value.isoformat() if isinstance(value, datetime) else value
    return told


def _values(service_request: ServiceRequest, actor: Actor, changes: ContactChanges) -> dict[str, Any]:
    """The new values by column, each checked."""
    _check_choices(changes)
    values = {column: changes[name] for name, column in COLUMNS.items() if name in changes}  # type: ignore[literal-required]
    contact = before = service_request.primary_contact
    if "primary_contact" in changes:
        contact = _admin(service_request, actor, changes["primary_contact"])
        values["primary_contact_id"] = contact.pk
    phone = changes.get("phone", service_request.contact_phone)
    if contact != before and "phone" not in changes and phone == before.phone:
        phone = ""  # that number was the former contact's own
    if contact != before or "phone" in changes:
        given = checked_text("contact.phone", phone, limit=PHONE_LIMIT, clean=clean_line) if phone.strip() else ""
        values["contact_phone"] = given or contact.phone or service_request.organisation.phone
        values["phone_missing"] = service_request.severity == "A" and not values["contact_phone"]
    return values


def _check_choices(changes: ContactChanges) -> None:
    if "method" in changes and changes["method"] not in CONTACT_METHODS:
        raise UnknownChoice("contact.method", changes["method"])
    if "language" in changes and changes["language"] not in LANGUAGES:
        raise UnknownChoice("contact.language", changes["language"])
    if "timezone" in changes and not timezones.is_known(changes["timezone"]):
        raise UnknownChoice("contact.timezone", changes["timezone"])


def _admin(service_request: ServiceRequest, actor: Actor, email: str) -> Person:
    """The admin with this address: one of the organisation who may write on the request, or who acts for it now."""
    require(actor, "make_primary_contact", on=service_request)
    mine = Q(pk=actor.person_id) | Q(organisation=service_request.organisation_id)
    people = Person.objects.with_roles().filter(mine, email__iexact=email, is_active=True, is_service=False)
    person = people.first()
    if person is None or not (person.pk == actor.person_id or may_be_contact(person, service_request)):
        raise UnknownChoice("primary_contact", email)
    return person
