"""Engagements under elevated support, with what is written on them (EL-1)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import ElevatedContract, Organisation
from tickets.engagements import ONGOING, EngagementKind, EngagementState
from tickets.models.requests import ServiceRequest

PERSON = settings.AUTH_USER_MODEL


class Engagement(models.Model):
    """One engagement, from the wish to its end. Its row is the lock for all that hangs on it; `version` is the ETag.

    What was wished for stays as it was written; who does it and when is the plan of the desk.
    """

    number = models.CharField(max_length=12, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    contract = models.ForeignKey(ElevatedContract, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in EngagementKind])
    subject = models.CharField(max_length=200)
    language = models.CharField(max_length=20, help_text="BCP 47 tag")
    place = models.CharField(max_length=200, blank=True, help_text="of a workshop")
    wished_from = models.DateField()
    wished_until = models.DateField()
    requested_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in EngagementState],
        default=EngagementState.REQUESTED.value,
    )
    lead = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="a senior engineer"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    content_removed_at = models.DateTimeField(
        null=True, blank=True, help_text="when what people wrote was removed, long after it had ended"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(wished_until__gte=F("wished_from")), name="wished_days_in_order"),
            models.CheckConstraint(
                condition=Q(starts_on=None, ends_on=None) | Q(ends_on__gte=F("starts_on")), name="planned_days_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "under_way", "completed"])
                | Q(lead__isnull=False, starts_on__isnull=False),
                name="what_is_planned_has_a_lead_and_days",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["completed", "called_off"], ended_at__isnull=False)
                | Q(state__in=[state.value for state in ONGOING], ended_at=None),
                name="what_has_ended_has_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(content_removed_at=None) | Q(ended_at__isnull=False), name="what_goes_on_keeps_its_words"
            ),
            models.CheckConstraint(condition=~Q(kind="workshop", place=""), name="a_workshop_has_a_place"),
            models.UniqueConstraint(fields=["organisation", "id"], name="engagement_of_organisation"),
        ]
        indexes = [
            models.Index(
                fields=["-id"], condition=Q(state__in=[state.value for state in ONGOING]), name="ongoing_engagements"
            ),
            models.Index(fields=["lead"], condition=Q(lead__isnull=False), name="engagements_of_lead"),
        ]

    def __str__(self) -> str:
        return self.number


class EngagementEntry(models.Model):
    """Something written on an engagement: the wish, a message of either side, or what goes with an act."""

    class What(models.TextChoices):
        """What it goes with."""

        WISH = "wish"
        MESSAGE = "message"
        PLAN = "plan"
        BEGIN = "begin"
        COMPLETE = "complete"
        CALL_OFF = "call_off"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="entries", db_index=False)
    what = models.CharField(max_length=10, choices=What)
    body = models.TextField(blank=True)
    author = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["engagement", "id"], name="entries_of_engagement")]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.what}"


class EngagementRequest(models.Model):
    """A service request that belongs to an engagement."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="requests", db_index=False)
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="+")
    linked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "request"], name="a_request_belongs_once"),
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.request_id}"
