"""Where to turn with what is beyond support (SC-1 to SC-6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from selfhelp.errors import UnknownReferral
from selfhelp.texts import in_language

REFERRALS = Path(__file__).parent.parent / "data" / "referrals.json"


@dataclass(frozen=True, slots=True)
class Link:
    """An address to go on to, and its name."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Referral:
    """Why something is beyond support, and who can help with it; shown before filing, never refusing it (SC-6)."""

    code: str
    title: str
    explanation: str
    next_steps: str
    links: tuple[Link, ...]


def referral(code: str, *, language: str) -> Referral:
    """The referral for a scope verdict of the assessment. Raises UnknownReferral."""
    texts = _referrals().get(code)
    if texts is None:
        raise UnknownReferral(code)
    return Referral(
        code=code,
        title=in_language(texts["titles"], language),
        explanation=in_language(texts["explanations"], language),
        next_steps=in_language(texts["next_steps"], language),
        links=tuple(Link(in_language(link["labels"], language), link["url"]) for link in texts["links"]),
    )


def referral_codes() -> tuple[str, ...]:
    """Every code that there is a referral for, in the order of SC-1 to SC-5."""
    return tuple(_referrals())


@cache
def _referrals() -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in json.loads(REFERRALS.read_text(encoding="utf-8"))}
