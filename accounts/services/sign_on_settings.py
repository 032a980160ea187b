"""How an organisation sets up single sign-on: settings, a test, on and off, roles from claims."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from accounts import outgoing, selectors
from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import (
    InvalidSignOn,
    MappingNotFound,
    OutgoingFailed,
    PersonNotFound,
    SignOnChanged,
    SignOnIsOn,
    SignOnNotReady,
    SignOnNotSet,
    UnknownRole,
)
from accounts.models import RoleMapping, SignOnIdentity, SingleSignOn
from accounts.permissions import CUSTOMER_ROLES, require
from accounts.selectors import domains, sign_on
from accounts.services.people import lock_organisation
from accounts.signing_in.seals import seal
from accounts.transactions import service

MOST_MAPPINGS = 200
CONNECTION = ("issuer", "client_id")  # what cannot change while it is on
NOT_YET = 0  # the version of settings that nobody has saved


@dataclass(frozen=True, slots=True)
class SignOnSettings:
    """What a global admin decides; an empty secret leaves the stored one as it is."""

    issuer: str
    client_id: str
    secret: str = ""
    address_claim: str = "email"
    trusts_address: bool = False
    roles_claim: str = ""
    creates_people: bool = False
    is_only_way: bool = False
    trusts_second_factor: bool = False


@service
def save_settings(
    *, wanted: SignOnSettings, version: int | None, actor: Actor, now: datetime | None = None
) -> SingleSignOn:
    """Keep how people sign in, and tell the other global admins; `version` is the one that was read, None for any.

    Another issuer, client or secret wants a new test before it is switched on.
    Raises NotPermitted, InvalidSignOn, SignOnChanged, SignOnIsOn.
    """
    assert now
    require(actor, "manage_sign_in")
    _check(wanted)
    stands = _locked_or_new(actor)
    if version is not None and version != (stands.version if stands.pk else NOT_YET):
        raise SignOnChanged(stands.version)
    if not (wanted.secret or stands.sealed_secret):
        raise InvalidSignOn("secret", "missing")
    changed = _changed(stands, wanted)
    if stands.pk and not changed:
        return stands
    if stands.enabled_at and {*changed} & {*CONNECTION}:
        raise SignOnIsOn
    _apply(stands, wanted, changed)
    _tell("single_sign_on_changed", stands, actor=actor, at=now, fields=changed)
    return stands


@service
def record_test(*, sign_on_id: int, version: int, actor: Actor, now: datetime | None = None) -> SingleSignOn:
    """Keep that a global admin has signed in at the issuer with the settings as they stand.

    Raises NotPermitted, SignOnNotSet, and SignOnChanged when the settings are others by now.
    """
    assert now
    require(actor, "manage_sign_in")
    stands = _locked(actor)
    if stands.pk != sign_on_id:
        raise SignOnNotSet
    if stands.version != version:
        raise SignOnChanged(stands.version)
    stands.tested_at = now
    stands.save(update_fields=["tested_at"])
    _record("single_sign_on_tested", stands, actor=actor, at=now)
    return stands


@service
def switch_on(*, actor: Actor, version: int | None = None, now: datetime | None = None) -> SingleSignOn:
    """Let people sign in through the issuer from now on, and tell the other global admins.

    Raises NotPermitted, SignOnNotSet, SignOnNotReady, SignOnChanged.
    """
    assert now
    require(actor, "manage_sign_in")
    stands = _locked(actor, version)
    if stands.enabled_at:
        return stands
    if stands.tested_at is None:
        raise SignOnNotReady("test")
    if not domains.confirmed_domains(stands.organisation_id).exists():
        raise SignOnNotReady("domain")
    stands.enabled_at, stands.version = now, stands.version + 1
    stands.save(update_fields=["enabled_at", "version"])
    _tell("single_sign_on_switched_on", stands, actor=actor, at=now)
    return stands


@service
def switch_off(*, actor: Actor, version: int | None = None, now: datetime | None = None) -> SingleSignOn:
    """End it: every session that was opened through it is over at its next request (P-6).

    Raises NotPermitted, SignOnNotSet, SignOnChanged.
    """
    assert now
    require(actor, "manage_sign_in")
    stands = _locked(actor, version)
    if stands.enabled_at:
        stands.enabled_at, stands.version = None, stands.version + 1
        stands.save(update_fields=["enabled_at", "version"])
        _tell("single_sign_on_switched_off", stands, actor=actor, at=now)
    return stands


@service
def map_role(*, value: str, role: str, actor: Actor, now: datetime | None = None) -> RoleMapping:
    """Give a role to everybody whose claim holds a value, from their next sign-in on; one that stands stays.

    Raises NotPermitted, UnknownRole, SignOnNotSet, InvalidSignOn.
    """
    assert now
    require(actor, "manage_sign_in")
    if role not in CUSTOMER_ROLES:
        raise UnknownRole
    stands = _locked(actor)
    if stands.mappings.count() >= MOST_MAPPINGS:
        raise InvalidSignOn("value", "too_many")
    mapping, made = RoleMapping.objects.get_or_create(sign_on=stands, value=value, role=role)
    if made:
        _tell("role_mapped", stands, actor=actor, at=now, mapping=mapping.pk, role=role)
    return mapping


@service
def unmap_role(*, mapping_id: int, actor: Actor, now: datetime | None = None) -> None:
    """End a mapping; who has the role by a claim, and by no other, loses it at their next sign-in through the issuer.

    Not at once: which other values somebody has is known only then, and a mapping that was removed by mistake can be
    put back before it has taken anything.

    Raises NotPermitted, SignOnNotSet, MappingNotFound.
    """
    assert now
    require(actor, "manage_sign_in")
    stands = _locked(actor)
    mapping = stands.mappings.filter(pk=mapping_id).first()
    if mapping is None:
        raise MappingNotFound
    _tell("role_unmapped", stands, actor=actor, at=now, mapping=mapping.pk, role=mapping.role)
    mapping.delete()


@service
def release_identity(*, identity_id: int, actor: Actor, now: datetime | None = None) -> None:
    """Forget who a person is to the issuer, so that their next sign-in binds them anew.

    Raises NotPermitted, SignOnNotSet, PersonNotFound.
    """
    assert now
    require(actor, "manage_sign_in")
    stands = _locked(actor)
    identity = SignOnIdentity.objects.filter(pk=identity_id, organisation=stands.organisation_id).first()
    if identity is None:
        raise PersonNotFound
    _record("identity_released", stands, actor=actor, at=now, person=identity.person_id)
    identity.delete()


def _locked(actor: Actor, version: int | None = None) -> SingleSignOn:
    lock_organisation(actor)
    stands = sign_on.settings_of(actor)
    if version not in (None, stands.version):
        raise SignOnChanged(stands.version)
    return stands


def _locked_or_new(actor: Actor) -> SingleSignOn:
    organisation = lock_organisation(actor)
    try:
        return sign_on.settings_of(actor)
    except SignOnNotSet:
        return SingleSignOn(organisation=organisation, callback_key=secrets.token_urlsafe(16), version=NOT_YET)


def _check(wanted: SignOnSettings) -> None:
    try:
        outgoing.checked_url(wanted.issuer)
    except OutgoingFailed:
        raise InvalidSignOn("issuer", "url") from None
    if "?" in wanted.issuer:
        raise InvalidSignOn("issuer", "url")
    for name in ("client_id", "address_claim"):
        if not getattr(wanted, name):
            raise InvalidSignOn(name, "missing")


def _changed(stands: SingleSignOn, wanted: SignOnSettings) -> list[str]:
    fields = asdict(wanted)
    secret = fields.pop("secret")
    changed = [name for name, value in fields.items() if getattr(stands, name) != value or not stands.pk]
    return [*changed, "secret"] if secret else changed


def _apply(stands: SingleSignOn, wanted: SignOnSettings, changed: list[str]) -> None:
    for name in changed:
        if name != "secret":
            setattr(stands, name, getattr(wanted, name))
    if wanted.secret:
        stands.sealed_secret = seal(wanted.secret)
    if not stands.enabled_at and {*changed} & {*CONNECTION, "secret", "address_claim", "trusts_address"}:
        stands.tested_at = None
    stands.version += 1
    stands.save()


def _record(kind: str, stands: SingleSignOn, *, actor: Actor, at: datetime, **data: Any) -> Any:
    about = About(organisation_id=stands.organisation_id)
    return record_event(kind, about=about, at=at, actor=actor, data={"sign_on": stands.pk, **data})


def _tell(kind: str, stands: SingleSignOn, *, actor: Actor, at: datetime, **data: Any) -> None:
    """Keep it, and let the other global admins hear of it: whoever holds this door holds all accounts behind it."""
    event = _record(kind, stands, actor=actor, at=at, **data)
    others = selectors.global_admins_of(stands.organisation_id).exclude(pk=actor.person_id or 0)
    notice = Notice("single_sign_on", others, {"change": kind, "by": actor.person_id}, mail_only=True)
    send_notice(event, notice, about=About(organisation_id=stands.organisation_id))
