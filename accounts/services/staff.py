"""The support staff: roles, teams, and who has left (RO-3). Every act leaves an event (P-10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.actors import PORTAL, Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import AddressTaken, InvalidPreference, LastOfRole, OwnAccount, UnknownRole
from accounts.models import Event, Person, RoleGrant
from accounts.particulars import checked_name
from accounts.permissions import STAFF_ROLES, require
from accounts.selectors import staff
from accounts.services.people import close_account
from accounts.transactions import check_waiting, service

OPERATOR = "operator"
NEVER_EMPTY = (OPERATOR, "team_lead")  # without them nobody could let anybody in again


@service
def give_staff_role(*, person_id: int, role: str, actor: Actor, now: datetime | None = None) -> Person:
    """Let somebody of the staff hold a role; one they hold already changes nothing.

    Only operators appoint operators, and nobody changes their own roles. Raises NotPermitted, OwnAccount,
    UnknownRole, PersonNotFound.
    """
    assert now
    person = _lock(person_id, actor, role)
    if role not in person.role_names:
        RoleGrant.objects.create(person=person, role=role, granted_by_id=actor.person_id, granted_at=now)
        _record("staff_role_given", person, actor=actor, now=now, role=role)
    return person


@service
def take_staff_role(*, person_id: int, role: str, actor: Actor, now: datetime | None = None) -> Person:
    """Take a role from somebody of the staff, from their next request on (P-6).

    Raises NotPermitted, OwnAccount, UnknownRole, PersonNotFound, and LastOfRole for the last operator or team lead.
    """
    assert now
    person = _lock(person_id, actor, role)
    if role in person.role_names:
        if person.is_active:
            _keep_somebody(person, role)
        RoleGrant.objects.filter(person=person, role=role).delete()
        _record("staff_role_taken", person, actor=actor, now=now, role=role)
    return person


@service
def deactivate_staff(*, person_id: int, actor: Actor, now: datetime | None = None) -> Person:
    """Close the account of somebody who leaves: sessions, password and tokens end, for good (P-6).

    What they had open goes back for anybody to take. Roles, skills and team stay, for the case that they return.
    Raises NotPermitted, OwnAccount, PersonNotFound, LastOfRole.
    """
    assert now
    person = _lock(person_id, actor)
    if not person.is_active:
        return person
    for role in person.role_names:
        _keep_somebody(person, role)
    tokens = close_account(person, now=now)
    handed_back = import_string(settings.STAFF_LEFT)(person_id=person.pk, actor=actor, now=now)
    _record("staff_deactivated", person, actor=actor, now=now, handed_back=handed_back, tokens=tokens)
    return person


@service
def reactivate_staff(*, person_id: int, actor: Actor, now: datetime | None = None) -> Person:
    """Open a closed account again; its owner chooses a new password with a link by mail.

    Raises NotPermitted, OwnAccount, PersonNotFound.
    """
    assert now
    person = _lock(person_id, actor)
    if not person.is_active:
        _open(person)
        event = _record("staff_reactivated", person, actor=actor, now=now)
        send_notice(event, Notice("account_reactivated", [person], mail_only=True), about=About())
    return person


@service
def set_team(*, person_id: int, team: str, actor: Actor, now: datetime | None = None) -> Person:
    """Let somebody belong to a team, or to none. Raises NotPermitted, PersonNotFound, TeamNotFound."""
    assert now
    require(actor, "manage_staff")
    person = staff.member(person_id, lock=True)
    found = staff.team_called(team) if team else None
    if person.team_id != (found.pk if found else None):
        change = {"from": person.team_id, "to": found.pk if found else None}
        person.team = found
        person.save(update_fields=["team"])
        _record("staff_team_changed", person, actor=actor, now=now, team=change)
    return person


@service
def make_operator(*, email: str, name: str, language: str = "en", now: datetime | None = None) -> Person:
    """Make an operator of whoever has this address: the first one of an installation, or when all are locked out.

    For the command line only: whoever can run it has the database anyway, and vouches for the address. The account has
    no password yet; its owner chooses one behind a link. Raises AddressTaken for an address of a customer's,
    InvalidParticulars, InvalidPreference.
    """
    assert now
    hold_staff()
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is not None and not person.is_staff:
        raise AddressTaken
    if person is None:
        if language not in dict(settings.LANGUAGES):
            raise InvalidPreference("language")
        person = Person.objects.create_user(
            email, name=checked_name(name), is_staff=True, language=language, email_confirmed_at=now, joined_at=now
        )
    if not person.is_active:
        _open(person)
    RoleGrant.objects.get_or_create(person=person, role=OPERATOR, defaults={"granted_at": now})
    _record("operator_made", person, actor=PORTAL, now=now, role=OPERATOR)
    return person


def hold_staff() -> None:
    """Let one change at a time who of the staff may do what: two who take the last two leads must not both."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.staff'))")
    check_waiting()


def _lock(person_id: int, actor: Actor, role: str = "") -> Person:
    """Somebody of the staff with the roles they hold now, while nobody else changes any."""
    require(actor, "manage_staff")
    if role and role not in STAFF_ROLES:
        raise UnknownRole
    if person_id == actor.person_id:
        raise OwnAccount
    hold_staff()
    person = staff.member(person_id)
    if role == OPERATOR or (not role and OPERATOR in person.role_names):
        require(actor, "appoint_operators")
    return person


def _keep_somebody(leaving: Person, role: str) -> None:
    others = Person.objects.filter(is_staff=True, is_active=True, role_grants__role=role).exclude(pk=leaving.pk)
    if role in NEVER_EMPTY and not others.exists():
        raise LastOfRole(role)


def _open(person: Person) -> None:
    person.is_active = True
    person.save(update_fields=["is_active"])


def _record(kind: str, person: Person, *, actor: Actor, now: datetime, **data: Any) -> Event:
    return record_event(kind, about=About(), actor=actor, at=now, internal=True, data={"person": person.pk, **data})
