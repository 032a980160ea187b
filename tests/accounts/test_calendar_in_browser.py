"""Business hours in a real browser: accessible, on a phone, in the dark, by keyboard, without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts import selectors
from accounts.models import Organisation, Person
from tests.browser import barriers, complaints_of
from tests.factories import PASSWORD, make_organisation, make_person, make_staff

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def organisation(live_portal: str) -> Organisation:
    return make_organisation("lotus", name="Lotus Foods 蓮華食品")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", email="mei@example.com", password=PASSWORD)


@pytest.fixture
def window(browser: Browser, live_portal: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=live_portal, locale="en-GB") as context:
        yield context


def sign_in(page: Page, email: str) -> None:
    page.goto("/login/")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)


def look_at(page: Page) -> None:
    """No barrier for assistive technology, and nothing to scroll sideways on a phone."""
    found = barriers(page)
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found] == []
    before = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size(before)  # type: ignore[arg-type]


def test_an_admin_changes_the_hours_and_sees_the_year(
    window: BrowserContext, organisation: Organisation, admin: Person
) -> None:
    page = window.new_page()
    complaints = complaints_of(page)
    sign_in(page, admin.email)
    page.goto("/organisation/calendar/edit/")
    page.get_by_label("Public holidays of").select_option("TW")
    page.get_by_role("button", name="Add a line").click()
    second = page.get_by_role("listitem", name="Line 2")
    second.get_by_label("From").fill("22:00")
    second.get_by_label("To").fill("02:00")
    second.get_by_text("Sat").click()
    page.get_by_role("button", name="Add a day").click()
    page.get_by_label("Date").fill("2027-05-04")
    page.get_by_label("What is it?").fill("Moving house")
    look_at(page)

    page.get_by_label("Why this change?").press("Enter")

    expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    expect(page.get_by_text("Moving house").first).to_be_attached()
    look_at(page)
    page.get_by_role("button", name="Save these hours").click()
    expect(page.get_by_text("The business hours are saved.")).to_be_visible()
    page.get_by_role("navigation", name="Year").get_by_role("link", name="2027").click()
    expect(page.get_by_role("table", name="May 2027")).to_be_visible()
    expect(page.get_by_text("Moving house")).to_be_visible()
    look_at(page)
    assert selectors.calendar_of(organisation.pk).document["windows"]["5"] == [["22:00", "24:00"]]
    assert complaints == []


def test_staff_find_an_organisation(window: BrowserContext, organisation: Organisation) -> None:
    page = window.new_page()
    complaints = complaints_of(page)
    make_staff("team_lead", email="lead@example.com", password=PASSWORD)
    sign_in(page, "lead@example.com")
    page.get_by_role("link", name="Organisations").click()
    look_at(page)
    page.get_by_role("searchbox", name="Name of an organisation").fill("蓮華")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Lotus Foods").click()
    look_at(page)
    page.get_by_role("link", name="Business hours").click()
    expect(page.get_by_role("heading", name="Business hours")).to_be_visible()
    look_at(page)
    assert complaints == []


def test_the_editor_works_without_a_script(browser: Browser, live_portal: str, admin: Person) -> None:
    with browser.new_context(base_url=live_portal, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, admin.email)
        page.goto("/organisation/calendar/edit/")
        page.get_by_role("button", name="Add a line").click()
        page.get_by_role("listitem", name="Line 1").get_by_label("To").fill("17:00")
        page.get_by_role("button", name="Remove Line 2").click()
        page.get_by_role("button", name="Show what changes").last.click()
        page.get_by_role("button", name="Save these hours").click()
        expect(page.get_by_text("09:00–17:00").first).to_be_visible()
