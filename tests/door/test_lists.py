"""Every list of the API, as the schema tells them, costs the same however many rows it shows."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api_lists import list_paths
from tests.door.asking import ask, of, undone
from tests.door.operations import Operation, operations
from tests.door.test_leaks import named, recipe_of
from tests.door.worlds import World

ALONE = {  # of which the world holds one at most, and no call makes another, so that nothing is compared here
    "api-acts-under GET",
    "api-identities GET",
    "api-organisations GET",
    "api-policies GET",
    "api-shifts GET",
    "api-translator GET",
}
MADE_BY = {  # of which the world holds one: what makes another
    "api-corrections": "api-corrections",
    "api-engagement-requests": "api-engagement-requests",
    "api-incident-requests": "api-request-incident",
    "api-incidents": "api-incidents",
    "api-invitations": "api-invitations",
    "api-mappings": "api-mappings",
    "api-policy-drafts": "api-policy-drafts",
    "api-service-principal-tokens": "api-service-principal-tokens",
    "api-service-principals": "api-service-principals",
    "api-staff-invitations": "api-invitations",
    "api-webhooks": "api-webhooks",
    "api-weekly-duties": "api-weekly-duties",
}
MORE = {  # queries that a longer page may take
    "api-queue GET": 1,  # for its second part, where the first does not fill the page
    "api-inbox GET": 5,  # for what other kinds of notices are about; of one kind see test_notices_read_together.py
}
MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def lists() -> list[Operation]:
    """The operations behind them."""
    found = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{each.pattern}"): each for each in operations() if each.is_safe}
    return [found[path] for path in list_paths()]


@pytest.mark.parametrize("operation", lists(), ids=named)
def test_a_list_takes_as_many_queries_for_one_row_as_for_all(world: World, operation: Operation) -> None:
    """STYLE section 5"""
    recipe, costs = recipe_of(operation), dict[int, int]()
    for size in (1, 100, 1, 100):  # from the second time on, what a process keeps is there
        with undone():
            _make_one_more(world, operation)
            with CaptureQueriesContext(connection) as captured:
                answer = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), query={"page_size": size})
        assert answer.status == 200, answer.body
        rows = len(json.loads(answer.body)["results"])
        costs[rows] = sum(not query["sql"].startswith(MARKS) for query in captured)

    assert max(costs.values()) - min(costs.values()) <= MORE.get(str(operation), 0), costs
    assert (max(costs) < 2) == (str(operation) in ALONE), costs


def _make_one_more(world: World, operation: Operation) -> None:
    """Another row, where the world holds one alone."""
    if operation.name in MADE_BY:
        maker = next(each for each in operations() if (each.name, each.method) == (MADE_BY[operation.name], "POST"))
        made = ask(world, world.callers[recipe_of(maker).by], maker, recipe_of(maker), of(world.a))
        assert made.status in (200, 201), made.body


@pytest.mark.parametrize("operation", lists(), ids=named)
def test_a_list_goes_on_behind_its_first_row(world: World, operation: Operation) -> None:
    """DESIGN, the API: by the cursor that its first page gave"""
    recipe, query, rows = recipe_of(operation), {"page_size": "1"}, list[object]()
    for _ in range(2):
        with undone():
            answer = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), query=query)
        assert answer.status == 200, answer.body
        told = json.loads(answer.body)
        rows += told["results"]
        if told["next"] is None:
            return
        query["cursor"] = parse_qs(urlsplit(told["next"]).query)["cursor"][0]

    assert len(rows) == 2
    assert rows[0] != rows[1]


def test_the_schema_tells_of_lists() -> None:
    """So that the test above is not empty"""
    assert len(lists()) > 40
