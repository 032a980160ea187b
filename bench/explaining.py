"""How PostgreSQL carries out the statements of an act: which indexes, which tables from end to end, how much sorted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

LARGE = {
    "accounts_delivery",
    "accounts_event",
    "tickets_commitment",
    "tickets_message",
    "tickets_servicerequest",
    "tickets_severitydecision",
    "tickets_timer",
}
READS_ROWS = ("Seq Scan", "Index Scan", "Bitmap Heap Scan")
EXPLAINED = ("SELECT", "UPDATE", "WITH")


@dataclass
class Plan:
    """What the plans of some statements, each carried out once, tell."""

    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    rows_read: set[str] = field(default_factory=set)  # tables whose rows were read, not only an index of theirs
    most_sorted: float = 0
    most_left_out: float = 0  # rows that were read and did not fit, by one node

    def add(self, node: dict[str, Any]) -> None:
        """Take in a node and those below it, unless it was never carried out."""
        if not node["Actual Loops"]:
            return
        if "Index Name" in node:
            self.indexes.add(node["Index Name"])
        if node["Node Type"] in READS_ROWS:
            self.rows_read.add(node["Relation Name"])
        if node["Node Type"] == "Seq Scan":
            self.scanned.add(node["Relation Name"])
        left_out = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter", "Index Recheck"))
        self.most_left_out = max(self.most_left_out, left_out * node["Actual Loops"])
        for below in node.get("Plans", []):
            if node["Node Type"] in ("Sort", "Incremental Sort"):
                self.most_sorted = max(self.most_sorted, below["Actual Rows"])
            self.add(below)


def plan_of(act: Callable[[], Any]) -> Plan:
    """The plans of every statement that `act` sends, as one; what it changes is taken back."""
    return explained(*statements_of(act))


def explained(*statements: str) -> Plan:
    """The plans of these statements, as one; what they change is taken back."""
    plan = Plan()
    for statement in statements:
        for tree in trees(statement):
            plan.add(tree)
    return plan


def statements_of(act: Callable[[], Any]) -> list[str]:
    """The statements that `act` sends and that have a plan; what it changes is taken back."""
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        act()
        transaction.set_rollback(True)
    return [query["sql"] for query in captured if query["sql"].lstrip().startswith(EXPLAINED)]


def trees(statement: str) -> Iterator[dict[str, Any]]:
    """The plan of a statement, as PostgreSQL tells it after having carried it out; what it changes is taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
        transaction.set_rollback(True)
    for each in json.loads(found) if isinstance(found, str) else found:
        yield each["Plan"]


def ways_into(node: dict[str, Any], tables: set[str] = LARGE) -> Iterator[tuple[str, bool]]:
    """By which indexes a plan comes to rows of these tables, one by one or through a bitmap, or that it reads them all.

    With each, whether it was carried out: a plan also holds what is only done where its first part finds too little.
    """
    name, kind, used = node.get("Relation Name"), node["Node Type"], bool(node["Actual Loops"])
    if name in tables and kind == "Seq Scan":
        yield f"{name} from end to end", used
    if "Index Name" in node and (name in tables or kind == "Bitmap Index Scan"):
        yield str(node["Index Name"]), used
    for below in node.get("Plans", []):
        yield from ways_into(below, tables)
