"""What schemathesis did in its sequences of calls, out of its report: whether its checks had anything to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Done:
    """Of all sequences together."""

    calls: int = 0
    followed: set[str] = field(default_factory=set)  # links, from a call that went well to another one
    read_after_making: int = 0  # ensure_resource_availability: by the link of the answer that made it
    asked_after_ending: int = 0  # use_after_free: at or below an address that a DELETE had been answered for


def read(reports: Iterable[Path]) -> Done:
    """Count what reports in lines of JSON tell."""
    done = Done()
    for line in (line for report in reports for line in report.read_text(encoding="utf-8").splitlines()):
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        _count(done, recorder.get("cases", {}), recorder.get("interactions", {}))
    return done


def _count(done: Done, cases: dict[str, Any], interactions: dict[str, Any]) -> None:
    ended: set[str] = set()
    for name, case in _asked(cases, interactions):
        method, path = case["value"]["method"], _path(interactions[name])
        done.calls += 1
        done.asked_after_ending += method == "GET" and any(path.startswith(each) for each in ended)
        if method == "DELETE" and _went_well(interactions.get(name)):
            ended.add(path)
        before, made = case.get("parent_id"), (case.get("transition") or {}).get("id", "")
        if made and case.get("is_transition_applied") and _went_well(interactions.get(before)):
            went_well = _went_well(interactions[name])
            done.followed |= {made} if went_well else set()
            done.read_after_making += method == "GET" and made.startswith("POST ")


def _asked(cases: dict[str, Any], interactions: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Cases that were sent and answered, but for probes without credentials, which no link led to."""
    for name, case in cases.items():
        if (interactions.get(name) or {}).get("response") and interactions[name]["response"]["status_code"] != 401:
            yield name, case


def _went_well(interaction: dict[str, Any] | None) -> bool:
    return 200 <= ((interaction or {}).get("response") or {}).get("status_code", 0) < 300


def _path(interaction: dict[str, Any]) -> str:
    return urlsplit(interaction["request"]["uri"]).path
