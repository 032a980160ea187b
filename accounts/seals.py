"""Client secrets of single sign-on, encrypted under SINGLE_SIGN_ON_KEY."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.errors import SignOnFailed


def seal(secret: str) -> str:
    """The secret as it may be stored."""
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret that was stored; raises SignOnFailed when it lies under another key."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SignOnFailed("secret") from None


def _cipher() -> Fernet:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.seals")
    return Fernet(base64.urlsafe_b64encode(derivation.derive(settings.SINGLE_SIGN_ON_KEY.encode())))
