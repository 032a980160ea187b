"""Passkeys without a browser: whatever a key was asked, only one that has asked its owner stands for a password."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.models import Person
from accounts.signing_in import proofs
from tests.accounts.test_second_factors import SECOND, is_in, with_password
from tests.factories import PASSWORD, make_organisation, make_person

PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
pytestmark = pytest.mark.usefixtures("db")


class Key:
    """A security key of somebody, which signs whatever it is asked, as whoever holds it wishes."""

    def __init__(self, owner: Person) -> None:
        self.owner, self.id, self.private = owner, secrets.token_bytes(16), ec.generate_private_key(ec.SECP256R1())
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = {
            "name": "Blue",
            "credential": base64.urlsafe_b64encode(credential).decode(),
            "credential_id": base64.urlsafe_b64encode(self.id).decode(),
            "counter": 0,
            "is_passkey": True,
        }
        Authenticator.objects.create(user=owner, type="webauthn", data=data, created_at=timezone.now())

    def answer(self, client: Client, flags: AuthenticatorData.FLAG) -> str:
        """Its answer to what the client was asked last."""
        challenge = client.session[proofs.CEREMONY]["challenge"]
        said = CollectedClientData.create("webauthn.get", challenge, settings.PUBLIC_URL)
        party = hashlib.sha256(str(urlsplit(settings.PUBLIC_URL).hostname).encode()).digest()
        about = AuthenticatorData.create(party, flags, counter=1)
        response = {
            "clientDataJSON": _text(said),
            "authenticatorData": _text(about),
            "signature": _text(self.private.sign(about + said.hash, ec.ECDSA(SHA256()))),
            "userHandle": _text(str(self.owner.pk).encode()),
        }
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response})


def _text(value: Any) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.fixture
def mei() -> Person:
    return make_person(make_organisation(), "global_admin", email="mei@example.com", password=PASSWORD)


@pytest.mark.parametrize(("flags", "opens"), [(VERIFIED, True), (PRESENT, False)])
def test_a_passkey_signs_in_alone_when_it_has_asked_its_owner(
    mei: Person, flags: AuthenticatorData.FLAG, opens: bool, client: Client
) -> None:
    key = Key(mei)
    client.post("/login/passkey/options/")

    client.post("/login/passkey/", {"credential": key.answer(client, flags)})

    assert is_in(client) is opens


@pytest.mark.parametrize(("flags", "opens"), [(VERIFIED, True), (PRESENT, False)])
def test_a_question_put_after_a_password_gives_a_stolen_key_no_more(
    mei: Person, flags: AuthenticatorData.FLAG, opens: bool
) -> None:
    """P-6: the second step is content with a touch, and whoever has an account of their own can have it asked"""
    thief = make_person(make_organisation("thieves"), "reader", password=PASSWORD)
    Key(thief)
    stolen, client = Key(mei), with_password(thief)
    client.get(SECOND)

    client.post("/login/passkey/", {"credential": stolen.answer(client, flags)})

    assert is_in(client) is opens


def test_after_a_password_a_touch_is_enough(mei: Person) -> None:
    key, client = Key(mei), with_password(mei)
    client.get(SECOND)

    client.post(SECOND, {"credential": key.answer(client, PRESENT)})

    assert is_in(client)


def test_questions_that_a_whole_office_is_asked_are_no_failures(mei: Person, client: Client, settings: Any) -> None:
    """P-8: what is begun and what fails are counted apart"""
    settings.RATE_LIMIT_FACTOR = 0.1  # 2 failures, 30 beginnings
    key = Key(mei)
    for _ in range(5):
        client.post("/login/passkey/options/")

    client.post("/login/passkey/", {"credential": key.answer(client, VERIFIED)})

    assert is_in(client)


def test_questions_without_answers_are_limited_for_each_network(client: Client, settings: Any) -> None:
    """P-8: each question is kept in a session, for a visitor whom nobody knows."""
    settings.RATE_LIMIT_FACTOR = 0.01
    asked = [client.post("/login/passkey/options/").status_code for _ in range(4)]

    assert asked == [HTTPStatus.OK] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert client.post("/login/passkey/options/", REMOTE_ADDR="192.0.2.77").status_code == HTTPStatus.OK
