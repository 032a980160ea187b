"""Signing in through an organisation's issuer: who somebody is, and what their claims give and take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts import selectors
from accounts.actors import PORTAL
from accounts.audit import About, record_event
from accounts.errors import SignOnFailed
from accounts.models import Organisation, Person, RoleGrant, SignOnIdentity, SingleSignOn
from accounts.pseudonyms import pseudonym
from accounts.selectors import sign_on
from accounts.services.people import GLOBAL_ADMIN
from accounts.signing_in.claims import Claims, changes
from accounts.text import NAME_LIMIT, clean_line
from accounts.transactions import service

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who has signed in, and under which time that single sign-on was on."""

    person: Person
    sign_on: SingleSignOn
    enabled_at: datetime


def arrive(*, sign_on_id: int, enabled_at: datetime, claims: Claims) -> Arrival:
    """Find whom these claims are about, bind them at the first time, and bring their roles up to date.

    `enabled_at` is what it was when the sign-in began. Raises SignOnFailed; a refusal is kept on record.
    """
    try:
        return _arrive(sign_on_id=sign_on_id, enabled_at=enabled_at, claims=claims)
    except SignOnFailed as refusal:
        _refuse(sign_on_id=sign_on_id, claims=claims, fault=refusal.fault)
        raise


@service
def _arrive(*, sign_on_id: int, enabled_at: datetime, claims: Claims, now: datetime | None = None) -> Arrival:
    assert now
    stands = _locked(sign_on_id)
    if stands.enabled_at is None or stands.enabled_at != enabled_at:
        raise SignOnFailed("changed")
    if not claims.is_verified:
        raise SignOnFailed("unverified")
    if not sign_on.is_of(claims.address, stands):
        raise SignOnFailed("domain")
    person = _bound(stands, claims, now=now) or _first_time(stands, claims, now=now)
    _bring_up_to_date(person, stands, claims, now=now)
    return Arrival(Person.objects.with_roles().get(pk=person.pk), stands, enabled_at)


def _locked(sign_on_id: int) -> SingleSignOn:
    """The settings as they stand, while nobody changes them, nor who holds which role."""
    stands = SingleSignOn.objects.get(pk=sign_on_id)
    lock = Organisation.objects.select_for_update(no_key=True).filter(pk=stands.organisation_id, is_active=True)
    if lock.first() is None:
        raise SignOnFailed("off")
    return SingleSignOn.objects.select_related("organisation").get(pk=sign_on_id)


def _bound(stands: SingleSignOn, claims: Claims, *, now: datetime) -> Person | None:
    """Whoever this subject is: the subject counts, whatever address it has today."""
    known = SignOnIdentity.objects.filter(issuer=stands.issuer, subject=claims.subject)
    identity = known.filter(organisation=stands.organisation_id).first()
    if identity is None:
        return None
    person: Person | None = _people(stands).filter(pk=identity.person_id).first()
    if person is None:
        raise SignOnFailed("unknown")
    identity.used_at = now
    identity.save(update_fields=["used_at"])
    return person


def _first_time(stands: SingleSignOn, claims: Claims, *, now: datetime) -> Person:
    """Bind the subject to the person of this address, or to a new one where the organisation wants that."""
    person = _people(stands).filter(email=claims.address).first() or _new(stands, claims, now=now)
    if SignOnIdentity.objects.filter(person=person, issuer=stands.issuer).exists():
        raise SignOnFailed("subject")  # an address that has passed to somebody else takes no account with it
    SignOnIdentity.objects.create(
        organisation_id=stands.organisation_id,
        person=person,
        issuer=stands.issuer,
        subject=claims.subject,
        bound_at=now,
        used_at=now,
    )
    _record("identity_bound", stands, at=now, person=person.pk)
    if person.email_confirmed_at is None:
        person.email_confirmed_at = now
        person.save(update_fields=["email_confirmed_at"])
    return person


def _people(stands: SingleSignOn) -> Any:
    """The open accounts of this very organisation, with their roles."""
    people = Person.objects.with_roles().filter(organisation=stands.organisation_id, is_active=True)
    return people.filter(is_staff=False, is_service=False)


def _new(stands: SingleSignOn, claims: Claims, *, now: datetime) -> Person:
    """An account for somebody who has none; one that is closed, or of another organisation, is not told apart."""
    if not stands.creates_people or Person.objects.filter(email=claims.address).exists():
        raise SignOnFailed("unknown")
    try:
        validate_email(claims.address)
    except ValidationError:
        raise SignOnFailed("unknown") from None
    organisation = stands.organisation
    languages = {code for code, _name in settings.LANGUAGES}
    person = Person.objects.create_user(
        claims.address,
        None,
        name=_name_of(claims),
        organisation=organisation,
        language=organisation.language.lower() if organisation.language.lower() in languages else "en",
        timezone=organisation.timezone,
        email_confirmed_at=now,
        joined_at=now,
    )
    _record("person_created", stands, at=now, person=person.pk)
    return Person.objects.with_roles().get(pk=person.pk)


def _name_of(claims: Claims) -> str:
    try:
        name = clean_line(claims.name)[:NAME_LIMIT].strip()
    except ValueError:
        name = ""
    return name or claims.address.partition("@")[0][:NAME_LIMIT]


def _bring_up_to_date(person: Person, stands: SingleSignOn, claims: Claims, *, now: datetime) -> None:
    """Give and take what the claims say (RO-1); the last global admin stays one.

    A role that came by a claim goes at the next sign-in after its mapping has; one that somebody gave by hand stays.
    Where no claim gives roles any more, what there is stays for the global admins to decide about.
    """
    if not stands.roles_claim:
        return
    mapping = [(each.value, each.role) for each in sign_on.mappings_of(stands)]
    by_claim = RoleGrant.objects.filter(person=person, by_claim=True).values_list("role", flat=True)
    give, take = changes(person.role_names, claims.values, mapping, by_claim=set(by_claim))
    for role in give:
        RoleGrant.objects.create(person=person, role=role, granted_at=now, by_claim=True)
        _record("role_given", stands, at=now, person=person.pk, role=role)
    for role in take:
        others = selectors.global_admins_of(stands.organisation_id).exclude(pk=person.pk)
        if role == GLOBAL_ADMIN and not others.exists():
            _record("role_kept", stands, at=now, person=person.pk, role=role)
            continue
        RoleGrant.objects.filter(person=person, role=role).delete()
        _record("role_taken", stands, at=now, person=person.pk, role=role)


@service
def _refuse(*, sign_on_id: int, claims: Claims, fault: str, now: datetime | None = None) -> None:
    """Keep that somebody whom the issuer knows was not let in, for the organisation to see."""
    assert now
    stands = SingleSignOn.objects.get(pk=sign_on_id)
    _record("sign_on_refused", stands, at=now, fault=fault, account=pseudonym(claims.address))
    log.warning("sign_on.refused", fault=fault, organisation=stands.organisation_id)


def _record(kind: str, stands: SingleSignOn, *, at: datetime, **data: Any) -> None:
    about = About(organisation_id=stands.organisation_id)
    record_event(kind, about=about, at=at, actor=PORTAL, data={"sign_on": stands.pk, **data})
