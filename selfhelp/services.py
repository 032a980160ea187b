"""Writes of self-help: what readers say of an article, and the words that it is found by."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from accounts import audit, limits, searching
from accounts.actors import Actor
from accounts.transactions import service
from selfhelp.errors import ArticleNotFound
from selfhelp.models import Article, Deflection

ANSWERS_PER_HOUR = 60  # from one person or address


def count_answer(*, actor: Actor | None, address: str) -> None:
    """Raise TooMany for somebody who judges faster than anybody reads; visitors are told apart by `address`."""
    who = f"person:{actor.person_id}" if actor else f"address:{address}"
    limits.count(f"self_help_judged:{who}", limit=ANSWERS_PER_HOUR, per=timedelta(hours=1))


@service
def record_deflection(
    *,
    slug: str,
    helped: bool,
    actor: Actor | None = None,
    source: str = Deflection.Source.ARTICLE,
    now: datetime | None = None,
) -> Deflection:
    """Keep whether an article solved the problem of somebody, who may be unknown; a person's last word counts (SH-1).

    The same word again changes nothing. Raises ArticleNotFound.
    """
    assert now
    article = Article.objects.filter(slug=slug).only("pk").first()
    if article is None:
        raise ArticleNotFound
    said = {"helped": helped, "source": source, "at": now, "organisation_id": actor and actor.organisation_id}
    if actor is None or actor.person_id is None:
        return Deflection.objects.create(article=article, **said)
    deflection, is_new = Deflection.objects.select_for_update(no_key=True).get_or_create(
        article=article, person_id=actor.person_id, defaults=said
    )
    if not is_new:
        if (deflection.helped, deflection.source) == (helped, source):
            return deflection
        Deflection.objects.filter(pk=deflection.pk).update(**said)
        deflection.refresh_from_db()
    audit.record_event(
        "self_help_judged",
        about=audit.About(organisation_id=actor.organisation_id),
        at=now,
        actor=actor,
        data={"article": slug, "helped": helped, "source": str(source)},
    )
    return deflection


def index_articles() -> int:
    """Store anew the words of every article whose text, or our way of cutting it, has changed; return how many."""
    indexed = 0
    for article in Article.objects.defer("search").iterator():
        parts = _searchable(article)
        indexed_as = hashlib.sha256("\n".join(parts.values()).encode()).hexdigest()[:40]
        if article.indexed_as != indexed_as:
            Article.objects.filter(pk=article.pk).update(search=_vector(parts), indexed_as=indexed_as)
            indexed += 1
    return indexed


def _searchable(article: Article) -> dict[str, str]:
    """The words of an article by how much they tell, A first."""
    return {
        "A": searching.document(*article.titles.values()),
        "B": searching.document(*(phrase for phrases in article.keywords.values() for phrase in phrases)),
        "C": searching.document(*article.summaries.values()),
        "D": searching.document(*article.bodies.values()),
    }


def _vector(parts: dict[str, str]) -> Any:
    vectors = [SearchVector(Value(words), config="simple", weight=weight) for weight, words in parts.items()]
    return sum(vectors[1:], start=vectors[0])
