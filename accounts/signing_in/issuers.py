"""Asking an OpenID Connect issuer: where its endpoints are, its keys, and what a code is worth.

What an issuer publishes is kept for ten minutes in the cache, which may be lost at any time.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.core.cache import cache

from accounts import outgoing
from accounts.errors import OutgoingFailed, SignOnFailed
from accounts.outgoing import Answer
from accounts.signing_in import id_tokens

OF_THE_SIGN_IN = ("amr", "acr", "auth_time")  # what only the signed token can say of this very sign-in
WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_FOR = 600  # seconds
ASKED_AGAIN_AFTER = 60  # seconds, at the earliest, for keys that a token names and we do not know
AT_ONCE = 2  # of a process's four threads: issuers that hang must not hold up everybody else (P-9)
TURN_WITHIN = 0.5  # seconds
RESTS_FOR = 30  # seconds; who has kept us waiting is not asked again before
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Client:
    """The portal as one issuer knows it."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """What binds an answer to its question: fresh for each sign-in, and kept in the visitor's session."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> Secrets:
        """Three secrets of 256 bits."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """What the issuer learns of the verifier at first (RFC 7636)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def discover(issuer: str) -> dict[str, Any]:
    """What the issuer publishes about itself; raises OutgoingFailed, and SignOnFailed when it is somebody else."""
    return _kept("discovery", issuer, lambda: _discovered(issuer))


def authorization_url(client: Client, asked: Secrets, *, roles_claim: str = "", hint: str = "") -> str:
    """Where the visitor's browser goes next. Raises OutgoingFailed, SignOnFailed."""
    published = discover(client.issuer)
    scopes = ["openid", "email", "profile"]
    if roles_claim and "groups" in _words(published, "scopes_supported"):
        scopes.append("groups")
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": " ".join(scopes),
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
        **({"login_hint": hint} if hint else {}),
    }
    endpoint = str(published["authorization_endpoint"])
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def check_answer(client: Client, answer: Mapping[str, str]) -> None:
    """Refuse an answer that names another issuer than ours, or none where ours names itself (RFC 9207)."""
    published = discover(client.issuer)
    named = answer.get("iss")
    if named is None and published.get("authorization_response_iss_parameter_supported") is True:
        raise SignOnFailed("issuer")
    if named is not None and named != published["issuer"]:
        raise SignOnFailed("issuer")


def claims_for(client: Client, *, code: str, asked: Secrets, wanted: str) -> dict[str, Any]:
    """What the issuer says about whoever brought this code; asks for more where `wanted` is not in the ID token.

    Raises OutgoingFailed, SignOnFailed.
    """
    published = discover(client.issuer)
    tokens = _exchange(client, published, code=code, verifier=asked.verifier)
    payload = _verified(client, published, str(tokens.get("id_token", "")), nonce=asked.nonce)
    if wanted in payload or not isinstance(published.get("userinfo_endpoint"), str):
        return payload
    more = _userinfo(published, tokens, subject=payload["sub"])
    return {name: value for name, value in more.items() if name not in OF_THE_SIGN_IN} | payload


def _discovered(issuer: str) -> dict[str, Any]:
    answer = _ask(issuer.rstrip("/") + WELL_KNOWN, headers={"Accept": "application/json"})
    published = answer.json() if answer.status == 200 else None
    if not isinstance(published, dict) or not all(isinstance(published.get(name), str) for name in ENDPOINTS):
        raise OutgoingFailed("answer")
    if str(published.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise SignOnFailed("issuer")
    for name in ENDPOINTS:
        outgoing.checked_url(published[name])
    return published


def _exchange(client: Client, published: Mapping[str, Any], *, code: str, verifier: str) -> dict[str, Any]:
    """What the code is worth, asked with the client's secret and with what only this browser's session knows."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    methods = _words(published, "token_endpoint_auth_methods_supported")
    if "client_secret_post" in methods:  # not every issuer decodes the other form as RFC 6749, 2.3.1, has it
        form |= {"client_id": client.client_id, "client_secret": client.secret}
    else:
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    body = urlencode(form).encode()
    answer = _ask(str(published["token_endpoint"]), method="POST", headers=headers, body=body)
    if 400 <= answer.status < 500:
        raise SignOnFailed("code")
    tokens = answer.json() if answer.status == 200 else None
    if not isinstance(tokens, dict):
        raise OutgoingFailed("answer")
    return tokens


def _verified(client: Client, published: Mapping[str, Any], token: str, *, nonce: str) -> dict[str, Any]:
    issuer, uri = str(published["issuer"]), str(published["jwks_uri"])
    expected = {"issuer": issuer, "client_id": client.client_id, "nonce": nonce}
    try:
        try:
            return id_tokens.verified(token, keys=_kept("keys", uri, lambda: _keys(uri)), **expected)
        except id_tokens.UnknownKey:
            if not cache.add(_name("asked", uri), 1, ASKED_AGAIN_AFTER):
                raise
            cache.delete(_name("keys", uri))
            return id_tokens.verified(token, keys=_kept("keys", uri, lambda: _keys(uri)), **expected)
    except ValueError:
        raise SignOnFailed("token") from None


def _keys(uri: str) -> dict[str, Any]:
    answer = _ask(uri, headers={"Accept": "application/json"})
    keys = answer.json() if answer.status == 200 else None
    if not isinstance(keys, dict):
        raise OutgoingFailed("answer")
    return keys


def _userinfo(published: Mapping[str, Any], tokens: Mapping[str, Any], *, subject: str) -> dict[str, Any]:
    """The further claims, if they are about the same person (OpenID Connect Core, 5.3.2)."""
    access = tokens.get("access_token")
    if not isinstance(access, str):
        return {}
    headers = {"Accept": "application/json", "Authorization": f"Bearer {access}"}
    try:
        answer = _ask(str(published["userinfo_endpoint"]), headers=headers)
    except ValueError:  # a token that no header can carry
        raise OutgoingFailed("answer") from None
    more = answer.json() if answer.status == 200 else None
    if not isinstance(more, dict):
        raise OutgoingFailed("answer")
    if more.get("sub") != subject:
        raise SignOnFailed("token")
    return more


def _ask(url: str, **how: Any) -> Answer:
    """Ask an issuer, as one of few at a time; one that took too long is left alone for a while. As `outgoing.fetch`."""
    slow = _name("slow", url)
    if cache.get(slow):
        raise OutgoingFailed("timeout")
    if not _turns.acquire(timeout=TURN_WITHIN):
        raise OutgoingFailed("busy")
    try:
        return outgoing.fetch(url, **how)
    except OutgoingFailed as refusal:
        if refusal.fault == "timeout":
            cache.set(slow, True, RESTS_FOR)
        raise
    finally:
        _turns.release()


def _words(published: Mapping[str, Any], name: str) -> list[Any]:
    found = published.get(name)
    return found if isinstance(found, list) else []


def _kept(what: str, of: str, ask: Any) -> dict[str, Any]:
    name = _name(what, of)
    known: Any = cache.get(name)
    if not isinstance(known, dict):
        known = ask()
        cache.set(name, known, KEPT_FOR)
    return dict(known)


def _name(what: str, of: str) -> str:
    return f"issuer:{what}:{hashlib.sha256(of.encode()).hexdigest()}"
