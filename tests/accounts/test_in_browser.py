"""The pages of people and organisations in a real browser: accessible, on phones, in the dark, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts import clock
from accounts.links import reset_link
from accounts.models import Organisation, Person
from tests.browser import barriers, complaints_of, let_in
from tests.factories import (
    PASSWORD,
    make_delegation,
    make_elevated_contract,
    make_organisation,
    make_partner,
    make_person,
    make_staff,
    make_subscription,
    reread,
)

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def organisation(live_portal: str) -> Organisation:
    customer = make_organisation("lotus-foods", name="Lotus Foods 蓮華食品", phone="+886 2 5550 0100")
    make_elevated_contract(customer, account_manager=make_staff("account_manager", name="Ingrid Solberg"))
    make_subscription(customer, seats=250)
    make_subscription(customer, "business_basic", trial=True, ends_at=clock.now() + timedelta(days=20))
    make_person(customer, name="Wei Huang")
    return customer


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="陳美玲", email="mei@example.com", password=PASSWORD)


@pytest.fixture
def consultant(organisation: Organisation, admin: Person) -> Person:
    partner = make_partner("north-star", name="North Star Consulting")
    make_delegation(organisation, partner, granted_by=admin)
    return make_person(partner, "service_support_admin", email="olga@example.com", password=PASSWORD)


@pytest.fixture
def window(browser: Browser, live_portal: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=live_portal, locale="en-GB") as context:
        yield context


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def look_at(page: Page) -> None:
    """No barrier for assistive technology, and nothing to scroll sideways on a phone."""
    found = barriers(page)
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found] == []
    before = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size(before)  # type: ignore[arg-type]


def test_the_door_has_no_barriers(window: BrowserContext, admin: Person) -> None:
    page = window.new_page()
    complaints = complaints_of(page)
    for address in ("/login/", "/password/reset/", "/password/reset/done/", "/password/reset/key/1-made-up/"):
        page.goto(address)
        look_at(page)
    for _ in range(6):
        sign_in(page, admin.email, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("Try again in 15 minutes.")
    look_at(page)

    assert complaints == []


def test_a_password_is_chosen_behind_the_link_of_a_mail(window: BrowserContext, admin: Person) -> None:
    """The form is accepted from a real browser, whatever Origin it sends"""
    page = window.new_page()
    page.goto(urlsplit(reset_link(admin)).path)
    page.get_by_label("New password", exact=True).fill("a heron by the quiet weir")
    page.get_by_label("New password, again").fill("a heron by the quiet weir")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done/")

    sign_in(page, admin.email, "a heron by the quiet weir")
    expect(page).not_to_have_url(re.compile("/login/"))


def test_the_pages_behind_it_have_none_either(window: BrowserContext, live_portal: str, admin: Person) -> None:
    page = window.new_page()
    complaints = complaints_of(page)
    let_in(window, admin, live_portal)
    organisation = [
        f"/organisation/{page}" for page in ("", "people/", "people/invite/", "partners/", "subscriptions/")
    ]
    for address in (*organisation, "/profile/", "/profile/tokens/", "/password/change/", "/logout/"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(details => details.open = true)")
        look_at(page)

    assert complaints == []


def test_a_partner_sees_for_whom_they_act(window: BrowserContext, live_portal: str, consultant: Person) -> None:
    """PA-1"""
    page = window.new_page()
    let_in(window, consultant, live_portal)
    page.goto("/acting-for/")
    look_at(page)

    page.get_by_role("button", name="Act for them").click()

    expect(page.get_by_role("complementary", name="On behalf of")).to_contain_text(
        "You act on behalf of Lotus Foods 蓮華食品."
    )
    page.goto("/organisation/")
    look_at(page)
    page.get_by_role("button", name="Stop acting for them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers you act for")
    expect(page.get_by_role("complementary", name="On behalf of")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_role_is_given_with_and_without_scripts(
    browser: Browser, live_portal: str, admin: Person, organisation: Organisation, scripts: bool
) -> None:
    wei = Person.objects.get(name="Wei Huang")
    with browser.new_context(base_url=live_portal, java_script_enabled=scripts, locale="en-GB") as context:
        page = context.new_page()
        let_in(context, admin, live_portal)
        page.goto("/organisation/people/")
        page.get_by_role("link", name="Wei Huang").click()
        if scripts:  # what looks for barriers is one, and would never answer
            look_at(page)
        page.get_by_label("Billing admin").check()
        page.get_by_role("button", name="Save the roles").click()

        expect(page.get_by_role("status").first).to_contain_text("The roles of Wei Huang are saved.")
    assert reread(wei).role_names == ["billing_admin"]


def test_the_language_follows_a_person_to_another_browser(browser: Browser, live_portal: str, admin: Person) -> None:
    with browser.new_context(base_url=live_portal, locale="en-GB") as context:
        page = context.new_page()
        sign_in(page, admin.email)
        page.goto("/profile/")
        page.locator("summary").filter(has_text="Language").click()
        page.get_by_role("button", name="繁體中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    with browser.new_context(base_url=live_portal, locale="en-GB") as context:
        page = context.new_page()
        sign_in(page, admin.email)
        page.goto("/profile/")
        expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
