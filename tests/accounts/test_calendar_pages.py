"""The pages of business hours: what a reader sees of a year, and an editor that works without a script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from accounts import selectors
from accounts.forms.calendars import Row, rows_of, windows_of
from accounts.models import CalendarVersion, Organisation, Person
from tests import factories

pytestmark = pytest.mark.django_db
PAGE, EDIT = "/organisation/calendar/", "/organisation/calendar/edit/"


@pytest.fixture
def organisation() -> Organisation:
    return factories.make_organisation("lotus", name="Lotus")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return factories.make_person(organisation, "global_admin")


@pytest.fixture
def browser(admin: Person) -> Client:
    return factories.browser_of(admin)


def fields(page: str) -> dict[str, list[str]]:
    """Every field of the editor as a browser would send it, buttons apart."""
    form = page[page.index('<form class="form stack') :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        ticked = 'type="checkbox"' not in tag or " checked" in tag
        if name and ticked and name[1] != "csrfmiddlewaretoken":
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "on" * ("checkbox" in tag))
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = [chosen[1] if chosen else ""]
    return found


def press(browser: Client, page: str, button: str, *, address: str = EDIT, **typed: object):
    """Type something, then press a button of the editor."""
    sent = {**fields(page), **typed}
    return browser.post(address, {**sent, "do": button})


def text_of(response) -> str:
    return response.content.decode()


def test_the_year_names_its_holidays_and_tells_every_state_in_words(browser, organisation):
    document = {"timezone": "Asia/Taipei", "windows": {"0": [["09:00", "18:00"]], "1": [["09:00", "12:00"]]}}
    document["holidays"] = ["2027-01-04"]
    CalendarVersion.objects.create(organisation=organisation, version=2, document=document)

    page = text_of(browser.get(f"{PAGE}?year=2027"))

    assert page.count("<caption>") == 12
    assert "January 2027" in page
    assert page.count('class="day day-holiday"') == 1
    assert page.count('class="day day-short"') == 52
    assert "Holiday, closed" in page


def test_an_editor_opens_on_the_hours_in_force(browser):
    page = fields(text_of(browser.get(EDIT)))

    assert (page["window-0-opens"], page["window-0-closes"]) == (["09:00"], ["18:00"])
    assert page["window-0-days"] == ["0", "1", "2", "3", "4"]
    assert page["version"] == ["1"]


def test_rows_come_and_go_without_a_script_and_lose_nothing_typed(browser):
    page = text_of(browser.get(EDIT))
    page = text_of(press(browser, page, "add_window", note="Half a sentence", **{"window-0-opens": "quarter past"}))
    page = text_of(press(browser, page, "add_day"))
    page = text_of(press(browser, page, "add_day", **{"day-0-day": "2027-05-04", "day-0-name": "Move"}))
    page = text_of(press(browser, page, "remove_window-1"))
    page = text_of(press(browser, page, "remove_day-1"))

    kept = fields(page)
    assert kept["note"] == ["Half a sentence"]
    assert (kept["windows"], kept["days"]) == (["1"], ["1"])
    assert kept["window-0-opens"] == ["quarter past"]
    assert (kept["day-0-day"], kept["day-0-name"]) == (["2027-05-04"], ["Move"])
    assert "need another look" not in page


def test_a_preview_shows_what_changes_and_saving_puts_it_in_force(browser, organisation, admin):
    page = text_of(browser.get(EDIT))
    page = text_of(press(browser, page, "preview", **{"window-0-closes": "17:00", "country": "TW", "note": "Earlier"}))

    assert "What changes" in page
    assert "<del>09:00–18:00</del> → <ins>09:00–17:00</ins>" in page
    assert "become closed" in page
    assert selectors.calendar_of(organisation.pk).version == 1

    saved = press(browser, page, "save")

    assert (saved.status_code, saved["Location"]) == (302, PAGE)
    version = selectors.calendar_of(organisation.pk)
    assert (version.version, version.note, version.created_by, version.country) == (2, "Earlier", admin, "TW")
    assert version.document["windows"]["0"] == [["09:00", "17:00"]]


def test_what_was_not_previewed_is_not_saved(browser, organisation):
    page = text_of(press(browser, text_of(browser.get(EDIT)), "preview", **{"window-0-closes": "17:00"}))

    again = press(browser, page, "save", **{"window-0-closes": "16:00"})

    assert again.status_code == 200
    assert "<ins>09:00–16:00</ins>" in text_of(again)
    assert selectors.calendar_of(organisation.pk).version == 1


def test_a_change_of_somebody_else_meanwhile_is_shown_and_not_overwritten(browser, organisation):
    """Settled point 11"""
    page = text_of(press(browser, text_of(browser.get(EDIT)), "preview", **{"window-0-closes": "17:00"}))
    document = {"timezone": "Asia/Taipei", "windows": {"0": [["08:00", "12:00"]]}, "holidays": []}
    CalendarVersion.objects.create(organisation=organisation, version=2, document=document)

    refused = text_of(press(browser, page, "save"))

    assert "<del>08:00–12:00</del> → <ins>09:00–17:00</ins>" in refused
    assert selectors.calendar_of(organisation.pk).version == 2
    assert press(browser, refused, "save").status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"window-0-opens": "9 o'clock"}, "Write a time such as 09:00."),
        ({"window-0-days": []}, "required"),
        ({"windows": "0"}, "no day of the week has an open window"),
        ({"timezone": "Atlantis"}, "Choose a time zone from the list"),
        ({"window-0-closes": "09:00"}, "Choose another time than that of the opening."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(browser, organisation, typed, said):
    refused = press(browser, text_of(browser.get(EDIT)), "preview", **typed)

    assert refused.status_code == 422
    assert said in unescape(text_of(refused))
    assert selectors.calendar_of(organisation.pk).version == 1


def test_windows_that_overlap_are_named_by_their_day(browser):
    page = text_of(press(browser, text_of(browser.get(EDIT)), "add_window"))

    refused = press(
        browser, page, "preview", **{"window-1-opens": "22:00", "window-1-closes": "10:00", "window-1-days": ["1"]}
    )

    assert "Wednesday: the windows 00:00–10:00 and 09:00–18:00 overlap." in text_of(refused)


def test_public_holidays_can_be_worked(browser, organisation):
    page = text_of(press(browser, text_of(browser.get(EDIT)), "regions", country="TW"))
    name = re.findall(r'name="(worked_\d{4})"', page)[-1]
    ticked = re.findall(rf'name="{name}" value="([^"]*)"', page)[0]
    page = text_of(press(browser, page, "preview", **{name: [ticked]}))
    press(browser, page, "save")

    version = selectors.calendar_of(organisation.pk)
    assert [str(day) for day in version.worked_days] == [ticked]
    assert ticked not in version.document["holidays"]


@pytest.mark.parametrize("bytes_sent", ["-1", "999", "٣", "x", ""])
def test_odd_counts_of_rows_are_no_fault_of_ours(browser, bytes_sent):
    """P-8"""
    page = text_of(browser.get(EDIT))

    for button in ("preview", "remove_window-99999999", "remove_day-x", "add_window", "save", "preview-12345"):
        assert press(browser, page, button, windows=bytes_sent, days=bytes_sent).status_code in (200, 422)


def test_a_night_is_one_row_and_two_windows():
    """Settled point 8"""
    night = Row("22:00", "06:00", (4, 6))

    windows = windows_of([night])

    assert windows == {
        "0": [["00:00", "06:00"]],
        "4": [["22:00", "24:00"]],
        "5": [["00:00", "06:00"]],
        "6": [["22:00", "24:00"]],
    }
    assert rows_of(windows) == [night]
    assert windows_of(rows_of({"3": [["00:00", "24:00"]]})) == {"3": [["00:00", "24:00"]]}


@pytest.mark.parametrize(("role", "status"), [("service_support_admin", 403), ("reader", 403), ("global_admin", 200)])
def test_everybody_with_a_role_reads_and_the_global_admin_edits(organisation, role, status):
    """RO-1"""
    browser = factories.browser_of(factories.make_person(organisation, role))

    page = browser.get(PAGE)
    assert page.status_code == 200
    assert (EDIT in text_of(page)) is (status == 200)
    assert browser.get(EDIT).status_code == status
    assert browser.post(EDIT, {"do": "preview", "windows": "0"}).status_code == (status if status == 403 else 422)


def test_an_end_user_sees_no_hours(organisation):
    """SH-2"""
    assert factories.browser_of(factories.make_person(organisation)).get(PAGE).status_code == 403


@pytest.mark.parametrize(("role", "status"), [("engineer", 403), ("team_lead", 200), ("duty_manager", 200)])
def test_staff_find_an_organisation_and_leads_change_its_hours(organisation, role, status):
    """RO-3"""
    factories.make_organisation("cedar", name="Cedar")
    browser = factories.browser_of(factories.make_staff(role))

    found = text_of(browser.get("/staff/organisations/?q=lot"))
    assert "/staff/organisations/lotus/" in found
    assert "Cedar" not in found
    assert browser.get("/staff/organisations/lotus/calendar/").status_code == 200
    address = "/staff/organisations/lotus/calendar/edit/"
    opened = browser.get(address)
    assert opened.status_code == status
    if status == 200:
        page = press(browser, text_of(opened), "preview", address=address, **{"window-0-closes": "17:00"})
        assert press(browser, text_of(page), "save", address=address).status_code == 302
        assert selectors.calendar_of(organisation.pk).version == 2


def test_customers_have_no_desk_and_account_managers_their_own_customers(organisation, browser):
    """P-5"""
    assert browser.get("/staff/organisations/").status_code == 403
    assert browser.get("/staff/organisations/lotus/calendar/").status_code == 403
    manager = factories.make_staff("account_manager")
    theirs = factories.browser_of(manager)
    assert theirs.get("/staff/organisations/lotus/calendar/").status_code == 404
    factories.make_elevated_contract(organisation, account_manager=manager)
    assert theirs.get("/staff/organisations/lotus/calendar/").status_code == 200


def test_the_list_of_organisations_costs_the_same_for_one_and_for_many(django_assert_max_num_queries):
    browser = factories.browser_of(factories.make_staff("engineer"))
    for _ in range(30):
        factories.make_organisation()

    with django_assert_max_num_queries(6):
        page = text_of(browser.get("/staff/organisations/"))

    assert page.count("row-link") == 25
    assert 'rel="next"' in page


def test_earlier_versions_can_be_looked_at(browser, organisation):
    document = {"timezone": "UTC", "windows": {"6": [["10:00", "12:00"]]}, "holidays": []}
    CalendarVersion.objects.create(organisation=organisation, version=2, document=document, note="Sundays")

    assert "Sundays" in text_of(browser.get(PAGE))
    old = text_of(browser.get(f"{PAGE}?version=1"))
    assert "An earlier version" in old
    assert "09:00–18:00" in old
    assert browser.get(f"{PAGE}?version=9").status_code == 404
