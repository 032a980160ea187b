"""When somebody answers who speaks the admin's language, before anything is filed (LA-1, SLA-4)."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from selfhelp.models import SupportLanguage
from sla.policy import DEFAULT_POLICY
from tests import factories
from tests.tickets.api.calling import PREVIEW, form_of, queries
from tickets.selectors.availability import speakers_of
from tickets.services.policies import publish_policy

SATURDAY = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Taipei
MONDAY_NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Taipei
WEEKDAYS = {str(day): [["09:00", "18:00"]] for day in range(5)}


@pytest.fixture
def spoken(db):
    """Traditional Chinese in business hours of Taipei and of London, English around the clock, Thai never."""
    SupportLanguage.objects.all().delete()

    def speak(language, region, timezone, **hours):
        names = {"en": language, "zh-Hant": language}
        SupportLanguage.objects.create(language=language, names=names, region=region, timezone=timezone, **hours)

    speak("zh-Hant", "apac", "Asia/Taipei", windows=WEEKDAYS, position=1)
    speak("zh-Hant", "emea", "Europe/London", windows=WEEKDAYS, position=2)
    speak("en", "amer", "America/New_York", always=True)


def test_the_first_region_that_opens_counts_and_english_is_told_where_it_is_sooner(spoken):
    """LA-1: next available Monday 09:00 Taipei; in English now"""
    speakers = speakers_of("zh-Hant", reading="en", now=SATURDAY)

    assert (speakers.wanted.opening.is_open, speakers.wanted.opening.next_open_at) == (False, MONDAY_NINE)
    assert speakers.instead
    assert speakers.instead.language == "en"
    assert speakers.instead.opening.is_open
    openings = [(desk.spoken.region, desk.opening.next_open_at) for desk in speakers.wanted.regions]
    assert openings == [("apac", MONDAY_NINE), ("emea", MONDAY_NINE + timedelta(hours=8))]


def test_while_somebody_speaks_the_language_no_other_is_told(spoken):
    """LA-1, both sides of the opening"""
    for now, is_open in ((MONDAY_NINE - timedelta(microseconds=1), False), (MONDAY_NINE, True)):
        speakers = speakers_of("zh-hant", reading="en", now=now)
        assert speakers.wanted.opening.is_open is is_open
        assert (speakers.instead is None) is is_open


def test_english_is_not_told_instead_of_english(spoken):
    """LA-1"""
    assert speakers_of("en", reading="en", now=SATURDAY).instead is None


def test_a_language_that_nobody_speaks_has_no_opening(spoken):
    """LA-1"""
    speakers = speakers_of("th", reading="en", now=SATURDAY)

    assert (speakers.wanted.name, speakers.wanted.regions) == ("Thai", ())
    assert (speakers.wanted.opening.is_open, speakers.wanted.opening.next_open_at) == (False, None)
    assert speakers.instead


def test_it_takes_one_query(spoken):
    """STYLE section 5"""
    with queries() as made:
        speakers_of("zh-Hant", reading="en", now=SATURDAY)

    assert len(made) == 1


# ── before filing ───────────────────────────────────────────────────────────────────────────────────────────────────


def only_in_business_hours(country: str) -> None:
    """Let a region have business hours where others have around the clock."""
    document = copy.deepcopy(dict(DEFAULT_POLICY)) | {"version": 2, "note": "for a test"}
    publish_policy(document={**document, "regions": {country: "business_hours"}}, label="test")


@pytest.mark.parametrize(("country", "regional"), [("TW", True), ("JP", False)])
def test_the_preview_tells_languages_regions_and_hours_as_data(organisation, spoken, country, regional):
    """LA-1, SLA-4"""
    only_in_business_hours(country)
    api = factories.api_of(factories.make_person(organisation, "global_admin"))
    form = form_of(organisation.subscriptions.get())
    contact = {**form["contact"], "language": "zh-Hant"}

    told = api.post(PREVIEW, {**form, "contact": contact}).json()

    availability = told["availability"]
    assert availability["regional_hours"] is regional
    assert told["commitment"]["availability"] == ("business_hours" if regional else "always")
    assert [desk["region"] for desk in availability["language"]["regions"]] == ["apac", "emea"]
    assert availability["language"]["regions"][0]["windows"] == WEEKDAYS
    assert availability["language"]["regions"][0]["timezone"] == "Asia/Taipei"
    if not availability["language"]["is_open"]:
        assert availability["sooner"]["language"] == "en"


def page_of(organisation, **typed):
    """What the page of filing says beside a form, to an admin in Taipei."""
    person = factories.make_person(organisation, "global_admin", timezone="Asia/Taipei")
    sent = {
        "category": "technical.configuration",
        "subject": "Nobody can send mail",
        "description": "Nobody can send or receive mail.",
        "service_state": "down",
        "users_affected": "all_users",
        "contact_method": "email",
        "contact_language": "zh-Hant",
        **typed,
    }
    response = factories.browser_of(person).post("/requests/new/preview/", sent, headers={"HX-Request": "true"})
    return response.content.decode()


def test_the_page_tells_where_a_language_is_spoken_and_when(organisation, spoken):
    """LA-1"""
    page = page_of(organisation)

    assert "When 繁體中文 is spoken where" in page
    assert "local time in Taipei" in page
    assert "local time in London" in page


def test_another_country_shows_its_own_number(organisation, spoken):
    """CH-3: also in the API, as `contact.country`"""
    assert "Germany:" in page_of(organisation, contact_country="DE")
    assert "Taiwan:" in page_of(organisation)


def test_the_page_tells_that_hours_differ_in_this_region(organisation, spoken):
    """SLA-4"""
    assert "elsewhere it is around the clock" not in page_of(organisation)
    only_in_business_hours("TW")
    assert "These are the hours in Taiwan; elsewhere it is around the clock." in page_of(organisation)
