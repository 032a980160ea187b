"""Which team a new request goes to (RO-3): kind, then service, then region, then language; the general team last."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.models import Team
from accounts.services.teams import TeamTerms, add_team, retire_team
from tests.factories import actor, make_organisation, make_person, make_staff, make_subscription
from tests.tickets.making import filed
from tickets.routing import Wanted, region_of, team_for


@dataclass(frozen=True)
class Plain:
    """A team as the rule sees it."""

    code: str
    support_kinds: tuple[str, ...] = ("technical",)
    services: tuple[str, ...] = ()
    region: str = ""
    languages: tuple[str, ...] = ()


WANTED = Wanted(kind="technical", service="exchange_online", region="emea", language="de")
GENERAL = Plain("general")
EXCHANGE, SHAREPOINT = Plain("exchange", services=("exchange_online",)), Plain("a-sp", services=("sharepoint_online",))
EMEA, APAC = Plain("emea", region="emea"), Plain("a-apac", region="apac")
GERMAN, CHINESE = Plain("german", languages=("de", "en")), Plain("a-chinese", languages=("zh-Hant",))


@pytest.mark.parametrize(
    ("teams", "chosen"),
    [
        ([GENERAL, GERMAN], "german"),
        ([GENERAL, GERMAN, EMEA], "emea"),
        ([GENERAL, GERMAN, EMEA, EXCHANGE], "exchange"),
        ([EXCHANGE, Plain("exchange-emea", services=("exchange_online",), region="emea")], "exchange-emea"),
        ([EMEA, Plain("emea-german", region="emea", languages=("de",))], "emea-german"),
        ([GENERAL, SHAREPOINT, APAC, CHINESE], "general"),  # what names others comes after what names nothing
        ([APAC, CHINESE], "a-chinese"),  # and still before nobody: the region matters more than the language
        ([SHAREPOINT, APAC], "a-apac"),
        ([GENERAL, Plain("exchange-apac", services=("exchange_online",), region="apac")], "general"),
        ([Plain("b"), Plain("a")], "a"),
        ([GENERAL, Plain("billing", support_kinds=("billing",), services=("exchange_online",))], "general"),
    ],
)
def test_the_best_fitting_team_of_the_kind_is_chosen(teams, chosen):
    """RO-3: whatever the order they come in."""
    for given in (teams, teams[::-1]):
        assert team_for(WANTED, given).code == chosen


def test_no_team_of_the_kind_is_no_team():
    assert team_for(WANTED, [Plain("billing", support_kinds=("billing",))]) is None
    assert team_for(WANTED, []) is None


def test_a_request_about_no_service_passes_by_teams_that_name_one():
    assert team_for(Wanted("technical", None, "emea", "de"), [EXCHANGE, GENERAL]) == GENERAL


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("America/Lima", "amer"),
        ("Europe/Berlin", "emea"),
        ("Africa/Accra", "emea"),
        ("Atlantic/Azores", "emea"),
        ("Asia/Taipei", "apac"),
        ("Pacific/Auckland", "apac"),
        ("UTC", "apac"),
    ],
)
def test_a_region_follows_from_the_time_zone(zone, region):
    assert region_of(zone) == region


@pytest.mark.django_db
def test_a_filed_request_goes_to_a_team_that_a_lead_has_made():
    """RO-3, LA-1"""
    lead = actor(make_staff("team_lead"))
    admin = make_person(make_organisation(timezone="Europe/Berlin"), "global_admin")
    make_subscription(admin.organisation)
    assert filed(actor(admin)).team.code == "technical-emea"
    names = {"en": "Exchange", "zh-Hant": "Exchange"}
    terms = TeamTerms(names=names, support_kinds=["technical"], services=["exchange_online"], region="emea")
    add_team(code="exchange-emea", terms=terms, actor=lead)

    assert filed(actor(admin)).team.code == "exchange-emea"
    assert filed(actor(admin), service="sharepoint_online").team.code == "technical-emea"
    retire_team(code="exchange-emea", actor=lead)
    assert filed(actor(admin)).team.code == "technical-emea"
    assert Team.objects.get(code="exchange-emea").retired_at
