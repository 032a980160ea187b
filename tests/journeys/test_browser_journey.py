"""The main job in a real browser: file, be told severity and due instant, answer, close, reopen, archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Organisation, Person
from tests import factories
from tests.browser import barriers, complaints_of, let_in
from tests.tickets import making
from tickets.models import ServiceRequest, Timer
from tickets.services.conversation import add_internal_note, ask_customer
from tickets.services.sweeping import sweep
from tickets.verification import faults

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def organisation(live_portal: str) -> Organisation:
    """A customer in Taipei with an Enterprise plan."""
    organisation = factories.make_organisation("jade", name="Jade Harbour 翡翠港")
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    """Its global admin."""
    return factories.make_person(
        organisation, "global_admin", name="Mei Chen", timezone="Asia/Taipei", phone="+886 2 5550 0123",
    )  # fmt: skip


@pytest.fixture
def engineer(live_portal: str) -> Person:
    """An engineer of technical support."""
    return factories.make_staff("engineer", name="Priya Raman", languages=["en"])


def window(browser: Browser, address: str, person: Person, **options: object) -> tuple[BrowserContext, Page, list[str]]:
    """A window of a browser in which the person has signed in, and the complaints of its console."""
    context = browser.new_context(base_url=address, locale="en-GB", **options)  # type: ignore[arg-type]
    page = context.new_page()
    complaints = complaints_of(page)
    let_in(context, person, address)
    return context, page, complaints


@pytest.fixture
def desks(
    browser: Browser, live_portal: str, admin: Person, engineer: Person
) -> Iterator[tuple[Page, Page, list[str]]]:
    """The admin's window, the engineer's, and what their consoles complained of."""
    one, customer, first = window(browser, live_portal, admin, viewport=DESK)
    two, staff, second = window(browser, live_portal, engineer, viewport=DESK)
    complaints: list[str] = []
    with one, two:
        yield customer, staff, complaints
    assert first + second == complaints


def test_a_request_from_filing_to_archive(desks: tuple[Page, Page, list[str]], settings) -> None:
    """CH-3, CH-4, SE-1, SLA-1: in two browsers, by the words that people see."""
    settings.RATE_LIMIT_FACTOR = 1000
    customer, staff, _ = desks

    customer.goto("/")
    customer.get_by_role("link", name="New request").first.click()
    customer.get_by_label("Configuration or a failure").check()
    customer.locator("[name=service]").select_option("exchange_online")
    customer.get_by_label("Subject").fill("No mail leaves the company")
    customer.get_by_label("Description").fill("Since 08:00 nobody can send or receive mail, at all three sites.")
    expect(customer.locator("#preview")).to_contain_text("Critical", timeout=20_000)
    expect(customer.locator("#preview")).to_contain_text("Around the clock")
    customer.get_by_role("button", name="File the request").click()
    expect(customer.get_by_role("heading", level=1)).to_contain_text("No mail leaves the company")
    expect(customer.locator("main")).to_contain_text("min")  # the countdown
    number = customer.url.rstrip("/").rpartition("/")[2]

    staff.goto("/queue/")
    expect(staff.locator("tbody tr").first).to_contain_text("No mail leaves the company")
    staff.get_by_role("table").get_by_role("link", name="No mail leaves the company").click()
    staff.get_by_role("button", name="Take").click()
    staff.get_by_label("Message to the customer").first.fill("We see the queue growing and are **on it**.")
    staff.get_by_role("button", name="Send to the customer").click()
    expect(staff.locator("main")).to_contain_text("Answered in time")
    staff.get_by_label("Internal note", exact=True).fill("Transport rule 7 loops.")
    staff.get_by_role("button", name="Add internal note").click()
    expect(staff.locator(".conversation")).to_contain_text("not visible to the customer")

    customer.reload()
    expect(customer.locator(".conversation strong", has_text="on it")).to_be_visible()
    expect(customer.locator("body")).not_to_contain_text("Transport rule 7")
    customer.get_by_label("Message").first.fill("Thank you. How long will it take?")
    customer.get_by_role("button", name="Send message").click()
    expect(customer.locator(".conversation")).to_contain_text("How long will it take?")

    staff.reload()
    staff.locator("summary", has_text="Close request").click()
    staff.get_by_label("Message to the customer").last.fill("The rule was removed; mail flows again.")
    staff.get_by_role("button", name="Close request").last.click()
    expect(staff.locator("main")).to_contain_text("It can be reopened until")

    customer.reload()
    expect(customer.locator("main")).to_contain_text("It can be reopened until")
    customer.locator("summary", has_text="Reopen").click()
    customer.get_by_label("What is still wrong?").fill("The branch office still has none.")
    customer.get_by_role("button", name="Reopen").last.click()
    expect(customer.locator("main")).to_contain_text("Awaiting response")

    customer.locator("summary", has_text="Close request").click()
    customer.get_by_role("button", name="Close request").last.click()
    expect(customer.locator("main")).to_contain_text("It can be reopened until")

    fifteen_days = timedelta(days=15)
    ServiceRequest.objects.filter(number=number).update(closed_at=F("closed_at") - fifteen_days)
    customer.reload()
    expect(customer.locator("main")).to_contain_text("Archived")
    expect(customer.get_by_role("link", name="File a follow-up")).to_be_visible()
    Timer.objects.filter(kind="archive", state="waiting").update(
        due_at=F("due_at") - fifteen_days, next_attempt_at=F("next_attempt_at") - fifteen_days
    )
    sweep()
    assert ServiceRequest.objects.get(number=number).state == "archived"
    problems = {str(fault) for fault in faults()}
    assert {problem for problem in problems if "closing" not in problem} == set()  # we moved the closing ourselves


@pytest.mark.parametrize(
    ("viewport", "scheme", "language"), [(DESK, "light", "en"), (PHONE, "dark", "zh-hant")], ids=["desk", "phone"]
)
def test_the_pages_have_no_barriers(
    browser: Browser, live_portal: str, admin: Person, engineer: Person, viewport: object, scheme: str, language: str
) -> None:
    """WCAG 2.2 AA by axe, and nothing to scroll sideways, for both sides of the desk."""
    actor, staff = factories.actor(admin), factories.actor(engineer)
    number = making.filed(actor).number
    making.filed(actor, severity="C")
    add_internal_note(number=number, actor=staff, body="A note.")
    ask_customer(number=number, actor=staff, body="Which **build**?\n\n1. One\n2. Two")
    Person.objects.update(language=language)
    places = {
        admin: ["/", "/requests/", "/requests/new/", f"/requests/{number}/", "/notices/"],
        engineer: ["/queue/", "/queue/?view=waiting", f"/requests/{number}/", f"/requests/{number}/?tab=history"],
    }
    for person, addresses in places.items():
        context, page, complaints = window(browser, live_portal, person, viewport=viewport, color_scheme=scheme)
        with context:
            for address in addresses:
                page.goto(address)
                page.evaluate("document.querySelectorAll('main details').forEach(details => details.open = true)")
                found = barriers(page)
                assert [(address, rule["id"], [n["html"][:160] for n in rule["nodes"]]) for rule in found] == []
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert complaints == []
