"""Second factors: setting them up, proving them, removing them, and help for somebody who has lost theirs.

A proof is counted before it is checked, as a password is (accounts.signing_in.attempts); a code of an app counts
once, and a recovery code is gone with its use. Of recovery codes only digests are kept, of an app the encrypted
secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import FactorExists, FactorNeeded, FactorNotFound, PersonNotFound, TooMany, WrongCode
from accounts.models import Event, Person, PersonSession, RoleGrant
from accounts.permissions import require
from accounts.pseudonyms import pseudonym
from accounts.services.people import GLOBAL_ADMIN
from accounts.services.sign_in import FAILURES_PER_ADDRESS, FAILURES_WITHIN, network_of
from accounts.signing_in import attempts, ciphers, factors, totp, webauthn
from accounts.signing_in.attempts import Attempt, Limit
from accounts.signing_in.factors import APP, CODES, KEY, REAL
from accounts.transactions import service

# Whoever is asked for a code knows the password already, so that the limits are of the account, whatever the address.
# Of a million codes three are right at a time: twenty guesses a day find one in 16,000 of them.
GUESSES_PER_ACCOUNT, GUESSES_WITHIN = 5, timedelta(minutes=15)
GUESSES_PER_DAY, A_DAY = 20, timedelta(days=1)
DESK_RESETS_STAFF = frozenset({"team_lead", "operator"})
DESK_RESETS_LAST_ADMIN = frozenset({"team_lead", "duty_manager"})


# Setting up -----------------------------------------------------------------------------------------------------------


@service
def add_app(*, person_id: int, secret: str, code: str, now: datetime | None = None) -> list[str]:
    """Keep an authenticator app that has shown its first code; return the recovery codes, if they were made with it.

    Raises FactorExists, WrongCode.
    """
    assert now
    person = _locked(person_id)
    if Authenticator.objects.filter(user=person, type=APP).exists():
        raise FactorExists
    period = totp.matching_period(secret, code, now=now)
    if period is None:
        raise WrongCode
    data = {"secret": ciphers.encrypt(secret), "used_period": period}
    return _added(person, Authenticator(user=person, type=APP, data=data, created_at=now, last_used_at=now), now=now)


@service
def add_key(
    *, person_id: int, name: str, answer: Any, state: Mapping[str, Any], now: datetime | None = None
) -> list[str]:
    """Keep a security key or passkey that a browser made; return the recovery codes, if they were made with it.

    Raises WrongCode.
    """
    assert now
    person = _locked(person_id)
    made = webauthn.finish_registration(answer, state)
    if Authenticator.objects.filter(type=KEY, data__credential_id=made.credential_id).exists():
        raise WrongCode
    data = {
        "name": name,
        "credential": made.credential,
        "credential_id": made.credential_id,
        "counter": made.counter,
        "is_passkey": made.is_passkey,
    }
    return _added(person, Authenticator(user=person, type=KEY, data=data, created_at=now), now=now)


@service
def rename_key(*, person_id: int, factor_id: int, name: str, now: datetime | None = None) -> None:
    """Call a key something else; its own name again changes nothing. Raises FactorNotFound."""
    assert now
    person = _locked(person_id)
    row = _factor_of(person, factor_id, kinds=(KEY,))
    if row.data["name"] == name:
        return
    row.data["name"] = name
    row.save(update_fields=["data"])
    _record("second_factor_renamed", person, {"factor": row.pk}, now=now)


@service
def make_recovery_codes(*, person_id: int, now: datetime | None = None) -> list[str]:
    """Make ten new recovery codes, which end the old ones, and return them, this once. Raises FactorNotFound."""
    assert now
    person = _locked(person_id)
    if not factors.has_factor(person):
        raise FactorNotFound
    codes = _new_codes(person, now=now)
    event = _record("recovery_codes_made", person, {"codes": len(codes)}, now=now)
    _tell(event, person, "recovery_codes_made")
    return codes


@service
def remove_factor(*, person_id: int, factor_id: int, now: datetime | None = None) -> bool:
    """Remove an app or a key; with the last one the recovery codes go too. Return whether it was the last.

    Raises FactorNotFound, and FactorNeeded for the last of somebody who must have one.
    """
    assert now
    person = _locked(person_id)
    row = _factor_of(person, factor_id, kinds=REAL)
    is_last = not Authenticator.objects.filter(user=person, type__in=REAL).exclude(pk=row.pk).exists()
    if is_last and factors.must_have(Person.objects.with_roles().get(pk=person.pk)):
        raise FactorNeeded
    kind, removed = str(row.type), row.pk
    row.delete()
    if is_last:
        Authenticator.objects.filter(user=person).delete()
    event = _record("second_factor_removed", person, {"kind": kind, "factor": removed}, now=now)
    _tell(event, person, "second_factor_removed", {"kind": kind, "is_last": is_last})
    return is_last


# Proving --------------------------------------------------------------------------------------------------------------


def prove_code(*, person: Person, code: str, address: str) -> None:
    """Accept a code of the app, or a recovery code, once. Raises WrongCode, TooMany."""
    attempt = _begin(person, address)
    try:
        _accept_code(person_id=person.pk, code=code)
    except WrongCode:
        _record_failure(person_id=person.pk, address=address)
        raise
    attempts.give_back(attempt)


def prove_key(*, person: Person, answer: Any, state: Mapping[str, Any], address: str) -> None:
    """Accept the answer of one of the person's keys. Raises WrongCode, TooMany."""
    attempt = _begin(person, address)
    try:
        _accept_key(person_id=person.pk, answer=answer, state=state)
    except WrongCode:
        _record_failure(person_id=person.pk, address=address)
        raise
    attempts.give_back(attempt)


def prove_passkey(*, answer: Any, state: Mapping[str, Any], address: str) -> int:
    """Accept the answer of a passkey that signs in by itself; return whose it is. Raises WrongCode, TooMany.

    Counted for the address alone: whoever sends rubbish in somebody's name must not lock them out.
    """
    origin = pseudonym(network_of(address))
    attempt = attempts.begin([Limit(f"passkey:from:{origin}", FAILURES_PER_ADDRESS, FAILURES_WITHIN)])
    person_id = webauthn.owner_of(answer)
    _accept_key(person_id=person_id, answer=answer, state=state, alone=True)
    attempts.give_back(attempt)
    return person_id


def _begin(person: Person, address: str) -> Attempt:
    account, origin = f"second_factor:to:{person.pk}", pseudonym(network_of(address))
    try:
        return attempts.begin(
            [
                Limit(account, GUESSES_PER_ACCOUNT, GUESSES_WITHIN),
                Limit(f"{account}:day", GUESSES_PER_DAY, A_DAY),
                Limit(f"second_factor:from:{origin}", FAILURES_PER_ADDRESS, FAILURES_WITHIN),
            ]
        )
    except TooMany:
        _warn_of_guessing(person_id=person.pk)
        raise


@service
def _accept_code(*, person_id: int, code: str, now: datetime | None = None) -> None:
    assert now
    rows = Authenticator.objects.select_for_update().filter(user=person_id, type__in=(APP, CODES)).order_by("pk")
    for row in rows:
        if row.type == APP and _is_app_code(row, code, now=now):
            return
        if row.type == CODES and _is_recovery_code(row, code, now=now):
            return
    raise WrongCode


def _is_app_code(row: Any, code: str, *, now: datetime) -> bool:
    """Whether the app shows this code now, and no code of this period or a later one has been used."""
    plain = "".join(code.split())
    secret = ciphers.decrypt(row.data["secret"])
    period = totp.matching_period(secret, plain, now=now, later_than=row.data["used_period"])
    if period is None:
        return False
    row.data["used_period"], row.last_used_at = period, now
    row.save(update_fields=["data", "last_used_at"])
    return True


def _is_recovery_code(row: Any, code: str, *, now: datetime) -> bool:
    digest = factors.code_digest(row.user_id, code)
    if digest not in row.data["digests"]:
        return False
    row.data["digests"].remove(digest)
    row.last_used_at = now
    row.save(update_fields=["data", "last_used_at"])
    left = len(row.data["digests"])
    person = Person.objects.get(pk=row.user_id)
    event = _record("recovery_code_used", person, {"left": left}, now=now)
    _tell(event, person, "recovery_code_used", {"left": left})
    return True


@service
def _accept_key(
    *, person_id: int, answer: Any, state: Mapping[str, Any], alone: bool = False, now: datetime | None = None
) -> None:
    """Take an answer; one that stands `alone`, for a password too, is of a key that has asked its owner.

    Whatever was asked: a question put to somebody who has shown their password is content with less.
    """
    assert now
    rows = {
        row.data["credential_id"]: row
        for row in Authenticator.objects.select_for_update().filter(user=person_id, type=KEY).order_by("pk")
    }
    said = webauthn.finish_authentication(answer, state, [row.data["credential"] for row in rows.values()])
    row: Any = rows[said.credential_id]
    if alone and not said.verified:
        raise WrongCode
    if (said.counter or row.data["counter"]) and said.counter <= row.data["counter"]:
        raise WrongCode  # a copy of the key has counted further
    row.data["counter"], row.last_used_at = said.counter, now
    row.save(update_fields=["data", "last_used_at"])


@service
def _record_failure(*, person_id: int, address: str, now: datetime | None = None) -> None:
    assert now
    person = Person.objects.get(pk=person_id)
    _record("second_factor_failed", person, {"from": pseudonym(network_of(address))}, now=now)


@service
def _warn_of_guessing(*, person_id: int, now: datetime | None = None) -> None:
    """Tell a person that somebody who has their password guesses codes; once in an hour."""
    assert now
    person = _locked(person_id)
    ref = f"second_factor:{person_id}:{now:%Y%m%d%H}"
    if Event.objects.filter(kind="second_factor_guessed", ref=ref).exists():
        return
    event = _record("second_factor_guessed", person, {}, now=now, ref=ref)
    _tell(event, person, "second_factor_guessed")


# Help for somebody who has lost theirs --------------------------------------------------------------------------------


@service
def reset_second_factors(*, person_id: int, actor: Actor, now: datetime | None = None) -> Person:
    """Remove all second factors and recovery codes of a person who has lost them, end their sessions, and tell them.

    A global admin does it for the people of the organisation, a team lead or operator for support staff, and a team
    lead or duty manager for the last global admin of an organisation; nobody for themselves, who would need no
    second factor to do so. Everybody else is as if they were not there (P-5).

    Raises NotPermitted, PersonNotFound, FactorNotFound.
    """
    assert now
    require(actor, "reset_factors")
    person = _in_care_of(actor, person_id)
    if not Authenticator.objects.filter(user=person).exists():
        raise FactorNotFound
    Authenticator.objects.filter(user=person).delete()
    PersonSession.objects.filter(person=person).delete()
    about = About(organisation_id=person.organisation_id)
    event = record_event("second_factors_reset", about=about, at=now, actor=actor, data={"person": person.pk})
    _tell(event, person, "second_factors_reset")
    return person


def may_reset(actor: Actor, person: Person) -> bool:
    """Whether the actor may reset this person's second factors, for the page that shows the button."""
    if person.pk == actor.person_id or not person.is_active:
        return False
    if not actor.is_staff:
        return GLOBAL_ADMIN in actor.roles and person.organisation_id == actor.organisation_id
    if person.is_staff:
        return bool(actor.roles & DESK_RESETS_STAFF)
    return bool(actor.roles & DESK_RESETS_LAST_ADMIN) and _is_last_global_admin(person)


def _in_care_of(actor: Actor, person_id: int) -> Person:
    people = Person.objects.filter(is_active=True) if actor.is_staff else selectors.people_of(actor)
    try:
        person = people.get(pk=person_id)
    except Person.DoesNotExist:
        raise PersonNotFound from None
    person = _locked(person.pk)
    if not may_reset(actor, person):
        raise PersonNotFound
    return person


def _is_last_global_admin(person: Person) -> bool:
    admins = RoleGrant.objects.filter(
        role=GLOBAL_ADMIN, person__organisation=person.organisation_id, person__is_active=True
    )
    return list(admins.values_list("person_id", flat=True)) == [person.pk]


# Shared ---------------------------------------------------------------------------------------------------------------


def _locked(person_id: int) -> Person:
    """The person; their row is the lock for their factors."""
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _factor_of(person: Person, factor_id: int, *, kinds: tuple[str, ...]) -> Any:
    row = Authenticator.objects.filter(user=person, pk=factor_id, type__in=kinds).first()
    if row is None:
        raise FactorNotFound
    return row


def _added(person: Person, row: Any, *, now: datetime) -> list[str]:
    row.save()
    kind = str(row.type)
    event = _record("second_factor_added", person, {"kind": kind, "factor": row.pk}, now=now)
    _tell(event, person, "second_factor_added", {"kind": kind})
    if Authenticator.objects.filter(user=person, type=CODES).exists():
        return []
    return _new_codes(person, now=now)


def _new_codes(person: Person, *, now: datetime) -> list[str]:
    codes = factors.new_codes()
    digests = [factors.code_digest(person.pk, code) for code in codes]
    Authenticator.objects.filter(user=person, type=CODES).delete()
    Authenticator.objects.create(user=person, type=CODES, data={"digests": digests}, created_at=now)
    return codes


def _record(kind: str, person: Person, data: dict[str, Any], *, now: datetime, ref: str = "") -> Event:
    about = About(organisation_id=person.organisation_id)
    return record_event(kind, about=about, at=now, actor=Actor(person_id=person.pk), data=data, ref=ref)


def _tell(event: Event, person: Person, notice: str, context: dict[str, Any] | None = None) -> None:
    about = About(organisation_id=person.organisation_id)
    send_notice(event, Notice(notice, [person], context=context or {}, mail_only=True), about=about)
