"""What every page knows of its reader, and the pages of profile, tokens and organisation."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone, translation

from accounts import clock
from accounts.audit import About, Notice, record_event, send_notice
from accounts.context import Portal
from accounts.edges import actor_of
from accounts.models import ApiToken, CalendarVersion, Event, Organisation, Person
from accounts.services.notices import read_notices
from support_portal.urls import urlpatterns as portal_urls
from tests.factories import (
    PASSWORD,
    browser_of,
    make_delegation,
    make_elevated_contract,
    make_organisation,
    make_partner,
    make_person,
    make_staff,
    make_subscription,
    reread,
)

pytestmark = pytest.mark.usefixtures("db")


def probe(request: HttpRequest) -> HttpResponse:
    """A page that does nothing but ask who acts."""
    actor = actor_of(request)
    return HttpResponse(f"{actor.person_id} {sorted(actor.roles)}")


urlpatterns = [path("probe/", probe), *portal_urls]


@pytest.fixture
def admin() -> Person:
    return make_person(make_organisation(name="Lotus Foods"), "global_admin", name="Mei-ling Chen", password=PASSWORD)


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return [query["sql"] for query in queries]


# Two queries, no more -------------------------------------------------------------------------------------------------


@pytest.mark.urls("tests.accounts.test_pages")
def test_a_signed_in_page_costs_two_queries_before_its_view(admin: Person, client: Client) -> None:
    """The session, and the person with organisation and roles; from the very first page after sign-in."""
    client.post("/login/", {"login": admin.email, "password": PASSWORD})

    for _ in range(2):
        session, person = queries_of(client, "/probe/")
        assert "accounts_session" in session
        assert "accounts_person" in person


@pytest.mark.urls("tests.accounts.test_pages")
def test_a_visitors_page_costs_no_query(client: Client) -> None:
    assert queries_of(client, "/login/") == []


@pytest.mark.urls("tests.accounts.test_pages")
def test_acting_for_a_customer_costs_the_look_at_the_delegation(admin: Person) -> None:
    """PA-1: the database's clock and the live delegation, at each request."""
    partner = make_partner()
    make_delegation(admin.organisation, partner)  # type: ignore[arg-type]
    client = browser_of(make_person(partner, "reader"))
    client.post("/acting-for/", {"customer": admin.organisation_id})

    assert len(queries_of(client, "/probe/")) == 4


# The skeleton ---------------------------------------------------------------------------------------------------------


def portal_of(person: Person, address: str = "/") -> Portal:
    request = RequestFactory().get(address)
    request.user, request.session = reread(person), {}  # type: ignore[assignment]
    return Portal(request)


def offered_to(person: Person) -> str:
    return " ".join(item.url for item in portal_of(person).nav)


@pytest.mark.urls("tests.accounts.whole_portal")
@pytest.mark.parametrize(
    ("roles", "pages"),
    [
        (["global_admin"], "/ /requests/ /requests/new/ /organisation/ /help/ /phone/"),
        (["exchange_admin"], "/ /requests/ /requests/new/ /organisation/ /help/ /phone/"),
        (["reader"], "/ /requests/ /organisation/ /help/ /phone/"),
        ([], "/ /help/"),
    ],
)
def test_customers_are_offered_what_their_roles_may_open(roles: list[str], pages: str) -> None:
    """RO-1, SH-2: an end user without a role is offered self-help and their admins, nothing of the support area."""
    assert offered_to(make_person(make_organisation(), *roles)) == pages


REST = "/staff/rota/ /help/ /phone/ /features/ /staff/policies/"
DESK = f"/queue/ /requests/ /staff/organisations/ /staff/people/ {REST}"


@pytest.mark.urls("tests.accounts.whole_portal")
@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("engineer", DESK),
        ("account_manager", DESK),
        ("team_lead", f"{DESK} /staff/operations/"),
        ("duty_manager", f"{DESK} /staff/operations/"),
        (
            "operator",
            f"/staff/organisations/ /staff/people/ {REST} /staff/operations/",
        ),
    ],
)
def test_staff_are_offered_what_their_role_may_open(role: str, pages: str) -> None:
    """RO-3"""
    assert offered_to(make_staff(role)) == pages


@pytest.mark.urls("tests.accounts.whole_portal")
def test_a_partners_people_are_offered_their_customers() -> None:
    """PA-1"""
    partner = make_partner()

    assert " /acting-for/ " in offered_to(make_person(partner, "reader"))
    assert offered_to(make_person(partner)) == "/ /help/"


@pytest.mark.urls("accounts.urls")
def test_pages_that_this_installation_lacks_are_not_offered(admin: Person) -> None:
    assert offered_to(admin) == "/organisation/"


@pytest.mark.urls("tests.accounts.whole_portal")
@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", "/"),
        ("/requests/", "/requests/"),
        ("/requests/SR-123456789/", "/requests/"),
        ("/requests/new/", "/requests/new/"),
        ("/profile/", None),
    ],
)
def test_the_deepest_page_that_holds_this_one_is_the_current_one(
    admin: Person, address: str, current: str | None
) -> None:
    found = [item.url for item in portal_of(admin, address).nav if item.current]

    assert found == ([current] if current else [])


def test_the_skeleton_asks_for_notices_only_when_they_are_shown(admin: Person) -> None:
    portal = portal_of(admin)
    with CaptureQueriesContext(connection) as queries:
        assert portal.person
        assert portal.nav
        assert portal.organisation == "Lotus Foods"
        assert portal.acting_for == ""
    assert len(queries) == 0

    with CaptureQueriesContext(connection) as queries:
        assert portal.notice_count == 0
        assert portal.notice_count == 0
    assert len(queries) == 1


def test_a_visitors_page_knows_nobody() -> None:
    request = RequestFactory().get("/", headers={"Cookie": "theme=dark"})

    portal = Portal(request)

    assert (portal.person, portal.actor, portal.nav, portal.notice_count) == (None, None, [], 0)
    assert (portal.theme, portal.time_zone, portal.search_url, portal.acting_for) == ("dark", "", "", "")


@pytest.mark.parametrize("theme", ["", "red", "light dark", '"><script>'])
def test_an_unknown_theme_is_that_of_the_device(theme: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = theme

    assert Portal(request).theme == ""


# Language and time zone -----------------------------------------------------------------------------------------------


def heading(client: Client, address: str = "/login/", **headers: str) -> str:
    return client.get(address, headers=headers).content.decode().split("<html", 1)[1].split(">", 1)[0]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-TW,zh;q=0.9", "zh-hant"), ("zh-HK", "zh-hant"), ("de,en;q=0.5", "en"), ("", "en"), ("xx;q=y", "en")],
)
def test_visitors_have_the_language_of_their_browser(client: Client, accepted: str, language: str) -> None:
    assert f'lang="{language}"' in heading(client, **{"Accept-Language": accepted})


def test_a_persons_own_language_wins_over_the_browsers(admin: Person) -> None:
    Person.objects.filter(pk=admin.pk).update(language="zh-hant")

    assert 'lang="zh-hant"' in heading(browser_of(admin), "/profile/", **{"Accept-Language": "en"})


def test_the_language_of_one_request_does_not_leak_into_the_next(admin: Person, client: Client) -> None:
    Person.objects.filter(pk=admin.pk).update(language="zh-hant", timezone="Asia/Taipei")
    browser_of(admin).get("/profile/")

    assert 'lang="en"' in heading(client, **{"Accept-Language": "en"})
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_visitors_choice_of_language_is_kept_in_a_cookie(client: Client) -> None:
    response = client.post("/preferences/language/", {"language": "zh-hant", "next": "/password/reset/"})

    assert response["Location"] == "/password/reset/"
    assert 'lang="zh-hant"' in heading(client, **{"Accept-Language": "en"})


def test_a_persons_choice_of_language_is_kept_in_the_profile(admin: Person) -> None:
    """P-10"""
    browser_of(admin).post("/preferences/language/", {"language": "zh-hant"})

    assert reread(admin).language == "zh-hant"
    assert Event.objects.get(kind="profile_changed").data == {
        "fields": ["language"],
        "from": {"language": "en"},
        "to": {"language": "zh-hant"},
    }
    assert 'lang="zh-hant"' in heading(browser_of(admin), "/profile/")


@pytest.mark.parametrize("form", [{"language": "xx"}, {}, {"language": "en\x00"}, {"next": "https://evil.example/"}])
def test_an_odd_choice_of_language_changes_nothing(admin: Person, form: dict[str, str]) -> None:
    response = browser_of(admin).post("/preferences/language/", form)

    assert response["Location"] == "/"
    assert not Event.objects.exists()


def test_instants_are_shown_in_the_persons_time_zone(admin: Person) -> None:
    client = browser_of(admin)
    noon = clock.now().replace(hour=12, minute=0)
    Person.objects.filter(pk=admin.pk).update(timezone="Asia/Kathmandu", last_login=noon)

    assert "17:45 UTC+5:45" in client.get("/profile/").content.decode()


def test_a_time_zone_that_no_longer_exists_shows_utc(admin: Person) -> None:
    Person.objects.filter(pk=admin.pk).update(timezone="Mars/Olympus_Mons")

    assert browser_of(admin).get("/profile/").status_code == HTTPStatus.OK


# Profile --------------------------------------------------------------------------------------------------------------

PROFILE = {"name": "Mei-ling Chen", "language": "zh-hant", "timezone": "Asia/Taipei", "phone": "+886 2 5550 0123"}


def test_a_person_changes_their_profile(admin: Person) -> None:
    """P-10: the event names the fields and keeps no values."""
    response = browser_of(admin).post("/profile/", PROFILE)

    assert response.status_code == HTTPStatus.FOUND
    changed = reread(admin)
    assert {name: getattr(changed, name) for name in PROFILE} == PROFILE
    assert Event.objects.get(kind="profile_changed").data["fields"] == ["language", "phone", "timezone"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"name": "Mei\u202egnil"}, "Remove the invisible characters that change the direction of writing."),
        ({"name": "Mei\x07"}, "Remove the control characters"),
        ({"timezone": "Atlantis"}, "Choose a time zone from the list"),
        ({"timezone": "../etc/passwd"}, "Choose a time zone from the list"),
        ({"language": "tlh"}, "Select a valid choice."),
        ({"phone": "call me"}, "Write it with digits"),
        ({"phone": "1" * 41}, "at most 40 characters"),
    ],
)
def test_a_profile_that_comes_back_keeps_what_was_typed_and_says_what_is_wrong(
    admin: Person, changes: dict[str, str], message: str
) -> None:
    """P-8"""
    Person.objects.filter(pk=admin.pk).update(language="en")

    response = browser_of(admin).post("/profile/", {**PROFILE, **changes})

    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert message in page
    assert "+886 2 5550 0123" in page or "phone" in changes
    assert not Event.objects.exists()


def test_the_time_zone_is_found_by_city_in_the_language_of_the_page(admin: Person) -> None:
    english = browser_of(admin).get("/profile/").content.decode()
    Person.objects.filter(pk=admin.pk).update(language="zh-hant")
    chinese = browser_of(admin).get("/profile/").content.decode()

    assert '<option value="Asia/Taipei">Taipei – Taiwan (UTC+8)</option>' in english
    assert '<option value="Asia/Taipei">台北 – 台灣 (UTC+8)</option>' in chinese


@pytest.mark.parametrize(
    ("language", "typed", "zone"),
    [
        ("en", "taipei", "Asia/Taipei"),
        ("en", "New York", "America/New_York"),
        ("en", "Asia/Calcutta", "Asia/Calcutta"),
        ("zh-hant", "台北", "Asia/Taipei"),
    ],
)
def test_a_city_is_as_good_as_the_name_of_its_zone(admin: Person, language: str, typed: str, zone: str) -> None:
    Person.objects.filter(pk=admin.pk).update(language=language)

    browser_of(admin).post("/profile/", {**PROFILE, "timezone": typed})

    assert reread(admin).timezone == zone


def test_an_end_user_has_a_profile_and_no_tokens() -> None:
    """SH-2"""
    page = browser_of(make_person(make_organisation())).get("/profile/").content.decode()

    assert "You hold no role." in page
    assert "API tokens" not in page


# Tokens ---------------------------------------------------------------------------------------------------------------

TOKEN = {"name": "Monitoring", "scopes": ["requests:read", "requests:write"], "days": "90"}


def test_a_tokens_secret_is_shown_once(admin: Person) -> None:
    client = browser_of(admin)

    made = client.post("/profile/tokens/", TOKEN)

    token = ApiToken.objects.get()
    assert made.status_code == HTTPStatus.CREATED
    assert f'value="{token.prefix}' in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    again = client.get("/profile/tokens/").content.decode()
    assert f'value="{token.prefix}' not in again
    assert f"{token.prefix}…" in again
    assert token.expires_at - token.created_at <= timedelta(days=90)


def test_a_token_for_a_year_is_not_too_long(admin: Person) -> None:
    assert browser_of(admin).post("/profile/tokens/", {**TOKEN, "days": "365"}).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize("changes", [{"scopes": []}, {"scopes": ["everything"]}, {"days": "4000"}, {"name": ""}])
def test_a_token_form_that_comes_back_keeps_what_was_typed(admin: Person, changes: dict[str, Any]) -> None:
    sent = {**TOKEN, **changes}

    response = browser_of(admin).post("/profile/tokens/", sent)

    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert "Some answers need another look" in page
    assert 'value="Monitoring"' in page or not sent["name"]
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked(admin: Person) -> None:
    client = browser_of(admin)
    client.post("/profile/tokens/", TOKEN)
    token = ApiToken.objects.get()

    page = client.post(f"/profile/tokens/{token.pk}/revoke/", follow=True).content.decode()

    token.refresh_from_db()
    assert token.revoked_at
    assert "The token is revoked." in page


def test_tokens_of_others_are_not_there(admin: Person) -> None:
    """P-5"""
    colleague = make_person(admin.organisation, "global_admin")
    browser_of(colleague).post("/profile/tokens/", TOKEN)
    token = ApiToken.objects.get()

    response = browser_of(admin).post(f"/profile/tokens/{token.pk}/revoke/", follow=True)

    token.refresh_from_db()
    assert token.revoked_at is None
    assert "It does not exist, or you may not see it." in response.content.decode()


def test_an_end_user_makes_no_tokens() -> None:
    response = browser_of(make_person(make_organisation())).post("/profile/tokens/", TOKEN)

    assert response.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("address", ["/profile/notices/", "/organisation/delegations/"])
def test_the_address_of_a_form_leads_to_its_page(admin: Person, address: str) -> None:
    """Changing the language on a form that came back must not end at a dead address."""
    assert browser_of(admin).get(address).status_code == HTTPStatus.FOUND


# Organisation ---------------------------------------------------------------------------------------------------------


ORGANISATION_PAGES = ("", "people/", "partners/", "subscriptions/")


def organisation_page(person: Person, name: str = "") -> str:
    return browser_of(person).get(f"/organisation/{name}").content.decode()


def tabs_of(person: Person, address: str) -> list[str]:
    return re.findall(r'class="tab" href="([^"]+)"', browser_of(person).get(address).content.decode())


def test_every_page_of_the_organisation_carries_its_tabs(admin: Person) -> None:
    expected = [
        "/organisation/",
        *(
            f"/organisation/{name}"
            for name in (
                *ORGANISATION_PAGES[1:],
                "engagements/",
                "calendar/",
                "sign-in/",
                "tokens/",
                "webhooks/",
                "report/",
                "exports/",
                "audit/",
            )
        ),
    ]

    for address in expected:
        page = browser_of(admin).get(address).content.decode()
        assert re.findall(r'class="tab" href="(/organisation/[^"]*)"', page) == expected
        assert f'href="{address}" aria-current="page"' in page


def test_the_account_has_tabs_for_what_its_owner_may_do(admin: Person) -> None:
    """SH-2"""
    assert "/profile/tokens/" in tabs_of(admin, "/profile/")
    assert "/profile/tokens/" not in tabs_of(make_person(make_organisation()), "/profile/")


def test_the_page_tells_plans_contract_hours_and_people(admin: Person) -> None:
    organisation = admin.organisation
    assert organisation
    manager = make_staff("account_manager", name="Ingrid Solberg")
    make_elevated_contract(organisation, account_manager=manager)
    make_subscription(organisation, "office_365_e3", reference="e3-lotus", seats=250)
    make_subscription(organisation, "business_basic", trial=True, ends_at=clock.now() + timedelta(days=20))
    make_person(organisation, "billing_admin", name="Jia-hao Lin")

    page = "".join(organisation_page(admin, name) for name in ORGANISATION_PAGES)

    for text in ("Lotus Foods", "Taiwan", "Asia/Taipei", "Office 365 E3", "e3-lotus", "250", "Trial", "Paid"):
        assert text in page
    for text in ("Premier", "Ingrid Solberg", "Monday to Friday", "09:00–18:00", "Saturday to Sunday", "Closed"):
        assert text in page
    for text in ("Jia-hao Lin", "Billing admin", "Global admin"):
        assert text in page


def test_hours_and_holidays_are_read_in_the_readers_language(admin: Person) -> None:
    today = clock.now().date()
    days = [(today + timedelta(days=number)).isoformat() for number in (-1, *range(1, 9))]
    document = {"timezone": "Asia/Taipei", "windows": {"2": [["13:00", "17:00"], ["09:00", "12:00"]]}, "holidays": days}
    CalendarVersion.objects.create(organisation=admin.organisation, version=2, document=document)

    page = organisation_page(admin)

    assert "Wednesday" in page
    assert "09:00–12:00, 13:00–17:00" in page
    assert "Monday to Tuesday" in page
    assert "and 2 more" in page
    Person.objects.filter(pk=admin.pk).update(language="zh-hant")
    assert "星期三" in organisation_page(admin)


def test_only_a_global_admin_is_offered_changes(admin: Person) -> None:
    """RO-1"""
    reader = make_person(admin.organisation, "reader")

    for name, offer in (("partners/", "Appoint a partner"), ("people/", "Invite somebody")):
        assert offer in organisation_page(admin, name)
        assert offer not in organisation_page(reader, name)


def test_people_without_a_role_are_shown_to_who_may_give_them_one(admin: Person) -> None:
    make_person(admin.organisation, name="Wei Huang")
    reader = make_person(admin.organisation, "reader")

    assert "Wei Huang" in organisation_page(admin, "people/")
    assert "Wei Huang" not in organisation_page(reader, "people/")


def test_the_page_holds_nothing_of_another_organisation(admin: Person) -> None:
    """P-5"""
    other = make_organisation(name="Rival Retail")
    make_person(other, "global_admin", name="Rival Admin", email="rival@example.org")
    make_subscription(other, reference="rival-e3")
    make_elevated_contract(other, account_manager=make_staff("account_manager", name="Rival Manager"))

    page = "".join(organisation_page(admin, name) for name in ORGANISATION_PAGES)

    for text in ("Rival", "rival@example.org", "rival-e3"):
        assert text not in page


@pytest.mark.parametrize("address", ["/organisation/", "/profile/", "/acting-for/", "/password/change/"])
def test_visitors_are_asked_to_sign_in(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == HTTPStatus.FOUND
    assert response["Location"] == f"/login/?next={address}"


def test_support_staff_have_no_organisation_of_their_own() -> None:
    assert browser_of(make_staff("engineer")).get("/organisation/").status_code == HTTPStatus.FORBIDDEN


def test_names_are_shown_as_text(admin: Person) -> None:
    """P-7"""
    Organisation.objects.filter(pk=admin.organisation_id).update(name="<script>alert(1)</script>")
    make_person(admin.organisation, "reader", name='"><img src=x onerror=alert(1)>')

    page = organisation_page(admin, "people/")

    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(("name", "queries"), [("", 8), ("people/", 6), ("partners/", 7), ("subscriptions/", 7)])
@pytest.mark.parametrize("people", [1, 12])
def test_a_page_costs_the_same_for_one_person_and_for_many(admin: Person, people: int, name: str, queries: int) -> None:
    for _ in range(people):
        make_person(admin.organisation, "reader", "billing_admin")
        make_subscription(admin.organisation)  # type: ignore[arg-type]
        make_delegation(admin.organisation, make_partner(), granted_by=admin)  # type: ignore[arg-type]

    client = browser_of(admin)
    client.get(f"/organisation/{name}")  # what is looked up once for a process

    assert len(queries_of(client, f"/organisation/{name}")) == queries


def test_the_bell_counts_what_is_unread(admin: Person) -> None:
    event = record_event("told", about=About(), at=clock.now())
    send_notice(event, Notice("request_filed", [admin]), about=About(number="SR-000000001"))
    assert portal_of(admin).notice_count == 1

    assert read_notices(person_id=admin.pk) == 1

    assert portal_of(admin).notice_count == 0
    assert read_notices(person_id=admin.pk) == 0


def test_both_languages_of_the_settings_are_ours() -> None:
    assert [code for code, _ in portal_settings.LANGUAGES] == ["en", "zh-hant"]
    assert all(translation.check_for_language(code) for code, _ in portal_settings.LANGUAGES)
