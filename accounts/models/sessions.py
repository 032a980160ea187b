"""Sessions of the portal's pages, as rows that know whose they are."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.models.people import Person


class PersonSession(AbstractBaseSession):
    """One browser's session; `person` is empty before the sign-in. `public_id` names it where its key must not stand.

    The columns repeat what `accounts.signing_in.sessions` finds in the session, so that a person's own can be listed
    and ended.
    """

    public_id = models.UUIDField(null=True, blank=True)  # twice for a moment, while the session changes its key
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions")
    began_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="noted every five minutes")
    address = models.GenericIPAddressField(null=True, blank=True, help_text="of the client that signed in")
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "accounts_session"
        indexes: ClassVar = [models.Index(fields=["person", "-seen_at"], name="session_of_person")]
