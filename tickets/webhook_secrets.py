"""The secrets of webhooks: made, encrypted under WEBHOOK_KEY, and used to sign (Standard Webhooks)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from cryptography.fernet import Fernet
from django.conf import settings
from standardwebhooks import Webhook

from accounts.signing_in.ciphers import cipher_under

PREFIX = "whsec_"
BYTES = 32


def make_secret() -> str:
    """A new secret, as its owner enters it at the receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def seal(secret: str) -> str:
    """The secret as it may be stored."""
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret that was stored; raises cryptography.fernet.InvalidToken under another key."""
    return _cipher().decrypt(sealed.encode()).decode()


def signed(body: bytes, *, message_id: str, at: datetime, using: Iterable[str]) -> dict[str, str]:
    """The headers that let a receiver tell who sent a body, and when: one signature for each secret."""
    text = body.decode()
    signatures = [Webhook(secret).sign(msg_id=message_id, timestamp=at, data=text) for secret in using]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _cipher() -> Fernet:
    return cipher_under(settings.WEBHOOK_KEY, purpose=b"tickets.webhook_secrets")
