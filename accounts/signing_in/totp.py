"""Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds), which every app understands."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.utils.crypto import constant_time_compare

DIGITS, PERIOD = 6, 30
SECRET_BYTES = 20  # as many as the hash gives, RFC 4226 section 4
TOLERANCE = 1  # periods by which a phone's clock may be wrong
CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """A secret in base 32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def matching_period(secret: str, code: str, *, now: datetime, later_than: int = -1) -> int | None:
    """The number of the period whose code this is, or None; periods up to `later_than` have been used."""
    if not CODE.fullmatch(code):
        return None
    present = int(now.timestamp()) // PERIOD
    around = range(present - TOLERANCE, present + TOLERANCE + 1)
    matching = [period for period in around if constant_time_compare(code_of(secret, period), code)]
    return next((period for period in matching if period > later_than), None)


def code_of(secret: str, period: int) -> str:
    """The code of one period."""
    hotp = HOTP(base64.b32decode(secret), DIGITS, SHA1(), enforce_key_length=False)  # noqa: S303 - what apps speak
    return hotp.generate(period).decode()
