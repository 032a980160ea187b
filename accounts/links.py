"""Secret links that go out by mail about an account: 256 bits, of use once, and not for long."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import int_to_base36

from accounts.models import MailChangeLink, Person

KEY_BYTES = 32


class ResetTokens(PasswordResetTokenGenerator):
    """Django's tokens, whole instead of halved: they end with the password, a sign-in, the address or the account."""

    key_salt = "accounts.links.ResetTokens"

    def _make_token_with_timestamp(self, user: Any, timestamp: int, secret: str | bytes = "") -> str:
        value = self._make_hash_value(user, timestamp)
        digest = salted_hmac(self.key_salt, value, secret=secret, algorithm="sha256").hexdigest()
        return f"{int_to_base36(timestamp)}-{digest}"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}|{user.is_active}"


def reset_link(person: Person) -> str:
    """The address where a person chooses a new password; made when the mail is sent, and stored nowhere."""
    key = ResetTokens().make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": int_to_base36(person.pk), "key": key})
    return f"{settings.PUBLIC_URL}{path}"


def mail_change_link(change_id: int, side: str) -> str:
    """A new address where one side of a change of a mail address is confirmed; all that were sent work until then."""
    key = secrets.token_urlsafe(KEY_BYTES)
    MailChangeLink.objects.create(change_id=change_id, side=side, digest=digest_of(key))
    return f"{settings.PUBLIC_URL}{reverse('accounts:confirm_address', kwargs={'key': key})}"


def digest_of(key: str) -> str:
    """What is kept of the secret of a link."""
    return hashlib.sha256(key.encode()).hexdigest()
