"""`python -m bench.plans`: whether lists, details and searches of the API are read alike from small and large desks.

For each size a portal of its own is filled. Every call is made as an engineer, who sees the whole desk, and as the
admin of a large customer. Printed is how the plans of the statements come to the rows of the tables that grow, and what
differs; in brackets what a plan holds and nothing was read by, since its first part had found enough.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench import surroundings

if TYPE_CHECKING:
    from bench.crowd import Crowd

SIZES = (1_000, 100_000)
HALF = 50  # of a hundred requests, those of the large customer
LIST = "/api/v1/service-requests/"
QUERIES = (
    "",
    "page_size=100",
    "ordering=due_at",
    "ordering=-due_at",
    "ordering=severity",
    "ordering=created_at",
    "ordering=changed_at",
    "ordering=-changed_at",
    "changed_after={recently}",
    "changed_after=2020-01-01T00:00:00Z",
    "open=true",
    "recently_closed=true",
    "breached=true",
    "assignee=nobody",
    "severity=A&service=exchange_online",
    "category=billing",
    "include=messages,commitments",
    f"q={quote('certificate')}",
    f"q={quote('無法傳送')}",
    "q=fossil",  # long ago, as what follows
    "service=skype_for_business",
    "category=technical.install_setup",
)
Ways = dict[str, dict[str, bool]]  # call: how its statements come to the rows of the large tables; was it needed?


def main() -> None:
    """Compare the sizes, or, in a process for each, tell how the calls are read."""
    parser = ArgumentParser(prog="python -m bench.plans", description="Plans of the API's lists at several sizes.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="how many requests")
    parser.add_argument("--tell", type=int, metavar="N", help="only tell the plans at this size, as JSON")
    asked = parser.parse_args()
    if asked.tell:
        with surroundings.portal(requests=asked.tell, share=HALF) as desk:
            from bench import crowd

            crowd.age()
            print(json.dumps(_ways(desk)))
        return
    found = {size: _asked(size) for size in asked.sizes}
    alike = [_compare(call, [(size, each[call]) for size, each in found.items()]) for call in found[asked.sizes[0]]]
    print(f"{sum(alike)} of {len(alike)} calls are read alike.")


def _asked(size: int) -> Ways:
    told = subprocess.run(
        [sys.executable, "-m", "bench.plans", "--tell", str(size)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: Ways = json.loads(told.stdout.splitlines()[-1])
    return found


def _compare(call: str, found: list[tuple[int, dict[str, bool]]]) -> bool:
    alike = all(ways.keys() == found[0][1].keys() for _, ways in found)
    print(f"{'alike ' if alike else 'DIFFER'} {call}")
    for size, ways in found:
        print(f"         {size:>9,}: {', '.join(way if ways[way] else f'({way})' for way in sorted(ways))}", flush=True)
    return alike


def _ways(desk: Crowd) -> Ways:
    from bench.explaining import statements_of, trees, ways_into
    from tests import factories

    found: Ways = {}
    recently = quote((datetime.now(UTC) - timedelta(hours=1)).isoformat())
    for name, person in (("engineer", desk.engineer), ("admin", desk.large)):
        client = factories.api_of(person)
        client.defaults["HTTP_HOST"] = "localhost"
        number = client.get(LIST).data["results"][0]["number"]

        def get(path: str, client: Any = client) -> None:
            answer = client.get(path.replace("{recently}", recently))
            assert answer.status_code == 200, (path, answer.status_code, answer.content)

        for path in (*(f"{LIST}?{query}" for query in QUERIES), *_details(number)):
            get(path)
            statements = statements_of(lambda path=path: get(path))  # type: ignore[misc]
            ways = found[f"{name}: {path.replace(number, '{number}')}"] = {}
            for way, used in (
                each for statement in statements for tree in trees(statement) for each in ways_into(tree)
            ):
                ways[way] = used or ways.get(way, False)
    return found


def _details(number: str) -> list[str]:
    return [f"{LIST}{number}/{part}" for part in ("", "messages/", "commitments/", "events/")]


if __name__ == "__main__":
    main()
