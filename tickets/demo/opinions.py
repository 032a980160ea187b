"""What the demo's customers say when they are asked about a close (RO-4): most are content, the late ones less so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from tickets.demo.hours import HOUR
from tickets.demo.scripts import Act, Run, Stage, Step
from tickets.services.surveys import Opinion

ANSWERED_SHARE, COMMENTED_SHARE = 0.42, 0.6
ASKED_AFTER, SILENT_AFTER = 25, 90  # hours after the close between which people answer
RATINGS, WEIGHTS, WEIGHTS_OF_LATE = (1, 2, 3, 4, 5), (1, 2, 6, 26, 40), (8, 10, 8, 4, 1)
CLOSED_BY = (Act.CLOSE, Act.THANK)
COMMENTS: dict[str, dict[bool, tuple[str, ...]]] = {
    "en": {
        True: (
            "Quick, and the explanation was one I could pass on to my users.",
            "The engineer read what I had written. No question twice.",
            "Good. The steps worked at the first try.",
            "It took a while to find, but I always knew where we stood.",
            "",
        ),
        False: (
            "The first answer came after the time that was promised.",
            "I had to ask for an update twice.",
            "Solved in the end, but our branch stood still half the morning.",
        ),
    },
    "zh-Hant": {
        True: (
            "回覆很快，說明也很清楚，我直接轉給同仁就看得懂。",
            "工程師有仔細看我寫的內容，沒有重複問同樣的問題。",
            "照著步驟做一次就好了，謝謝。",
            "",
        ),
        False: ("第一次回覆超過了承諾的時間。", "中間我還要主動詢問進度，希望能再改善。"),
    },
}


def opinion_steps(runs: Iterable[Run]) -> Iterator[Step]:
    """Who answers when, of those whose request an engineer or they themselves closed as done."""
    for run in runs:
        rng = run.chance("opinion")
        if run.stage is Stage.ENDED and run.steps[-1].act in CLOSED_BY and rng.random() < ANSWERED_SHARE:
            answered_at = run.ends_at + HOUR * rng.uniform(ASKED_AFTER, SILENT_AFTER)
            yield Step(answered_at, Act.RATE, run.filer, run)


def opinion_of(run: Run) -> Opinion:
    """What the customer of a run thinks of it, in the language of the request."""
    rng = run.chance("rating")
    rating = rng.choices(RATINGS, WEIGHTS_OF_LATE if run.late else WEIGHTS)[0]
    return Opinion(rating=rating, solved=_solved(run, rating, rng), comment=_comment(run, rating, rng))


def _solved(run: Run, rating: int, rng: Random) -> bool | None:
    if run.story.end.kind in ("out_of_scope", "duplicate") or rng.random() < 0.15:
        return None
    return rating > 1


def _comment(run: Run, rating: int, rng: Random) -> str:
    if rng.random() > COMMENTED_SHARE or rating == 3:
        return ""
    comments = COMMENTS.get(run.story.language, COMMENTS["en"])
    return rng.choice(comments[rating > 3])
