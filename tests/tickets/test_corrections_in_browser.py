"""Corrections and how good the assessment is, in a real browser: accessible, on a phone, without a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts import clock
from accounts.models import Organisation, Person
from tests import factories
from tests.browser import barriers, complaints_of, let_in
from tests.tickets import making
from tickets.models import Correction, ServiceRequest
from tickets.services.conversation import reply_publicly
from tickets.services.corrections import correct_request
from tickets.services.severity import change_severity

MINUTE = timedelta(minutes=1)
PAGE = "/staff/assessment/"


@pytest.fixture
def organisation(own_database: Any) -> Organisation:
    """A customer in Taipei."""
    organisation = factories.make_organisation("lotus-foods", name="Lotus Foods")
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def senior(own_database: Any) -> Person:
    """A senior engineer."""
    return factories.make_staff("senior_engineer", name="Ravi Iyer")


@pytest.fixture
def corrected(organisation: Organisation, senior: Person) -> ServiceRequest:
    """A request whose severity, scope and category an engineer corrected, beside some that stayed as they were."""
    admin, actor = factories.actor(factories.make_person(organisation, "global_admin")), factories.actor(senior)
    at = clock.now() - timedelta(hours=2)
    for severity in "ABBC":
        number = making.filed(admin, severity=severity, now=at).number
        reply_publicly(number=number, actor=actor, body="We are on it.", now=at + MINUTE)
    for severity, decided in (("B", "A"), ("A", "B")):
        row = making.filed(admin, severity=severity, now=at)
        reason = "After reading the description."
        change_severity(number=row.number, actor=actor, severity=decided, reason=reason, now=at + MINUTE)
    particulars = {"scope": "third_party", "category": "technical.advisory"}
    note = "An add-in of another vendor, see <their page>."
    return correct_request(number=row.number, actor=actor, particulars=particulars, note=note, now=at + 2 * MINUTE)


@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "en"), (360, "dark", "zh-hant")])
def test_every_page_is_accessible_and_narrow_enough(
    browser: Browser,
    live_portal: str,
    senior: Person,
    corrected: ServiceRequest,
    width: int,
    scheme: Any,
    language: str,
) -> None:
    """SE-1, SC-6: WCAG 2.2 AA, with everything unfolded."""
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    number = corrected.number
    Person.objects.filter(pk=senior.pk).update(language=language)
    with browser.new_context(base_url=live_portal, bypass_csp=True, **options) as context:
        let_in(context, senior, live_portal)
        page = context.new_page()
        for address in (PAGE, f"{PAGE}?language=de", f"/requests/{number}/", f"/requests/{number}/correct/"):
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == language
            page.evaluate("document.querySelectorAll('details.disclosure').forEach(one => one.open = true)")
            for wide in (1280, 360, width):
                page.set_viewport_size({"width": wide, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= wide, address

            found = barriers(page)

            faults = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
            assert (address, faults) == (address, [])


@pytest.mark.parametrize("script", [True, False])
def test_a_scope_is_corrected_and_the_figures_lead_to_the_request(
    browser: Browser, live_portal: str, senior: Person, corrected: ServiceRequest, script: bool
) -> None:
    """SE-1, SC-6: under the content security policy, with and without a script"""
    with browser.new_context(base_url=live_portal, java_script_enabled=script, locale="en-GB") as context:
        let_in(context, senior, live_portal)
        page = context.new_page()
        complaints = complaints_of(page)
        page.goto(PAGE)
        expect(page.get_by_role("img", name="How often the assessment was right, by how sure it was")).to_be_visible()
        page.get_by_role("link", name=corrected.subject).first.click()
        page.get_by_role("link", name="Correct scope or category").click()
        page.get_by_label("Scope").select_option("scripting")
        page.get_by_label("Note for the desk").fill("A macro after all.")
        page.get_by_role("button", name="Correct").click()

        expect(page.get_by_text("The request is sorted anew.")).to_be_visible()
        page.locator("summary", has_text="What was corrected").click()
        expect(page.get_by_text("A macro after all.")).to_be_visible()
        assert complaints == []
    newest = Correction.objects.latest("id")
    assert (newest.what, newest.corrected, newest.request_id) == ("scope", "scripting", corrected.pk)
