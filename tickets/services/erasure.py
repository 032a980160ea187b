"""The right to erasure: what tells who somebody was goes for good; what they did stays on record (P-10)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import CASCADE, ForeignObjectRel, Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.actors import PORTAL, Actor
from accounts.audit import About, personal_values, record_event
from accounts.errors import ErasedAlready, PersonNotFound, StillActive
from accounts.models import Delivery, DeliveryState, Event, Invitation, Person
from accounts.permissions import refused, require
from accounts.transactions import service
from sla.services import forget_publisher
from tickets.models import ServiceRequest
from tickets.services.base import moved

UNSENT = [DeliveryState.PENDING, DeliveryState.HELD, DeliveryState.FAILED]


@service
def erase_person(*, person_id: int, actor: Actor = PORTAL, now: datetime | None = None) -> Person:
    """Replace name, address and phone of a deactivated person for good, and remove all that was theirs alone.

    Roles, tokens, sessions, second factors and linked sign-ins go, and so do the clear forms of the audit trail;
    messages and events stay, as those of a former colleague, and the chains still verify. A global admin does it for
    the own organisation, an operator for anybody, the portal where an operator runs the command.
    Raises NotPermitted, PersonNotFound, StillActive, ErasedAlready.
    """
    assert now
    person = _locked(person_id, actor)
    if person.is_active:
        raise StillActive
    if person.erased_at:
        raise ErasedAlready
    _remove_belongings(person)
    personal_values.erase_personal_values(person.pk)
    _silence(person)
    _forget_names(person)
    theirs = ServiceRequest.objects.filter(Q(primary_contact=person) | Q(opened_by=person))
    theirs.update(contact_phone="", changed_at=moved(now))
    _replace(person, now=now)
    about = About(organisation_id=person.organisation_id)
    record_event("person_erased", about=about, at=now, actor=actor, data={"person": person.pk})
    return person


def may_erase(actor: Actor, person: Person) -> bool:
    """Whether the actor may erase this person, for the page that shows the button."""
    if actor.person_id == person.pk or not _reaches(actor, person):
        return False
    return not person.is_active and person.erased_at is None


def _locked(person_id: int, actor: Actor) -> Person:
    if actor.person_id is not None:
        require(actor, "erase_person")
    people = Person.objects.all() if actor.is_staff or actor.person_id is None else selectors.people_of(actor)
    if not people.filter(pk=person_id).exists():
        raise PersonNotFound
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    if actor.person_id is not None and not _reaches(actor, person):
        raise refused(actor, "erase_person")
    return person


def _reaches(actor: Actor, person: Person) -> bool:
    if actor.is_staff:
        return "operator" in actor.roles
    own = person.organisation_id == actor.organisation_id and actor.on_behalf_of_id is None
    return own and "global_admin" in actor.roles


def _remove_belongings(person: Person) -> None:
    """Delete what hangs on the person alone: every table whose rows would go with theirs, also those to come.

    Hidden relations are most of them: `related_objects` leaves out what has the related name "+".
    """
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and getattr(relation, "on_delete", None) is CASCADE:
            relation.field.model._default_manager.filter(**{relation.field.name: person}).delete()


def _forget_names(person: Person) -> None:
    """Take the name and the address from rows that hold a copy of their own."""
    Invitation.objects.filter(organisation=person.organisation_id, email=person.email, ended_at=None).delete()
    published = Event.objects.filter(actor=person, kind="policy_published")
    forget_publisher(list(published.values_list("data__version", flat=True)))


def _silence(person: Person) -> None:
    """Send nothing more, and leave nothing of what was to be sent."""
    Delivery.objects.filter(person=person, state__in=UNSENT).update(state=DeliveryState.CANCELLED, lease_until=None)
    Delivery.objects.filter(person=person).update(context={}, last_error="")


def _replace(person: Person, *, now: datetime) -> None:
    with translation.override(person.language):
        person.name = _("A former colleague")
    person.email = f"erased-{person.pk}@erased.invalid"  # a domain that never exists (RFC 2606)
    person.phone, person.languages, person.portal_only, person.timezone = "", [], [], "UTC"
    person.services, person.working_hours, person.team = [], {}, None
    person.email_confirmed_at, person.last_login, person.erased_at = None, None, now
    person.set_unusable_password()
    person.save()
