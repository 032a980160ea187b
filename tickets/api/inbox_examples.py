"""Calls and answers about one's notices, for the schema."""

from __future__ import annotations

from accounts.api.schema import answered, sent

MARKED = [sent("All of them", {}), answered("Three were new", {"marked": 3})]
