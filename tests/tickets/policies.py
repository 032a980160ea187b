"""Policy documents for tests: the default with a few cells changed."""

import copy
from typing import Any

from sla.policy import DEFAULT_POLICY
from tickets.services.policies import publish_policy


def document(*, version: int, enterprise_a: str = "PT1H", enterprise_b: str = "next_day") -> dict[str, Any]:
    """The default policy with other targets for technical requests of the Enterprise tier."""
    changed: dict[str, Any] = copy.deepcopy(dict(DEFAULT_POLICY))
    changed |= {"version": version, "note": "for a test"}
    row = changed["rules"]["technical"]["enterprise"]
    row["A"]["target"], row["B"]["target"] = enterprise_a, enterprise_b
    return changed


def publish(**changes: Any) -> None:
    """Put such a document in force."""
    publish_policy(document=document(**changes), label="test")


def capped(kind: str, cap: str, *, version: int) -> dict[str, Any]:
    """The default policy with a kind of support that is treated as `cap` at most."""
    changed = document(version=version)
    changed["max_severity"] = {kind: cap}
    for column in changed["rules"][kind].values():
        for severity in [severity for severity in column if severity < cap]:
            del column[severity]
    return changed


def publish_document(document: dict[str, Any]) -> None:
    """Put a document in force."""
    publish_policy(document=document, label="test")
