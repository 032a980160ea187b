"""Translators who join calls (LA-2)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from tickets.models.requests import ServiceRequest

PERSON = settings.AUTH_USER_MODEL


class TranslatorState(models.TextChoices):
    """How far a request for a translator has come."""

    REQUESTED = "requested"
    ARRANGED = "arranged"
    DONE = "done"
    CANCELLED = "cancelled"


ACTIVE = (TranslatorState.REQUESTED, TranslatorState.ARRANGED)


class TranslatorRequest(models.Model):
    """One wish for a translator on one request: asked for, arranged with a name and a time, done or cancelled (LA-2).

    The request's own `translator` says whether one of these is active.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="translators", db_index=False)
    state = models.CharField(max_length=10, choices=TranslatorState, default=TranslatorState.REQUESTED)
    language = models.CharField(max_length=20, help_text="BCP 47 tag of the language that the customer speaks")
    wish = models.TextField(blank=True, help_text="when it suits, or what the call is about")
    requested_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    interpreter = models.CharField(max_length=120, blank=True, help_text="who joins")
    join_at = models.DateTimeField(null=True, blank=True, help_text="when the call is")
    note = models.TextField(blank=True, help_text="how to join, for both sides")
    arranged_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    arranged_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(state__in=ACTIVE), name="one_active_translator_request"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["arranged", "done"])
                | (Q(join_at__isnull=False, arranged_at__isnull=False, arranged_by__isnull=False) & ~Q(interpreter="")),
                name="arranged_means_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "arranged"], settled_at=None)
                | Q(state__in=["done", "cancelled"], settled_at__isnull=False),
                name="a_settled_translator_has_an_instant",
            ),
        ]
        indexes = [models.Index(fields=["request", "-id"], name="translators_of_request")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.language} {self.state}"
