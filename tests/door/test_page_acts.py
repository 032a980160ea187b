"""Everything that a person can do on pages, a program can do over the API, or docs/api.md says why not."""

from __future__ import annotations

import re
from pathlib import Path

from tests.door.acts import only_on_pages
from tests.door.operations import operations

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
HEADING = "## What only the pages do\n"
OF_FORMS = {"tickets:preview": "api-preview"}  # writes nothing on either side
ACTS = [each for each in operations() if each.method == "POST" and not each.is_api and each.name not in OF_FORMS]
HOWTO = """
{acts}: forms there write what no operation of the API writes. Let an operation call the same service; or, where that
makes no sense, say why in a row of "What only the pages do" in docs/api.md.
"""


def told() -> dict[str, str]:
    """The rows of the table: addresses and the reason for each."""
    section = DOCS.read_text(encoding="utf-8").split(HEADING, 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`/.+?) \| (.+) \|$", section, re.MULTILINE)
    return {_shape(address): why for addresses, why in rows for address in re.findall(r"`([^`]+)`", addresses)}


def _shape(address: str) -> str:
    """An address without the names of what varies in it."""
    plain = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<[^>]*>|\{[^}]*\}", "*", address.strip("^$"))
    return f"/{plain.lstrip('/')}".replace("*-*", "*")


def test_what_people_do_on_pages_programs_can_do_or_the_docs_say_why_not() -> None:
    """Issue 6: everything a person can do in the portal, a program can do"""
    on_pages = {_shape(each.pattern): each.name for each in ACTS if only_on_pages(each)}
    silent, needless = set(on_pages) - set(told()), set(told()) - set(on_pages)

    assert not silent, HOWTO.format(acts=sorted(silent))
    assert not needless, f"docs/api.md: the API does these by now, or no page does: {sorted(needless)}"


def test_what_both_sides_write_is_found_in_the_code() -> None:
    """The other side: nothing is taken for written by the API because nothing is ever found"""
    named = {each.name: each for each in operations() if each.method == "POST"}

    assert not only_on_pages(named["tickets:reply"])
    assert not only_on_pages(named["tickets:webhook_act"])
    assert only_on_pages(named["accounts:add_key"])
    assert only_on_pages(named["account_login"])
