"""ID tokens of OpenID Connect: signed by a key of the issuer, for us, for now, for this very sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt

# Never `none`, and nothing symmetric: with those whoever knows the client's secret, or a public key, could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
DEMANDED = ["iss", "sub", "aud", "exp", "iat"]
LEEWAY = timedelta(seconds=60)  # between two clocks
MOST_KEYS = 100


class UnknownKey(ValueError):
    """The token names a key that is not among those known."""


def verified(token: str, *, keys: Mapping[str, Any], issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The payload of an ID token that holds in every respect (OpenID Connect Core, 3.1.3.7).

    Raises UnknownKey when its key is not among `keys`, a JWK set, and ValueError for whatever else is wrong with it.
    """
    try:
        key = _key_of(jwt.get_unverified_header(token), keys)
        payload: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": DEMANDED},
        )
    except (jwt.PyJWTError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None
    _check_party(payload, client_id)
    if not nonce or payload.get("nonce") != nonce:
        raise ValueError("nonce")
    return payload


def _key_of(header: Mapping[str, Any], keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The one key of the set that the token names, or the only one there is, for the token's algorithm."""
    algorithm, name = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise ValueError("alg")
    given = keys.get("keys")
    found = [key for key in (given if isinstance(given, list) else [])[:MOST_KEYS] if _may_sign(key, algorithm)]
    named = [key for key in found if name is None or key.get("kid") == name]
    if len(named) != 1:
        raise UnknownKey
    return jwt.PyJWK(named[0], algorithm=algorithm)


def _may_sign(key: Any, algorithm: str) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )


def _check_party(payload: Mapping[str, Any], client_id: str) -> None:
    """A token for several is for us only when it says that it was made for us."""
    audience, party = payload["aud"], payload.get("azp")
    several = isinstance(audience, list) and len(audience) > 1
    if (several and party is None) or (party is not None and party != client_id):
        raise ValueError("azp")
