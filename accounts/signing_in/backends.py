"""Who a session belongs to: the person, their organisation and their roles in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import F, Q

from accounts.models import Person


class PersonBackend(AuthenticationBackend):
    """allauth's sign-in by mail address, reading people with their roles (P-6: fresh on every request)."""

    def get_user(self, user_id: Any) -> Person | None:
        """The person behind a session, or None when their account or their organisation is closed."""
        open_organisation = Q(organisation=None) | Q(organisation__is_active=True)
        people = Person.objects.with_roles().annotate(  # type: ignore[no-redef]  # Person declares them, for everybody
            sign_on_enabled_at=F("organisation__single_sign_on__enabled_at"),
            sign_on_is_only_way=F("organisation__single_sign_on__is_only_way"),
        )
        return people.filter(open_organisation, pk=user_id, is_active=True, is_service=False).first()

    def user_can_authenticate(self, user: Any) -> bool:
        """Tell whether neither the account nor its organisation is closed; nobody signs in as a principal."""
        return bool(
            user.is_active and not user.is_service and (user.organisation is None or user.organisation.is_active)
        )
