"""What lies encrypted or digested in the database under SECOND_FACTOR_KEY, and how a cipher is made of any key."""

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
    return _cipher().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """The text that was stored; raises cryptography.fernet.InvalidToken under another key."""
    return _cipher().decrypt(stored.encode()).decode()


def keyed_digest(text: str) -> str:
    """A digest that nobody can test a guess against without the key."""
    key = derived_key(settings.SECOND_FACTOR_KEY, purpose=b"accounts.ciphers digests")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def cipher_under(key: str, *, purpose: bytes) -> Fernet:
    """What encrypts under a key derived from a setting for one purpose alone."""
    return Fernet(base64.urlsafe_b64encode(derived_key(key, purpose=purpose)))


def derived_key(key: str, *, purpose: bytes) -> bytes:
    """32 bytes for one purpose, from which neither the setting nor the key of another purpose follows."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


def _cipher() -> Fernet:
    return cipher_under(settings.SECOND_FACTOR_KEY, purpose=b"accounts.ciphers encryption")
