"""Security keys and passkeys in a real browser, under our content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Event, Person
from tests.accounts.test_calendar_in_browser import look_at, sign_in
from tests.accounts.test_second_factors import give_app, now_code
from tests.browser import complaints_of
from tests.factories import PASSWORD, make_organisation, make_person


@pytest.fixture
def admin(live_portal: str) -> Person:
    return make_person(make_organisation(), "global_admin", email="mei@example.com", password=PASSWORD)


@pytest.fixture
def address(live_portal: str, settings: Any) -> str:
    """The live portal by a name: keys are bound to hosts, never to numbers."""
    settings.PUBLIC_URL = live_portal.replace("127.0.0.1", "localhost")
    return str(settings.PUBLIC_URL)


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=address, locale="en-GB") as context:
        yield context


def plug_in_key(page: Page) -> None:
    """A key that keeps passkeys and knows its owner's finger."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_out(page: Page) -> None:
    page.goto("/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/login/")


def test_a_key_is_set_up_signs_in_as_second_factor_and_alone(window: BrowserContext, admin: Person) -> None:
    page = window.new_page()
    complaints = complaints_of(page)
    plug_in_key(page)
    sign_in(page, admin.email)

    page.goto("/profile/security/")
    page.get_by_role("link", name="Add a security key or passkey").click()
    page.get_by_label("Name of the key").fill("Blue key")
    page.get_by_role("button", name="Set up the key").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a file").click()
    assert len(saved.value.path().read_text().split()) == 10
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("Blue key")).to_be_visible()

    sign_out(page)
    page.get_by_label("Mail address").fill(admin.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use your security key or passkey").click()
    page.wait_for_url(lambda url: "/login/" not in url)

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/login/" not in url)

    assert Authenticator.objects.get(type="webauthn").data["counter"] >= 2
    Authenticator.objects.all().delete()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey is not known here.")).to_be_visible()
    assert Event.objects.filter(kind="signed_in", actor=admin).count() == 3
    assert complaints == []


def test_the_pages_of_security_can_be_used_by_everybody(window: BrowserContext, admin: Person, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = ["global_admin"]
    page = window.new_page()
    complaints = complaints_of(page)
    sign_in(page, admin.email)

    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Set up a security key or passkey").click()
    look_at(page)
    page.goto("/profile/security/app/")
    look_at(page)
    give_app(admin)
    page.goto("/profile/security/")
    look_at(page)
    page.get_by_label("Code").fill(now_code())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Where you are signed in")).to_be_visible()
    look_at(page)
    page.get_by_text("Change it", exact=True).click()
    page.get_by_label("New mail address").fill("new@example.net")
    page.get_by_role("button", name="Send both links").click()
    expect(page.get_by_text("We have sent a link to both addresses.")).to_be_visible()
    look_at(page)
    page.locator("summary", has_text="Make new codes").click()
    page.get_by_role("dialog").get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    look_at(page)
    assert complaints == []
