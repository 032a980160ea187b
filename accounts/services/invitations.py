"""Invitations: how somebody gets an account (RO-1). A link by mail, of use once, for 72 hours, accepted by POST."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice, write_to_address
from accounts.errors import (
    AddressTaken,
    AlreadyMember,
    InvitationChanged,
    InvitationExpired,
    InvitationNotFound,
    InvitationWaiting,
    NotPermitted,
    TooMany,
    UnknownRole,
)
from accounts.models import Event, Invitation, Organisation, Person, RoleGrant
from accounts.permissions import STAFF_ROLES, require
from accounts.pseudonyms import pseudonym
from accounts.selectors import directory
from accounts.selectors.directory import Standing
from accounts.services.organisations import lock_open_organisation
from accounts.services.people import GLOBAL_ADMIN, check_roles, lock_organisation
from accounts.services.staff import OPERATOR, hold_staff
from accounts.signing_in import attempts
from accounts.signing_in.attempts import Limit
from accounts.transactions import service
from accounts.unguessable import digest_of

ACCEPT_WITHIN = timedelta(hours=72)  # RELIABILITY.md, sign-in: links in mail
MAILS_WITHIN = timedelta(hours=1)
MAILS_PER_ADDRESS = 3
INVITATIONS_PER_ORGANISATION = 100

log = structlog.get_logger(__name__)


@service
def invite_person(
    *,
    email: str,
    name: str,
    roles: Collection[str],
    language: str,
    actor: Actor,
    now: datetime | None = None,
) -> Invitation:
    """Invite somebody to the actor's organisation, to hold these roles (RO-1).

    Whether the address has an account elsewhere in the portal stays our secret: its owner is told by mail, and the
    caller has the same answer. Past three mails to an address within an hour the answer is the same, and none is sent.
    Raises NotPermitted, UnknownRole, AlreadyMember, InvitationWaiting, TooMany for the whole organisation.
    """
    assert now
    require(actor, "manage_people")
    check_roles(roles)
    organisation = lock_organisation(actor)
    return _invite(organisation, email=email, name=name, roles=roles, language=language, actor=actor, now=now)


@service
def invite_admin(
    *, slug: str, email: str, name: str, language: str, actor: Actor, now: datetime | None = None
) -> Invitation:
    """Invite somebody to be global admin of a customer: the desk does so for a new one, which has nobody who could.

    Everything else is as for `invite_person`. Raises NotPermitted, OrganisationNotFound, OrganisationClosed,
    AlreadyMember, InvitationWaiting, TooMany.
    """
    assert now
    require(actor, "manage_organisations")
    organisation = lock_open_organisation(slug, actor, now=now)
    return _invite(organisation, email=email, name=name, roles=[GLOBAL_ADMIN], language=language, actor=actor, now=now)


@service
def invite_staff(
    *,
    email: str,
    name: str,
    roles: Collection[str],
    language: str,
    actor: Actor,
    now: datetime | None = None,
) -> Invitation:
    """Invite somebody to the support staff, to hold these roles; only operators invite operators (RO-3).

    Everything else is as for `invite_person`. Raises NotPermitted, UnknownRole, AlreadyMember, InvitationWaiting,
    TooMany.
    """
    assert now
    require(actor, "manage_staff")
    if not roles or not set(roles) <= set(STAFF_ROLES):
        raise UnknownRole
    if OPERATOR in roles:
        require(actor, "appoint_operators")
    hold_staff()
    return _invite(None, email=email, name=name, roles=roles, language=language, actor=actor, now=now)


def _invite(
    organisation: Organisation | None,
    *,
    email: str,
    name: str,
    roles: Collection[str],
    language: str,
    actor: Actor,
    now: datetime,
) -> Invitation:
    email, house = email.strip().lower(), organisation.pk if organisation else "staff"
    attempts.count([Limit(f"invitations:{house}", INVITATIONS_PER_ORGANISATION, MAILS_WITHIN)])
    if Person.objects.filter(organisation=organisation, email=email).exists():
        raise AlreadyMember
    if Invitation.objects.filter(organisation=organisation, email=email, ended_at=None).exists():
        raise InvitationWaiting
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        name=name,
        roles=sorted(set(roles)),
        language=language,
        invited_by_id=_person_of(actor),
        invited_at=now,
        expires_at=now + ACCEPT_WITHIN,
    )
    event = _record("person_invited", invitation, actor=actor, now=now, roles=invitation.roles)
    if _may_write_to(invitation):
        _send(invitation, event)
    return directory.every_waiting_invitation().get(pk=invitation.pk)


@service
def resend_invitation(*, invitation_id: int, actor: Actor, now: datetime | None = None) -> Invitation:
    """Send a new link for 72 hours from now; links sent before die. The actor answers for it from now on (P-6).

    Past three mails to the address within an hour the answer is the same; the link sent last lives on instead.
    Raises NotPermitted, InvitationNotFound.
    """
    assert now
    invitation = _lock(invitation_id, actor)
    invitation.invited_by_id, invitation.expires_at = _person_of(actor), now + ACCEPT_WITHIN
    send = _may_write_to(invitation)
    if send:
        invitation.round += 1
        invitation.links.all().delete()
    invitation.save(update_fields=["invited_by", "expires_at", "round"])
    event = _record("invitation_resent", invitation, actor=actor, now=now)
    if send:
        _send(invitation, event)
    return directory.every_waiting_invitation().get(pk=invitation.pk)


@service
def withdraw_invitation(
    *, invitation_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> None:
    """Take an invitation back: its links die, and nothing of the address is kept.

    Raises NotPermitted, InvitationNotFound, InvitationChanged when another `version` (its round) was read.
    """
    assert now
    invitation = _lock(invitation_id, actor)
    if version is not None and version != invitation.round:
        raise InvitationChanged(invitation.round)
    _end(invitation, Invitation.Outcome.WITHDRAWN, now=now)
    _record("invitation_withdrawn", invitation, actor=actor, now=now)


@service
def accept_invitation(*, key: str, name: str, password: str, now: datetime | None = None) -> Person:
    """Make the account that an invitation promises; its owner has shown that the mail address is theirs.

    The password has been checked by the form. Raises InvitationNotFound, InvitationExpired, AddressTaken.
    """
    assert now
    found = directory.invitation_behind(digest_of(key))
    _lock_house(found)
    invitation = directory.invitation_behind(digest_of(key))  # as it stands now that nobody else changes it
    if directory.standing_of(invitation, now=now) != Standing.WAITING:
        raise InvitationExpired
    person = _person(invitation, name=name, password=password, now=now)
    grants = [
        RoleGrant(person=person, role=role, granted_by_id=invitation.invited_by_id, granted_at=now)
        for role in invitation.roles
    ]
    RoleGrant.objects.bulk_create(grants)
    _end(invitation, Invitation.Outcome.ACCEPTED, person=person, now=now)
    event = _record(
        "invitation_accepted",
        invitation,
        actor=Actor(person_id=person.pk),
        now=now,
        person=person.pk,
        roles=invitation.roles,
    )
    notice = Notice("invitation_accepted", [invitation.invited_by], {"person": person.pk}, mail_only=True)
    send_notice(event, notice, about=About(organisation_id=invitation.organisation_id))
    return person


def _lock_house(invitation: Invitation) -> None:
    """Hold what its organisation's people, or the staff, are changed under."""
    if invitation.organisation_id is None:
        hold_staff()
    else:
        Organisation.objects.select_for_update(no_key=True).get(pk=invitation.organisation_id)


def _person(invitation: Invitation, *, name: str, password: str, now: datetime) -> Person:
    organisation = invitation.organisation
    try:
        with transaction.atomic():
            return Person.objects.create_user(
                invitation.email,
                password,
                name=name,
                organisation=organisation,
                is_staff=organisation is None,
                language=invitation.language,
                timezone=organisation.timezone if organisation else invitation.invited_by.timezone,
                email_confirmed_at=now,
                joined_at=now,
            )
    except IntegrityError:
        raise AddressTaken from None


def _lock(invitation_id: int, actor: Actor) -> Invitation:
    if actor.is_staff:
        return _lock_for_staff(invitation_id, actor)
    require(actor, "manage_people")
    lock_organisation(actor)
    return directory.invitation_of(actor, invitation_id)


def _lock_for_staff(invitation_id: int, actor: Actor) -> Invitation:
    """One that the desk answers for: of the staff itself, or of a customer."""
    found = directory.every_waiting_invitation().filter(pk=invitation_id).first()
    if found is None:
        require(actor, "manage_organisations")
        raise InvitationNotFound
    require(actor, "manage_organisations" if found.organisation_id else "manage_staff")
    if OPERATOR in found.roles:
        require(actor, "appoint_operators")
    _lock_house(found)
    return directory.invitation_for_desk(actor, invitation_id)  # unless it has ended meanwhile


def _may_write_to(invitation: Invitation) -> bool:
    """Count one mail to the address; False when it has had three within the hour, from whichever organisation."""
    try:
        attempts.count([Limit(f"invitation:to:{pseudonym(invitation.email)}", MAILS_PER_ADDRESS, MAILS_WITHIN)])
    except TooMany as refusal:
        log.warning("invitation.limited", invitation=invitation.pk, retry_after=refusal.retry_after)
        return False
    return True


def _send(invitation: Invitation, event: Event) -> None:
    """Write the mail: one with a link, or one that tells the owner of an account elsewhere."""
    about = About(organisation_id=invitation.organisation_id)
    context = {"invitation": invitation.pk, "round": invitation.round}
    owner = Person.objects.filter(email=invitation.email).first()
    if owner is None:
        write_to_address(event, "invited", f"invitation:{invitation.pk}", context, about=about)
    else:
        send_notice(event, Notice("invited_elsewhere", [owner], context, mail_only=True), about=about)


def _end(invitation: Invitation, outcome: Invitation.Outcome, *, now: datetime, person: Person | None = None) -> None:
    invitation.links.all().delete()
    invitation.ended_at, invitation.outcome, invitation.person = now, outcome, person
    invitation.email = invitation.name = ""
    invitation.save(update_fields=["ended_at", "outcome", "person", "email", "name"])


def _person_of(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotPermitted("manage_people")
    return actor.person_id


def _record(kind: str, invitation: Invitation, *, actor: Actor, now: datetime, **data: object) -> Event:
    about = About(organisation_id=invitation.organisation_id)
    return record_event(kind, about=about, at=now, actor=actor, data={"invitation": invitation.pk, **data})
