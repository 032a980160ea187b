"""Surveys, escalations and translators in a real browser: accessible, on a phone, with and without a script."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts import clock
from accounts.models import Organisation, Person
from tests import factories
from tests.browser import barriers, let_in
from tests.tickets import making
from tickets.links import survey_link
from tickets.models import Escalation, ServiceRequest, Survey, TranslatorRequest
from tickets.services.closing import Ending, close_request
from tickets.services.escalation import escalate_request, escalate_to_senior
from tickets.services.surveys import Opinion, answer_survey
from tickets.services.sweeping import sweep
from tickets.services.translators import Arrangement, arrange_translator, ask_translator

DAY = timedelta(days=1)
PICTURES = os.environ.get("PICTURES_IN", "")  # a folder, to look at what is tested here


@pytest.fixture
def organisation(own_database: Any) -> Organisation:
    """A customer in Taipei."""
    organisation = factories.make_organisation("lotus-foods", name="Lotus Foods")
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def person(organisation: Organisation) -> Person:
    """The customer's global admin."""
    return factories.make_person(organisation, "global_admin", name="Wei Chen", timezone="Asia/Taipei")


@pytest.fixture
def engineer(own_database: Any) -> Person:
    """An engineer."""
    return factories.make_staff("engineer", name="Ravi Iyer")


@pytest.fixture
def busy(person: Person, engineer: Person) -> ServiceRequest:
    """An open request that was escalated to everybody, with a translator arranged."""
    admin, staff = factories.actor(person), factories.actor(engineer)
    row = making.filed(admin)
    number = row.number
    words = "Our 40 shops cannot sell since this morning."
    escalate_request(number=number, actor=admin, reason="business_impact", justification=words)
    note = "Restarted the connector twice. Needs somebody who knows its certificates."
    escalate_to_senior(number=number, actor=staff, reason="technical_expertise", note=note)
    ask_translator(number=number, actor=admin, language="vi", wish="Any afternoon.")
    meeting = Arrangement("Mei-Ling Wu", clock.now() + DAY, "Dial in with 4711.")
    arrange_translator(number=number, actor=staff, arrangement=meeting)
    return row


@pytest.fixture
def asked(person: Person, engineer: Person) -> Survey:
    """The survey about a request that was closed two days ago."""
    row = making.filed(factories.actor(person), severity="C", now=clock.now() - 3 * DAY)
    ending = Ending("solved", "It works again.")
    close_request(number=row.number, actor=factories.actor(engineer), ending=ending, now=clock.now() - 2 * DAY)
    sweep()
    return Survey.objects.get(request=row)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_is_accessible_and_narrow_enough(
    browser: Browser, live_portal: str, person: Person, busy: ServiceRequest, asked: Survey, width: int, scheme: Any
) -> None:
    """RO-4, LA-2: WCAG 2.2 AA, with everything unfolded."""
    rated = making.filed(factories.actor(person), severity="C", now=clock.now() - 3 * DAY)
    staff = factories.make_staff("engineer", "team_lead", name="Ingrid Berg")
    close_request(
        number=rated.number, actor=factories.actor(staff), ending=Ending("solved", "."), now=clock.now() - 2 * DAY
    )
    sweep()
    answer_survey(number=rated.number, actor=factories.actor(person), opinion=Opinion(2, False, "It took a week."))
    secret = survey_link(asked.pk, person).removeprefix(live_portal)
    pages: dict[Person | None, list[str]] = {
        None: [secret, "/surveys/nobody-was-given-this/"],
        person: [f"/requests/{busy.number}/", f"/requests/{asked.request.number}/", "/requests/new/"],
        staff: [
            f"/requests/{busy.number}/",
            f"/requests/{rated.number}/",
            "/queue/?view=senior",
            "/staff/surveys/",
        ],
    }
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    for reader, addresses in pages.items():
        with browser.new_context(base_url=live_portal, **options) as context:
            if reader:
                let_in(context, reader, live_portal)
            page = context.new_page()
            for number, address in enumerate(addresses):
                look_at(page, address, width, f"{reader and reader.pk}-{number}-{width}-{scheme}.png")


def look_at(page: Page, address: str, width: int, picture: str) -> None:
    """No barrier for assistive technology, and nothing to scroll sideways."""
    page.goto(address)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / picture, full_page=True)
    page.evaluate("document.querySelectorAll('details.disclosure').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    found = barriers(page)

    faults = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
    assert (address, faults) == (address, [])


@pytest.mark.parametrize("script", [True, False])
def test_a_survey_is_answered_from_the_mail_without_signing_in(
    browser: Browser, live_portal: str, person: Person, asked: Survey, script: bool
) -> None:
    """RO-4: also where `no-referrer` makes a browser send `Origin: null`"""
    with browser.new_context(base_url=live_portal, java_script_enabled=script, locale="en-GB") as context:
        page = context.new_page()
        page.goto(survey_link(asked.pk, person))
        assert Survey.objects.get(pk=asked.pk).answered_at is None
        page.get_by_text("5 – very good").click()
        page.get_by_label("Yes").check()
        page.get_by_label("What should we know?").fill("Thank you, Ravi.")
        page.get_by_role("button", name="Send").click()

        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    answered = Survey.objects.get(pk=asked.pk)
    assert (answered.rating, answered.solved, answered.comment) == (5, True, "Thank you, Ravi.")


def test_an_admin_escalates_and_asks_for_a_translator(page: Page, live_portal: str, person: Person) -> None:
    """DESIGN, timers and escalation; LA-2"""
    row = making.filed(factories.actor(person))
    let_in(page.context, person, live_portal)
    page.goto(f"/requests/{row.number}/")

    page.locator("summary", has_text="Escalate").click()
    page.get_by_label("What should those who lead know?").fill("Our shops cannot sell.")
    page.get_by_role("button", name="Escalate").click()
    expect(page.get_by_text("Escalated by the customer").first).to_be_visible()
    page.locator("summary", has_text="Ask for a translator").click()
    page.locator("#id_translator-language").select_option("vi")
    page.get_by_role("button", name="Ask", exact=True).click()

    expect(page.get_by_text("Asked for", exact=True)).to_be_visible()
    assert Escalation.objects.get().justification == "Our shops cannot sell."
    assert TranslatorRequest.objects.get().language == "vi"
