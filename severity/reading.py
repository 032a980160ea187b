"""What a text says: phrases found, each weighed by the sentence it stands in, summed up as signals between 0 and 1."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from math import exp, log

from severity import lexicon
from severity.lexicon import Feature, Phrase
from severity.text import Segment, Source, Span

_KANA = re.compile(r"[぀-ヿ]")
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[^\W\d_㐀-鿿぀-ヿ]+")

_BY_TAG = {"en": "en", "zh": "zh", "de": "de", "ja": "ja", "es": "es"}


def languages_of(text: str, tag: str | None = None) -> tuple[tuple[str, ...], bool]:
    """Return the word lists to read `text` with, and whether its language is one of them.

    English is always read (product names, pasted messages); a language tag adds to what the script shows.
    """
    found = {"en"}
    known = True
    if _KANA.search(text):
        found.add("ja")
    elif _HAN.search(text):
        found.add("zh")
    words = [word.lower() for word in _LATIN_WORD.findall(text[:2_000])]
    counts = {language: sum(word in small for word in words) for language, small in lexicon.small_words().items()}
    best = max(counts, key=lambda language: counts[language])
    if counts[best] > counts["en"]:
        known = best != "other" or len(found) > 1
        found |= {best} - {"other"}
    elif not counts[best] and len(found) == 1:
        known = (tag or "en").split("-")[0] in _BY_TAG
    if tag and (listed := _BY_TAG.get(tag.split("-")[0].lower())) and not (listed == "zh" and "ja" in found):
        found.add(listed)
    return tuple(language for language in lexicon.LANGUAGES if language in found), known


@dataclass(frozen=True, slots=True)
class Finding:
    """One phrase found: what it is evidence of, where, and how much it counts in its context."""

    feature: Feature
    source: Source
    start: int
    end: int
    text: str
    weight: float
    language: str
    context: str = ""

    @property
    def code(self) -> str:
        """The feature's code."""
        return self.feature.code

    @property
    def strength(self) -> float:
        """Its weight on the scale on which findings add up."""
        return -log(1.0 - self.weight)


# How much a phrase still counts in a sentence that is not about what is wrong now.
_HYPOTHETICAL, _PAST, _ELSEWHERE, _NEGATED, _RESOLVED, _ASKED, _REPAIR = 0.1, 0.15, 0.15, 0.05, 0.25, 0.5, 0.3

# What the contexts take away from; questions, requests and matters keep their weight everywhere.
_FACTS = (
    "state.",
    "mail.",
    "setting.",
    "impact.severe",
    "impact.deadline",
    "breadth.all",
    "breadth.several",
    "breadth.we",
)
_NEGATION_REACH = 14
_NEGATION_OF_PEOPLE = 2  # "not all users", but "not syncing across the company".
_APART = 0.6
_COUNTS = 0.3
_TROUBLE = frozenset(
    ("state.outage", "state.down", "state.partial", "state.impaired", "mail.flow", "mail.delay", "setting.ineffective")
)
_ASKED_FOR = frozenset(("ask.question", "ask.sentence", "ask.request"))
_OWN = frozenset(("breadth.one", "breadth.person"))
_SHARED = frozenset(("breadth.all", "breadth.several"))
_MENTIONS = frozenset(("scope.customer_network", "scope.third_party"))
_LIMIT_PER_FEATURE = 24


class Reading:
    """All findings of one request, in order, with their sums."""

    def __init__(self, *, subject: str, description: str, language: str | None = None) -> None:
        self.segments = (Segment("subject", subject), Segment("description", description))
        self.languages, self.language_known = languages_of("\n".join(part.folded for part in self.segments), language)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding in order, with the weight that its context leaves it."""
        raw = {segment.source: _scan(segment, self.languages) for segment in self.segments}
        over = self._over_from(raw)
        weighed: list[Finding] = []
        for segment in self.segments:
            found = raw[segment.source]
            contexts = _contexts(found)
            until = over if segment.source == "description" else over and len(segment.folded)
            weighed += [_in_context(finding, segment, contexts, over=finding.start < until) for finding in found]
        return tuple(self._tied_to_the_trouble(weighed))

    def _over_from(self, raw: Mapping[Source, list[Finding]]) -> int:
        """Return up to where in the description the trouble is told as over; 0 where it is not."""
        for segment in reversed(self.segments):
            found = raw[segment.source]
            for finding in reversed(found):
                if finding.code == "context.resolved" and _is_resolved(finding, segment, found):
                    return finding.end if segment.source == "description" else len(self.segments[1].folded)
        return 0

    def _tied_to_the_trouble(self, weighed: list[Finding]) -> Iterator[Finding]:
        """Yield the findings; breadth told apart from one's own trouble, and products merely mentioned, count less."""
        sentences = {(f.source, self._sentence(f).start): set[str]() for f in weighed}
        for finding in weighed:
            if finding.weight >= _COUNTS or finding.code.startswith("context."):
                sentences[finding.source, self._sentence(finding).start].add(finding.code)
        own_trouble = any(_TROUBLE & codes and _OWN & codes for codes in sentences.values())
        for finding in weighed:
            here = sentences[finding.source, self._sentence(finding).start]
            apart = finding.code in _SHARED and own_trouble and not _TROUBLE & here
            mentioned = finding.code in _MENTIONS and finding.source != "subject" and not (_TROUBLE | _ASKED_FOR) & here
            if apart or mentioned:
                finding = replace(finding, weight=finding.weight * _APART, context="apart")
            yield finding

    def _sentence(self, finding: Finding) -> Span:
        return self.segments[finding.source == "description"].sentence_at(finding.start)

    @cached_property
    def by_code(self) -> dict[str, list[Finding]]:
        """The findings of each feature."""
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.code, []).append(finding)
        return found

    def strength(self, *codes: str) -> float:
        """Return how much the text says of any of `codes`; it adds up and has no upper end."""
        return sum(finding.strength for code in codes for finding in self.by_code.get(code, ()))

    def signal(self, *codes: str) -> float:
        """Return how sure the text makes us of any of `codes`: the chance that not every finding is misread."""
        return 1.0 - exp(-self.strength(*codes))

    def found(self, *codes: str) -> list[Finding]:
        """Return the findings of `codes`."""
        return [finding for code in codes for finding in self.by_code.get(code, ())]


def _contexts(found: list[Finding]) -> list[Finding]:
    """Return the findings of contexts; "now it works again" and "yesterday afternoon" tell of no trouble now."""
    contexts = [finding for finding in found if finding.code.startswith("context.")]
    over = [finding for finding in contexts if finding.code == "context.resolved"]
    past = [finding.end for finding in contexts if finding.code == "context.past"]
    return [
        one
        for one in contexts
        if one.code != "context.now"
        or not (any(o.start <= one.start < o.end for o in over) or {one.start, one.start - 1} & set(past))
    ]


def _scan(segment: Segment, languages: tuple[str, ...]) -> list[Finding]:
    """Return the longest match of every feature at every place, without the shorter ones inside it."""
    by_key = lexicon.index(languages)
    tokens = list(segment.tokens())
    keys = frozenset(key for _, key in tokens)
    possible = {key: [phrase for phrase in by_key.get(key, ()) if phrase.may_be_in(keys)] for key in keys}
    best: dict[str, list[Finding]] = {}
    for position, key in tokens:
        for phrase in possible[key]:
            if phrase.opens_sentence and position not in segment.openings:
                continue
            if match := phrase.pattern.match(segment.folded, position):
                kept = best.setdefault(phrase.feature.code, [])
                _keep(kept, _finding(phrase, segment, match.start(), match.end()))
                if len(kept) >= _LIMIT_PER_FEATURE:
                    possible = _without(possible, phrase.feature)
    found = [f for kept in best.values() for f in kept]
    found += _questions(segment, found)
    found += _shares(segment)
    return sorted(_without_contained(found), key=lambda f: (f.start, f.end, f.code))


def _without(possible: dict[str, list[Phrase]], feature: Feature) -> dict[str, list[Phrase]]:
    """Return the phrases by key without those of a feature of which enough is found."""
    return {key: [phrase for phrase in phrases if phrase.feature is not feature] for key, phrases in possible.items()}


def _questions(segment: Segment, found: list[Finding]) -> list[Finding]:
    """Return the sentences with a question mark that do not ask for a repair."""
    repairs = [f.start for f in found if f.code == "context.repair"]
    feature = lexicon.features()["ask.sentence"]
    return [
        Finding(feature, segment.source, start, sentence.end, segment.written[start : sentence.end], feature.weight, "")
        for sentence in segment.sentences[:_LIMIT_PER_FEATURE]
        if segment.is_question(sentence) and not any(sentence.covers(start) for start in repairs)
        if (start := _first_letter(segment, sentence)) < sentence.end
    ]


_SHARE = re.compile(
    r"(?P<part>\d{1,6}) (?:out )?(?:of|von|de) (?:the |our |unseren |los |las )?(?P<whole>\d{1,6})(?!\d)"
    r"(?: [^\W\d_]{2,20})?"
)
_SHARE_HAN = re.compile(r"(?P<whole>\d{1,6}) ?[^\d,。;]{0,8}[中裡裏內],?有? ?(?P<part>\d{1,6})(?!\d)")
_MOST_OF_THEM, _COUNTED = 0.5, 0.97  # Whoever counts is surer than whoever says "everybody".


def _shares(segment: Segment) -> list[Finding]:
    """Return "350 of 400" and the like, where it is at least half of several: most of them are as good as all."""
    feature = lexicon.features()["breadth.all"]
    matches = [match for share in (_SHARE, _SHARE_HAN) for match in islice(share.finditer(segment.folded), 8)]
    return [
        Finding(feature, segment.source, m.start(), m.end(), segment.written[m.start() : m.end()], _COUNTED, "")
        for m in matches
        if 4 <= int(m["whole"]) >= int(m["part"]) >= _MOST_OF_THEM * int(m["whole"])
    ]


def _first_letter(segment: Segment, sentence: Span) -> int:
    text = segment.folded[sentence.start : sentence.end]
    return sentence.start + len(text) - len(text.lstrip())


_FAMILIES = ("breadth", "state", "scope")


def _without_contained(found: list[Finding]) -> list[Finding]:
    """Drop what lies inside a longer finding of its family: "not everyone" is not "everyone"."""
    families: dict[str, list[Finding]] = {family: [] for family in _FAMILIES}
    for one in found:
        if (family := one.code.split(".")[0]) in families:
            families[family].append(one)
    dropped = {id(one) for family in families.values() for one in _contained(family)}
    return [one for one in found if id(one) not in dropped]


def _contained(family: list[Finding]) -> Iterator[Finding]:
    """Yield those that another one outdoes; only findings that begin close by can hold one another."""
    ordered = sorted(family, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    reach = max((one.end - one.start for one in ordered), default=0)
    for one in ordered:
        near = ordered[bisect_left(starts, one.end - reach) : bisect_right(starts, one.start)]
        if any(rival.code != one.code and _outdoes(rival, one) for rival in near):
            yield one


def _outdoes(rival: Finding, one: Finding) -> bool:
    """Tell whether `rival` holds `one`; "the whole system" of one's computer beats the one of the company."""
    longer = rival.end - rival.start - (one.end - one.start)
    return rival.start <= one.start and one.end <= rival.end and (longer > 0 or rival.code == "breadth.bystander")


def _finding(phrase: Phrase, segment: Segment, start: int, end: int) -> Finding:
    written = segment.written[start:end]
    return Finding(phrase.feature, segment.source, start, end, written, phrase.weight, phrase.language)


def _keep(kept: list[Finding], new: Finding) -> None:
    """Add `new` unless a better one of its feature overlaps it; drop the worse ones it overlaps."""
    for old in [f for f in kept if f.start < new.end and new.start < f.end]:
        if (old.weight, old.end - old.start) >= (new.weight, new.end - new.start):
            return
        kept.remove(old)
    kept.append(new)


def _in_context(finding: Finding, segment: Segment, contexts: list[Finding], *, over: bool) -> Finding:
    """Return the finding with the weight that its sentence leaves it."""
    if finding.code == "workaround.stated" and _negated(finding, segment, contexts, by="context.failure", reach=5):
        return replace(finding, weight=finding.weight * _NEGATED, context="negated")
    reach = _NEGATION_OF_PEOPLE if finding.code in _SHARED else _NEGATION_REACH
    if finding.feature.negatable and _negated(finding, segment, contexts, reach=reach):
        return replace(finding, weight=finding.weight * _NEGATED, context="negated")
    sentence = segment.sentence_at(finding.start)
    here = {context.code for context in contexts if sentence.covers(context.start)}
    if finding.code == "ask.question" and "context.repair" in here:
        return replace(finding, weight=finding.weight * _REPAIR, context="repair")
    if not finding.code.startswith(_FACTS):
        return finding
    supposed = "context.condition" in here and segment.is_question(sentence) and "context.repair" not in here
    if supposed or "context.hypothetical" in here:
        return replace(finding, weight=finding.weight * _HYPOTHETICAL, context="hypothetical")
    if "context.elsewhere" in here:
        return replace(finding, weight=finding.weight * _ELSEWHERE, context="elsewhere")
    now = "context.now" in here
    if "context.past" in here and (not now or over):
        clause_now = any(c.code == "context.now" and segment.clause_at(finding.start).covers(c.start) for c in contexts)
        if not clause_now:
            return replace(finding, weight=finding.weight * _PAST, context="past")
    asked = segment.is_question(sentence) and "context.repair" not in here
    if asked and finding.code.startswith(("state.", "mail.", "setting.")):
        return replace(finding, weight=finding.weight * _ASKED, context="asked")
    if over and not now:
        return replace(finding, weight=finding.weight * _RESOLVED, context="resolved")
    return finding


def _is_resolved(finding: Finding, segment: Segment, found: list[Finding]) -> bool:
    """Tell whether "works again" is a fact: not denied, awaited or wished for in its clause."""
    clause = segment.clause_at(finding.start)
    awaited = any(f.code == "context.notyet" and clause.start <= f.start < finding.start for f in found)
    return not awaited and not _negated(finding, segment, found)


def _negated(
    finding: Finding,
    segment: Segment,
    contexts: Iterable[Finding],
    *,
    by: str = "context.negation",
    reach: int = _NEGATION_REACH,
) -> bool:
    """Tell whether a negation stands just before the finding, inside its clause."""
    clause = segment.clause_at(finding.start)
    return any(
        context.code == by
        and clause.start <= context.start
        and context.end <= finding.start
        and finding.start - context.end <= reach
        for context in contexts
    )
