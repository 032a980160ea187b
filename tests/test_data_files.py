"""The data files that fill a new portal and its demo: their shapes, unique codes and references to one another."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.permissions import ACTS, CUSTOMER_ROLES, DELEGABLE_ROLES, REACH, STAFF_ROLES
from tickets.catalogue import kind_of

ROOT = Path(__file__).parent.parent
LANGUAGES = {"en", "zh-Hant"}
CATEGORIES = {
    "technical.install_setup",
    "technical.configuration",
    "technical.advisory",
    "presales",
    "billing",
    "advisory",
}
NAMED_TOPICS = (  # by the rules, word for word; the catalogue may have more
    (
        "technical.install_setup",
        "exchange_online",
        {"mailbox_migration", "mailbox_permissions", "mail_forwarding", "shared_mailboxes", "autodiscover"},
    ),
    ("technical.install_setup", "sharepoint_online", {"sharepoint_permissions", "external_users"}),
    ("technical.install_setup", "skype_for_business", {"skype_installation", "skype_contacts"}),
    ("technical.install_setup", "microsoft_365_apps", {"apps_installation"}),
    ("technical.configuration", None, {"configuration_failure", "provisioning", "service_configuration"}),
    ("technical.configuration", "domains", {"domain_setup", "domain_redelegation"}),
    ("technical.configuration", "identity", {"single_sign_on", "directory_sync"}),
    (
        "presales",
        None,
        {
            *("features_and_benefits", "plan_comparison", "pricing_and_licensing"),
            *("choose_solution", "find_partner", "buy_or_try"),
        },
    ),
    (
        "billing",
        "subscription",
        {"sign_up", "convert_trial", "understand_bill", "renew", "change_licences", "cancel"},
    ),
)
SCOPES = {"customer_network", "third_party", "scripting", "volume_licensing", "developer"}
ANSWERS = {
    "service_state": {"available", "degraded", "down", None},
    "users_affected": {"single_user", "multiple_users", "all_users", None},
    "business_impact": {"minimal", "moderate", "severe", None},
    "workaround": {"yes", "no", None},
    "deadline_at_risk": {"yes", "no", None},
}
# Ranges that regulators keep for fiction; every other number has to be marked as an example and cannot be dialled.
FICTIONAL = {
    "US": r"\+1 800 555 0199|\+1 \d{3} 555 01\d\d",
    "CA": r"\+1 \d{3} 555 01\d\d",
    "PR": r"\+1 787 555 01\d\d",
    "GB": r"\+44 808 157 0\d{3}|\+44 (20 7946|131 496) 0\d{3}",
    "IE": r"\+353 20 91\d \d{4}",
    "DE": r"\+49 30 23125 \d{3}",
    "FR": r"\+33 1 99 00 \d\d \d\d",
    "SE": r"\+46 8 465 004 \d\d",
    "AU": r"\+61 1800 975 70[7-9]|\+61 [2378] 5550 \d{4}",
}
RESERVED_DOMAIN = re.compile(r"[a-z0-9.]+@[a-z]+\.example\.(com|org|net)")  # RFC 2606


def load(path: str) -> Any:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


PLANS = load("accounts/data/plans.json")
TEAMS = load("accounts/data/teams.json")
CATALOGUE = load("tickets/data/catalogue.json")
PHONES = load("selfhelp/data/phone_numbers.json")
SUPPORT_LANGUAGES = load("selfhelp/data/support_languages.json")
REFERRALS = load("selfhelp/data/referrals.json")
ARTICLES = load("selfhelp/data/articles.json")
FEATURES = load("selfhelp/data/features.json")
ORGANISATIONS = load("tickets/data/demo/organisations.json")
STAFF = load("tickets/data/demo/staff.json")
STORIES = load("tickets/data/demo/stories.json")

BY_PLAN = {plan["code"]: plan for plan in PLANS}
BY_ORGANISATION = {organisation["code"]: organisation for organisation in ORGANISATIONS}
BY_TOPIC = {topic["code"]: topic for topic in CATALOGUE["topics"]}
BY_STORY = {story["key"]: story for story in STORIES}
SERVICES = {service["code"] for service in CATALOGUE["services"]}
ADVISER = {person["email"]: person for person in STAFF}


def codes(rows: list[dict[str, Any]], key: str = "code") -> list[str]:
    return [row[key] for row in rows]


def texts(document: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a document that holds one text for each language."""
    if isinstance(document, list):
        for item in document:
            yield from texts(item)
    elif isinstance(document, dict):
        if "zh-Hant" in document:
            yield document
        else:
            yield from texts(list(document.values()))


def check_windows(windows: dict[str, list[list[str]]]) -> None:
    assert windows
    for weekday, spans in windows.items():
        assert weekday in {"0", "1", "2", "3", "4", "5", "6"}
        edges = [edge for span in spans for edge in span]
        assert all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", edge) for edge in edges)
        assert edges == sorted(set(edges)), "windows of a day follow one another and do not touch"


@pytest.mark.parametrize(
    "rows",
    [
        codes(PLANS),
        codes(CATALOGUE["services"]),
        codes(CATALOGUE["topics"]),
        codes(PHONES, "country"),
        [(row["language"], row["region"]) for row in SUPPORT_LANGUAGES],
        codes(REFERRALS),
        codes(ARTICLES, "slug"),
        codes(FEATURES["features"]),
        codes(ORGANISATIONS),
        [person["email"] for row in ORGANISATIONS for person in row["people"]] + codes(STAFF, "email"),
        codes(STORIES, "key"),
        codes(STORIES, "subject"),
    ],
)
def test_what_names_a_row_is_unique(rows: list[str]) -> None:
    assert [row for row, count in Counter(rows).items() if count > 1] == []


@pytest.mark.parametrize("document", [PLANS, CATALOGUE, PHONES, SUPPORT_LANGUAGES, REFERRALS, ARTICLES, FEATURES])
def test_everything_is_named_in_both_languages(document: Any) -> None:
    found = list(texts(document))

    assert found
    for names in found:
        assert set(names) == LANGUAGES
        assert all(names.values())


def test_every_plan_of_the_response_table_is_there_with_its_tier() -> None:
    """SLA-1, SLA-2"""
    tiers = {code: plan["tier"] for code, plan in BY_PLAN.items()}

    assert tiers["business_basic"] == tiers["apps_for_business"] == tiers["business_standard"] == "business"
    assert tiers["office_365_e1"] == tiers["office_365_e3"] == tiers["government_g2"] == "enterprise"
    assert tiers["us_government_e3"] == tiers["education"] == "enterprise"
    assert tiers["office_365_f1"] == tiers["us_government_k1"] == "frontline"
    standalone = [plan for plan in PLANS if plan["standalone"]]
    assert {plan["tier"] for plan in standalone} == {"enterprise"}
    assert [plan for plan in PLANS if (plan["family"] == "standalone") != plan["standalone"]] == []


def test_topics_lie_in_a_known_category_and_service() -> None:
    """TE-1, TE-2, BI-1, PS-1, EL-1"""
    assert {topic["category"] for topic in CATALOGUE["topics"]} == CATEGORIES
    assert {topic["service"] for topic in CATALOGUE["topics"]} - {None} <= SERVICES
    assert {service["admin_role"] for service in CATALOGUE["services"]} - {None} <= set(CUSTOMER_ROLES)
    for service in CATALOGUE["services"]:
        if service["admin_role"]:
            assert REACH[service["admin_role"]].services == (service["code"],)


@pytest.mark.parametrize(("category", "service", "topics"), NAMED_TOPICS)
def test_every_topic_that_the_rules_name_can_be_chosen(category: str, service: str | None, topics: set[str]) -> None:
    """TE-1, TE-2, PS-1, BI-1"""
    offered = {row["code"] for row in CATALOGUE["topics"] if (row["category"], row["service"]) == (category, service)}

    assert topics <= offered


def test_questions_how_to_do_something_are_technical_support_about_any_service() -> None:
    """TE-4: of whatever plan, for a plan has one tier for all that is technical"""
    topics = [row["service"] for row in CATALOGUE["topics"] if row["category"] == "technical.advisory"]

    assert kind_of("technical.advisory") == "technical"
    assert {"exchange_online", "sharepoint_online", "skype_for_business", "microsoft_365_apps", None} <= {*topics}


def test_at_least_35_countries_have_a_support_number() -> None:
    """CH-1, CH-3"""
    assert len(PHONES) >= 35
    spoken = set(codes(SUPPORT_LANGUAGES, "language"))
    for row in PHONES:
        ZoneInfo(row["timezone"])
        assert row["languages"]
        assert set(row["languages"]) <= spoken
        assert set(row["hours"]) == {"technical", "business"}
        for hours in row["hours"].values():
            assert hours == {"always": True} or list(hours) == ["windows"]
            if "windows" in hours:
                check_windows(hours["windows"])


def test_no_number_can_reach_a_real_person() -> None:
    """CH-3"""
    for row in PHONES:
        assert re.fullmatch(r"\+[0-9 ]{8,18}", row["number"])
        fictional = re.fullmatch(FICTIONAL.get(row["country"], "(?!)"), row["number"])
        assert row["example"] == (fictional is None), row
        assert fictional or "000" in row["number"].replace(" ", ""), row
    for organisation in ORGANISATIONS:
        for number in [organisation["phone"], *(p["phone"] for p in organisation["people"] if "phone" in p)]:
            fictional = re.fullmatch(FICTIONAL.get(organisation["country"], "(?!)"), number)
            assert fictional or "000" in number.replace(" ", ""), number


def test_support_languages_have_a_region_and_hours() -> None:
    """LA-1"""
    assert {"en", "zh-Hant", "ja", "de", "fr", "es", "pt-BR", "ko"} <= set(codes(SUPPORT_LANGUAGES, "language"))
    for row in SUPPORT_LANGUAGES:
        ZoneInfo(row["timezone"])
        assert row["region"] in {"amer", "emea", "apac"}
        assert row["always"] == (not row["windows"])
        if row["windows"]:
            check_windows(row["windows"])


def test_every_way_out_of_scope_has_a_referral() -> None:
    """SC-1 to SC-5"""
    links = {row["code"]: [link["url"] for link in row["links"]] for row in REFERRALS}

    assert set(links) == SCOPES
    assert all(url.startswith("https://") for urls in links.values() for url in urls)
    assert "support.microsoft.com" in links["scripting"][0]
    assert "developer.microsoft.com" in links["scripting"][1]


@pytest.mark.parametrize("article", ARTICLES, ids=codes(ARTICLES, "slug"))
def test_an_article_is_worth_reading_in_both_languages(article: dict[str, Any]) -> None:
    """SH-1"""
    assert article["kind"] in {"troubleshooter", "article", "video", "community"}
    assert article["service"] in SERVICES
    assert all(len(words) >= 5 for words in article["keywords"].values())
    assert 150 <= len(re.findall(r"[\w'’.\-]+", article["bodies"]["en"])) <= 400
    assert 220 <= len(re.findall(r"[\u4e00-\u9fff]", article["bodies"]["zh-Hant"])) <= 900


def test_there_is_self_help_of_every_kind() -> None:
    """SH-1"""
    assert len(ARTICLES) >= 24
    assert {article["kind"] for article in ARTICLES} == {"troubleshooter", "article", "video", "community"}


def test_the_feature_table_has_every_plan_once_and_no_empty_cell() -> None:
    """FE-1"""
    columns = codes(FEATURES["columns"])
    listed = [plan for column in FEATURES["columns"] for plan in column["plans"]]

    assert sorted(listed) == sorted(BY_PLAN)
    for column in FEATURES["columns"]:
        assert {BY_PLAN[plan]["family"] for plan in column["plans"]} <= {column["code"]}
    for feature in FEATURES["features"]:
        assert feature["group"] in codes(FEATURES["groups"])
        assert list(feature["availability"]) == columns


@pytest.mark.parametrize("organisation", ORGANISATIONS, ids=codes(ORGANISATIONS))
def test_an_organisation_of_the_demo_is_well_formed(organisation: dict[str, Any]) -> None:
    """RO-1, CH-2, EL-1"""
    ZoneInfo(organisation["timezone"])
    assert any("global_admin" in person["roles"] for person in organisation["people"])
    for person in organisation["people"]:
        assert RESERVED_DOMAIN.fullmatch(person["email"])
        assert set(person["roles"]) <= set(CUSTOMER_ROLES)
        assert person["language"] in LANGUAGES
        assert person["languages"]
        ZoneInfo(person.get("timezone", "UTC"))
    for subscription in organisation["subscriptions"]:
        plan = BY_PLAN[subscription["plan"]]
        assert plan["trialable"] or not subscription["trial"]
        assert subscription["seats"] > 0
    if elevated := organisation["elevated"]:
        offered = {kind for subscription in organisation["subscriptions"]
                   for kind in BY_PLAN[subscription["plan"]]["elevated_kinds"]}  # fmt: skip
        assert elevated["kind"] in offered
        assert elevated["kind"] != "professional_direct" or organisation["country"] in {"US", "CA", "GB"}
        assert elevated["account_manager"] is None or "account_manager" in ADVISER[elevated["account_manager"]]["roles"]
    if organisation["calendar"]:
        check_windows(organisation["calendar"]["windows"])


def test_the_demo_has_every_kind_of_customer() -> None:
    """CH-2, SLA-2, SH-2, EL-1"""
    subscriptions = [row for organisation in ORGANISATIONS for row in organisation["subscriptions"]]
    people = [person for organisation in ORGANISATIONS for person in organisation["people"]]

    assert len(ORGANISATIONS) >= 14
    assert len({organisation["timezone"] for organisation in ORGANISATIONS}) >= 8
    assert {BY_PLAN[row["plan"]]["family"] for row in subscriptions} == set(codes(PLANS, "family"))
    assert {row["trial"] for row in subscriptions} == {True, False}
    assert {row["elevated"]["kind"] for row in ORGANISATIONS if row["elevated"]} == {
        "premier",
        "professional_direct",
        "migration",
    }
    assert {role for person in people for role in person["roles"]} == set(CUSTOMER_ROLES)
    assert any(not person["roles"] for person in people)
    assert any(person["roles"] == ["reader"] for person in people)


def test_partners_hold_delegations_of_customers_only() -> None:
    """PA-1"""
    partners = [organisation for organisation in ORGANISATIONS if organisation["partner"]]

    assert partners
    for organisation in ORGANISATIONS:
        assert bool(organisation["delegations"]) == organisation["partner"]
    for delegation in (row for partner in partners for row in partner["delegations"]):
        assert not BY_ORGANISATION[delegation["customer"]]["partner"]
        assert delegation["duties"]
        assert set(delegation["duties"]) <= set(DELEGABLE_ROLES)
        assert 0 < delegation["expires_in_days"] <= 730


def test_staff_have_every_role_and_a_team_for_what_they_do() -> None:
    """RO-3"""
    assert len(STAFF) >= 16
    assert {role for person in STAFF for role in person["roles"]} == set(STAFF_ROLES)
    for person in STAFF:
        assert RESERVED_DOMAIN.fullmatch(person["email"])
        ZoneInfo(person["timezone"])
        assert person["team"] in {None, *codes(TEAMS)}
        assert person["language"] in LANGUAGES
        assert set(person["languages"]) <= set(codes(SUPPORT_LANGUAGES, "language"))


@pytest.mark.parametrize("story", STORIES, ids=codes(STORIES, "key"))
def test_a_story_can_be_told(story: dict[str, Any]) -> None:
    """RO-1, EL-1, SC-6: somebody may file it, it fits the catalogue, and its end makes sense."""
    topic = BY_TOPIC[story["topic"]]
    assert topic["category"] == story["category"]
    assert topic["service"] in {None, story["service"]}
    assert story["service"] in SERVICES
    assert len(story["subject"]) <= 200
    assert story["description"]
    assert story["expected_severity"] in {"A", "B", "C"}
    assert bool(story["organisation"]) != bool(story["candidates"])
    for code in story["candidates"] or [story["organisation"]]:
        check_teller(story, BY_ORGANISATION[code])
    check_impact(story)
    for turn in story["conversation"]:
        assert turn["by"] in {"engineer", "customer", "internal", "call"}
        assert turn["text"]
        assert turn["after_minutes"] > 0
    check_ending(story)
    check_variants(story)


def check_teller(story: dict[str, Any], organisation: dict[str, Any]) -> None:
    kind = story["category"].split(".")[0]
    assert any(
        story["language"] in person["languages"]
        and any(role in ACTS["file_request"] and REACH[role].covers(kind=kind, service=story["service"])
                for role in person["roles"])
        for person in organisation["people"]
    ), f"nobody of {organisation['code']} can file this"  # fmt: skip
    assert kind != "advisory" or organisation["elevated"]
    assert story["requested_severity"] is None or organisation["elevated"]


def check_impact(story: dict[str, Any]) -> None:
    if story["category"] in {"presales", "billing"}:
        assert story["impact"] is None
        return
    assert set(story["impact"]) == set(ANSWERS)
    for question, answer in story["impact"].items():
        assert answer in ANSWERS[question]


def check_ending(story: dict[str, Any]) -> None:
    ending = story["ending"]
    kind = ending["kind"]
    answered = any(turn["by"] in {"engineer", "call"} for turn in story["conversation"])
    assert (ending["text"] is None) == (kind == "open")
    assert (ending.get("after_minutes", 0) > 0) == (kind != "open")
    assert (kind == "reopened") == ("closed" in ending)
    assert kind in {"open", "withdrawn", "duplicate"} or answered
    assert (kind == "duplicate") == ("duplicate_of" in ending)
    if kind == "duplicate":
        assert BY_STORY[ending["duplicate_of"]]["organisation"] == story["organisation"]
    assert kind in {
        "open", "awaiting_customer", "solved", "workaround", "out_of_scope", "duplicate", "withdrawn", "no_reply",
        "reopened",
    }  # fmt: skip
    assert ending.get("referral") == (story["scope"] if kind == "out_of_scope" else None)
    assert story["scope"] in SCOPES | {"in_scope"}


def check_variants(story: dict[str, Any]) -> None:
    """Each variant swaps words, in order, wherever they stand in the story's texts."""
    ending = story["ending"]
    told = [story["subject"], story["description"], *(turn["text"] for turn in story["conversation"])]
    told += [ending["text"] or "", ending.get("closed", {}).get("text", "")]
    for variant in story["variants"]:
        text = "\n".join(told)
        for swap in variant:
            assert swap["replace"] in text
            text = text.replace(swap["replace"], swap["with"])
        assert text != "\n".join(told)


def test_the_stories_are_as_mixed_as_a_support_desk() -> None:
    total = len(STORIES)
    languages = Counter(story["language"] for story in STORIES)
    technical = Counter(story["expected_severity"] for story in STORIES if story["category"].startswith("technical"))
    referrals = {story["ending"].get("referral") for story in STORIES} - {None}

    assert total >= 110
    assert 0.5 <= languages["en"] / total <= 0.65
    assert 0.3 <= languages["zh-Hant"] / total <= 0.4
    assert {"de", "ja", "es"} <= set(languages)
    assert 0.12 <= technical["A"] / technical.total() <= 0.2
    assert 0.4 <= technical["B"] / technical.total() <= 0.5
    assert referrals == SCOPES
    assert len(set(codes(STORIES, "description"))) == total
