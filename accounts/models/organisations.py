"""Customer organisations, partners, their calendars, and the vendor's own teams."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Organisation(models.Model):
    """A customer tenant, or a partner that may act for customers (PA-1)."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    is_partner = models.BooleanField(default=False)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    subdivision = models.CharField(max_length=6, blank=True, help_text="ISO 3166-2 part after the hyphen")
    timezone = models.CharField(max_length=64, help_text="IANA name")
    language = models.CharField(max_length=20, default="en", help_text="BCP 47 tag")
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1, db_default=1)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """One immutable version of an organisation's business hours, a plain document that `sla` computes with.

    The other columns hold what the document followed from, for the editor and for the yearly renewal. Versions from
    before there was an editor have no `covers_until`; `accounts.calendars.choices` reads theirs from the document.
    The database refuses to change or remove a version, since promises were computed from it.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="calendar_versions", db_index=False
    )
    version = models.PositiveIntegerField()
    document = models.JSONField(help_text='{"timezone", "windows", "holidays"} as sla.business_time reads it')
    country = models.CharField(max_length=2, blank=True, help_text="whose public holidays it keeps, blank for none")
    subdivision = models.CharField(max_length=40, blank=True, help_text="ISO 3166-2 part after the hyphen")
    own_days = models.JSONField(default=list, blank=True, help_text='[{"date", "name", "yearly"}], closed as well')
    worked_days = ArrayField(models.DateField(), default=list, blank=True, help_text="public holidays that are worked")
    renews = models.BooleanField(default=True, help_text="whether each year the portal adds the holidays to come")
    covers_until = models.PositiveSmallIntegerField(null=True, blank=True, help_text="last year with its holidays")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "version"], name="calendar_version_once"),
            models.UniqueConstraint(fields=["organisation", "id"], name="calendar_version_of_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} v{self.version}"


class Team(models.Model):
    """A group of support staff that requests are routed to by kind of support, service, region, language (RO-3).

    What it names none of, it takes all of. A retired team gets no new requests.
    """

    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    support_kinds = ArrayField(models.CharField(max_length=20))
    services = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True, help_text="codes")
    region = models.CharField(max_length=10, blank=True, help_text="amer, emea, apac, or blank for everywhere")
    languages = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True, help_text="BCP 47")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(region__in=["", "amer", "emea", "apac"]), name="team_region_is_known"),
            models.CheckConstraint(condition=~Q(support_kinds=[]), name="a_team_gives_some_support"),
        ]

    def __str__(self) -> str:
        return self.code
