"""What customers say about a request after it was closed (RO-4)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation, Team
from tickets.models.requests import ServiceRequest

PERSON = settings.AUTH_USER_MODEL
RATINGS = (1, 2, 3, 4, 5)


class Survey(models.Model):
    """The one question asked after one close, and its answer: a row per cycle of a request (RO-4, P-2).

    Severity, team and resolution are those of the close, for the report; whoever worked on it is not kept here.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="surveys", db_index=False)
    cycle = models.PositiveSmallIntegerField()
    severity = models.CharField(max_length=1)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="the last instant at which it can be answered")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (bad) to 5 (very good)")
    solved = models.BooleanField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "cycle"], name="one_survey_per_close"),
            models.CheckConstraint(
                condition=Q(answered_at=None, rating=None, solved=None, comment="", answered_by=None)
                | Q(answered_at__isnull=False, rating__in=RATINGS, answered_by__isnull=False),
                name="an_answer_has_a_rating",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="surveys_asked"),
            models.Index(fields=["-answered_at", "-id"], condition=Q(answered_at__isnull=False), name="answers_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} cycle {self.cycle}"


class SurveyLink(models.Model):
    """A secret link to one survey for one person, made when its mail is sent; only its SHA-256 is kept."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="links")
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"link to survey {self.survey_id}"
