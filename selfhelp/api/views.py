"""Operations on self-help: articles and phone numbers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer, idempotent
from accounts.api.schema import answered, lists, sent
from accounts.idempotency import Answer
from selfhelp import selectors, services
from selfhelp.api.serializers import (
    ArticleDetailOutput,
    ArticleFilters,
    ArticleOutput,
    FeatureTableOutput,
    FeedbackInput,
    FeedbackOutput,
    PhoneNumberFilters,
    PhoneNumberOutput,
)
from selfhelp.texts import reading_language

FEEDBACK = [
    sent("It solved the problem", {"helped": True, "where": "new_request"}),
    answered("Kept", {"helped": True, "where": "new_request", "at": "2026-11-24T01:00:00Z"}),
]


class ArticlesView(ApiView):
    """Articles."""

    required_scopes = {"GET": "selfhelp:read"}

    @lists(ArticleOutput, filters=ArticleFilters)
    def get(self, request: Request) -> Response:
        """List articles, best match first when words are given (SH-1)."""
        filters = self.read_query(ArticleFilters)
        articles = selectors.matching_articles(filters.pop("q", ""), **filters)
        return self.answer_page(articles, ArticleOutput, language=reading_language())


class ArticleView(ApiView):
    """One article."""

    required_scopes = {"GET": "selfhelp:read"}

    @extend_schema(responses=ArticleDetailOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Return one article with its text (SH-1)."""
        self.read_query()
        article = selectors.article_page(slug, language=reading_language())
        return answer(ArticleDetailOutput(article).data)


class FeedbackView(ApiView):
    """What readers say of an article."""

    versioned = False
    required_scopes = {"POST": "selfhelp:write"}

    @extend_schema(request=FeedbackInput, responses=FeedbackOutput, examples=FEEDBACK)
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Say whether an article solved your problem; your last word counts, and 60 an hour are taken (SH-1)."""
        given = self.read(FeedbackInput)
        services.count_answer(actor=self.actor, address=request.META["REMOTE_ADDR"])
        return answer(FeedbackOutput(services.record_deflection(slug=slug, actor=self.actor, **given)).data)

    def check_replay(self, stored: Answer) -> None:
        """The article must still be there."""
        selectors.article_page(self.kwargs["slug"], language=reading_language())


class FeaturesView(ApiView):
    """Support by plan."""

    required_scopes = {"GET": "selfhelp:read"}

    @extend_schema(responses=FeatureTableOutput)
    def get(self, request: Request) -> Response:
        """Tell which feature of support is available in which plan (FE-1)."""
        self.read_query()
        return answer(FeatureTableOutput(selectors.feature_table(language=reading_language())).data)


class PhoneNumbersView(ApiView):
    """Support phone numbers."""

    required_scopes = {"GET": "selfhelp:read"}

    @lists(PhoneNumberOutput, filters=PhoneNumberFilters)
    def get(self, request: Request) -> Response:
        """List the support phone numbers of all countries and regions, or of one (CH-3)."""
        filters = self.read_query(PhoneNumberFilters)
        return self.answer_page(selectors.phone_numbers(**filters), PhoneNumberOutput)
