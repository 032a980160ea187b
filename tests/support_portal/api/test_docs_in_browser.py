"""The API's pages in a real browser, under the portal's content security policy."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import barriers

FURTHER_DOWN = """() => new Promise(drawn => {
    scrollBy(0, innerHeight / 2);
    requestAnimationFrame(() => requestAnimationFrame(drawn));
})"""


def test_the_docs_list_the_operations_and_break_no_policy(page: Page):
    """Settled point 14; the fixture fails on script errors and on breaches of the policy"""
    page.goto("/api/v1/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=20_000)
    operation = page.locator("#operations-tokens-tokens_create")

    for _ in range(200):  # of so many operations it draws those that are looked at
        if operation.count():
            break
        page.evaluate(FURTHER_DOWN)

    operation.locator("button.opblock-summary-control").click()
    expect(operation).to_contain_text("Idempotency-Key")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_errors_is_accessible_and_fits_a_phone(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/api/v1/docs/errors/#reopen-window-closed")

    expect(page.locator("#reopen-window-closed")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
