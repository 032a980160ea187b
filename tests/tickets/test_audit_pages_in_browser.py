"""The audit trail in a real browser: accessible in both themes and languages, on phones, and without a script."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from accounts import circumstances, clock
from accounts.actors import Actor
from accounts.models import Organisation, Person
from accounts.services import delegations, people
from accounts.services.sealing import seal_events
from tests import factories
from tests.browser import barriers, complaints_of, let_in
from tests.tickets import making
from tickets.services.conversation import add_internal_note, reply_publicly

OURS, STAFF = "/organisation/audit/", "/staff/audit/"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SHOTS = os.environ.get("AUDIT_SHOTS", "")


def member(organisation: Organisation | None, *roles: str, **fields: object) -> Person:
    return factories.make_person(organisation, *roles, password=factories.PASSWORD, **fields)


@pytest.fixture
def readers(live_portal: str) -> dict[str, Person]:
    """An admin and a lead, each in both languages, and a trail of what people, support and the portal did."""
    customer = factories.make_organisation("contoso", name="Contoso Trading")
    factories.make_subscription(customer)
    found = {
        f"{OURS} {language}": member(customer, "global_admin", name="Ann Lee", language=language)
        for language in ("en", "zh-Hant")
    }
    for language in ("en", "zh-Hant"):
        found[f"{STAFF} {language}"] = factories.make_staff(
            "team_lead", name="Lea Lead", language=language, password=factories.PASSWORD
        )
    _live(customer, factories.actor(found[f"{OURS} en"]), factories.actor(found[f"{STAFF} en"]))
    seal_events()
    return found


def _live(customer: Organisation, admin: Actor, lead: Actor) -> None:
    """A day of a customer's life, from an address of the new kind, whose length is what a phone has to bear."""
    with circumstances.under("page", address="2001:db8:85a3:8d3:1319:8a2e:370:7348"):
        reader = member(customer, name="佐藤 Benjamin Odegaard-Featherstonehaugh")
        people.give_role(person_id=reader.pk, role="reader", actor=admin)
        filed = making.filed(admin)
        partner = factories.make_partner("fabrikam", name="Fabrikam Consulting")
        delegations.grant_delegation(
            partner_slug=partner.slug,
            duties=["service_support_admin"],
            expires_at=clock.now() + timedelta(days=90),
            actor=admin,
        )
    with circumstances.under("token:17", address="203.0.113.9"):
        reply_publicly(number=filed.number, actor=lead, body="We look into it.")
        add_internal_note(number=filed.number, actor=lead, body="Hm.")


def test_it_is_accessible_in_both_themes_and_fits_a_phone(
    browser: Browser, live_portal: str, readers: dict[str, Person]
) -> None:
    """WCAG 2.2 AA"""
    for name, person in readers.items():
        address, _, language = name.partition(" ")
        with browser.new_context(base_url=live_portal, viewport=DESKTOP) as context:  # type: ignore[arg-type]
            let_in(context, person, live_portal)
            window = context.new_page()
            complaints = complaints_of(window)
            window.goto(address)
            for size in (DESKTOP, PHONE):
                window.set_viewport_size(size)  # type: ignore[arg-type]
                if SHOTS:
                    where = address.strip("/").replace("/", "-")
                    window.screenshot(path=f"{SHOTS}/{where}-{language}-{size['width']}.png", full_page=True)

                found = barriers(window)

                assert found == [], (name, size)
                assert window.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert complaints == []


def test_filters_exports_and_the_daily_head_work_without_a_script(
    browser: Browser, live_portal: str, readers: dict[str, Person]
) -> None:
    """P-10: ordinary forms"""
    with browser.new_context(base_url=live_portal, java_script_enabled=False, accept_downloads=True) as context:
        let_in(context, readers[f"{OURS} en"], live_portal)
        window = context.new_page()
        window.goto(OURS)

        window.get_by_label("Who").fill("Benjamin")
        window.keyboard.press("Enter")
        expect(window.get_by_text("Nothing fits these filters.")).to_be_visible()
        window.get_by_label("Who").fill("Ann")
        window.keyboard.press("Enter")
        expect(window.get_by_role("row").filter(has_text="Role given")).to_have_count(1)
        expect(window.get_by_role("row").filter(has_text="Support replied")).to_have_count(0)
        with window.expect_download() as download:
            window.get_by_role("button", name="Export as NDJSON").click()
        assert download.value.suggested_filename == "audit-contoso.ndjson"
        window.get_by_role("button", name="Mail me the head once a day").click()

        expect(window.get_by_text("The head comes to you by mail once a day.")).to_be_visible()
