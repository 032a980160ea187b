"""The people of an organisation: which roles they hold, and whether their account is open (RO-1).

The organisation's row is the lock for all of it, so that one global admin stays whatever happens at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import (
    ConfirmYourself,
    LastGlobalAdmin,
    OrganisationNotFound,
    PersonNotFound,
    RolesChanged,
    UnknownRole,
)
from accounts.models import ApiToken, Event, Organisation, Person, PersonSession, RoleGrant
from accounts.permissions import CUSTOMER_ROLES, require
from accounts.selectors import directory
from accounts.transactions import service

GLOBAL_ADMIN = "global_admin"


@service
def change_roles(
    *,
    person_id: int,
    roles: Collection[str],
    actor: Actor,
    seen: Collection[str] | None = None,
    even_mine: bool = False,
    now: datetime | None = None,
) -> Person:
    """Let a person of the actor's organisation hold exactly these roles, from the next request on, and tell them (P-6).

    `seen` are the roles that the caller read before deciding; `even_mine` confirms that the actor gives up managing
    people. Raises NotPermitted, UnknownRole, PersonNotFound, RolesChanged, ConfirmYourself, LastGlobalAdmin.
    """
    assert now
    person = _lock(person_id, actor, roles)
    if seen is not None and set(seen) != set(person.role_names):
        raise RolesChanged
    if GLOBAL_ADMIN in set(person.role_names) - set(roles):
        _check_myself(person, actor, confirmed=even_mine)
    return _change(person, roles, actor=actor, now=now)


@service
def give_role(*, person_id: int, role: str, actor: Actor, now: datetime | None = None) -> Person:
    """Let a person of the actor's organisation hold a role; one they hold already changes nothing.

    Raises NotPermitted, UnknownRole, PersonNotFound.
    """
    assert now
    person = _lock(person_id, actor, [role])
    return _change(person, {*person.role_names, role}, actor=actor, now=now)


@service
def take_role(*, person_id: int, role: str, actor: Actor, now: datetime | None = None) -> Person:
    """Take a role from a person of the actor's organisation, from the next request on (P-6).

    Raises NotPermitted, UnknownRole, PersonNotFound, and LastGlobalAdmin for the only one there is.
    """
    assert now
    person = _lock(person_id, actor, [role])
    return _change(person, {*person.role_names} - {role}, actor=actor, now=now)


@service
def deactivate_person(*, person_id: int, actor: Actor, even_mine: bool = False, now: datetime | None = None) -> Person:
    """Close the account of a person of the actor's organisation; their next click and call are refused (P-6).

    Their password and their tokens end for good, so that nothing of it works again when the account is reopened. One
    that is closed already stays as it is. Raises NotPermitted, PersonNotFound, ConfirmYourself, LastGlobalAdmin.
    """
    assert now
    person = _lock(person_id, actor)
    if not person.is_active:
        return person
    _check_myself(person, actor, confirmed=even_mine)
    if GLOBAL_ADMIN in person.role_names:
        _keep_a_global_admin(person)
    tokens = close_account(person, now=now)
    event = _record("person_deactivated", person, actor=actor, now=now, tokens=tokens)
    _tell(person, event, "account_deactivated")
    return person


@service
def reactivate_person(*, person_id: int, actor: Actor, now: datetime | None = None) -> Person:
    """Open the account again, with the roles it had; its owner chooses a new password with a link by mail.

    Raises NotPermitted, PersonNotFound.
    """
    assert now
    person = _lock(person_id, actor)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        _tell(person, _record("person_reactivated", person, actor=actor, now=now), "account_reactivated")
    return person


def close_account(person: Person, *, now: datetime) -> int:
    """Close an account with its sessions, its password and its tokens. Return how many tokens ended."""
    person.is_active = False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    PersonSession.objects.filter(person=person).delete()
    return ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=now)


def lock_organisation(actor: Actor) -> Organisation:
    """Lock the organisation acted for; its row is the lock for its people, roles and delegations.

    Raises OrganisationNotFound.
    """
    if actor.organisation_id is None:
        raise OrganisationNotFound
    return Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)


def check_roles(roles: Collection[str]) -> None:
    """Raise UnknownRole unless an organisation can give all of these."""
    if not set(roles) <= set(CUSTOMER_ROLES):
        raise UnknownRole


def _lock(person_id: int, actor: Actor, roles: Collection[str] = ()) -> Person:
    """The person with the roles they hold now, while nobody else changes any of the organisation's."""
    require(actor, "manage_people")
    check_roles(roles)
    lock_organisation(actor)
    return directory.person_of(actor, person_id)


def _change(person: Person, roles: Collection[str], *, actor: Actor, now: datetime) -> Person:
    held = set(person.role_names)
    if set(roles) - held and not person.is_active:
        raise PersonNotFound
    if GLOBAL_ADMIN in held - set(roles) and person.is_active:
        _keep_a_global_admin(person)
    given, taken, events = change_grants(person, roles, actor=actor, now=now)
    if events and person.pk != actor.person_id:
        _tell(person, events[-1], "roles_changed", {"given": given, "taken": taken})
    return directory.person_of(actor, person.pk)


def change_grants(
    person: Person, roles: Collection[str], *, actor: Actor, now: datetime
) -> tuple[list[str], list[str], list[Event]]:
    """Give and take what it needs to hold exactly these roles; return what was given and taken, with the events."""
    held = set(person.role_names)
    given, taken = sorted(set(roles) - held), sorted(held - set(roles))
    grants = [RoleGrant(person=person, role=role, granted_by_id=actor.person_id, granted_at=now) for role in given]
    RoleGrant.objects.bulk_create(grants)
    RoleGrant.objects.filter(person=person, role__in=taken).delete()
    return given, taken, _record_changes(person, given, taken, actor=actor, now=now)


def _record_changes(person: Person, given: list[str], taken: list[str], *, actor: Actor, now: datetime) -> list[Event]:
    """One event for each role that came or went, each from what was held before it to what was held after it."""
    events, held = [], set(person.role_names)
    for kind, roles in (("role_given", given), ("role_taken", taken)):
        for role in roles:
            before, held = held, held ^ {role}
            told = {"role": role, "from": sorted(before), "to": sorted(held)}
            events.append(_record(kind, person, actor=actor, now=now, **told))
    return events


def _check_myself(person: Person, actor: Actor, *, confirmed: bool) -> None:
    if person.pk == actor.person_id and not confirmed:
        raise ConfirmYourself


def _keep_a_global_admin(leaving: Person) -> None:
    assert leaving.organisation_id
    if not selectors.global_admins_of(leaving.organisation_id).exclude(pk=leaving.pk).exists():
        raise LastGlobalAdmin


def _record(kind: str, person: Person, *, actor: Actor, now: datetime, **data: object) -> Event:
    about = About(organisation_id=person.organisation_id)
    return record_event(kind, about=about, at=now, actor=actor, data={"person": person.pk, **data})


def _tell(person: Person, event: Event, notice: str, context: dict[str, object] | None = None) -> None:
    """Tell the person concerned, in their language; what concerns their own account always comes by mail."""
    about = About(organisation_id=person.organisation_id)
    send_notice(event, Notice(notice, [person], context or {}, mail_only=True), about=about)
