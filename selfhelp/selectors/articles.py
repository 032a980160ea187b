"""Articles: by kind, by search, one at a time, and those that fit what somebody writes (SH-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Round
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import searching
from selfhelp import relevance
from selfhelp.errors import ArticleNotFound
from selfhelp.models import Article
from selfhelp.texts import in_language

SUMMARY_COLUMNS = ("slug", "kind", "service", "titles", "summaries", "url")
KINDS: dict[str, Promise] = {
    Article.Kind.TROUBLESHOOTER: _("Troubleshooters"),
    Article.Kind.ARTICLE: _("Help articles"),
    Article.Kind.VIDEO: _("Videos"),
    Article.Kind.COMMUNITY: _("From the community"),
}
RELATED_ARTICLES = 4
FINEST_RANK = 10_000  # ranks become whole numbers, which a place in a list can name exactly
EVERY_WORD = 100 * FINEST_RANK  # more than any rank: who has every word comes first


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article as lists show it."""

    slug: str
    kind: str
    kind_name: str
    service: str
    title: str
    summary: str
    url: str


@dataclass(frozen=True, slots=True)
class ArticleKind:
    """The articles of one form of self-help."""

    code: str
    name: str
    articles: tuple[ArticleSummary, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article to read: `body` is Markdown, `related` are others about the like."""

    summary: ArticleSummary
    body: str
    related: tuple[ArticleSummary, ...]


def articles_by_kind(*, language: str) -> list[ArticleKind]:
    """Every article, by kind in the order of SH-1, and by title."""
    found = [_summary(row, language) for row in Article.objects.only(*SUMMARY_COLUMNS)]
    kinds = [ArticleKind(kind.value, str(KINDS[kind]), _by_title(found, kind)) for kind in Article.Kind]
    return [kind for kind in kinds if kind.articles]


def matching_articles(text: str = "", *, kind: str = "", service: str = "") -> QuerySet[Article]:
    """Articles with a word of `text`, those with all of them first; without a text all, by slug.

    Ordered by `relevance` (a whole number, highest first) and slug.
    """
    rows = Article.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    if service:
        rows = rows.filter(service=service)
    if not text:
        return rows.order_by("slug")
    wanted = _query(searching.query_any(text))
    every = Case(When(search=_query(searching.query(text)), then=EVERY_WORD), default=0)
    rank = Cast(Round(SearchRank(F("search"), wanted) * FINEST_RANK), IntegerField())
    return rows.filter(search=wanted).annotate(relevance=every + rank).order_by("-relevance", "slug")


def search_articles(text: str, *, language: str, limit: int) -> list[ArticleSummary]:
    """The best matches for `text`, as lists show them; those with some of its words only where none has all."""
    rows = list(matching_articles(text).only(*SUMMARY_COLUMNS)[:limit])
    complete = [row for row in rows if row.relevance >= EVERY_WORD]  # type: ignore[attr-defined]
    return [_summary(row, language) for row in complete or rows]


def article_page(slug: str, *, language: str) -> ArticlePage:
    """One article, with others that share words of its titles. Raises ArticleNotFound."""
    article = Article.objects.defer("search").filter(slug=slug).first()
    if article is None:
        raise ArticleNotFound
    others = matching_articles(" ".join(article.titles.values())).exclude(pk=article.pk).only(*SUMMARY_COLUMNS)
    return ArticlePage(
        summary=_summary(article, language),
        body=in_language(article.bodies, language),
        related=tuple(_summary(row, language) for row in others[:RELATED_ARTICLES]),
    )


def helpful_articles(*, language: str, limit: int = 6) -> list[ArticleSummary]:
    """The articles that solved the most problems (SH-1)."""
    helped = Count("deflections", filter=Q(deflections__helped=True))
    rows = Article.objects.only(*SUMMARY_COLUMNS).annotate(helped=helped).order_by("-helped", "slug")
    return [_summary(row, language) for row in rows[:limit]]


def suggest(text: str, *, language: str, service: str | None = None, limit: int = 3) -> list[ArticleSummary]:
    """The articles that fit what somebody writes, best first, with titles in `language`; one query (SH-1)."""
    wanted = searching.query_any(text)
    if not wanted:
        return []
    number = Article.objects.order_by().values(all=Value(1)).annotate(number=Count("pk")).values("number")
    rows = list(
        Article.objects.filter(search=_query(wanted))
        .only(*SUMMARY_COLUMNS, "keywords")
        .annotate(total=Subquery(number, output_field=IntegerField()))
    )
    return [_summary(row, language) for row in _fitting(rows, text, service)[:limit]]


def _fitting(rows: Sequence[Article], text: str, service: str | None) -> list[Article]:
    subjects = [
        relevance.Subject(
            titles=tuple(row.titles.values()),
            phrases=tuple(phrase for phrases in row.keywords.values() for phrase in phrases),
            service=row.service,
        )
        for row in rows
    ]
    total = rows[0].total if rows else 0  # type: ignore[attr-defined]
    scored = zip(relevance.scores(text, subjects, total=total, service=service), rows, strict=True)
    fitting = [(score, row) for score, row in scored if score >= relevance.LEAST_SCORE]
    return [row for _, row in sorted(fitting, key=lambda pair: (-pair[0], pair[1].slug))]


def _query(raw: str) -> SearchQuery:
    return SearchQuery(raw, config="simple", search_type="raw")


def _by_title(found: Iterable[ArticleSummary], kind: str) -> tuple[ArticleSummary, ...]:
    return tuple(sorted((one for one in found if one.kind == kind), key=lambda one: one.title.casefold()))


def _summary(row: Article, language: str) -> ArticleSummary:
    return ArticleSummary(
        slug=row.slug,
        kind=row.kind,
        kind_name=row.get_kind_display(),
        service=row.service,
        title=in_language(row.titles, language),
        summary=in_language(row.summaries, language),
        url=row.url,
    )
