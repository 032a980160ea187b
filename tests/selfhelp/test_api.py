"""Self-help over the API (SH-1, CH-3)."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Event
from selfhelp.models import Deflection
from tests.factories import api_of, browser_of, make_organisation, make_person

pytestmark = pytest.mark.django_db

ARTICLES, PHONES = "/api/v1/articles/", "/api/v1/phone-numbers/"
OPEN = [f"/api/v1/{name}/" for name in ("features", "catalogue", "severity-levels")]
FEEDBACK = f"{ARTICLES}verify-your-domain/feedback/"


@pytest.fixture
def admin():
    return make_person(make_organisation(), "global_admin")


@pytest.fixture
def program(admin):
    return api_of(admin, "selfhelp:read")


def test_articles_are_listed_in_pages(program):
    """SH-1"""
    first = program.get(ARTICLES, {"page_size": 20}).json()
    second = program.get(first["next"]).json()

    assert len(first["results"]) == 20
    assert second["results"]
    found = [article["slug"] for page in (first, second) for article in page["results"]]
    assert found == sorted(set(found))
    assert set(first["results"][0]) == {"slug", "kind", "service", "title", "summary", "url"}


def test_a_search_gives_the_best_match_first_and_goes_on_in_that_order(program):
    """SH-1"""
    whole = program.get(ARTICLES, {"q": "mailbox outlook", "page_size": 100}).json()["results"]
    first = program.get(ARTICLES, {"q": "mailbox outlook", "page_size": 3}).json()
    second = program.get(first["next"]).json()

    assert whole[0]["slug"] == "create-and-use-a-shared-mailbox"
    assert [*first["results"], *second["results"]] == whole[: 3 + len(second["results"])]
    assert program.get(second["previous"]).json()["results"] == first["results"]


def test_articles_can_be_narrowed_by_kind_and_service(program):
    """SH-1"""
    videos = program.get(ARTICLES, {"kind": "video"}).json()["results"]
    billing = program.get(ARTICLES, {"service": "subscription", "q": "invoice"}).json()["results"]

    assert {article["kind"] for article in videos} == {"video"}
    assert {article["service"] for article in billing} == {"subscription"}


@pytest.mark.parametrize(
    ("headers", "title"),
    [
        ({"Accept-Language": "en"}, "Create a shared mailbox and show it in Outlook"),
        ({"Accept-Language": "zh-Hant"}, "建立共用信箱並顯示在 Outlook 中"),
        ({}, "建立共用信箱並顯示在 Outlook 中"),
    ],
)
def test_an_article_is_given_in_the_language_of_the_call_or_the_person(headers, title):
    """SH-1"""
    person = make_person(make_organisation(), "global_admin", language="zh-hant")

    answer = api_of(person).get(f"{ARTICLES}create-and-use-a-shared-mailbox/", headers=headers)

    assert answer.json()["title"] == title
    assert answer.json()["body"]
    assert set(answer.json()["related"][0]) == {"slug", "title"}


def test_an_article_that_does_not_exist_is_a_problem(program):
    """SH-1"""
    answer = program.get(f"{ARTICLES}no-such-article/")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_every_phone_number_can_be_listed(program):
    """CH-3"""
    page = program.get(PHONES, {"page_size": 100}).json()

    assert len(page["results"]) >= 30
    assert page["next"] is None


def test_the_phone_number_of_one_country_has_hours_and_languages(program):
    """CH-3, LA-1"""
    (entry,) = program.get(PHONES, {"country": "tw"}).json()["results"]

    assert entry["names"] == {"en": "Taiwan", "zh-Hant": "台灣"}
    assert entry["hours"]["technical"] == {"always": True, "windows": {}}
    assert entry["hours"]["business"]["always"] is False
    assert entry["hours"]["business"]["windows"]["0"] == [["09:00", "18:00"]]
    assert entry["languages"] == ["zh-Hant", "en"]
    assert entry["example"] is True


def test_a_country_without_a_number_gives_an_empty_page(program):
    """CH-3"""
    assert program.get(PHONES, {"country": "ZZ"}).json()["results"] == []


@pytest.mark.parametrize(
    "address",
    [
        f"{PHONES}?country=T",
        f"{PHONES}?country=TWN",
        f"{PHONES}?country=%00%00",
        f"{PHONES}?town=Taipei",
        f"{ARTICLES}?kind=poem",
        f"{ARTICLES}?q={'x' * 201}",
        f"{ARTICLES}?q=%00",
        f"{ARTICLES}?service=%27",
        f"{ARTICLES}?cursor=nonsense",
        f"{ARTICLES}verify-your-domain/?q=x",
    ],
)
def test_a_filter_that_is_wrong_is_named(program, address):
    """P-8"""
    answer = program.get(address)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("address", [ARTICLES, f"{ARTICLES}verify-your-domain/", PHONES, *OPEN])
def test_the_api_wants_a_token_with_the_scope(admin, address):
    """P-6"""
    assert APIClient().get(address).status_code == 401
    assert api_of(admin, "requests:read").get(address).status_code == 403


def test_people_without_a_role_may_read_self_help(admin):
    """SH-2"""
    user = make_person(admin.organisation)

    assert api_of(user, "selfhelp:read").get(ARTICLES).status_code == 200


@pytest.mark.parametrize("address", [f"{ARTICLES}?q=mailbox", PHONES])
def test_a_list_costs_one_query_beside_those_of_the_caller(program, address, django_assert_max_num_queries):
    """SH-1"""
    with django_assert_max_num_queries(5):
        program.get(address)


def test_features_are_told_for_every_plan_as_the_page_compares_them(program):
    """FE-1: in the language of the call"""
    told = program.get("/api/v1/features/", headers={"Accept-Language": "zh-Hant"}).json()

    columns = [column["code"] for column in told["columns"]]
    rows = [feature for group in told["groups"] for feature in group["features"]]
    assert {column["name"] for column in told["columns"]} >= {"企業方案"}
    assert all([cell["column"] for cell in row["cells"]] == columns for row in rows)
    assert {cell["available"] for row in rows for cell in row["cells"]} == {True, False}
    assert program.get("/api/v1/features/?plans=enterprise").status_code == 400


# ── whether an article helped ───────────────────────────────────────────────────────────────────────────────────────


def test_whoever_read_an_article_says_whether_it_helped_and_the_last_word_counts(admin):
    """SH-1, P-10: as on the article's page"""
    api = api_of(admin, "selfhelp:write")

    first = api.post(FEEDBACK, {"helped": True, "where": "new_request"})
    second = api.post(FEEDBACK, {"helped": False})
    again = api.post(FEEDBACK, {"helped": False})

    assert (first.status_code, first.json()["helped"], first.json()["where"]) == (200, True, "new_request")
    assert (second.json()["helped"], second.json()["where"]) == (False, "article")
    assert again.json() == second.json()
    [kept] = Deflection.objects.all()
    assert (kept.article.slug, kept.helped, kept.person) == ("verify-your-domain", False, admin)
    assert Event.objects.filter(kind="self_help_judged", actor=admin).count() == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/helped"),
        ({"helped": "yes"}, "#/helped"),
        ({"helped": None}, "#/helped"),
        ({"helped": True, "where": "elsewhere"}, "#/where"),
        ({"helped": True, "at": "2026-11-24T01:00:00Z"}, "#/at"),
    ],
)
def test_what_is_no_judgement_is_refused(admin, body, pointer):
    """P-8"""
    answer = api_of(admin).post(FEEDBACK, body)

    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (400, [pointer])
    assert not Deflection.objects.exists()


def test_a_judgement_needs_its_own_scope_and_an_article(admin):
    """P-6"""
    assert api_of(admin, "selfhelp:read").post(FEEDBACK, {"helped": True}).json()["code"] == "scope-missing"
    missing = api_of(admin).post(f"{ARTICLES}no-such-article/feedback/", {"helped": True})
    assert (missing.status_code, missing.json()["code"]) == (404, "article-not-found")


def test_people_without_a_role_may_judge_and_pages_and_programs_share_one_limit(admin, settings):
    """SH-2: nobody judges faster than they read"""
    settings.RATE_LIMIT_FACTOR = 2 / 60
    user = make_person(admin.organisation)
    browser_of(user).post("/help/verify-your-domain/", {"helped": "yes"})
    programs = [api_of(user, "selfhelp:write") for _ in range(2)]

    statuses = [api.post(FEEDBACK, {"helped": True}).status_code for api in programs]

    assert statuses == [200, 429]
