"""Everybody's walk through the portal: each page has a name, and no door is shown that is shut."""

from __future__ import annotations

import pytest

from tests.door.walking import walk
from tests.door.worlds import World

EVERYBODY = (
    "anonymous", "user", "reader", "sharepoint_admin", "admin", "partner", "engineer", "lead", "account_manager",
    "operator",
)  # fmt: skip


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_page_has_a_name_and_shows_no_link_or_form_that_is_shut(world: World, name: str) -> None:
    """RO-1, RO-3, SH-2, PA-1: what somebody may not do is not offered to them"""
    wrong = walk(world.callers[name])

    assert not wrong, "\n".join(["", *wrong])
