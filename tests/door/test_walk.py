"""Everybody's walk through the portal: each page has a name, and no door is shown that is shut."""

from __future__ import annotations

import pytest

from tests.door.walking import walk
from tests.door.worlds import World

EVERYBODY = {  # how many kinds of pages they come to at least, so that nobody is lost at the door
    "anonymous": 5, "user": 10, "reader": 20, "sharepoint_admin": 20, "admin": 40, "partner": 25, "engineer": 30,
    "lead": 60, "account_manager": 30, "operator": 40,
}  # fmt: skip


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_page_has_a_name_and_shows_no_link_or_form_that_is_shut(world: World, name: str) -> None:
    """RO-1, RO-3, SH-2, PA-1: what somebody may not do is not offered to them"""
    wrong, named = walk(world.callers[name])

    assert not wrong, "\n".join(["", *wrong])
    assert len(named) >= EVERYBODY[name], f"only {sorted(named)}"
