"""Service principals: what an organisation's programs act as, whoever comes and goes among its people (RO-1).

A principal is a row of `Person` that nobody can sign in as (a constraint says so), so that gates, actors, audit and
idempotency treat it like anybody else. It has roles of its own, and tokens; it reads no notices, and stands in no list
of people or admins. It ends for good.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import PrincipalClosed, TokenNotFound
from accounts.models import ApiToken, Organisation, Person, RoleGrant
from accounts.models.people import PRINCIPALS_AT
from accounts.permissions import require
from accounts.selectors import directory
from accounts.services import tokens
from accounts.services.people import change_grants, check_roles, close_account, lock_organisation
from accounts.services.tokens import IssuedToken
from accounts.transactions import service


@service
def create_principal(*, name: str, roles: Collection[str], actor: Actor, now: datetime | None = None) -> Person:
    """Make a principal of the actor's organisation with these roles. Raises NotPermitted, UnknownRole."""
    assert now
    require(actor, "manage_principals")
    check_roles(roles)
    organisation = lock_organisation(actor)
    principal = _row(organisation, name, now=now)
    grants = [
        RoleGrant(person=principal, role=role, granted_by_id=actor.person_id, granted_at=now)
        for role in sorted(set(roles))
    ]
    RoleGrant.objects.bulk_create(grants)
    _record("principal_created", principal, actor=actor, now=now, roles=sorted(set(roles)))
    return directory.principal_of(actor, principal.pk)


@service
def change_principal(*, principal_id: int, roles: Collection[str], actor: Actor, now: datetime | None = None) -> Person:
    """Let a principal hold exactly these roles, from its next call on (P-6).

    Raises NotPermitted, UnknownRole, PrincipalNotFound, PrincipalClosed.
    """
    assert now
    check_roles(roles)
    principal = _lock(principal_id, actor)
    change_grants(principal, roles, actor=actor, now=now)
    return directory.principal_of(actor, principal.pk)


@service
def end_principal(*, principal_id: int, actor: Actor, now: datetime | None = None) -> Person:
    """End a principal with all its tokens, for good: the next call of a program that uses one is refused (P-6).

    One that has ended stays as it is. Raises NotPermitted, PrincipalNotFound.
    """
    assert now
    require(actor, "manage_principals")
    lock_organisation(actor)
    principal = directory.principal_of(actor, principal_id)
    if principal.is_active:
        ended = close_account(principal, now=now)
        _record("principal_ended", principal, actor=actor, now=now, tokens=ended)
    return principal


@service
def issue_principal_token(
    *,
    principal_id: int,
    name: str,
    scopes: Collection[str],
    actor: Actor,
    expires_at: datetime | None = None,
    within: ApiToken | None = None,
    now: datetime | None = None,
) -> IssuedToken:
    """Make a token of a principal; its secret is told this once. `within` is the token that asks for it, if one does.

    Raises NotPermitted, PrincipalNotFound, PrincipalClosed, InvalidScope, ScopesTooWide, InvalidExpiry.
    """
    assert now
    principal = _lock(principal_id, actor)
    return tokens.make_token(
        principal.pk, actor=actor, name=name, scopes=scopes, expires_at=expires_at, within=within, now=now
    )


@service
def revoke_principal_token(
    *, principal_id: int, token_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> ApiToken:
    """End one token of a principal; the next call with it is refused (P-6).

    Raises NotPermitted, PrincipalNotFound, TokenNotFound, TokenChanged when another `version` was read.
    """
    assert now
    require(actor, "manage_principals")
    lock_organisation(actor)
    principal = directory.principal_of(actor, principal_id)
    token = directory.tokens_of_principal(principal).filter(pk=token_id).first()
    if token is None:
        raise TokenNotFound
    tokens.end_token(token, actor=actor, version=version, now=now)
    return token


def _row(organisation: Organisation, name: str, *, now: datetime) -> Person:
    return Person.objects.create_user(
        f"{uuid.uuid4().hex}{PRINCIPALS_AT}",
        None,
        name=name,
        organisation=organisation,
        language="zh-hant" if organisation.language.lower().startswith("zh") else "en",
        timezone=organisation.timezone,
        is_service=True,
        joined_at=now,
    )


def _lock(principal_id: int, actor: Actor) -> Person:
    """A principal that has not ended, while nobody else changes any of the organisation's."""
    require(actor, "manage_principals")
    lock_organisation(actor)
    principal = directory.principal_of(actor, principal_id)
    if not principal.is_active:
        raise PrincipalClosed
    return principal


def _record(kind: str, principal: Person, *, actor: Actor, now: datetime, **data: object) -> None:
    about = About(organisation_id=principal.organisation_id)
    record_event(kind, about=about, at=now, actor=actor, data={"principal": principal.pk, **data})
