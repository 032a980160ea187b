"""Who a session belongs to: the person, their organisation and their roles in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Person


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by mail address, reading people with their roles (P-6: fresh on every request)."""

    def get_user(self, user_id: Any) -> Person | None:
        """The active person behind a session, or None when the account is closed."""
        return Person.objects.with_roles().filter(pk=user_id, is_active=True).first()
