"""The operations of the API on caller, organisations, subscriptions, plans and tokens."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import ApiToken
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return factories.make_organisation("contoso", name="Contoso")


@pytest.fixture
def admin(organisation):
    return factories.make_person(organisation, "service_support_admin")


@pytest.fixture
def api(admin):
    return factories.api_of(admin)


def results(response):
    assert response.status_code == 200
    return response.json()["results"]


def test_the_caller_learns_who_they_are_and_what_they_may_do(api, admin):
    caller = api.get("/api/v1/me/").json()

    assert (caller["email"], caller["roles"]) == (admin.email, ["service_support_admin"])
    assert caller["organisation"]["slug"] == "contoso"
    assert "file_request" in caller["may"]
    assert "read_queue" not in caller["may"]
    assert caller["token"]["scopes"]


def test_the_caller_learns_of_what_only_a_contract_brings_while_there_is_one(api, organisation):
    """SE-5, EL-1: `may` says what a call would not refuse at once"""
    brought = {"set_severity", "request_engagement"}
    assert not brought & set(api.get("/api/v1/me/").json()["may"])

    factories.make_elevated_contract(organisation)

    assert brought <= set(api.get("/api/v1/me/").json()["may"])


def test_what_a_patch_may_be_written_in_is_told(api):
    """RFC 5789, section 2.2"""
    asked = api.options("/api/v1/me/")
    wrong = api.patch("/api/v1/me/", "<name/>", content_type="application/xml", headers={"If-Match": "*"})

    assert wrong.status_code == 415
    for answer in (asked, wrong):
        assert answer["Accept-Patch"] == "application/json, application/merge-patch+json"
    assert "Accept-Patch" not in api.options("/api/v1/tokens/")


def test_an_end_user_learns_that_there_is_little_they_may_do(organisation):
    """SH-2"""
    caller = factories.api_of(factories.make_person(organisation)).get("/api/v1/me/").json()

    assert (caller["roles"], caller["may"]) == ([], [])


def test_an_admin_sees_their_own_organisation_only(api):
    """P-5"""
    factories.make_organisation()

    assert [row["slug"] for row in results(api.get("/api/v1/organisations/"))] == ["contoso"]


def test_engineers_see_every_organisation_and_account_managers_their_own(organisation):
    other = factories.make_organisation("fabrikam")
    manager = factories.make_staff("account_manager")
    factories.make_elevated_contract(other, account_manager=manager)

    def slugs(person):
        return [row["slug"] for row in results(factories.api_of(person).get("/api/v1/organisations/"))]

    assert slugs(factories.make_staff("engineer")) == ["contoso", "fabrikam"]
    assert slugs(manager) == ["fabrikam"]


@pytest.mark.parametrize("path", ["/api/v1/organisations/", "/api/v1/subscriptions/"])
def test_an_end_user_is_kept_out_of_the_support_area(organisation, path):
    """RO-1, SH-2"""
    assert factories.api_of(factories.make_person(organisation)).get(path).status_code == 403


def test_an_admin_sees_the_running_subscriptions_of_their_organisation(api, organisation):
    """CH-2, P-5"""
    running = factories.make_subscription(organisation, trial=True)
    factories.make_subscription(organisation, ends_at=clock.now() - timedelta(seconds=1))
    factories.make_subscription(factories.make_organisation())

    (row,) = results(api.get("/api/v1/subscriptions/"))

    assert (row["reference"], row["trial"], row["organisation"]) == (running.reference, True, "contoso")
    assert row["plan"]["tier"] == "enterprise"
    assert row["starts_at"] == "2026-01-01T00:00:00Z"


def test_asking_for_another_organisations_subscriptions_finds_none(api):
    """P-5: the same answer as for one that does not exist"""
    other = factories.make_organisation("fabrikam")
    factories.make_subscription(other)

    foreign = api.get("/api/v1/subscriptions/", {"organisation": "fabrikam"})
    missing = api.get("/api/v1/subscriptions/", {"organisation": "nobody"})

    assert results(foreign) == results(missing) == []
    assert len(foreign.content) == len(missing.content)


def test_staff_narrow_subscriptions_to_one_organisation(organisation):
    factories.make_subscription(organisation)
    factories.make_subscription(factories.make_organisation("fabrikam"))
    api = factories.api_of(factories.make_staff("engineer"))

    rows = results(api.get("/api/v1/subscriptions/", {"organisation": "fabrikam"}))

    assert [row["organisation"] for row in rows] == ["fabrikam"]


def test_everybody_sees_every_plan_with_its_tier(organisation):
    """SLA-1, SLA-2"""
    api = factories.api_of(factories.make_person(organisation))

    plans = {row["code"]: row["tier"] for row in results(api.get("/api/v1/plans/", {"page_size": 100}))}

    assert plans["office_365_e3"] == "enterprise"
    assert set(plans.values()) == {"business", "enterprise", "frontline"}


def test_a_token_is_made_and_works_and_is_revoked(api):
    made = api.post("/api/v1/tokens/", {"name": "Robot", "scopes": ["tokens:read"]}, format="json")
    address = made["Location"].removeprefix("http://localhost:8000")
    robot = factories.api_with(made.json()["secret"])

    assert made.status_code == 201
    assert robot.get(address).json()["name"] == "Robot"
    assert "secret" not in robot.get(address).json()

    revoked = api.delete(address, headers={"If-Match": made["ETag"]})

    assert (revoked.status_code, revoked.content) == (204, b"")
    assert robot.get(address).status_code == 401
    assert api.get(address).status_code == 404


def test_a_token_is_not_revoked_without_naming_its_version(api, admin):
    """Settled point 11"""
    token, _ = factories.make_token(admin)

    assert api.delete(f"/api/v1/tokens/{token.pk}/").status_code == 428
    stale = api.delete(f"/api/v1/tokens/{token.pk}/", headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["current_version"], stale["ETag"]) == (412, 1, '"1"')
    assert api.delete(f"/api/v1/tokens/{token.pk}/", headers={"If-Match": "*"}).status_code == 204


def test_a_colleagues_token_looks_like_none(api, organisation):
    """P-5"""
    token, _ = factories.make_token(factories.make_person(organisation, "global_admin"))

    foreign, missing = api.get(f"/api/v1/tokens/{token.pk}/"), api.get("/api/v1/tokens/999999/")
    refused = api.delete(f"/api/v1/tokens/{token.pk}/", headers={"If-Match": "*"})

    assert foreign.status_code == missing.status_code == refused.status_code == 404
    assert len(foreign.content) == len(missing.content)
    assert ApiToken.objects.get(pk=token.pk).revoked_at is None


def test_a_token_gives_no_more_than_it_has(admin):
    """P-6"""
    api = factories.api_of(admin, "tokens:write", "requests:read")

    refused = api.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:write"]}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (403, "scopes-too-wide")
    assert refused.json()["errors"][0]["pointer"] == "#/scopes"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\u202eb"),
        ("scopes", []),
        ("scopes", "requests:read"),
        ("scopes", ["requests:everything"]),
        ("scopes", [["requests:read"]]),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("expires_at", "2100-01-01T00:00:00Z"),
        ("id", 7),
        ("person", 1),
        ("digest", "x"),
    ],
)
def test_input_that_makes_no_token_is_refused_with_its_field(api, field, value):
    """RELIABILITY.md, section 4: every writable and hidden field"""
    before = ApiToken.objects.count()

    refused = api.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:read"], field: value}, format="json")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"].startswith(f"#/{field}")
    assert ApiToken.objects.count() == before
