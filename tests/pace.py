"""Budgets of processor time that hold on a busy or slow machine too: measured against work of known cost, in turn."""

import re
import time
from collections.abc import Callable

KNOWN_COST = 0.010  # seconds of the processor for `_known_work` on an idle core of the machines we measure on
WORDS = re.compile(r"[a-z]+")
TEXT = "the quick brown fox jumps over the lazy dog " * 4_230


def spent(work: Callable[[], object]) -> float:
    """The processor's seconds in this thread."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def best_cost(work: Callable[[], object], *, tries: int = 5) -> float:
    """The seconds that `work` would take at most on an idle core: the best of several, each beside the known work."""
    return min(spent(work) * min(1.0, KNOWN_COST / spent(_known_work)) for _ in range(tries))


def _known_work() -> None:
    counts: dict[str, int] = {}
    for word in WORDS.finditer(TEXT):
        counts[word.group()] = counts.get(word.group(), 0) + 1
