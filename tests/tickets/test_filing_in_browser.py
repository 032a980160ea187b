"""The page of filing in a real browser: the live preview, choices that narrow, no script at all, the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Organisation, Person
from severity.assessment import Case, assess
from tests import factories
from tests.browser import barriers, complaints_of, let_in
from tickets.models import Attachment, ServiceRequest

PAYLOAD = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>"
Opener = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def readiness() -> None:
    """Read the engine's word lists once, and grant a busy machine its time."""
    assess(Case(subject="Nobody can send mail", description="郵件無法傳送"))
    expect.set_options(timeout=20_000)


@pytest.fixture
def organisation(own_database: Any) -> Organisation:
    """A customer with two subscriptions, so that one has to be chosen."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation, reference="enterprise")
    factories.make_subscription(organisation, "business_basic", reference="business")
    return organisation


@pytest.fixture
def person(organisation: Organisation) -> Person:
    """The customer's global admin, without a telephone."""
    return factories.make_person(organisation, "global_admin", timezone="Asia/Taipei")


@pytest.fixture
def form(browser: Browser, live_portal: str, person: Person) -> Iterator[Opener]:
    """Open the form in a window of one's own; script errors and breaches of the CSP fail the test."""
    opened: list[tuple[BrowserContext, list[str], str]] = []

    def open_form(*, expected: str = "\n", **window: Any) -> Page:
        context = browser.new_context(base_url=live_portal, locale="en-GB", timezone_id="UTC", **window)
        let_in(context, person, live_portal)
        page = context.new_page()
        opened.append((context, complaints_of(page), expected))
        page.goto("/requests/new/")
        return page

    yield open_form
    for context, complaints, expected in opened:
        context.close()
        assert [each for each in complaints if expected not in each] == []


def write(page: Page, **answers: str) -> None:
    """Fill in fields by their names, as somebody would: pick, choose, type."""
    for name, value in answers.items():
        field = page.locator(f"[name={name}]")
        kind = field.first.evaluate("element => element.type")
        if kind == "radio":
            page.locator(f"[name={name}][value='{value}']").check()
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value)


def outage(page: Page) -> None:
    """Describe an A."""
    write(
        page,
        category="technical.configuration",
        subscription="enterprise",
        service="exchange_online",
        subject="Nobody can send mail",
        description="Since this morning no user can send or receive mail through our VPN.",
        service_state="down",
        users_affected="all_users",
    )


def shown(page: Page) -> Any:
    """The preview."""
    return page.locator("#preview-body")


def options(page: Page, name: str) -> list[str]:
    """The values that a drop-down offers now."""
    return [option.get_attribute("value") or "" for option in page.locator(f"select[name={name}] option").all()]


def filed_from(page: Page) -> ServiceRequest:
    """Send the form and return what became of it."""
    page.get_by_role("button", name="File the request").click()
    page.wait_for_url("**/requests/SR-*/")
    return ServiceRequest.objects.get()


def violations(page: Page) -> list[str]:
    found = barriers(page)
    return [f"{each['id']}: {[node['html'] for node in each['nodes']][:3]}" for each in found]


def test_the_preview_follows_what_is_written_and_leaves_the_form_alone(form: Opener) -> None:
    """SE-1, SC-6, LA-1"""
    page = form()
    expect(shown(page)).to_contain_text("Describe the problem, and we will show")

    outage(page)

    expect(shown(page)).to_contain_text("Critical")
    expect(shown(page)).to_contain_text("By the answers, all users are affected")
    expect(shown(page)).to_contain_text("A problem of your own network")
    expect(shown(page)).to_contain_text("An engineer who speaks English is available now.")
    expect(page.locator("[data-preview-said]")).to_contain_text("Severity A – critical; first response by")
    expect(shown(page)).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_label("Subject")).to_have_value("Nobody can send mail")
    assert not ServiceRequest.objects.exists()

    write(page, users_affected="single_user")

    expect(shown(page)).to_contain_text("to be confirmed")


def test_what_was_unfolded_stays_unfolded(form: Opener) -> None:
    page = form()
    outage(page)
    page.get_by_text("How this was computed").click()
    page.locator("#preview-why > summary").click()

    with page.expect_response("**/preview/"):
        write(page, business_impact="severe")

    expect(page.locator("#preview-explanation")).to_have_attribute("open", "")
    expect(page.locator("#preview-why")).not_to_have_attribute("open", "")


def test_a_telephone_is_asked_for_and_the_a_is_filed_all_the_same(form: Opener) -> None:
    """Settled point 10: nothing delays an A."""
    page = form()
    outage(page)
    expect(shown(page)).to_contain_text("We would call you at once")
    page.get_by_role("link", name="Add it below").click()
    expect(page).to_have_url("/requests/new/#id_contact_phone")

    assert filed_from(page).phone_missing


def test_services_and_topics_narrow_with_the_kind_of_help(form: Opener) -> None:
    """TE-3"""
    page = form()
    whole = options(page, "topic")
    assert {"mail_flow", "renew", "exchange_how_to"} <= set(whole)

    write(page, category="technical.configuration")
    assert "subscription" not in options(page, "service")
    assert {"renew", "exchange_how_to"}.isdisjoint(options(page, "topic"))

    write(page, topic="mail_flow")
    expect(page.locator("[name=service]")).to_have_value("exchange_online")
    assert "site_availability" not in options(page, "topic")
    expect(page.locator("select[name=topic] option:checked")).to_have_text("Mail flow")

    write(page, category="billing")
    assert options(page, "service") == ["", "subscription", "other"]
    expect(page.locator("[name=service]")).to_have_value("")
    expect(page.locator("[name=topic]")).to_have_value("")
    assert "renew" in options(page, "topic")


def test_questions_that_do_not_matter_are_not_asked(form: Opener) -> None:
    """PS-1, CH-3: by style alone, so that it works without a script too."""
    page = form(java_script_enabled=False)
    expect(page.get_by_text("Who is affected?")).to_be_visible()
    expect(page.get_by_label("When shall we call back?")).to_be_hidden()

    write(page, category="presales", contact_method="callback")

    expect(page.get_by_text("Who is affected?")).to_be_hidden()
    expect(page.get_by_label("When shall we call back?")).to_be_visible()


def test_the_page_works_without_a_script(form: Opener) -> None:
    """Issue: each page works without JavaScript."""
    page = form(java_script_enabled=False)
    outage(page)

    page.get_by_role("button", name="Preview").click()

    expect(page).to_have_url("/requests/new/preview/#preview")
    expect(shown(page)).to_contain_text("Critical")
    expect(page.get_by_label("Subject")).to_have_value("Nobody can send mail")
    expect(page.locator("[name=users_affected][value=all_users]")).to_be_checked()
    write(page, contact_phone="+886 2 5550 0100")
    filed = filed_from(page)
    assert (filed.severity, filed.contact_phone) == ("A", "+886 2 5550 0100")
    expect(page.locator("main")).to_contain_text(f"Request {filed.number} is filed. An engineer answers by")


def test_without_a_script_enter_in_a_line_of_text_shows_the_preview(form: Opener) -> None:
    """Nothing is filed by accident."""
    page = form(java_script_enabled=False)
    outage(page)

    page.get_by_label("Subject").press("Enter")

    expect(page).to_have_url("/requests/new/preview/#preview")
    assert not ServiceRequest.objects.exists()


def test_with_a_script_enter_in_a_line_of_text_files_nothing(form: Opener) -> None:
    page = form()
    outage(page)

    page.get_by_label("Subject").press("Enter")

    expect(page).to_have_url("/requests/new/")
    expect(shown(page)).to_contain_text("Critical")
    assert not ServiceRequest.objects.exists()


def test_the_keyboard_alone_files_a_request(form: Opener) -> None:
    """WCAG 2.1.1: every field is reached in order, and the preview lies between the questions and the contact."""
    page = form()
    page.locator("[name=category]").first.focus()
    passed: list[str] = []

    def next_field() -> str:
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.id")
        passed.append(name)
        return str(name)

    page.keyboard.press("ArrowDown")
    answers = {
        "subscription": "Office",
        "service": "Exchange",
        "subject": "Nobody can send mail",
        "description": "Down",
    }
    while (name := next_field()) != "attachments":
        if name in answers:
            page.keyboard.type(answers[name])
    while next_field() != "contact_method":
        if passed[-1] == "users_affected":
            for _ in range(3):
                page.keyboard.press("ArrowUp")
            expect(shown(page)).to_contain_text("By the answers, all users are affected")
    while page.evaluate("document.activeElement.textContent.trim()") != "File the request":
        next_field()
    page.keyboard.press("Enter")

    page.wait_for_url("**/requests/SR-*/")
    filed = ServiceRequest.objects.get()
    assert (filed.users_affected, filed.service_code) == ("all_users", "exchange_online")
    assert passed.index("preview-why-summary") > passed.index("deadline_at_risk")


def test_what_was_typed_comes_back_after_leaving_the_page(form: Opener) -> None:
    page = form()
    outage(page)
    page.goto("/help/")

    page.goto("/requests/new/")

    expect(page.get_by_text("This is what you had typed before you left the page.")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("Nobody can send mail")
    expect(page.locator("[name=service]")).to_have_value("exchange_online")
    expect(shown(page)).to_contain_text("Critical")

    page.get_by_role("button", name="Start afresh").click()

    expect(page.get_by_label("Subject")).to_have_value("")
    expect(shown(page)).to_contain_text("Describe the problem, and we will show")


def test_what_was_filed_does_not_come_back(form: Opener) -> None:
    page = form()
    outage(page)
    filed_from(page)

    page.goto("/requests/new/")

    expect(page.get_by_label("Subject")).to_have_value("")
    expect(page.get_by_text("This is what you had typed")).to_be_hidden()


def test_a_preview_that_fails_is_no_obstacle(form: Opener) -> None:
    """P-9"""
    page = form(expected="Response Status Error Code 503")
    page.route("**/preview/", lambda route: route.fulfill(status=503, body=""))
    outage(page)

    expect(page.get_by_text("You can file the request all the same.")).to_be_visible()
    assert filed_from(page).severity == "A"


def test_a_file_that_is_too_large_is_told_before_it_is_sent(form: Opener, tmp_path: Path) -> None:
    """A form that is too large as a whole would be refused with all that was typed."""
    page = form()
    outage(page)
    page.locator("[data-file-input]").evaluate("box => box.dataset.maxBytes = 4")
    (tmp_path / "trace.txt").write_text("longer than that")
    (tmp_path / "note.txt").write_text("note")
    page.locator("input[type=file]").set_input_files(tmp_path / "trace.txt")

    page.get_by_role("button", name="File the request").click()

    assert not ServiceRequest.objects.exists()
    assert "trace.txt" in page.locator("input[type=file]").evaluate("input => input.validationMessage")
    page.locator("input[type=file]").set_input_files(tmp_path / "note.txt")
    filed_from(page)
    assert Attachment.objects.get().name == "note.txt"


def test_what_people_write_runs_nowhere(form: Opener) -> None:
    """P-7"""
    page = form()
    write(
        page, category="technical.configuration", subject=f"Nobody can {PAYLOAD}", description=f"No user can {PAYLOAD}"
    )
    expect(shown(page)).to_contain_text("Proposed severity")
    write(page, contact_phone="none")
    page.locator("#filing").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="File the request").click()

    expect(page.get_by_text("Some answers need another look")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value(f"Nobody can {PAYLOAD}")
    assert "broken" not in page.title()


def test_the_summary_of_errors_leads_to_the_fields(form: Opener) -> None:
    """WCAG 3.3.1: the summary has the focus, and its links go to the inputs."""
    page = form()
    page.locator("#filing").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="File the request").click()

    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="What kind of help do you need?").click()

    expect(page.locator("[name=category]").first).to_be_focused()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_is_accessible_and_fits(form: Opener, person: Person, scheme: str, width: int) -> None:
    """Issue: passes axe in both themes, and no window scrolls sideways."""
    Person.objects.filter(pk=person.pk).update(language="zh-hant" if scheme == "dark" else "en")
    page = form(viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert violations(page) == []

    outage(page)
    expect(shown(page).locator(".commitment")).to_be_visible()
    page.locator("#preview-body details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    assert violations(page) == []
    for wide in (1280, 390, width):
        page.set_viewport_size({"width": wide, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == wide

    page.locator("#filing").evaluate("form => { form.noValidate = true; }")
    write(page, subject="")
    page.locator(".filing-rest button[type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert violations(page) == []
