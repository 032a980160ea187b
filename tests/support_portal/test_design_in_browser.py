"""The components in a real browser: accessible, narrow enough for a phone, and what the script adds to them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import engines
from django.utils import translation
from playwright.sync_api import Browser, Page, Route, expect

from support_portal.templatetags import portal_ui
from tests.browser import barriers, complaints_of

HERE = Path(__file__).parent
HOST = "http://portal.test"
NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'"


class GalleryForm(forms.Form):
    subject = forms.CharField(help_text="One sentence.")
    users = forms.ChoiceField(choices=[("one", "One person"), ("all", "Everybody")], widget=forms.RadioSelect)
    extras = forms.MultipleChoiceField(choices=[("call", "Call back")], widget=forms.CheckboxSelectMultiple)
    consent = forms.BooleanField(help_text="Ends with the request.")
    upload = forms.FileField(required=False)
    service = forms.ChoiceField(choices=[("", "Choose"), ("mail", "Exchange Online")])


class ConversationForm(forms.Form):
    reply = forms.CharField(widget=forms.Textarea(attrs={"data-draft-key": "reply:SR-1", "data-shortcut": "r"}))
    resolution = forms.CharField(widget=forms.Textarea)


def gallery(language: str = "en", **portal: object) -> str:
    nav = [
        {"url": "/", "label": "Home", "icon": "house", "current": True},
        {"url": "/requests", "label": "Requests", "icon": "inbox", "count": 7},
    ]
    shell = {
        "person": {"name": "Ada King", "email": "ada@contoso.example"},
        "is_staff": True,
        "nav": nav,
        "notice_count": 3,
        "notices_url": "/notices",
        "acting_for": "Contoso",
        "end_acting_url": "/end",
        "time_zone": "Europe/Berlin",
        "search_url": "/search",
    }
    values = {
        "portal": shell | portal,
        "messages": [SimpleNamespace(level_tag="success", message="Sent.")],
        "crumbs": [{"label": "Queue", "url": "/"}, {"label": "Gallery"}],
        "nav": nav,
        "choices": [("A", "A"), ("B", "B")],
        "zone": "Europe/Berlin",
        "now": NOW,
        "at": NOW - 30 * MINUTE,
        "due_at": NOW + 30 * MINUTE,
        "rows": [
            {"subject": f"Mail is late {number}", "severity": letter, "due_at": due_at}
            for number, (letter, due_at) in enumerate([("A", NOW - MINUTE), ("B", NOW + 9 * MINUTE), ("C", None)])
        ],
        "lines": ["Received at 14:00.", "24/7: elapsed time counts."],
        "events": [{"at": NOW, "text": "Filed", "actor": "Ada King", "icon": "plus", "tone": "accent"}, {"at": NOW}],
        "facts": [{"label": "Plan", "value": "Enterprise E3"}, {"label": "Phone", "value": ""}],
        "kinds": list(portal_ui.MESSAGE_LOOKS),
        "files": [{"name": "trace.csv", "size": 18234, "url": "/f/1"}],
        "steps": [{"label": "Kind", "state": "done", "url": "/1"}, {"label": "Impact", "state": "current"}],
        "tones": ["info", "success", "warning", "danger", "neutral"],
        "form": ConversationForm(),
        "refused": GalleryForm({}),
        "csrf_token": "token",
    }
    with translation.override(language):
        html = engines["django"].from_string((HERE / "gallery.html").read_text()).render(values)
    return html.replace('data-server-now="', f'data-server-now="{NOW.isoformat()}" data-was="', 1)


def serve(page: Page, html: str) -> list[tuple[str, str]]:
    """Answer every request of the page from here; return the list of what it sends."""
    sent: list[tuple[str, str]] = []

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            sent.append((path, route.request.post_data or ""))
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            assert found, path
            route.fulfill(path=str(found))
        elif path == "/failing":
            error = engines["django"].get_template("503.html").render({})
            route.fulfill(status=503, body=error, content_type="text/html; charset=utf-8")
        else:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=html, headers=headers)

    page.route("**/*", answer)
    return sent


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(base_url=HOST, locale="en-GB") as context:
        opened = context.new_page()
        complaints = complaints_of(opened)
        yield opened
        assert complaints == []


@pytest.fixture
def open_gallery(page: Page) -> Page:
    serve(page, gallery())
    page.clock.install(time=NOW - MINUTE)
    page.clock.pause_at(NOW)
    page.goto("/")
    return page


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "zh-hant")])
def test_every_component_is_accessible(browser, width, language):
    """WCAG 2.2 AA"""
    options = {"viewport": {"width": width, "height": 900}, "bypass_csp": True}
    with browser.new_context(base_url=HOST, **options) as context:
        page = context.new_page()
        serve(page, gallery(language))
        page.goto("/")

        found = barriers(page)

        assert [(violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found] == []


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_no_page_scrolls_sideways(page, language):
    """WCAG 1.4.10"""
    serve(page, gallery(language))
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/")

        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_pages_work_without_a_script(browser):
    with browser.new_context(base_url=HOST, java_script_enabled=False) as context:
        page = context.new_page()
        sent = serve(page, gallery())
        page.goto("/")

        page.locator("details.confirm > summary").click()
        page.locator("details.confirm textarea").fill("Restarted it")
        page.locator("details.confirm").get_by_role("button", name="Close").click()

        assert [path for path, _ in sent] == ["/close"]
        expect(page.locator("[data-dismiss]")).to_be_hidden()


def test_a_countdown_passes_from_running_to_due_soon_to_overdue(open_gallery):
    card = open_gallery.locator("#running .commitment")
    expect(card.locator("time[data-countdown]")).to_have_text("30 min left")
    expect(card.get_by_text("On time")).to_be_visible()

    open_gallery.clock.run_for("15:00")
    expect(card.get_by_text("Due soon")).to_be_visible()
    expect(card.get_by_text("On time")).to_be_hidden()

    open_gallery.clock.run_for("15:01")
    expect(card.locator("time[data-countdown]")).to_have_text("1 sec overdue")
    expect(card.get_by_text("Overdue", exact=True)).to_be_visible()
    assert card.locator("progress").evaluate("bar => bar.value === bar.max")


def test_a_device_with_a_wrong_clock_counts_down_with_the_servers_time(page):
    serve(page, gallery())
    page.clock.install(time=NOW)
    page.clock.pause_at(NOW + timedelta(hours=5))
    page.goto("/")

    expect(page.locator("#running time[data-countdown]")).to_have_text("30 min left")


def test_a_countdown_is_not_read_out_at_each_tick(open_gallery):
    live = open_gallery.locator("[aria-live], [role=status], [role=alert], [role=timer]")

    assert live.locator("time[data-countdown]").count() == 0


def test_a_confirmation_is_a_dialog_that_gives_the_focus_back(open_gallery):
    summary = open_gallery.locator("details.confirm > summary")
    summary.click()
    dialog = open_gallery.get_by_role("dialog", name="Close it?")
    expect(dialog.get_by_label("Resolution")).to_be_focused()

    open_gallery.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(summary).to_be_focused()


def test_a_menu_closes_on_escape_and_on_a_click_elsewhere(open_gallery):
    menu = open_gallery.locator("details.menu").last
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")

    open_gallery.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()

    menu.locator("summary").click()
    open_gallery.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_a_theme_is_chosen_at_once_and_kept_in_the_cookie(open_gallery):
    open_gallery.get_by_text("Appearance").first.locator("xpath=ancestor::summary").click()
    open_gallery.get_by_role("button", name="Dark").click()

    expect(open_gallery.locator("html")).to_have_attribute("data-theme", "dark")
    assert {"theme": "dark"}.items() <= {c["name"]: c["value"] for c in open_gallery.context.cookies()}.items()


def test_keys_walk_through_the_rows_and_open_help(open_gallery):
    open_gallery.locator("h1").click()
    for key in "jjk":
        open_gallery.keyboard.press(key)
    expect(open_gallery.get_by_role("link", name="Mail is late 0")).to_be_focused()

    open_gallery.keyboard.press("r")
    expect(open_gallery.get_by_label("Reply")).to_be_focused()
    open_gallery.keyboard.type("j / ?")
    expect(open_gallery.get_by_label("Reply")).to_have_value("j / ?")

    open_gallery.locator("h1").click()
    open_gallery.keyboard.press("?")
    expect(open_gallery.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_single_key_shortcuts_can_be_switched_off(open_gallery):
    """WCAG 2.1.4"""
    open_gallery.locator("h1").click()
    open_gallery.keyboard.press("?")
    open_gallery.get_by_label("Use single-key shortcuts").uncheck()
    open_gallery.keyboard.press("Escape")

    open_gallery.keyboard.press("?")
    expect(open_gallery.get_by_role("dialog")).to_have_count(0)

    open_gallery.reload()
    open_gallery.keyboard.press("?")
    expect(open_gallery.get_by_role("dialog")).to_have_count(0)


def test_what_was_typed_survives_leaving_and_goes_once_it_is_sent(open_gallery):
    reply = open_gallery.get_by_label("Reply")
    reply.fill("Long answer")
    open_gallery.goto("/elsewhere")
    open_gallery.goto("/")
    expect(reply).to_have_value("Long answer")

    open_gallery.get_by_role("button", name="Send reply").click()
    open_gallery.wait_for_url("**/reply")
    open_gallery.goto("/")
    expect(reply).to_have_value("")


def test_what_was_typed_survives_a_failed_sending(open_gallery):
    """P-9"""
    open_gallery.get_by_label("Reply").fill("Long answer")
    open_gallery.locator("form.composer").evaluate("form => { form.action = '/failing' }")
    open_gallery.get_by_role("button", name="Send reply").click()
    expect(open_gallery.get_by_role("heading", level=1)).to_have_text("The portal is busy")
    open_gallery.wait_for_load_state()  # its script has noted the failure, which nobody outruns by hand

    open_gallery.goto("/")

    expect(open_gallery.get_by_label("Reply")).to_have_value("Long answer")


def test_signing_out_forgets_what_was_typed(open_gallery):
    open_gallery.get_by_label("Reply").fill("Confidential")
    open_gallery.locator("details.menu summary").last.click()
    open_gallery.get_by_role("button", name="Sign out").click()
    open_gallery.wait_for_url("**/logout/")

    open_gallery.goto("/")

    expect(open_gallery.get_by_label("Reply")).to_have_value("")


def test_a_form_is_sent_once_however_often_the_button_is_pressed(page):
    """P-2"""
    sent = serve(page, gallery())
    page.goto("/")
    page.get_by_label("Reply").fill("Once")

    page.evaluate(
        "const f = document.querySelector('form.composer'); f.requestSubmit(); f.requestSubmit(); f.requestSubmit();"
    )
    page.wait_for_url("**/reply")

    assert [path for path, _ in sent] == ["/reply"]


def test_chosen_files_are_listed_with_their_size_and_can_be_taken_back(open_gallery):
    open_gallery.get_by_label("Upload").set_input_files(
        {"name": "trace.csv", "mimeType": "text/csv", "buffer": b"x" * 2048}
    )
    row = open_gallery.locator(".file-list li")
    expect(row).to_contain_text("trace.csv")
    expect(row).to_contain_text("2 kB")

    row.get_by_role("button", name="Remove: trace.csv").click()

    expect(row).to_have_count(0)
    assert open_gallery.get_by_label("Upload").evaluate("input => input.files.length") == 0


def test_a_message_can_be_dismissed(open_gallery):
    expect(open_gallery.locator("#messages .flash")).to_have_count(1)

    open_gallery.locator("[data-dismiss]").click()

    expect(open_gallery.locator("#messages .flash")).to_have_count(0)


def test_the_skip_link_leads_to_the_main_part(open_gallery):
    """WCAG 2.4.1"""
    open_gallery.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    open_gallery.locator(".skip-link").focus()
    open_gallery.keyboard.press("Enter")

    expect(open_gallery.locator("main")).to_be_focused()


def test_relative_times_follow_the_language_and_the_clock(page):
    serve(page, gallery("zh-hant"))
    page.clock.install(time=NOW)
    page.goto("/")
    expect(page.locator("time[data-relative]").first).to_have_text("30 分鐘前")

    page.clock.run_for("31:00")

    expect(page.locator("time[data-relative]").first).to_have_text("1 小時前")


def test_htmx_is_told_to_neither_evaluate_nor_style_nor_keep_pages(open_gallery):
    """P-7"""
    config = json.loads(open_gallery.locator("meta[name=htmx-config]").get_attribute("content"))

    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0
    assert open_gallery.evaluate("htmx.config.historyCacheSize") == 0
