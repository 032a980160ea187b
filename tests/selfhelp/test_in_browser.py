"""Pages of self-help in a real browser: accessible, usable on a phone, with and without a script (SH-1, SH-2)."""

import pytest
from playwright.sync_api import expect

from selfhelp.models import Deflection
from tests.browser import barriers, let_in
from tests.factories import make_organisation, make_person

ARTICLE = "/help/create-and-use-a-shared-mailbox/"
PAGES = ("/", "/help/", "/help/?q=mailbox", "/help/?q=xyzzy", ARTICLE, f"{ARTICLE}?helped=no", "/phone/", "/features/")
UNFOLD = "document.querySelectorAll('details.disclosure').forEach(one => one.open = true)"
A_FEW_ROWS = "document.querySelectorAll('tbody').forEach(one => [...one.rows].slice(5).forEach(row => row.remove()))"


@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "en"), (360, "dark", "zh-hant")])
def test_every_page_is_accessible_and_narrow_enough(browser, live_portal, width, scheme, language):
    """SH-1, SH-2, CH-3, FE-1: WCAG 2.2 AA, with everything unfolded."""
    organisation = make_organisation()
    make_person(organisation, "global_admin", name="Ada King")
    user = make_person(organisation, language=language)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    with browser.new_context(base_url=live_portal, **options) as context:
        let_in(context, user, live_portal)
        page = context.new_page()
        for address in PAGES:
            page.goto(address)
            page.evaluate(UNFOLD)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address

            page.evaluate(A_FEW_ROWS)  # the others are built alike
            found = barriers(page)

            faults = [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found]
            assert (address, faults) == (address, [])


def test_saying_that_an_article_helped_changes_only_that_part_of_the_page(page):
    """SH-1"""
    page.goto(ARTICLE)

    page.get_by_role("button", name="Yes, it did").click()

    expect(page.get_by_text("Glad that it helped")).to_be_visible()
    expect(page.get_by_role("button", name="Yes, it did")).to_have_count(0)
    assert "helped=" not in page.url
    assert Deflection.objects.get().helped


def test_search_and_answer_work_without_a_script(browser, live_portal):
    """SH-1"""
    with browser.new_context(base_url=live_portal, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/help/")
        page.get_by_role("searchbox").fill("共用信箱")
        page.get_by_role("searchbox").press("Enter")
        page.get_by_role("link", name="Create a shared mailbox and show it in Outlook").click()
        page.get_by_role("button", name="No, it did not").click()

        expect(page.get_by_text("Thank you for telling us")).to_be_visible()
    assert not Deflection.objects.get().helped
