"""What people decided about assessed requests, held against what the engine said: labelled cases (SE-1, SE-5, SC-6).

Which decisions count as labels of a severity. The engine judged what was filed, so only what an engineer decided about
that counts, in the request's first cycle:

- **decided**: an engineer's first decision about the severity, up to and including the first response; to decline a
  dispute is one. Where the engine asked for a person ("confirm severity") and nobody had decided before, the first
  decision counts whenever it came.
- **unchanged**: an engineer answered, the severity that the engine gave was in force then, and nobody has decided
  anything about it before or since. A request that waits for confirmation, or was closed as a duplicate, is not one.

Everything else is no label: a severity changed only after the first response (the situation may be another by then), a
severity that the customer set, whatever came after reopening, and tests of an integration (`is_test`). The scope and
category of a label are those of the request as it stands: corrected, or left as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import (
    Avg,
    Count,
    Exists,
    F,
    FilteredRelation,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Floor

from accounts.actors import Actor
from accounts.permissions import require
from severity.figures import Figures, Judged
from tickets.lifecycle import Resolution
from tickets.models import Commitment, Correction, Message, SeverityDecision
from tickets.selectors.visibility import visible_requests

REPORTED = timedelta(days=90)
MISTAKES_SHOWN = 15
ANSWERS = ("service_state", "users_affected", "business_impact", "workaround", "deadline_at_risk")

Direction = Literal["under", "over"]
Source = SeverityDecision.Source

CONFIDENCE = Coalesce(Cast(KeyTextTransform("confidence", "engine__assessment"), FloatField()), Value(0.0))
SCOPE = KeyTextTransform("scope", KeyTransform("scope", "engine__assessment"))
CATEGORY = KeyTextTransform("category", "engine__assessment")
PUT_BEFORE_A_PERSON = Q(engine__assessment__needs_confirmation=True)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which labels: of one language, one service, one version of the engine; empty for all. Or decided ones only."""

    language: str = ""
    service: str = ""
    engine: str = ""
    decided_only: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Labels that are alike, counted by the database; of how many scope and category stand as they were assessed."""

    judged: Judged
    engine: str
    decided: bool
    scopes_right: int
    categories_right: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The labels that a reader wants to see, and of which languages and engines there would be any."""

    tallies: list[Tally]
    languages: list[str]
    engines: list[str]

    @property
    def figures(self) -> Figures:
        """The figures of the chosen labels."""
        return Figures(tuple(tally.judged for tally in self.tallies))

    @property
    def decided(self) -> Figures:
        """The figures of those that an engineer decided."""
        return Figures(tuple(tally.judged for tally in self.tallies if tally.decided))

    def share(self, column: str) -> float | None:
        """The share of a count of the tallies in all chosen labels; None of nothing."""
        cases = self.figures.cases
        return sum(getattr(tally, column) for tally in self.tallies) / cases if cases else None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A request whose severity an engineer decided otherwise than the engine said."""

    number: str
    subject: str
    organisation: str
    language: str
    assessed: str
    decided: str
    confidence: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Sorting:
    """How often one code of a scope or a category was corrected to another."""

    what: str
    previous: str
    corrected: str
    requests: int


def decided(*, since: datetime) -> QuerySet[SeverityDecision]:
    """The decisions of engineers after an instant that are labels, each beside its `engine` decision."""
    earlier = SeverityDecision.objects.filter(request=OuterRef("request"), id__lt=OuterRef("id"))
    first_cycle_over = Commitment.objects.filter(
        request=OuterRef("request"),
        cycle=1,
        end__in=[Commitment.End.RESPONSE, Commitment.End.CLOSED],
        ended_at__lt=OuterRef("at"),
    )
    rows = SeverityDecision.objects.alias(engine=_engine()).filter(
        ~Exists(earlier.filter(source=Source.ENGINEER)),
        source=Source.ENGINEER,
        at__gt=since,
        request__is_test=False,
        engine__isnull=False,
    )
    answers_the_engine = PUT_BEFORE_A_PERSON & ~Exists(earlier.exclude(source=Source.ENGINE))
    return rows.filter(~Exists(first_cycle_over) | answers_the_engine)


def unchanged(*, since: datetime) -> QuerySet[Commitment]:
    """The promises kept or broken by a first response after an instant whose severity stood unchanged, as labels."""
    decisions = SeverityDecision.objects.filter(request=OuterRef("request")).exclude(source=Source.ENGINE)
    rows = Commitment.objects.alias(engine=_engine()).filter(
        ~Exists(decisions),
        cycle=1,
        responded_at__gt=since,
        request__is_test=False,
        request__needs_confirmation=False,
        engine__severity=F("severity"),
    )
    return rows.exclude(request__resolution=Resolution.DUPLICATE)


def tallies(actor: Actor, narrowed: Narrowed, *, now: datetime) -> list[Tally]:
    """The labels of the last 90 days, counted in two queries; raises NotPermitted.

    Of one service, if one is named; the other wishes are left to the caller, who offers what there is.
    """
    require(actor, "read_assessment")
    since = now - REPORTED
    found = _tallied(_gated(decided(since=since), actor, narrowed), decided=True)
    if narrowed.decided_only:
        return found
    return found + _tallied(_gated(unchanged(since=since), actor, narrowed), decided=False)


def choose(found: Sequence[Tally], narrowed: Narrowed) -> Chosen:
    """Of these labels those of one language and one engine, where they are named."""
    chosen = [
        tally
        for tally in found
        if narrowed.language in ("", tally.judged.language) and narrowed.engine in ("", tally.engine)
    ]
    languages = sorted({tally.judged.language for tally in found})
    return Chosen(chosen, languages, sorted({tally.engine for tally in found}, reverse=True))


def mistakes(actor: Actor, narrowed: Narrowed, direction: Direction, *, now: datetime) -> list[Mistake]:
    """The newest requests assessed too low (`under`) or too high (`over`), through the gate; raises NotPermitted."""
    require(actor, "read_assessment")
    differs = Q(engine__severity__gt=F("severity")) if direction == "under" else Q(engine__severity__lt=F("severity"))
    rows = _gated(decided(since=now - REPORTED), actor, narrowed).filter(differs)
    if narrowed.language:
        rows = rows.filter(request__language=narrowed.language)
    if narrowed.engine:
        rows = rows.filter(engine__engine_version=narrowed.engine)
    shown = rows.order_by("-at", "-id").values_list(
        "request__number",
        "request__subject",
        "request__organisation__name",
        "request__language",
        "engine__severity",
        "severity",
        CONFIDENCE,
        "at",
    )
    return [Mistake(*row) for row in shown[:MISTAKES_SHOWN]]


def sortings(actor: Actor, narrowed: Narrowed, *, now: datetime) -> list[Sorting]:
    """How scopes and categories were corrected in the last 90 days, the most frequent first; raises NotPermitted."""
    require(actor, "read_assessment")
    rows = Correction.objects.filter(
        at__gt=now - REPORTED,
        what__in=[Correction.What.SCOPE, Correction.What.CATEGORY],
        request__in=visible_requests(actor),
        request__is_test=False,
    )
    if narrowed.language:
        rows = rows.filter(request__language=narrowed.language)
    if narrowed.service:
        rows = rows.filter(request__service__code=narrowed.service)
    counted = rows.values("what", "previous", "corrected").annotate(requests=Count("request", distinct=True))
    return [Sorting(**row) for row in counted.order_by("-requests", "what", "previous", "corrected")]


def labelled_cases(*, since: datetime, decided_only: bool = False) -> Iterator[dict[str, Any]]:
    """Every label since an instant as a line for `assess_severity --evaluate`, whoever may see it (for operators).

    After these come requests of which only scope, category or topic were corrected: without a severity.
    """
    seen: set[str] = set()
    sources = [("decided", _exported(decided(since=since), at="at"))]
    if not decided_only:
        sources.append(("unchanged", _exported(unchanged(since=since), at="responded_at")))
    sources.append(("", _exported(_sorted_since(since), at="at")))
    for how, rows in sources:
        for row in rows:
            if row["request__number"] not in seen:
                seen.add(row["request__number"])
                yield _line(row, how)


def _engine() -> FilteredRelation:
    """The one assessment of a request, made when it was filed. A new one each time: a query keeps its name in it."""
    assessed = Q(request__severity_decisions__assessment__isnull=False)
    return FilteredRelation("request__severity_decisions", condition=assessed)


def _gated(rows: QuerySet[Any], actor: Actor, narrowed: Narrowed) -> QuerySet[Any]:
    rows = rows.filter(request__in=visible_requests(actor))
    return rows.filter(request__service__code=narrowed.service) if narrowed.service else rows


def _tallied(rows: QuerySet[Any], *, decided: bool) -> list[Tally]:
    """Count what is alike; confidences are alike within a hundredth, and their mean is kept."""
    alike = rows.annotate(sure=CONFIDENCE).values(
        "severity",
        assessed=F("engine__severity"),
        language=F("request__language"),
        version=F("engine__engine_version"),
        step=Floor(F("sure") * 100),
    )
    counted = alike.annotate(
        cases=Count("pk"),
        confidence=Avg("sure"),
        scopes_right=Count("pk", filter=Q(request__scope=SCOPE)),
        categories_right=Count("pk", filter=Q(request__category=CATEGORY)),
    ).order_by()
    return [
        Tally(
            Judged(row["severity"], row["assessed"], row["confidence"], row["language"], row["cases"]),
            row["version"],
            decided,
            row["scopes_right"],
            row["categories_right"],
        )
        for row in counted
    ]


def _sorted_since(since: datetime) -> QuerySet[Correction]:
    rows = Correction.objects.alias(engine=_engine()).filter(at__gt=since, request__is_test=False, engine__isnull=False)
    return rows.annotate(severity=Value(None, output_field=FloatField()))


def _exported(rows: QuerySet[Any], *, at: str) -> Iterator[dict[str, Any]]:
    description = Message.objects.filter(request=OuterRef("request")).order_by("id").values("body")[:1]
    categories = Correction.objects.filter(request=OuterRef("request"), what=Correction.What.CATEGORY)
    first = categories.order_by("id").values("previous")[:1]
    return (
        rows.filter(request__content_removed_at=None)
        .order_by("id")
        .values(
            "request__number",
            "request__language",
            "request__subject",
            "request__scope",
            "request__category",
            *(f"request__{name}" for name in ANSWERS),
            "severity",
            "engine__severity",
            "engine__engine_version",
            body=Subquery(description),
            filed_category=Coalesce(Subquery(first), F("request__category")),
            decided_at=F(at),
            confidence=CONFIDENCE,
            assessed_scope=SCOPE,
            assessed_category=CATEGORY,
        )
        .iterator(chunk_size=500)
    )


def _line(row: dict[str, Any], how: str) -> dict[str, Any]:
    answers = {name: row[f"request__{name}"] for name in ANSWERS if row[f"request__{name}"]}
    return {
        "id": row["request__number"],
        "lang": row["request__language"],
        "subject": row["request__subject"],
        "body": row["body"],
        "severity": row["severity"],
        "scope": row["request__scope"],
        "category": row["request__category"],
        "filed_category": row["filed_category"],
        **answers,
        "label": how or "sorting",
        "decided_at": row["decided_at"].isoformat().replace("+00:00", "Z"),
        "assessed": {
            "severity": row["engine__severity"],
            "confidence": row["confidence"],
            "scope": row["assessed_scope"],
            "category": row["assessed_category"],
            "engine_version": row["engine__engine_version"],
        },
    }
