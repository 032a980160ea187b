"""Single sign-on in a real browser: the way to the issuer passes our policy of content, and the page is usable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Person, SignOnIdentity
from accounts.services import sign_on_settings
from tests.accounts.signing_on import confirm, set_up
from tests.browser import barriers, let_in
from tests.factories import actor, make_organisation, make_person
from tests.identity_provider import Provider


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    running = Provider(tmp_path)
    yield running
    running.close()


@pytest.fixture
def contoso(live_portal: str, provider: Provider, settings: Any, own_redis: str) -> str:
    """An organisation with single sign-on, and Mei, who has an account; her mail address."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": own_redis}}
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True
    organisation = make_organisation("contoso", name="Contoso")
    admin = make_person(organisation, "global_admin", email="root@contoso.example")
    confirm(organisation, admin, "contoso.example")
    confirm(organisation, admin, "xn--bcher-kva.example")
    on = set_up(admin, provider.issuer, roles_claim="groups")
    provider.client(f"{live_portal}/login/organisation/{on.callback_key}/callback/")
    mei = make_person(organisation, "exchange_admin", name="Mei-ling Chen", email="mei@contoso.example")
    provider.user("mei", email=mei.email, claims={"groups": ["mail"]})
    for value, role in (("mail", "exchange_admin"), ("everything", "global_admin")):
        sign_on_settings.map_role(value=value, role=role, actor=actor(admin))
    wei = make_person(organisation, "reader", name="Wei Huang", email="wei@contoso.example")
    SignOnIdentity.objects.create(organisation=organisation, person=wei, issuer=provider.issuer, subject="s")
    return mei.email


def test_the_way_to_the_issuer_and_back_passes_our_policy(page: Page, provider: Provider, contoso: str) -> None:
    """Chromium holds redirects after a form to form-action; complaints of the policy fail the test (fixture `page`)"""
    page.goto(f"{provider.issuer}/be/mei/")
    page.goto("/profile/")
    page.get_by_label("Mail address").fill(contoso)
    page.get_by_role("button", name="Sign in through your organisation").click()
    page.get_by_role("link", name="Continue with single sign-on").click()

    expect(page).to_have_url(re.compile(r"/profile/$"))
    expect(page.get_by_text("Mei-ling Chen").first).to_be_visible()


def test_the_page_is_accessible_and_fits(page: Page, live_portal: str, contoso: str) -> None:
    let_in(page.context, Person.objects.get(email=f"root@{contoso.partition('@')[2]}"), live_portal)
    page.goto("/organisation/sign-in/")
    page.get_by_text("Settings", exact=True).click()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})

        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
