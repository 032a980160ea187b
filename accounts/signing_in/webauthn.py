"""Security keys and passkeys: the two ceremonies of WebAuthn, for this portal's address alone."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.errors import WrongCode
from accounts.models import Person

# What fido2 and the libraries below it raise at bytes that are no credential.
MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error)
REFUSED = (*MALFORMED, UnsupportedAlgorithm, NotImplementedError, RecursionError)


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What the browser is asked, as JSON, and what the session keeps until it answers."""

    question: str
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that a browser has just made."""

    credential: str
    credential_id: str
    counter: int
    is_passkey: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """An answer of a key: which one, its counter, and whether it asked its owner for a PIN or a finger."""

    credential_id: str
    counter: int
    verified: bool


def begin_registration(person: Person, known: Iterable[str]) -> Ceremony:
    """Ask for a new key, none of those that the person has; one that can sign in by itself where it can be had."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=str(person.pk).encode(), name=person.email, display_name=person.name),
        credentials=[_data(credential) for credential in known],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        extensions={"credProps": True},
    )
    return Ceremony(question=json.dumps(dict(options)), state=state)


def finish_registration(answer: Any, state: Mapping[str, Any]) -> NewKey:
    """The key in a browser's answer; raises WrongCode for anything else."""
    try:
        registration = RegistrationResponse.from_dict(answer)
        made = _server().register_complete(state, registration)
        credential = made.credential_data
        if credential is None:
            raise WrongCode
        credential.public_key.verify  # noqa: B018 - an algorithm that we cannot verify has none
        properties = (answer.get("clientExtensionResults") or {}).get("credProps") or {}
        return NewKey(
            credential=_text(bytes(credential)),
            credential_id=_text(credential.credential_id),
            counter=made.counter,
            is_passkey=properties.get("rk") is True and made.is_user_verified(),
        )
    except REFUSED:
        raise WrongCode from None


def begin_authentication(known: Iterable[str], *, alone: bool = False) -> Ceremony:
    """Ask for an answer of one of these keys; `alone` stands for a password as well, so that it must ask its owner."""
    wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    options, state = _server().authenticate_begin(
        credentials=[_data(credential) for credential in known], user_verification=wanted
    )
    return Ceremony(question=json.dumps(dict(options)), state=state)


def finish_authentication(answer: Any, state: Mapping[str, Any], known: Iterable[str]) -> Assertion:
    """Which of the known keys answered; raises WrongCode when none did."""
    try:
        response = AuthenticationResponse.from_dict(answer)
        credential = _server().authenticate_complete(state, [_data(one) for one in known], response)
        said = response.response.authenticator_data
        return Assertion(
            credential_id=_text(credential.credential_id), counter=said.counter, verified=said.is_user_verified()
        )
    except REFUSED:
        raise WrongCode from None


def owner_of(answer: Any) -> int:
    """Whose key a passkey says it is; nothing is proven yet. Raises WrongCode."""
    try:
        handle = AuthenticationResponse.from_dict(answer).response.user_handle
        return int((handle or b"").decode("ascii"))
    except REFUSED:
        raise WrongCode from None


def _server() -> Fido2Server:
    """Keys are bound to the host of PUBLIC_URL, and an answer must have been asked for by that very origin."""
    host = str(urlsplit(settings.PUBLIC_URL).hostname)
    party = PublicKeyCredentialRpEntity(id=host, name="Support portal")
    return Fido2Server(party, verify_origin=lambda origin: origin == settings.PUBLIC_URL)


def _data(credential: str) -> AttestedCredentialData:
    return AttestedCredentialData(base64.urlsafe_b64decode(credential))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()
