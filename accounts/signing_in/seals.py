"""Client secrets of single sign-on, encrypted under SINGLE_SIGN_ON_KEY."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from accounts.errors import SignOnFailed
from accounts.signing_in.ciphers import cipher_under


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
    return cipher_under(settings.SINGLE_SIGN_ON_KEY, purpose=b"accounts.seals")
