"""`python -m bench.exports`: an audit trail is sealed, exported and verified; seconds, and how much the memory grew."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import surroundings

SCRIPT = Path(__file__).resolve().parent.parent / "tools" / "verify_audit.py"
PEAK = Path("/proc/self/clear_refs")


def main() -> None:
    """Measure what an export of so many records costs."""
    parser = ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="how many records the organisation has")
    records = parser.parse_args().records
    with surroundings.portal(requests=100) as desk:
        from accounts import clock
        from accounts.audit.chains import instant
        from accounts.models import Seal
        from accounts.selectors.trail import Wanted
        from accounts.services.sealing import seal_events
        from bench import trail
        from tests import factories
        from tickets.audit_lines import csv_file, ndjson_lines

        chain, lead = desk.large.organisation_id, factories.actor(desk.large)
        assert chain is not None
        measured("writing events", 2 * records, lambda: trail.write(records=2 * records, large=desk.large))
        measured("sealing events", 2 * records, lambda: seal_events(within=timedelta(hours=2)))
        trail.analyze()
        file = Path(os.environ["VAR_DIR"]) / "audit.ndjson"
        found = Seal.objects.filter(chain=chain).count()
        at = instant(clock.now())
        measured("NDJSON", found, lambda: _write(file, ndjson_lines(lead, Wanted(), chain=chain, at=at)))
        table = file.with_suffix(".csv")
        lines = csv_file(lead, Wanted(), language="en")
        measured("CSV", found, lambda: _write(table, (line.encode() for line in lines)))
        print(f"{file.stat().st_size / 1e6:.0f} MB of NDJSON, {table.stat().st_size / 1e6:.0f} MB of CSV")
        measured("verify_audit.py", found, lambda: subprocess.run([sys.executable, SCRIPT, file], check=True))


def _write(file: Path, lines: Iterable[bytes]) -> None:
    with file.open("wb") as out:
        out.writelines(lines)


def measured(what: str, count: int, work: Callable[[], Any]) -> None:
    """Do it, and tell how long it took and by how much the peak of this process's memory lay above its beginning."""
    PEAK.write_text("5")  # the peak counts from here on
    before, began = _status("VmRSS"), time.perf_counter()
    work()
    took = time.perf_counter() - began
    grown = (_status("VmHWM") - before) / 1024
    print(
        f"{what}: {count:,} in {took:.1f} s, {count / took:,.0f} a second; memory grew by {grown:.1f} MiB", flush=True
    )


def _status(name: str) -> int:
    """A figure of this process in KiB, as Linux tells it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0])


if __name__ == "__main__":
    main()
