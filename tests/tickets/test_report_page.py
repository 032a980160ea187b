"""The page of the report on commitments: its period, its figures, its picture, and its file."""

from datetime import timedelta

import pytest
from django.utils import translation

from accounts import clock
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import queries
from tickets.report_pictures import WIDTH, chart_of
from tickets.services.conversation import reply_publicly

OWN, DESK = "/organisation/report/", "/staff/report/"


@pytest.fixture
def lead(db):
    return factories.make_staff("team_lead")


@pytest.fixture
def busy(admin, lead):
    """Three promises: one kept, one missed, one that runs; and a request to which nothing was promised."""
    now = clock.now()
    kept, _missed, _running = (
        making.filed(admin, severity="A", now=now - timedelta(minutes=minutes)) for minutes in (180, 120, 5)
    )
    reply_publicly(number=kept.number, actor=factories.actor(lead), body="We look.", now=now - timedelta(minutes=170))
    making.filed(admin, severity="C", now=now)
    return kept


@pytest.fixture
def browser(busy):
    return factories.browser_of(busy.opened_by)


def test_the_page_shows_what_the_report_says_in_figures_a_picture_and_a_table(browser):
    """RO-4, SLA-1"""
    page = browser.get(OWN)

    words = page.content.decode()
    total = page.context["total"]
    assert page.status_code == 200
    assert (total["share"], total["median"], total["counts"]) == ("50 %", "10 min", "kept 1 · missed 1 · running 1")
    assert [row["name"][0] for row in page.context["rows"]] == ["A", "C"]
    assert 'role="img"' in words
    assert "<title id=" in words
    assert words.count('url(#sla-missed)"') == 1
    assert [bar.name for bar in page.context["chart"].bars] == ["A – critical"]  # nothing was promised for C


@pytest.mark.parametrize("group_by", ["severity", "tier", "category", "service", "month"])
def test_every_grouping_has_names_and_costs_the_same(browser, admin, group_by):
    """STYLE section 5"""
    with queries() as few:
        first = browser.get(f"{OWN}?group_by={group_by}")
    for severity in ("A", "B", "C"):
        making.filed(admin, severity=severity)
    with queries() as many:
        again = browser.get(f"{OWN}?group_by={group_by}")

    assert (first.status_code, again.status_code, len(few)) == (200, 200, len(many))
    assert all(row["name"] for row in again.context["rows"])


def test_periods_are_months_and_days_of_the_reader(browser):
    today = clock.now().date()
    spans = {
        period: browser.get(f"{OWN}?period={period}").context["report"].span
        for period in ("this_month", "last_month", "last_90_days")
    }

    assert spans["this_month"].first.day == spans["last_month"].first.day == 1
    assert spans["last_month"].last + timedelta(days=1) == spans["this_month"].first
    assert spans["last_90_days"].last - spans["last_90_days"].first == timedelta(days=89)
    days = browser.get(f"{OWN}?since={today - timedelta(days=3)}&until={today}").context["report"].span
    assert (days.first, days.last) == (today - timedelta(days=3), today)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("period=days&since=2026-11-02&until=2026-11-01", "until"),
        ("period=days&since=2025-01-01&until=2026-11-01", "until"),
        ("period=days&since=&until=2026-11-01", "since"),
        ("period=days&since=yesterday&until=2026-11-01", "since"),
        ("period=days&since=1900-01-01&until=1900-02-01", "until"),
        ("period=decade", "period"),
        ("group_by=person", "group_by"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(browser, given, field):
    page = browser.get(f"{OWN}?{given}")

    form = page.context["form"]
    assert (page.status_code, list(form.errors)) == (400, [field])
    for pair in given.split("&"):
        name, value = pair.split("=")
        assert (form[name].value() or "") == value
    assert browser.get(f"{OWN}file/?{given}").status_code == 302


def test_an_empty_period_says_so(browser):
    page = browser.get(f"{OWN}?since=2020-01-01&until=2020-01-31")

    assert page.status_code == 200
    assert "No requests in these days" in page.content.decode()


def test_the_file_has_a_row_for_each_group_and_one_for_all(browser):
    answer = browser.get(f"{OWN}file/")

    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="commitments-' in answer["Content-Disposition"]
    assert lines[0].startswith("\ufeffSeverity,Requests,Kept,Missed,Running")
    assert [line.split(",")[:5] for line in lines[1:]] == [
        ["A – critical", "3", "1", "1", "1"],
        ["C – non-critical", "1", "0", "0", "0"],
        ["All", "4", "1", "1", "1"],
    ]


def test_the_desk_looks_at_all_organisations_or_at_one(browser, lead):
    """P-5"""
    other = factories.make_organisation("elsewhere")
    desk = factories.browser_of(lead)

    assert desk.get(DESK).context["total"]["line"].requests == 4
    assert desk.get(f"{DESK}?organisation=elsewhere").context["total"]["line"].requests == 0
    refused = desk.get(f"{DESK}?organisation=no-such")
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["organisation"])
    factories.make_subscription(other)
    stranger = factories.browser_of(factories.make_person(other, "service_support_admin"))
    assert stranger.get(f"{OWN}?organisation=no-such").context["total"]["line"].requests == 0


def test_pages_are_for_one_side_and_for_those_who_may(browser, lead, organisation):
    """RO-1, RO-3"""
    assert browser.get(DESK).status_code == factories.browser_of(lead).get(OWN).status_code == 404
    assert factories.browser_of(factories.make_person(organisation, "reader")).get(OWN).status_code == 403
    assert factories.browser_of(factories.make_staff("engineer")).get(DESK).status_code == 403


def test_a_bar_is_never_wider_than_the_picture_and_nothing_is_drawn_for_nothing():
    none = {"kept": 0, "breached": 0, "running": 0}
    chart = chart_of([("x" * 60, "–", "", none), ("All", "", "", {"kept": 1, "breached": 99_999, "running": 0})])

    assert chart.bars[0].parts == []
    assert len(chart.bars[0].name) < 40
    assert all(part.x + part.width <= WIDTH + 2 for bar in chart.bars for part in bar.parts)
    with translation.override("zh-hant"):
        assert chart_of([]).height
