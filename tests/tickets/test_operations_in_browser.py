"""The page of operations in a real browser: accessible in both themes, on a phone, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from accounts import clock
from accounts.models import Delivery, Person
from tests import factories
from tests.browser import barriers, complaints_of, let_in
from tests.tickets import making
from tickets.models import Timer
from tickets.services.sweeping import sweep

PAGE = "/staff/operations/"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def lead(live_portal: str) -> Person:
    """A duty manager, on a night when a timer and a mail have failed."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    filed = making.filed(factories.actor(factories.make_person(organisation, "global_admin")))
    failed = Timer.objects.filter(request=filed, step="50")
    failed.update(state="failed", settled_at=clock.now(), attempts=8, cause="IntegrityError")
    Delivery.objects.filter(channel="mail").update(state="failed", last_error="SMTPRecipientsRefused 550")
    sweep()
    return factories.make_staff("duty_manager")


def test_it_is_accessible_and_fits_a_phone(browser: Browser, live_portal: str, lead: Person) -> None:
    """WCAG 2.2 AA"""
    with browser.new_context(base_url=live_portal, viewport=PHONE) as context:  # type: ignore[arg-type]
        window = context.new_page()
        complaints = complaints_of(window)
        let_in(context, lead, live_portal)
        window.goto(PAGE)

        found = barriers(window)

        assert found == []
        assert window.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert complaints == []


def test_a_failed_timer_is_tried_again_without_a_script(browser: Browser, live_portal: str, lead: Person) -> None:
    """P-3: an ordinary form."""
    with browser.new_context(base_url=live_portal, java_script_enabled=False) as context:
        window = context.new_page()
        let_in(context, lead, live_portal)
        window.goto(PAGE)

        window.get_by_role("button", name="Try again").click()

        expect(window.get_by_text("The timer is tried again with the next sweep.")).to_be_visible()
        expect(window.get_by_role("heading", name="Failed timers")).to_have_count(0)
        expect(window.get_by_role("heading", name="Failed notices")).to_be_visible()
