"""Text as the rules see it: folded character by character, so that every offset points into what the person wrote."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from severity.folding import fold
from severity.lexicon import key_of

Source = Literal["subject", "description"]

HEAD_LENGTH = (
    3_000  # Of a longer text the beginning and the end are read: people state what is wrong first, or sum up last.
)
TAIL_LENGTH = 1_000

_SENTENCE_END = re.compile(r"[!?。！？…\n]+|[.;；](?=\s|$)|[.;](?=[^\x00-\x7f])")
_CLAUSE_END = re.compile(
    r"[,，、：()（）「」\[\]]|:(?![\d/])| - | – |但|不過|只是|卻"
    r"|(?<!\w)(?:but|however|although|while|whereas|aber|pero|mientras)(?!\w)"
)
_MARKS = " \n\"'.,;:!?()[]。，；：！？（）「」、…-–"
_TOKEN = re.compile(r"[^\W_㐀-鿿぀-ヿ]+|[㐀-鿿぀-ヿ]")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters."""

    start: int
    end: int

    def covers(self, position: int) -> bool:
        """Tell whether `position` lies inside."""
        return self.start <= position < self.end


class Segment:
    """The subject or the description: what was written, its folded twin, its sentences and clauses."""

    def __init__(self, source: Source, written: str) -> None:
        self.source = source
        self.written = written
        self.folded = fold(self._readable(written))

    @staticmethod
    def _readable(written: str) -> str:
        """Blank out the middle of an overlong text, so that offsets stay and the time is bounded."""
        if len(written) <= HEAD_LENGTH + TAIL_LENGTH:
            return written
        blank = "\n" + " " * (len(written) - HEAD_LENGTH - TAIL_LENGTH - 1)
        return written[:HEAD_LENGTH] + blank + written[-TAIL_LENGTH:]

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences in order; their end includes the closing mark."""
        return _split(_SENTENCE_END, self.folded)

    @cached_property
    def clauses(self) -> list[Span]:
        """The clauses in order: sentences cut at commas, brackets and adversative words."""
        return [
            Span(sentence.start + clause.start, sentence.start + clause.end)
            for sentence in self.sentences
            for clause in _split(_CLAUSE_END, self.folded[sentence.start : sentence.end])
        ]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [clause.start for clause in self.clauses]

    def sentence_at(self, position: int) -> Span:
        """Return the sentence that holds `position`."""
        return self.sentences[max(0, bisect_right(self._sentence_starts, position) - 1)]

    def clause_at(self, position: int) -> Span:
        """Return the clause that holds `position`."""
        return self.clauses[max(0, bisect_right(self._clause_starts, position) - 1)]

    def trimmed(self, span: Span) -> Span:
        """Return the span from its first word to its last."""
        within = self.folded[span.start : span.end]
        first = _TOKEN.search(within)
        return Span(span.start + first.start(), span.start + len(within.rstrip(_MARKS))) if first else span

    @cached_property
    def openings(self) -> frozenset[int]:
        """The positions of the first word of each sentence."""
        found = (_TOKEN.search(self.folded, sentence.start, sentence.end) for sentence in self.sentences)
        return frozenset(word.start() for word in found if word)

    def is_question(self, sentence: Span) -> bool:
        """Tell whether the sentence ends in a question mark."""
        return self.folded[sentence.start : sentence.end].rstrip().endswith("?")

    def words(self) -> Iterator[tuple[int, str]]:
        """Yield position and text of every word and of every Han or kana character."""
        for match in _TOKEN.finditer(self.folded):
            yield match.start(), match.group()

    def tokens(self) -> Iterator[tuple[int, str]]:
        """Yield position and key of every word and of every Han or kana character."""
        for start, word in self.words():
            yield start, key_of(word)


def _split(mark: re.Pattern[str], text: str) -> list[Span]:
    spans, start = [], 0
    for match in mark.finditer(text):
        if match.end() > start:
            spans.append(Span(start, match.end()))
        start = match.end()
    if start < len(text) or not spans:
        spans.append(Span(start, len(text)))
    return spans
