"""`make bench`, or `python -m bench`: measure the portal with 10,000 requests on servers of its own, and clean up.

Only this machine's loopback is used. With `--compare` the queue page is measured on several web servers instead.
"""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bench import surroundings
from bench.figures import Report

USUAL = "gunicorn:2x4"


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything that was started is stopped
    report = Report(requests=asked.requests)
    print(f"{report.machine}; {report.began_at}; load {report.load_before:.1f}\nSetting up …", flush=True)
    with surroundings.portal(requests=asked.requests) as desk:
        print(f"{asked.requests:,} requests\n", flush=True)
        from bench import clockwork, commitments, engines, web

        if asked.compare:
            servers = [web.WebServer.parse(text) for text in asked.compare]
            web.compare(
                report, desk, servers=servers, python=asked.granian_python, rounds=asked.rounds, seconds=asked.seconds
            )
        else:
            server = web.WebServer.parse(USUAL)
            web.pages(report, desk, server=server, rounds=asked.rounds, seconds=asked.seconds)
            clockwork.timers(report, due=asked.timers)
            clockwork.deliveries(report, most=asked.mails)
            clockwork.idle(report)
            engines.assessments(report, rounds=asked.rounds)
            engines.promises(report, rounds=asked.rounds)
            commitments.year_long(report, rounds=asked.rounds)
    report.close(asked.json)


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="how many requests the desk holds")
    parser.add_argument("--rounds", type=int, default=3, help="how often each page takes its turn")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long a turn lasts")
    parser.add_argument("--timers", type=int, default=20_000, help="how many timers are due")
    parser.add_argument("--mails", type=int, default=1000, help="how many mails are sent at most")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--compare", nargs="+", metavar="SERVER", help="web servers, such as gunicorn:2x4 granian:2x4")
    parser.add_argument("--granian-python", default=sys.executable, metavar="PATH", help="a Python that has granian")
    return parser.parse_args()


if __name__ == "__main__":
    main()
