"""Incidents of services that touch many customers at once, what is told of them, and who follows them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Organisation
from tickets.incidents import OPEN, IncidentImpact, IncidentState

PERSON = settings.AUTH_USER_MODEL
OPEN_INCIDENTS = [state.value for state in OPEN]


class Incident(models.Model):
    """An outage or a degradation that the desk knows of. Its row is the lock for its updates; `version` is the ETag.

    Title and public updates are read by every customer whom it concerns, so they hold nothing of any one of them.
    """

    number = models.CharField(max_length=14, unique=True)
    title = models.CharField(max_length=200)
    services = ArrayField(models.SlugField(max_length=40), help_text="codes of the catalogue")
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True, help_text="empty for everywhere")
    impact = models.CharField(max_length=12, choices=[(each.value, each.value) for each in IncidentImpact])
    state = models.CharField(
        max_length=14,
        choices=[(each.value, each.value) for each in IncidentState],
        default=IncidentState.INVESTIGATING.value,
    )
    started_at = models.DateTimeField(help_text="since when the services have been impaired")
    declared_at = models.DateTimeField(db_default=Now())
    declared_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(help_text="when the last public update was written")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^INC-[0-9]{4}-[0-9]{5}$"), name="incident_number_is_well_formed"
            ),
            models.CheckConstraint(
                condition=Q(impact__in=[each.value for each in IncidentImpact]), name="incident_impact_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | Q(state__in=OPEN_INCIDENTS, resolved_at=None),
                name="what_is_resolved_has_an_instant",
            ),
            models.CheckConstraint(condition=Q(services__len__gte=1), name="an_incident_is_of_a_service"),
            models.CheckConstraint(condition=Q(started_at__lte=F("declared_at")), name="an_incident_began"),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("started_at")),
                name="an_incident_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(state__in=OPEN_INCIDENTS), name="open_incidents"),
        ]

    def __str__(self) -> str:
        return self.number


class IncidentUpdate(models.Model):
    """What the desk said about an incident, to everybody whom it concerns or (`internal`) among themselves."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates", db_index=False)
    state = models.CharField(max_length=14, choices=[(each.value, each.value) for each in IncidentState])
    body = models.TextField()
    internal = models.BooleanField(default=False)
    author = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["incident", "id"], name="updates_of_incident"),
            models.Index(fields=["incident", "-id"], condition=Q(internal=False), name="public_updates_of_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.state}"


class IncidentFollow(models.Model):
    """What somebody chose: to hear of the updates of an incident, or not to, for the organisation that they act for.

    Without a row whoever is the contact of a linked request hears of them, and nobody else.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    following = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "organisation", "person"], name="one_choice_about_an_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.person_id}"
