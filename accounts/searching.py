"""Words to search by, in scripts with spaces between words and in those without: the text of a tsvector and a tsquery.

PostgreSQL finds no words in 「無法傳送郵件」, so Chinese, Japanese, Korean and Thai are cut into pairs of neighbouring
characters here. Both sides of a search must go through this module: `SearchVector(Value(document(text)),
config="simple")` when a text is stored, `SearchQuery(query(text), config="simple", search_type="raw")` when it is
sought.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

# Han with its extensions, kana, Bopomofo, Hangul, Thai, Lao, Burmese and Khmer; compatibility forms are folded away.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af"
)
_RUN = re.compile(rf"(?P<unspaced>(?:(?=[{_UNSPACED}])\w)+)|(?P<spaced>(?:(?![{_UNSPACED}])[^\W_])+)")

LONGEST_WORD = 64  # characters; longer ones are cut on both sides, far below the 2 kB that PostgreSQL takes
LARGEST_DOCUMENT = 1_000_000  # bytes as a tsvector, at most: PostgreSQL refuses one of 2²⁰, whatever is pasted in
LARGEST_QUERY = 200  # words
SHORTEST_STEM = 3  # letters of a word that also finds longer ones: "box" finds "boxed", "it" only "it"

_STOP_WORDS = """
    a about after all also am an and any are as at be because been but by can cannot could did do does doing for
    from get gets getting had has have having he help her hi him his how i if in into is it its just me my no not
    of on one or our please she so some that the their them then there these they this those to too until us very
    was we were what when where which while who why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def document(*texts: str) -> str:
    """The words of some texts, in order, as input of `to_tsvector('simple', …)`; what would not fit is left out."""
    return " ".join(_fitting(word for text in texts for word in _stored(text)))


def query(text: str) -> str:
    """Input of `to_tsquery('simple', …)` that finds what contains every word of `text`, as the start of a word.

    Holds letters, digits and our own operators, whatever the text; empty, which finds nothing, when it has no words.
    """
    return " & ".join(_term(word) for word in telling_words(text))


def query_any(text: str) -> str:
    """Like `query`, finding what contains any word of `text`; meant to be ordered by rank."""
    return " | ".join(_term(word) for word in telling_words(text))


def telling_words(text: str) -> list[str]:
    """The words of a text, each once and in order; those that say little only where there are no others."""
    found = list(dict.fromkeys(islice(words(text), LARGEST_QUERY * 4)))
    return ([word for word in found if word not in STOP_WORDS] or found)[:LARGEST_QUERY]


def words(text: str) -> Iterator[str]:
    """Yield the words of `text` as they are compared: folded case, no accents, no plural, unspaced scripts in pairs."""
    for run, unspaced in _runs(text):
        yield from _pairs(run) if unspaced else [_singular(run)[:LONGEST_WORD]]


def _stored(text: str) -> Iterator[str]:
    """Yield the words to store: also the last character of an unspaced run, so that each begins some word."""
    for run, unspaced in _runs(text):
        yield from _pairs(run) if unspaced else [_singular(run)[:LONGEST_WORD]]
        if unspaced and len(run) > 1:
            yield run[-1]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield stretches of letters and digits, and whether their script is unspaced."""
    for match in _RUN.finditer(_fold(text)):
        yield match.group(), match.lastgroup == "unspaced"


def _pairs(run: str) -> list[str]:
    return [one + other for one, other in pairwise(run)] or [run]


def _fold(text: str) -> str:
    """One form for what people take for the same: case, width, accents, ligatures."""
    if text.isascii():
        return text.lower()
    bare = _without_marks(text)  # beforehand too: normalising takes quadratic time of stacked marks
    decomposed = unicodedata.normalize("NFKD", bare).casefold()
    return unicodedata.normalize("NFC", _without_marks(decomposed))


def _without_marks(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) != "Mn")


def _singular(word: str) -> str:
    """Take an English plural ending off; what is left need not be a word, only the same on both sides."""
    if len(word) <= SHORTEST_STEM or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("xes", "sses", "shes", "ches")) else word[:-1]


def _term(word: str) -> str:
    """A word of a query: open at its end unless it is a pair, or too short to say how it goes on."""
    lone = len(word) == 1 and re.match(f"[{_UNSPACED}]", word)
    return f"{word}:*" if lone or len(word) >= SHORTEST_STEM else word


def _fitting(found: Iterable[str]) -> Iterator[str]:
    size = 0
    for word in found:
        size += len(word.encode()) + 5  # its alignment, count and position
        if size > LARGEST_DOCUMENT:
            return
        yield word
