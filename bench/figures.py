"""What was measured, and how it is told: medians over rounds, a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Round:
    """One stretch of measuring: what each act took, and how long all of it lasted, in seconds."""

    took: Sequence[float]
    lasted: float

    @property
    def rate(self) -> float:
        """Acts per second."""
        return len(self.took) / self.lasted

    def percentile(self, percent: int) -> float:
        """The time, in seconds, within which `percent` % of the acts were done."""
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: medians over the rounds, times in milliseconds."""

    name: str
    acts: int
    rate: float
    p50: float
    p95: float

    @classmethod
    def of(cls, name: str, rounds: Sequence[Round]) -> Figure:
        """Sum several rounds up; a round that a noisy neighbour spoilt does not count for more than the others."""
        return cls(
            name=name,
            acts=sum(len(each.took) for each in rounds),
            rate=round(statistics.median(each.rate for each in rounds), 1),
            p50=_milliseconds(statistics.median(each.percentile(50) for each in rounds)),
            p95=_milliseconds(statistics.median(each.percentile(95) for each in rounds)),
        )


def _milliseconds(seconds: float) -> float:
    return float(f"{seconds * 1000:.3g}")


@dataclass
class Report:
    """Everything that one run measured, with where and when."""

    requests: int
    figures: list[Figure] = field(default_factory=list)
    machine: str = field(default_factory=lambda: machine())
    began_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    load_after: float = 0.0

    def add(self, name: str, rounds: Sequence[Round]) -> None:
        """Add a line, and say it at once."""
        if not self.figures:
            print(HEADING)
        self.figures.append(Figure.of(name, rounds))
        print(line(self.figures[-1]), flush=True)

    def close(self, path: Path | None) -> None:
        """Say how busy the machine was, and write everything to `path` if one is given."""
        self.load_after = os.getloadavg()[0]
        print(f"\nLoad before {self.load_before:.1f}, after {self.load_after:.1f}, with the measuring itself.")
        if path:
            path.write_text(json.dumps(asdict(self), indent=2) + "\n")


HEADING = f"{'':<44} {'count':>7} {'per second':>11} {'p50 ms':>9} {'p95 ms':>9}"


def line(figure: Figure) -> str:
    """One line of the table."""
    return f"{figure.name:<44} {figure.acts:>7} {figure.rate:>11,.1f} {figure.p50:>9g} {figure.p95:>9g}"


def machine() -> str:
    """Processor, cores that we may use, memory, and versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()}, Python {python}"


def _processor() -> str:
    try:
        lines: Iterable[str] = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = ()
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.machine()
