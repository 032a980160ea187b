"""Who holds which role in an organisation (RO-1)."""

from __future__ import annotations

from datetime import datetime

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import LastGlobalAdmin, OrganisationNotFound, PersonNotFound, UnknownRole
from accounts.models import Organisation, Person, RoleGrant
from accounts.permissions import CUSTOMER_ROLES, require
from accounts.transactions import service

GLOBAL_ADMIN = "global_admin"


@service
def give_role(*, person_id: int, role: str, actor: Actor, now: datetime | None = None) -> Person:
    """Let a person of the actor's organisation hold a role; one they hold already changes nothing.

    Raises NotPermitted, UnknownRole, PersonNotFound.
    """
    assert now
    person = _lock(person_id, role, actor)
    if not person.is_active:
        raise PersonNotFound
    if role not in person.role_names:
        RoleGrant.objects.create(person=person, role=role, granted_by_id=actor.person_id, granted_at=now)
        _record("role_given", person, role, actor=actor, now=now)
    return person


@service
def take_role(*, person_id: int, role: str, actor: Actor, now: datetime | None = None) -> Person:
    """Take a role from a person of the actor's organisation, from the next request on (P-6).

    Raises NotPermitted, UnknownRole, PersonNotFound, and LastGlobalAdmin for the only one there is.
    """
    assert now
    person = _lock(person_id, role, actor)
    if role in person.role_names:
        if role == GLOBAL_ADMIN and person.is_active:
            _keep_a_global_admin(person)
        RoleGrant.objects.filter(person=person, role=role).delete()
        _record("role_taken", person, role, actor=actor, now=now)
    return person


def lock_organisation(actor: Actor) -> Organisation:
    """Lock the organisation acted for; its row is the lock for its roles and delegations.

    Raises OrganisationNotFound.
    """
    if actor.organisation_id is None:
        raise OrganisationNotFound
    return Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)


def _lock(person_id: int, role: str, actor: Actor) -> Person:
    """The person with the roles they hold now, while nobody else changes any of the organisation's."""
    require(actor, "manage_people")
    if role not in CUSTOMER_ROLES:
        raise UnknownRole
    lock_organisation(actor)
    try:
        return selectors.people_of(actor).get(pk=person_id)
    except Person.DoesNotExist:
        raise PersonNotFound from None


def _keep_a_global_admin(leaving: Person) -> None:
    others = Person.objects.filter(
        organisation=leaving.organisation_id, is_active=True, role_grants__role=GLOBAL_ADMIN
    ).exclude(pk=leaving.pk)
    if not others.exists():
        raise LastGlobalAdmin


def _record(kind: str, person: Person, role: str, *, actor: Actor, now: datetime) -> None:
    about = About(organisation_id=person.organisation_id)
    before = {*person.role_names}
    after = before | {role} if kind == "role_given" else before - {role}
    data = {"person": person.pk, "role": role, "from": sorted(before), "to": sorted(after)}
    record_event(kind, about=about, at=now, actor=actor, data=data)
