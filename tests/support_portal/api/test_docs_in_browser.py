"""The API's pages in a real browser, under the portal's content security policy."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import barriers


def test_the_docs_list_the_operations_and_break_no_policy(page: Page):
    """Settled point 14; the fixture fails on script errors and on breaches of the policy"""
    page.goto("/api/v1/docs/")
    group = page.locator("#operations-tag-tokens")
    expect(group).to_contain_text("API tokens of the caller.", timeout=20_000)
    expect(page.locator(".opblock")).to_have_count(0)  # two hundred at once are no overview
    operation = page.locator("#operations-tokens-tokens_create")

    group.click()
    operation.locator("button.opblock-summary-control").click()
    expect(operation).to_contain_text("Idempotency-Key")


def test_the_docs_can_be_read_on_a_phone(page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/api/v1/docs/")
    group = page.locator("#operations-tag-tokens")
    expect(group).to_contain_text("API tokens of the caller.", timeout=20_000)
    assert group.locator("small").bounding_box()["width"] > 300  # a letter each line before

    group.click()
    page.locator("#operations-tokens-tokens_create button.opblock-summary-control").click()
    expect(page.locator("#operations-tokens-tokens_create")).to_contain_text("Idempotency-Key")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_errors_is_accessible_and_fits_a_phone(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/api/v1/docs/errors/#reopen-window-closed")

    expect(page.locator("#reopen-window-closed")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
