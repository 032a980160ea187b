"""Everybody's walk through the portal: each page named, and no door shown that is shut (P-5, the friendly side)."""

from __future__ import annotations

import pytest

from tests.door.walking import Walk, walk
from tests.door.worlds import World

EVERYBODY = (
    "anonymous", "user", "reader", "sharepoint_admin", "admin", "partner", "engineer", "lead", "account_manager",
    "operator",
)  # fmt: skip
WALKS: dict[str, Walk] = {}


def walk_of(world: World, name: str) -> Walk:
    """Each is gone once for each process."""
    if name not in WALKS:
        WALKS[name] = walk(world.callers[name])
    return WALKS[name]


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_page_has_a_name_and_no_link_or_form_is_shown_that_is_shut(world: World, name: str) -> None:
    found = walk_of(world, name)

    assert not found.wrong, "\n".join(["", *found.wrong])
