"""Hostile text in every field of every operation: a calm answer, soon, and nothing that deceives or is lost (P-8).

What an operation reads is not listed here: for pages it is what the rightful call looks up, for the API what the schema
describes. Request n gives field i text number n + i, so that every field meets every text in as many requests as there
are texts. Then each field meets them while the others are as they should be. In the ordinary run operations take turns
with an eighth of the former and a few of the latter, the same ones each time; `DOOR=all` tries everything.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from zlib import crc32

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from tests.door.asking import Answer, Findings, ask, of, undone
from tests.door.hostile import HEADERS, KINDS, MARK, TEXTS, TURNS, UNSHOWN, Place, in_turn, leaves, noted, planted
from tests.door.operations import Operation, operations
from tests.door.recipes import Recipe, recipes
from tests.door.state import changes
from tests.door.test_leaks import recipe_of
from tests.door.test_recipes import described
from tests.door.worlds import Caller, World

LONGEST = 3.0  # seconds of our own processor time; the database has a limit of its own, and answers 503
RAN = re.compile(r"""<zqtag|(?<!\\)["']zqquote|zq1337""")  # markup as it was written, a template that was run
CALM_HEADERS = (
    "User-Agent", "Accept-Language", "Referer", "HX-Current-URL", "HX-Target", "X-Request-ID", "X-Forwarded-For",
    "If-None-Match", "If-Modified-Since", "Range",
)  # fmt: skip
REFUSED = (400, 409, 422)
TEXT_LIKE = re.compile(r'type="(text|email|tel|url|number|search|date|datetime-local|time)"')
Spot = tuple[str, Place]


def known() -> list[Operation]:
    return [each for each in operations() if (each.name, each.method) in recipes()]


@dataclass
class Trial:
    """One operation, the fields that it reads, and what was found when they held something else."""

    world: World
    operation: Operation
    findings: Findings = field(default_factory=Findings)

    @cached_property
    def recipe(self) -> Recipe:
        return recipe_of(self.operation)

    @cached_property
    def caller(self) -> Caller:
        return self.world.callers[self.recipe.by]

    @cached_property
    def spots(self) -> list[Spot]:
        """Every place that can hold a text."""
        found = self._of_schema() if self.operation.is_api else self._of_page()
        query = {
            ("query", (name,)) for name in [*self.recipe.query, *([self.recipe.pages] if self.recipe.pages else [])]
        }
        return sorted(found | query)

    def _of_schema(self) -> set[Spot]:
        schema, told = described(self.operation)
        bodies = [media.get("schema", {}) for media in told.get("requestBody", {}).get("content", {}).values()]
        query = {("query", (each["name"],)) for each in told.get("parameters", []) if each["in"] == "query"}
        return query | {("body", place) for body in bodies for place in leaves(schema, body)}

    def _of_page(self) -> set[Spot]:
        with undone(), noted() as looked:
            ask(self.world, self.caller, self.operation, self.recipe, of(self.world.a), query={MARK: "1"})
        found = {("query", (name,)) for name in looked.query}
        if self.operation.is_safe:
            return found
        return found | {("body", (name,)) for name in looked.form} | {("file", (name,)) for name in looked.files}

    def give(self, values: dict[Spot, Any], words: str, headers: dict[str, str] | None = None) -> Answer:
        """Ask with these values in their places, and look at the answer."""
        began = time.process_time()
        with undone():
            answer = ask(
                self.world, self.caller, self.operation, self._changed(values), of(self.world.a), headers=headers
            )
            took = time.process_time() - began
            changed = changes({}) if answer.status >= 400 else []
        self._look_at(answer, took, words)
        self.findings.expect(not changed, f"{words}: refused with {answer.status}, and yet changed {changed}")
        return answer

    def _changed(self, values: dict[Spot, Any]) -> Recipe:
        body, query = self.recipe.body, dict(self.recipe.query)
        for (where, place), value in values.items():
            if where == "query":
                query |= {place[0]: value}
            else:
                body = planted(body or {}, place, _file_called(value) if where == "file" else value)
        if any(where == "file" for where, _ in values):  # Django's test client encodes these itself
            body = {name: _encodable(value) for name, value in body.items()}
        return replace(self.recipe, body=body, query=query)

    def _look_at(self, answer: Answer, took: float, words: str) -> None:
        self.findings.expect(answer.status < 500, f"{words}: {answer.status} {answer.body[:200]}")
        self.findings.expect(took < LONGEST, f"{words}: {took:.1f} s")
        for name, value in answer.headers.items():
            split = "\n" in value or "\r" in value or name.lower() == "zqheader"
            self.findings.expect(not split, f"{words}: the header {name} was split")
        if "html" in answer.headers.get("Content-Type", ""):
            ran = RAN.search(answer.body)
            around = ran and answer.body[max(0, ran.start() - 100) : ran.end() + 20]
            self.findings.expect(not ran, f"{words}: not escaped: {around!r}")
        if self.operation.is_api and answer.status >= 400:
            kind = answer.headers.get("Content-Type", "")
            self.findings.expect(kind == "application/problem+json", f"{words}: {answer.status} as {kind}")


def _file_called(name: Any) -> SimpleUploadedFile:
    file = SimpleUploadedFile("a.txt", b"Some text.")
    file._name = _encodable(str(name))[:250]  # as it is, which UploadedFile would mend; no file system has longer ones
    return file


def _encodable(value: Any) -> Any:
    return value.replace("\ud800", "\ufffd") if isinstance(value, str) else value


def coverings(spots: list[Spot], texts: dict[str, Any]) -> Iterator[tuple[str, dict[Spot, str]]]:
    """Rounds in which every spot holds a text; in all of them together every spot holds every text."""
    names = list(texts)
    for turn in range(len(names)) if spots else ():
        yield f"round {turn}", {spot: names[(turn + index) % len(names)] for index, spot in enumerate(spots)}


def singles(spots: list[Spot], texts: dict[str, Any]) -> Iterator[tuple[str, dict[Spot, str]]]:
    """One spot with one text at a time."""
    for where, place in spots:
        for name in texts:
            yield f"{name} in {where} {'/'.join(place)}", {(where, place): name}


@pytest.mark.parametrize("operation", known(), ids=str)
def test_hostile_text_is_answered_calmly(world: World, operation: Operation) -> None:
    """P-8"""
    trial = Trial(world, operation)
    texts = TEXTS | (KINDS if operation.is_api and not operation.is_safe else {})
    spots = trial.spots
    parents = [spot for spot in spots if any(each[1][: len(spot[1])] == spot[1] for each in spots if each != spot)]
    leaf = [spot for spot in spots if spot not in parents]
    typed = Typed(trial)
    names = list(HEADERS)
    rounds = [*coverings(leaf, texts), *coverings(parents, texts)]
    tries = [*in_turn(operation, rounds, TURNS), *in_turn(operation, singles(spots, texts), TURNS * len(texts))]
    for turn, (words, chosen) in enumerate(tries):
        headers = {
            header: HEADERS[names[(turn + index + crc32(str(operation).encode())) % len(names)]]
            for index, header in enumerate(CALM_HEADERS)
        }
        answer = trial.give({spot: texts[name] for spot, name in chosen.items()}, words, headers)
        typed.look_at(answer, chosen, words)
    typed.settle()
    trial.findings.settle()


@dataclass
class Typed:
    """Whether a form that is refused shows again what was typed into it."""

    trial: Trial
    shown: set[str] = field(default_factory=set)
    lost: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def look_at(self, answer: Answer, chosen: dict[Spot, str], words: str) -> None:
        if self.trial.operation.is_api or self.trial.operation.is_safe or answer.status not in REFUSED:
            return
        for (where, place), name in chosen.items():
            if where == "body" and name not in UNSHOWN:
                self._field(answer, place[0], name, f"{words}: {answer.status}")

    def _field(self, answer: Answer, name: str, text: str, words: str) -> None:
        tags = re.findall(rf'<(?:input|textarea)\b[^>]*\bname="{re.escape(name)}"[^>]*>', answer.body)
        if any(tag.startswith("<textarea") or TEXT_LIKE.search(tag) for tag in tags):
            self.shown.add(name)
            again = escape(TEXTS[text]) in answer.body
            self.trial.findings.expect(again, f"{words}: {name} does not show {text} again")
        elif not tags:
            self.lost.append((name, words))

    def settle(self) -> None:
        for name, words in self.lost:
            self.trial.findings.expect(name not in self.shown, f"{words}: the page of the refusal has no field {name}")
