"""Word lists as data: which phrases are evidence of what, by language, with the rule of SPEC.md they come from.

`features.toml` names every feature with rule, direction and weight; `en.toml`, `zh.toml`, … hold the phrases. A phrase
is plain words with a few signs:

    (a|b)   one of these            ?    the letter or group before is optional
    {name}  a list of [lists]       *    any ending of the word before; after a group: up to four of these
    [sz]    one of these letters    _    any one word
    #       a number                ~    up to four words (eight Han or kana characters) inside one clause
    ^       at the beginning of a sentence (first sign of the phrase)
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from severity.folding import fold

Direction = Literal["raises", "lowers", "neutral"]

LANGUAGES = ("en", "zh", "de", "ja", "es")
_FOLDER = Path(__file__).parent
_HAN = "㐀-鿿぀-ヿ"


@dataclass(frozen=True, slots=True)
class Feature:
    """What a phrase is evidence of."""

    code: str
    rule: str
    direction: Direction
    weight: float
    negatable: bool


@dataclass(frozen=True)
class Phrase:
    """One line of a word list; its expression is compiled when a text first calls for it."""

    feature: Feature
    language: str
    source: str
    weight: float
    form: "Form"
    opens_sentence: bool

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.form.expression)

    def may_be_in(self, keys: frozenset[str]) -> bool:
        """Tell whether a text with words of these keys can hold the phrase at all."""
        return all(not needed.isdisjoint(keys) for needed in self.form.needs)


@dataclass(frozen=True, slots=True)
class Form:
    """A phrase as an expression, the keys it can begin with, and sets of keys of which it holds one each."""

    expression: str
    keys: frozenset[str]
    needs: tuple[frozenset[str], ...]


class LexiconError(ValueError):
    """A word list cannot be used; the message names file and phrase."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece of a phrase: its expression, and the shortest beginnings of what it matches ("" if it may be absent)."""

    expression: str
    beginnings: frozenset[str]


_KEY_LENGTH = 3
_DIGIT = "#"
_FIRST_WORD = re.compile(rf"[#{_HAN}]|[^\W_]+")
_NOTHING = _Node("", frozenset({""}))
_SIGNS = {
    "#": _Node(r"(?<!\d:)\d{1,9}(?:[.,]\d{3})*(?!:\d)", frozenset({_DIGIT})),
    "_": _Node(r"\w{1,30}", frozenset()),
    "*": _Node(r"\w{0,20}", frozenset({""})),
    " ": _Node(" {1,3}", frozenset({" "})),
}
_WORD_GAP = _Node(r"(?:[^\s,;:!?]{1,30} {1,3}){0,4}?", frozenset())
_HAN_GAP = _Node(r"(?: {0,2}(?:[a-z0-9.-]{1,20}(?![a-z0-9.-])|[^\sa-z0-9.,;:!?。，；：-])){0,8}? {0,2}", frozenset())


_SEPARATORS = (_SIGNS[" "], _WORD_GAP, _HAN_GAP)


def key_of(word: str) -> str:
    """Return the key of a word: `#` for a number, itself for a Han character or kana, else the first three letters."""
    if word[0].isdigit() or word[0] == _DIGIT:
        return _DIGIT
    return word[0] if is_han(word[0]) else word[:_KEY_LENGTH]


def is_han(char: str) -> bool:
    """Tell whether `char` is written without spaces between words: a Han character or kana."""
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff"


class _Compiler:
    """Turns a phrase into a regular expression without nested repetition, and into the keys it can begin with."""

    def __init__(self, phrase: str, lists: Mapping[str, _Node]) -> None:
        self._phrase = phrase
        self._lists = lists
        self._at = 0

    def compile(self) -> Form:
        """Return the phrase's form; raise LexiconError for a phrase that may begin with anything."""
        atoms = self._atoms()
        if self._peek() == "|":
            self._at = 0
            atoms = [self._alternatives()]
        node = _in_a_row(atoms)
        keys = _keys(node.beginnings)
        if self._at != len(self._phrase) or not keys:
            raise LexiconError(f"cannot read the phrase {self._phrase!r}")
        return Form(rf"{node.expression}(?:(?<=[{_HAN}])|(?![^\W_{_HAN}]))", keys, tuple(_needs(atoms)))

    def list_of(self) -> _Node:
        """Return a whole list of words as one piece."""
        return self._alternatives()

    def _alternatives(self) -> _Node:
        branches = [_in_a_row(self._atoms())]
        while self._peek() == "|":
            self._at += 1
            branches.append(_in_a_row(self._atoms()))
        expression = "|".join(branch.expression for branch in branches)
        return _Node(f"(?:{expression})", frozenset().union(*(branch.beginnings for branch in branches)))

    def _atoms(self) -> list[_Node]:
        atoms = []
        while self._peek() not in ("", "|", ")"):
            group = self._peek() == "("
            atoms.append(self._repeated(self._atom(), group=group))
        return atoms

    def _repeated(self, atom: _Node, *, group: bool) -> _Node:
        sign = self._peek()
        if sign == "?" or (sign == "*" and group):
            self._at += 1
            times = "?" if sign == "?" else "{0,4}"
            return _Node(f"(?:{atom.expression}){times}", atom.beginnings | {""})
        return atom

    def _atom(self) -> _Node:
        char = self._peek()
        self._at += 1
        match char:
            case "(":
                inner = self._alternatives()
                self._at += 1
                return inner
            case "{":
                name, self._at = self._until("}")
                return self._lists[name]
            case "[":
                letters, self._at = self._until("]")
                return _Node(f"[{letters}]", frozenset(letters))
            case "~" if self._peek() == " ":
                self._at += 1
                return _WORD_GAP
            case "~":
                return _HAN_GAP
        return _SIGNS.get(char) or _Node(re.escape(char), frozenset({char}))

    def _until(self, mark: str) -> tuple[str, int]:
        end = self._phrase.index(mark, self._at)
        return self._phrase[self._at : end], end + 1

    def _peek(self) -> str:
        return self._phrase[self._at : self._at + 1]


def _in_a_row(atoms: list[_Node]) -> _Node:
    node = _NOTHING
    for atom in atoms:
        node = _joined(node, atom)
    return node


def _keys(beginnings: frozenset[str]) -> frozenset[str]:
    """Return the keys of the first words; nothing if one of them may be anything."""
    words = [_FIRST_WORD.match(beginning) for beginning in beginnings]
    return frozenset() if None in words else frozenset(key_of(word.group()) for word in words if word)


def _needs(atoms: list[_Node]) -> Iterator[frozenset[str]]:
    """Yield for each word after a space or a gap the keys of what may stand there."""
    following = _NOTHING
    for before, atom in zip(reversed(atoms[:-1]), reversed(atoms[1:]), strict=True):
        following = _Node("", _joined(atom, following).beginnings)
        if before in _SEPARATORS and (needed := _keys(following.beginnings)):
            yield needed


def _joined(first: _Node, second: _Node) -> _Node:
    beginnings = set()
    for beginning in first.beginnings:
        if _is_whole(beginning):
            beginnings.add(beginning)
        else:
            beginnings |= {beginning + following for following in second.beginnings} or {beginning or " "}
    return _Node(first.expression + second.expression, frozenset(beginnings))


def _is_whole(beginning: str) -> bool:
    """Tell whether a beginning already decides the key, so that what follows does not matter."""
    if not beginning:
        return False
    return len(beginning) >= _KEY_LENGTH or not beginning[-1].isalpha() or is_han(beginning[0])


def compile_phrase(phrase: str, lists: Mapping[str, _Node]) -> Form:
    """Return the form of a phrase; raise LexiconError if it cannot be used."""
    return _Compiler(fold(phrase), lists).compile()


def _document(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def small_words() -> dict[str, frozenset[str]]:
    """Return the commonest small words by language."""
    rows = _document("languages")["small_words"]
    return {language: frozenset(str(words).split()) for language, words in rows.items()}


@cache
def features() -> dict[str, Feature]:
    """Return every feature by its code."""
    return {
        code: Feature(
            code=code,
            rule=str(row["rule"]),
            direction=row["direction"],  # type: ignore[arg-type]  # checked by the test that loads every rule
            weight=float(row["weight"]),  # type: ignore[arg-type]
            negatable=bool(row.get("negatable", False)),
        )
        for code, row in _document("features").items()
    }


def _phrases_of(language: str) -> Iterator[Phrase]:
    document = _document(language)
    lists: dict[str, _Node] = {}
    for name, words in document.pop("lists", {}).items():
        lists[name] = _Compiler(fold("|".join(words)), lists).list_of()  # type: ignore[arg-type]
    for code, entry in document.items():
        feature = features()[code]
        for grade, lines in entry.items():
            weight = GRADES.get(grade, 1.0) * feature.weight
            for line in lines:  # type: ignore[attr-defined]
                form = compile_phrase(line.removeprefix("^"), lists)
                yield Phrase(feature, language, line, weight, form, line.startswith("^"))


GRADES = {"sure": 1.1, "strong": 1.0, "plain": 0.75, "weak": 0.4}  # How much of the feature's weight a phrase carries.


@cache
def phrases(language: str) -> tuple[Phrase, ...]:
    """Return the phrases of one language."""
    return tuple(_phrases_of(language))


@cache
def index(languages: tuple[str, ...]) -> dict[str, tuple[Phrase, ...]]:
    """Return the phrases of `languages` by the key of the word they can begin with."""
    by_key: dict[str, list[Phrase]] = {}
    for language in languages:
        for phrase in phrases(language):
            for key in phrase.form.keys:
                by_key.setdefault(key, []).append(phrase)
    return {key: tuple(found) for key, found in by_key.items()}
