"""Operations on self-help: articles and phone numbers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer
from accounts.api.schema import lists
from selfhelp import selectors
from selfhelp.api.serializers import (
    ArticleDetailOutput,
    ArticleFilters,
    ArticleOutput,
    PhoneNumberFilters,
    PhoneNumberOutput,
)
from selfhelp.texts import reading_language


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


class PhoneNumbersView(ApiView):
    """Support phone numbers."""

    required_scopes = {"GET": "selfhelp:read"}

    @lists(PhoneNumberOutput, filters=PhoneNumberFilters)
    def get(self, request: Request) -> Response:
        """List the support phone numbers of all countries and regions, or of one (CH-3)."""
        filters = self.read_query(PhoneNumberFilters)
        return self.answer_page(selectors.phone_numbers(**filters), PhoneNumberOutput)
