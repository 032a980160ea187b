"""API tokens: issued, used and revoked; only the SHA-256 of a secret is kept."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q
from django.db.models.functions import Now

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import InvalidExpiry, InvalidScope, NotPermitted, ScopesTooWide, TokenChanged, TokenNotFound
from accounts.models import ApiToken, RoleGrant
from accounts.permissions import require
from accounts.scopes import SCOPES
from accounts.transactions import service
from accounts.unguessable import digest_of, new_secret

PREFIX = "sp_"
SHOWN = 8  # characters of a secret that stay readable, to recognise it by
LONGEST_LIFE = timedelta(days=365)
USUAL_LIFE = timedelta(days=90)
NOTE_USE_EVERY = timedelta(minutes=1)
VERSION = 1  # a token never changes between its issue and its end

NOTE_USE = """
    UPDATE accounts_apitoken SET last_used_at = now() WHERE id = (
        SELECT id FROM accounts_apitoken
        WHERE id = %s AND (last_used_at IS NULL OR last_used_at < now() - make_interval(secs => %s))
        FOR NO KEY UPDATE SKIP LOCKED
    )
"""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its secret, which nobody can read again."""

    token: ApiToken
    secret: str


@service
def issue_token(
    *,
    actor: Actor,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    within: ApiToken | None = None,
    now: datetime | None = None,
) -> IssuedToken:
    """Make a token for the actor and the organisation they act for.

    A token that makes another (`within`) gives away no more than it has: neither scopes nor time. Without
    `expires_at` it lasts 90 days, or as long as it may.
    Raises NotPermitted, InvalidScope, NotPermitted, ScopesTooWide, InvalidExpiry.
    """
    assert now
    require(actor, "manage_tokens")
    return make_token(
        _person_of(actor), actor=actor, name=name, scopes=scopes, expires_at=expires_at, within=within, now=now
    )


def make_token(
    person_id: int,
    *,
    actor: Actor,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    within: ApiToken | None,
    now: datetime,
) -> IssuedToken:
    """Make a token of a person or principal for the organisation that the actor acts for; whether they may is asked.

    Raises InvalidScope, ScopesTooWide, InvalidExpiry.
    """
    _check_scopes(scopes, within)
    latest = min(now + LONGEST_LIFE, within.expires_at) if within else now + LONGEST_LIFE
    ends_at = expires_at or min(now + USUAL_LIFE, latest)
    if not now < ends_at <= latest:
        raise InvalidExpiry
    secret = PREFIX + new_secret()
    token = ApiToken.objects.create(
        person_id=person_id,
        organisation_id=actor.organisation_id,
        name=name,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=ends_at,
        made_with=within,
    )
    _record("token_issued", token, actor=actor, at=now)
    return IssuedToken(token=token, secret=secret)


@service
def revoke_token(*, actor: Actor, token_id: int, version: int | None = None, now: datetime | None = None) -> ApiToken:
    """End a token of the actor's own, and those that were made with it; the next call with any is refused (P-6).

    Raises NotPermitted, TokenNotFound, TokenChanged when another `version` was read.
    """
    assert now
    require(actor, "manage_tokens")
    token = selectors.tokens_of(actor).select_for_update(of=("self",), no_key=True).filter(pk=token_id).first()
    if token is None:
        raise TokenNotFound
    end_token(token, actor=actor, version=version, now=now)
    return token


def end_token(token: ApiToken, *, actor: Actor, version: int | None, now: datetime) -> None:
    """Revoke a token, and those that it made; whether the actor may is asked.

    Raises TokenChanged when another `version` was read.
    """
    if version is not None and version != VERSION:
        raise TokenChanged(VERSION)
    for ended in (token, *_made_with(token)):
        ended.revoked_at = now
        ended.save(update_fields=["revoked_at"])
        _record("token_revoked", ended, actor=actor, at=now)


def _made_with(token: ApiToken) -> Iterator[ApiToken]:
    """The live tokens that were made with this one, and those made with them: a thief's own among them."""
    live = ApiToken.objects.select_for_update(no_key=True).filter(made_with=token, revoked_at=None).order_by("pk")
    for made in live:
        yield made
        yield from _made_with(made)


def use_token(secret: str) -> ApiToken | None:
    """The live token behind a secret with its person and `person.role_names`, in one query; None if there is none.

    Expired and revoked tokens and those of closed accounts count as none. Notes the use once a minute.
    """
    roles = RoleGrant.objects.filter(person=OuterRef("person")).order_by("role").values("role")
    live = ApiToken.objects.filter(
        Q(person__organisation=None) | Q(person__organisation__is_active=True),
        Q(organisation=None) | Q(organisation__is_active=True),
        digest=digest_of(secret),
        expires_at__gt=Now(),
        revoked_at=None,
        person__is_active=True,
    )
    token = live.select_related("person__organisation").annotate(role_names=ArraySubquery(roles), read_at=Now()).first()
    if token is None or not hmac.compare_digest(token.digest, digest_of(secret)):
        return None
    token.person.role_names = token.role_names
    if token.last_used_at is None or token.last_used_at < token.read_at - NOTE_USE_EVERY:
        _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    """Write down the use, unless somebody else is doing so: callers never queue for this row."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_USE, [token.pk, NOTE_USE_EVERY.total_seconds()])


def _person_of(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotPermitted("manage_tokens")
    return actor.person_id


def _check_scopes(scopes: Collection[str], within: ApiToken | None) -> None:
    if not scopes or not set(scopes) <= set(SCOPES):
        raise InvalidScope
    if within and not set(scopes) <= set(within.scopes):
        raise ScopesTooWide


def _record(kind: str, token: ApiToken, *, actor: Actor, at: datetime) -> None:
    about = About(organisation_id=token.organisation_id)
    data = {
        "token": token.pk,
        "holder": token.person_id,
        "scopes": token.scopes,
        "expires_at": token.expires_at.isoformat(),
    }
    record_event(kind, about=about, actor=actor, at=at, data=data)
