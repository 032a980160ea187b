"""Sessions of the portal's pages, as rows that know whose they are, and the browsers that people signed in from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now

from accounts.models.people import Person


class PersonSession(AbstractBaseSession):
    """One browser's session; `person` is empty before the sign-in. `public_id` names it where its key must not stand.

    The columns repeat what `accounts.signing_in.sessions` finds in the session, so that a person's own can be listed
    and ended.
    """

    public_id = models.UUIDField(null=True, blank=True)  # twice for a moment, while the session changes its key
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    began_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="noted every five minutes")
    address = models.GenericIPAddressField(null=True, blank=True, help_text="of the client that signed in")
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "accounts_session"
        indexes: ClassVar = [models.Index(fields=["person", "-seen_at"], name="session_of_person")]


class KnownBrowser(models.Model):
    """A browser that somebody has signed in from, known again by a cookie that opens nothing.

    Of the cookie's secret only a digest with the person is kept, so that two people at one browser have nothing in
    common here. Personal values: rows go with the person, and so long after their last use.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now(), db_index=True)
    address = models.GenericIPAddressField(null=True, blank=True, help_text="of the client at the last sign-in")
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "digest"], name="a_browser_is_met_once")]

    def __str__(self) -> str:
        return f"browser {self.pk} of {self.person_id}"
