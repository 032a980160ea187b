"""`python -m bench.request_exports`: exports of very many requests; seconds, and how much the memory grew."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench import surroundings
from bench.exports import measured

if TYPE_CHECKING:
    from tickets.models import Export

SOME = 1_000  # requests that the others are copies of
WAYS = (("requests", "ndjson"), ("requests", "csv"), ("commitments", "ndjson"))
OTHERS = ("id", "number", "search", "created_at")


def main() -> None:
    """Measure what exports of so many requests cost."""
    parser = ArgumentParser(prog="python -m bench.request_exports", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many requests the desk has")
    requests = parser.parse_args().requests
    with surroundings.portal(requests=SOME) as desk:
        from tests import factories
        from tests.tickets.exporting import asked

        began = time.perf_counter()
        _copy(times=max(1, requests // SOME - 1))
        print(f"{requests:,} requests made in {time.perf_counter() - began:.0f} s", flush=True)
        engineer = factories.actor(desk.engineer)
        for kind, file_format in WAYS:
            export = asked(engineer, kind, file_format)
            measured(f"{kind} as {file_format}", requests, lambda: _written(hours=2))
            _tell(type(export).objects.get(pk=export.pk))


def _written(*, hours: int) -> Any:
    from tickets.services.exporting import write_exports

    return write_exports(within=timedelta(hours=hours))


def _tell(export: Export) -> None:
    assert export.state == "ready", (export.state, export.failure)
    print(f"  {export.rows:,} rows, {export.size / 1e6:.0f} MB", flush=True)


def _copy(*, times: int) -> None:
    """Many copies of each request with its promise, each copy a minute older than the one before."""
    from django.db import connection

    from tickets.models import Commitment, ServiceRequest

    of_request = ", ".join(_columns(ServiceRequest, *OTHERS))
    of_promise = ", ".join(_columns(Commitment, "id", "request_id"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO tickets_servicerequest (number, created_at, {of_request})"
            f" SELECT 'SR-' || lpad((500000000 + row_number() OVER ())::text, 9, '0'),"
            f" created_at - n * interval '1 minute', {of_request}"
            " FROM tickets_servicerequest CROSS JOIN generate_series(1, %s) AS n",
            [times],
        )
        cursor.execute(
            f"INSERT INTO tickets_commitment (request_id, {of_promise})"
            f" SELECT copy.id, {', '.join(f'promise.{name}' for name in _columns(Commitment, 'id', 'request_id'))}"
            " FROM tickets_servicerequest copy CROSS JOIN LATERAL (SELECT * FROM tickets_commitment"
            " WHERE organisation_id = copy.organisation_id LIMIT 1) promise WHERE copy.number >= 'SR-500000001'"
            " AND NOT EXISTS (SELECT FROM tickets_commitment own WHERE own.request_id = copy.id)"
        )
        cursor.execute("ANALYZE tickets_servicerequest, tickets_commitment")


def _columns(model: Any, *without: str) -> list[str]:
    return [f'"{field.column}"' for field in model._meta.local_concrete_fields if field.column not in without]


if __name__ == "__main__":
    main()
