"""Filters and output of self-help."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField, LineField
from selfhelp.models import Article, Deflection, PhoneNumber
from selfhelp.texts import in_language


class ArticleFilters(InputSerializer):
    """Which articles."""

    q = LineField(required=False, allow_blank=True, help_text="Words to look for; those with all of them come first.")
    kind = serializers.ChoiceField(Article.Kind.choices, required=False, help_text="Articles of this kind only.")
    service = serializers.SlugField(required=False, max_length=40, help_text="Code of the service they are about.")


class ArticleOutput(serializers.Serializer[Article]):
    """An article as lists show it, in the language of the answer."""

    slug = serializers.SlugField()
    kind = serializers.ChoiceField(Article.Kind.choices)
    service = serializers.CharField(help_text="Code of the service it is about; empty when it is about several.")
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    url = serializers.CharField(help_text="Where the video, forum or wiki itself is; may be empty.")

    def get_title(self, article: Article) -> str:
        """The title in the language of the answer."""
        return self._text(article.titles)

    def get_summary(self, article: Article) -> str:
        """The summary in the language of the answer."""
        return self._text(article.summaries)

    def _text(self, texts: dict[str, str]) -> str:
        return in_language(texts, self.context["language"])


class RelatedArticleOutput(serializers.Serializer[Any]):
    """Another article about the like."""

    slug = serializers.SlugField()
    title = serializers.CharField()


class ArticleDetailOutput(serializers.Serializer[Any]):
    """A whole article in the language of the answer."""

    slug = serializers.SlugField(source="summary.slug")
    kind = serializers.ChoiceField(Article.Kind.choices, source="summary.kind")
    service = serializers.CharField(source="summary.service")
    title = serializers.CharField(source="summary.title")
    summary = serializers.CharField(source="summary.summary")
    url = serializers.CharField(source="summary.url")
    body = serializers.CharField(help_text="Markdown")
    related = RelatedArticleOutput(many=True)


class FeedbackInput(InputSerializer):
    """Whether an article helped."""

    helped = FlagField(help_text="Whether it solved the problem.")
    where = serializers.ChoiceField(
        Deflection.Source.choices,
        source="source",
        required=False,
        default=Deflection.Source.ARTICLE,
        help_text="Where it was read: by itself, or while a request was written.",
    )


class FeedbackOutput(serializers.Serializer[Deflection]):
    """What somebody said of an article last."""

    helped = serializers.BooleanField()
    where = serializers.ChoiceField(Deflection.Source.choices, source="source")
    at = InstantField()


class FeatureColumnOutput(serializers.Serializer[Any]):
    """A family of plans that are served alike, or elevated support."""

    code = serializers.SlugField()
    name = serializers.CharField()
    plans = serializers.ListField(child=serializers.CharField(), help_text="The names of the plans in it.")


class FeatureCellOutput(serializers.Serializer[Any]):
    """Whether a family of plans has a feature."""

    column = serializers.SlugField(source="code", help_text="The column's `code`.")
    available = serializers.BooleanField()
    note = serializers.CharField(help_text="What is to be said of it; may be empty.")


class FeatureOutput(serializers.Serializer[Any]):
    """One feature of support."""

    name = serializers.CharField()
    description = serializers.CharField()
    cells = FeatureCellOutput(many=True, help_text="One for each column.")


class FeatureGroupOutput(serializers.Serializer[Any]):
    """Features that belong together."""

    code = serializers.SlugField()
    name = serializers.CharField()
    features = FeatureOutput(many=True)


class FeatureTableOutput(serializers.Serializer[Any]):
    """Which feature of support is available in which plan, in the language of the answer."""

    columns = FeatureColumnOutput(many=True)
    groups = FeatureGroupOutput(many=True)


class PhoneNumberFilters(InputSerializer):
    """Which phone numbers."""

    country = serializers.RegexField(
        r"\A[A-Za-z]{2}\Z",
        required=False,
        help_text="ISO 3166-1 alpha-2",
        error_messages={"invalid": _("Give the two letters of a country or region, such as TW.")},
    )


class HoursOutput(serializers.Serializer[Any]):
    """When somebody answers: always, or in windows of local time."""

    always = serializers.BooleanField(default=False)
    windows = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField())),
        default=dict,
        help_text='By weekday, "0" for Monday: pairs of local times, such as [["09:00", "18:00"]].',
    )


class PhoneHoursOutput(serializers.Serializer[Any]):
    """Hours of technical and advisory support, and of pre-sales and billing."""

    technical = HoursOutput()
    business = HoursOutput()


class PhoneNumberOutput(serializers.Serializer[PhoneNumber]):
    """The support phone number of a country or region, shared by all kinds of support."""

    country = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    names = serializers.DictField(child=serializers.CharField(), help_text="by language tag")
    number = serializers.CharField()
    toll_free = serializers.BooleanField()
    example = serializers.BooleanField(help_text="True for a number that only shows the form; nobody answers there.")
    timezone = serializers.CharField(help_text="IANA name; hours are in its local time")
    hours = PhoneHoursOutput()
    languages = serializers.ListField(child=serializers.CharField(), help_text="BCP 47 tags, the main one first")
