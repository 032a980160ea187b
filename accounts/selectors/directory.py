"""Reads of an organisation's directory: its people, who is invited, and the principals of its programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from accounts import selectors
from accounts.actors import Actor
from accounts.errors import InvitationNotFound, PersonNotFound, PrincipalNotFound
from accounts.models import ApiToken, Invitation, InvitationLink, Person, RoleGrant
from accounts.permissions import ACTS, may

BY_NAME = ("name", "pk")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which people: words of name or address, who holds a role (`none`: who holds no role), open accounts or closed."""

    words: str = ""
    role: str = ""
    active: bool | None = True


NO_ROLE = "none"


def people_sought(actor: Actor, sought: Sought) -> QuerySet[Person]:
    """The people of the organisation acted for who are sought, with `role_names`, read for one page at a time."""
    people = _people_of(actor).filter(is_service=False, erased_at=None).annotate(role_names=_roles())  # type: ignore[no-redef]
    if sought.words:
        people = people.filter(Q(name__icontains=sought.words) | Q(email__icontains=sought.words))
    if sought.role:
        held = RoleGrant.objects.filter(person=OuterRef("pk"))
        holds = Exists(held.filter(role=sought.role))
        people = people.filter(~Exists(held) if sought.role == NO_ROLE else holds)
    return people if sought.active is None else people.filter(is_active=sought.active)


def person_of(actor: Actor, person_id: int) -> Person:
    """One person of the organisation acted for, with `role_names`, or PersonNotFound (P-5)."""
    person = selectors.people_of(actor).filter(pk=person_id, erased_at=None).first()
    if person is None:
        raise PersonNotFound
    return person


def principals_of(actor: Actor) -> QuerySet[Person]:
    """The service principals of the organisation acted for, with `role_names`."""
    return _people_of(actor).filter(is_service=True).annotate(role_names=_roles())  # type: ignore[no-redef]


def principal_of(actor: Actor, principal_id: int) -> Person:
    """One service principal of the organisation acted for, or PrincipalNotFound (P-5)."""
    principal = principals_of(actor).filter(pk=principal_id).first()
    if principal is None:
        raise PrincipalNotFound
    return principal


def tokens_of_principal(principal: Person) -> QuerySet[ApiToken]:
    """The tokens of a service principal that are not revoked, newest first."""
    return ApiToken.objects.filter(person=principal, revoked_at=None).order_by("-created_at", "-pk")


# Invitations ----------------------------------------------------------------------------------------------------------


class Standing(StrEnum):
    """How a waiting invitation stands."""

    WAITING = "waiting"
    EXPIRED = "expired"
    LAPSED = "lapsed"  # whoever invited is no global admin any more


def invitations_of(actor: Actor) -> QuerySet[Invitation]:
    """The invitations of the organisation acted for that have not ended, expired ones too, newest first."""
    return every_waiting_invitation().filter(organisation=actor.organisation_id or 0).order_by("-pk")


def invitations_to(organisation_id: int | None) -> QuerySet[Invitation]:
    """The invitations to an organisation, or (None) to the support staff, that have not ended, newest first."""
    return every_waiting_invitation().filter(organisation=organisation_id).order_by("-pk")


def invitation_of(actor: Actor, invitation_id: int) -> Invitation:
    """One of them, or InvitationNotFound (P-5)."""
    invitation = invitations_of(actor).filter(pk=invitation_id).first()
    if invitation is None:
        raise InvitationNotFound
    return invitation


def invitations_for_desk(actor: Actor, slug: str = "", *, now: datetime) -> QuerySet[Invitation]:
    """The invitations to the support staff, or to the customer called `slug`, as far as the actor decides about them.

    Raises OrganisationNotFound (P-5).
    """
    house = selectors.visible_organisation(actor, slug, now=now).pk if slug else None
    return _decided_by(actor).filter(organisation=house).select_related("organisation")


def invitation_for_desk(actor: Actor, invitation_id: int) -> Invitation:
    """One of them, or InvitationNotFound (P-5)."""
    invitation = _decided_by(actor).filter(pk=invitation_id).select_related("organisation").first()
    if invitation is None:
        raise InvitationNotFound
    return invitation


def _decided_by(actor: Actor) -> QuerySet[Invitation]:
    houses = Q(pk__in=[])
    if may(actor, "manage_staff"):
        houses |= Q(organisation=None)
    if may(actor, "manage_organisations"):
        houses |= Q(organisation__isnull=False)
    return every_waiting_invitation().filter(houses)


def invitation_behind(digest: str) -> Invitation:
    """The invitation behind a secret link, whether it can still be accepted or not; or InvitationNotFound."""
    links = InvitationLink.objects.filter(digest=digest).values("invitation")
    open_house = Q(organisation=None) | Q(organisation__is_active=True)
    waiting = every_waiting_invitation().filter(open_house, pk__in=links)
    invitation = waiting.select_related("organisation").first()
    if invitation is None:
        raise InvitationNotFound
    return invitation


def standing_of(invitation: Invitation, *, now: datetime) -> Standing:
    """How it stands: it can be accepted up to and including `expires_at`, and while its inviter may invite (P-6)."""
    if now > invitation.expires_at:
        return Standing.EXPIRED
    return Standing.WAITING if invitation.inviter_may else Standing.LAPSED  # type: ignore[attr-defined]


def every_waiting_invitation() -> QuerySet[Invitation]:
    """What has not ended, each with its inviter, and in `inviter_may` whether they still decide about people."""
    holding = RoleGrant.objects.filter(person=OuterRef("invited_by"), person__is_active=True)
    of_it = Exists(holding.filter(role="global_admin", person__organisation=OuterRef("organisation")))
    of_desk = Exists(holding.filter(role__in=ACTS["manage_organisations"], person__is_staff=True))
    of_house = Exists(holding.filter(role__in=ACTS["manage_staff"], person__is_staff=True))
    of_operators = Exists(holding.filter(role__in=ACTS["appoint_operators"], person__is_staff=True))
    colleagues = Q(of_house) & (Q(of_operators) | ~Q(roles__contains=["operator"]))
    may = Q(of_it) | Q(of_desk, organisation__isnull=False) | Q(colleagues, organisation=None)
    rows = Invitation.objects.filter(ended_at=None).select_related("invited_by")
    return rows.annotate(inviter_may=ExpressionWrapper(may, output_field=BooleanField()))


def _people_of(actor: Actor) -> QuerySet[Person]:
    return Person.objects.filter(organisation=actor.organisation_id or 0)


def _roles() -> ArraySubquery:
    return ArraySubquery(RoleGrant.objects.filter(person=OuterRef("pk")).order_by("role").values("role"))
