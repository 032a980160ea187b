"""How well pieces of self-help fit what somebody writes (SH-1): plain values in, scores out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from accounts.searching import telling_words

# What the words that a text shares with an article are worth; 1 is a word that no other article has.
FIRST_LINE, OTHER_LINES = 1.5, 0.75  # people put their problem into the subject, its surroundings into the rest
WHOLE_PHRASE = 1.5  # "shared mailbox" tells more than "shared" here and "mailbox" there
PAIR = 0.6  # two neighbouring characters of Chinese: a word of four has three such pairs
SAME_SERVICE = 1.5
LEAST_SCORE = 1.6


@dataclass(frozen=True, slots=True)
class Subject:
    """What an article is about: its titles, the phrases of people who have the problem, and its service."""

    titles: Sequence[str]
    phrases: Sequence[str]
    service: str = ""


def scores(text: str, subjects: Sequence[Subject], *, total: int, service: str | None = None) -> list[float]:
    """Score each subject for a text whose first line is the most telling; `total` is how many articles there are.

    The rarer the words that they share, the higher. A phrase counts when all of its words occur, a title by the part
    of its words that do. What scores less than LEAST_SCORE does not fit.
    """
    sought = _weights(text)
    known = [_all_words(subject) for subject in subjects]
    rarity = _rarity(Counter(word for words in known for word in words), total=max(total, len(subjects), 2))
    worth = {word: weight * rarity[word] for word, weight in sought.items() if word in rarity}
    return [
        _score(subject, worth) * (SAME_SERVICE if service and subject.service == service else 1) for subject in subjects
    ]


def _score(subject: Subject, worth: Mapping[str, float]) -> float:
    found: dict[str, float] = {}
    for phrase in subject.phrases:
        words = _words(phrase)
        if words <= worth.keys():
            share = WHOLE_PHRASE if len(words) > 1 else 1
            found.update({word: max(found.get(word, 0), worth[word] * share) for word in words})
    return sum(found.values()) + max((_title_score(title, worth) for title in subject.titles), default=0)


def _title_score(title: str, worth: Mapping[str, float]) -> float:
    words = _words(title)
    shared = words & worth.keys()
    return sum(worth[word] for word in shared) * len(shared) / max(len(words), 1)


def _weights(text: str) -> dict[str, float]:
    first, _, others = text.strip().partition("\n")
    return dict.fromkeys(telling_words(others), OTHER_LINES) | dict.fromkeys(telling_words(first), FIRST_LINE)


def _rarity(frequency: Mapping[str, int], *, total: int) -> dict[str, float]:
    """From 1 for a word of one article towards 0 for a word of all."""
    most = math.log(1 + total)
    return {word: math.log(1 + total / count) / most * _size(word) for word, count in frequency.items()}


def _size(word: str) -> float:
    return PAIR if len(word) == 2 and not word.isascii() else 1


def _all_words(subject: Subject) -> set[str]:
    return {word for text in (*subject.titles, *subject.phrases) for word in _words(text)}


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(telling_words(text))
