"""What engineers corrected in how a request was sorted: its scope, its category, its topic (SE-1, SC-6)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from tickets.models.requests import ServiceRequest


class Correction(models.Model):
    """One particular that a person corrected, by its codes; the database refuses to change or remove a row.

    What the engine said stands in the request's first decision (`SeverityDecision.assessment`), what counts now on the
    request itself; `note` is for the desk. A note is free text, and may name people: the one change that the database
    allows is to blank it (settled point 13).
    """

    class What(models.TextChoices):
        """Which particular."""

        SCOPE = "scope"
        CATEGORY = "category"
        TOPIC = "topic"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="corrections", db_index=False)
    what = models.CharField(max_length=10, choices=What)
    previous = models.CharField(max_length=60, blank=True, help_text="the code that it had; empty for no topic")
    corrected = models.CharField(max_length=60, blank=True, help_text="the code that it has now; empty for no topic")
    note = models.TextField(blank=True, help_text="why, for support staff")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["scope", "category", "topic"]), name="corrected_scope_category_or_topic"
            ),
            models.CheckConstraint(condition=~Q(previous=F("corrected")), name="a_correction_changes_something"),
        ]
        indexes = [
            models.Index(fields=["request", "-id"], name="corrections_of_request"),
            models.Index(fields=["at"], name="corrections_by_instant"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.what}: {self.previous} → {self.corrected}"
