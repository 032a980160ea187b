"""Secrets that we hand out and keep as digests only: of tokens, and of links in mail."""

from __future__ import annotations

import hashlib
import secrets

SECRET_BYTES = 32  # 256 bits


def new_secret() -> str:
    """A secret that nobody can guess, as URL-safe text."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
