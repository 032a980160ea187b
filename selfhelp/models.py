"""Tables of self-help: articles and whether they helped, the phone directory, the languages of support."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person


class PhoneNumber(models.Model):
    """The support phone number of one country or region, for all kinds of support (CH-1, CH-3)."""

    country = models.CharField(max_length=2, unique=True, help_text="ISO 3166-1 alpha-2")
    names = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    number = models.CharField(max_length=40)
    toll_free = models.BooleanField(default=False)
    example = models.BooleanField(default=False, help_text="No number that could ring: shown as an example")
    timezone = models.CharField(max_length=64, help_text="IANA name")
    hours = models.JSONField(help_text='{"technical": {"always": true} or {"windows": {…}}, "business": …}')
    languages = ArrayField(models.CharField(max_length=20), help_text="BCP 47 tags, the main one first")

    class Meta:
        ordering = ["country"]

    def __str__(self) -> str:
        return f"{self.country} {self.number}"


class SupportLanguage(models.Model):
    """When engineers of one region speak a language (LA-1)."""

    language = models.CharField(max_length=20, help_text="BCP 47 tag")
    names = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    region = models.CharField(max_length=10, help_text="amer, emea or apac")
    timezone = models.CharField(max_length=64, help_text="IANA name; windows are in its local time")
    always = models.BooleanField(default=False)
    windows = models.JSONField(default=dict, help_text='{"0": [["09:00", "18:00"]], …}, 0 is Monday')
    position = models.PositiveSmallIntegerField(default=0, help_text="regions of a language in the order to show")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["language", "region"], name="a_language_once_per_region"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.region}"


class Article(models.Model):
    """One piece of self-help (SH-1), in every language of the portal."""

    class Kind(models.TextChoices):
        """Forms of self-help."""

        TROUBLESHOOTER = "troubleshooter", _("Troubleshooter")
        ARTICLE = "article", _("Help article")
        VIDEO = "video", _("Video")
        COMMUNITY = "community", _("Community")

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    service = models.CharField(max_length=40, blank=True, help_text="code of the service it is about, if of one")
    titles = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    summaries = models.JSONField(help_text="one or two sentences for lists")
    bodies = models.JSONField(help_text="Markdown")
    keywords = models.JSONField(default=dict, help_text="by language, words and phrases of people with the problem")
    url = models.URLField(blank=True, help_text="where the video, forum or wiki itself is")
    search = SearchVectorField(null=True, editable=False, help_text="title A, keywords B, summary C, body D")
    indexed_as = models.CharField(max_length=40, blank=True, editable=False, help_text="what `search` was made from")

    class Meta:
        ordering = ["slug"]
        indexes = [GinIndex(fields=["search"], name="article_search", fastupdate=False)]

    def __str__(self) -> str:
        return self.slug


class Deflection(models.Model):
    """Whether a piece of self-help solved somebody's problem (SH-1)."""

    class Source(models.TextChoices):
        """Where the question was asked."""

        ARTICLE = "article", _("On the article's page")
        NEW_REQUEST = "new_request", _("While a request was written")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="deflections", db_index=False)
    helped = models.BooleanField()
    source = models.CharField(max_length=20, choices=Source, default=Source.ARTICLE)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "person"], name="a_person_judges_an_article_once"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {'helped' if self.helped else 'did not help'}"
