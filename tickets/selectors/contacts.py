"""Primary contacts: whose requests are whose, and who could take them over (RO-2)."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.models import Person
from accounts.permissions import may
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


def may_be_contact(person: Person, service_request: ServiceRequest) -> bool:
    """Whether somebody with `role_names` may write on the request, which a primary contact must."""
    holder = Actor(person_id=person.pk, roles=frozenset(person.role_names))
    return may(holder, "post_message", on=service_request)
