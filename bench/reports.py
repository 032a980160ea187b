"""`python -m bench.reports`: the report on commitments, and lists narrowed by tags, of a desk of this size; seconds."""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench import surroundings

ROUNDS = 5
LABEL = """
    INSERT INTO tickets_tag (name, key, colour, version) VALUES ('common', 'common', '', 1), ('rare', 'rare', '', 1);
    INSERT INTO tickets_requesttag (organisation_id, request_id, tag_id)
    SELECT r.organisation_id, r.id, t.id FROM tickets_servicerequest r, tickets_tag t
    WHERE r.id % CASE t.name WHEN 'common' THEN 2 ELSE 500 END = 0
"""


def main() -> None:
    """Measure with so many requests, of which half carry one tag, and one of 500 another."""
    parser = ArgumentParser(prog="python -m bench.reports", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="how many requests the desk has")
    requests = parser.parse_args().requests
    with surroundings.portal(requests=requests) as desk:
        from django.db import connection

        from accounts import clock
        from tests import factories
        from tickets.selectors.lists import Wanted, requests_page
        from tickets.selectors.narrowing import Within
        from tickets.selectors.queue import queue_page
        from tickets.selectors.sla_report import Range, sla_report
        from tickets.selectors.tags import ids_called

        with connection.cursor() as cursor:
            cursor.execute(LABEL)
            cursor.execute("VACUUM ANALYZE tickets_tag, tickets_requesttag, tickets_servicerequest, tickets_commitment")
        lead, now = factories.actor(factories.make_staff("team_lead")), clock.now()
        engineer, today = factories.actor(desk.engineer), now.date()
        for days in (7, 30, 90, 366):
            span = Range(today - timedelta(days=days - 1), today, "UTC")
            found = sla_report(lead, span, group_by="severity", now=now).total.requests
            _tell(
                f"report of {days} days, {found:,} requests",
                lambda span=span: sla_report(lead, span, group_by="severity", now=now),
            )
        for names in (["common"], ["rare"], ["common", "rare"]):
            ids = ids_called(names)
            wanted = Wanted(within=Within(tags=ids))
            _tell(
                f"queue, {' and '.join(names)}", lambda ids=ids: queue_page(engineer, now=now, within=Within(tags=ids))
            )
            _tell(f"list, {' and '.join(names)}", lambda wanted=wanted: requests_page(engineer, wanted, now=now))


def _tell(name: str, act: Callable[[], Any]) -> None:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    print(f"  {name}: median {statistics.median(took) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
