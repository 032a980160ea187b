"""Primary contacts: whose requests are whose, and who could take them over (RO-2)."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.models import Person
from accounts.permissions import Subject, may, require
from tickets.errors import UnknownChoice
from tickets.models import ServiceRequest
from tickets.models.requests import OPEN_STATES
from tickets.selectors.visibility import visible_requests


def open_requests_of_contact(actor: Actor, person_id: int) -> QuerySet[ServiceRequest]:
    """The open requests, of those that the actor may see, whose primary contact a person is."""
    mine = visible_requests(actor).filter(primary_contact=person_id, state__in=OPEN_STATES)
    return mine.select_related("service").order_by("-pk")


def possible_contacts(service_request: ServiceRequest) -> list[Person]:
    """The admins who could become the primary contact instead, by name."""
    admins = accounts.admins_of(service_request.organisation_id)
    others = [person for person in admins if person.pk != service_request.primary_contact_id]
    return [person for person in others if may_be_contact(person, service_request)]


def contact_at_filing(actor: Actor, filer: Person, email: str, about: Subject) -> Person:
    """Who becomes the primary contact of a request that is being filed: whoever files it, unless another is named.

    A service principal is nobody to talk to: the admin whom it names, else the global admin who has been there longest.
    Raises NotPermitted for a person who may not choose another, UnknownChoice for whom the request is none of theirs.
    """
    if not email:
        return filer if not filer.is_service else _eldest_global_admin(actor)
    if not filer.is_service and filer.email != email.lower():
        require(actor, "make_primary_contact", on=about)
    named = accounts.people_of(actor).filter(email__iexact=email, is_active=True).first()
    if named is None or not may_be_contact(named, about):
        raise UnknownChoice("contact.person", email)
    return named


def may_be_contact(person: Person, about: Subject) -> bool:
    """Whether somebody with `role_names` may write on the request, which a primary contact must."""
    holder = Actor(person_id=person.pk, roles=frozenset(person.role_names))
    return may(holder, "post_message", on=about)


def _eldest_global_admin(actor: Actor) -> Person:
    found = accounts.global_admins_of(actor.organisation_id or 0).first()
    if found is None:  # there always is one; an organisation in between has nobody to file for either
        raise UnknownChoice("contact.person", "")
    return found
