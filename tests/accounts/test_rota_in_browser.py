"""The duty rota in a real browser: accessible, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from accounts import clock
from accounts.rota.duty_time import Span
from accounts.services.duty_patterns import add_pattern
from accounts.services.rota import add_shift
from tests.accounts.test_calendar_in_browser import look_at
from tests.browser import complaints_of, let_in
from tests.factories import actor, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def window(browser: Browser, live_portal: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=live_portal, locale="en-GB") as context:
        yield context


def test_a_lead_looks_after_the_rota(window: BrowserContext, live_portal: str) -> None:
    lead = make_staff("team_lead", timezone="Europe/Berlin")
    ada, ben = make_staff("duty_manager", name="Ada"), make_staff("duty_manager", "engineer", name="Ben 陳")
    now = clock.now()
    span = Span(now - HOUR, now + HOUR)
    add_shift(role="duty_manager", team="", person_id=ada.pk, span=span, actor=actor(lead))
    add_pattern(
        role="on_call", team="technical-emea", person_id=ben.pk, timezone="Europe/Berlin", weekdays=list(range(7)),
        starts=time(20), ends=time(8), first_day=date(2026, 1, 1), actor=actor(lead),
    )  # fmt: skip
    page = window.new_page()
    complaints = complaints_of(page)
    let_in(window, lead, live_portal)
    page.goto("/")

    page.get_by_role("link", name="Duty rota").click()
    expect(page.get_by_text("Nobody is on duty")).to_be_visible()
    look_at(page)
    page.locator("a.duty", has_text="Ada").first.click()
    look_at(page)
    page.get_by_label("Who takes over?").select_option(label="Ben 陳")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("The shift has changed hands.")).to_be_visible()
    page.get_by_role("link", name="Weekly duties").click()
    look_at(page)
    page.get_by_role("link", name="Duty rota").first.click()
    page.get_by_role("link", name="Add a shift").click()
    look_at(page)
    assert complaints == []
