"""Changes of a person's mail address that both addresses have to confirm."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.people import Person


class MailChange(models.Model):
    """One wish to change an address; at most one of a person's is open. Personal values: rows go when it is over.

    Links are kept as SHA-256 digests (MailChangeLink). `ended_at` is set once the change is done, cancelled or
    replaced; one that has expired is over all the same.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="mail_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asks_old = models.BooleanField(
        default=True, db_default=True, help_text="no: the present address was never confirmed, and counts as agreed"
    )
    old_confirmed_at = models.DateTimeField(null=True, blank=True)
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="one_open_mail_change"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(old_confirmed_at__isnull=False, new_confirmed_at__isnull=False),
                name="a_done_mail_change_has_both_confirmations",
            ),
        ]

    def __str__(self) -> str:
        return f"mail change {self.pk}"


class MailChangeLink(models.Model):
    """One mailed link; a mail that is sent again after a crash has another one."""

    change = models.ForeignKey(MailChange, on_delete=models.CASCADE, related_name="links")
    side = models.CharField(max_length=3, choices=[("old", "old"), ("new", "new")])
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.side} of {self.change_id}"
