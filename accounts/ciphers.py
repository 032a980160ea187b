"""What lies encrypted or digested in the database, under SECOND_FACTOR_KEY."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def encrypt(text: str) -> str:
    """The text as it may be stored."""
    return Fernet(base64.urlsafe_b64encode(_key(b"encryption"))).encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """The text that was stored; raises cryptography.fernet.InvalidToken under another key."""
    return Fernet(base64.urlsafe_b64encode(_key(b"encryption"))).decrypt(stored.encode()).decode()


def keyed_digest(text: str) -> str:
    """A digest that nobody can test a guess against without the key."""
    return hmac.new(_key(b"digests"), text.encode(), hashlib.sha256).hexdigest()


def _key(purpose: bytes) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.ciphers " + purpose)
    return derivation.derive(settings.SECOND_FACTOR_KEY.encode())
