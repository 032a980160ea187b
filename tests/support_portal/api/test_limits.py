"""The API's rate limits: counted, announced, enforced."""

import re

import pytest

from support_portal.api import throttling
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support_portal.api.raising")]
CALLER = "/api/v1/me/"


@pytest.fixture
def two_calls(monkeypatch):
    """Two calls a minute for a token, three for an organisation."""
    monkeypatch.setattr(throttling, "PER_TOKEN", 2)
    monkeypatch.setattr(throttling, "PER_ORGANISATION", 3)


def test_every_answer_announces_the_limits_and_what_is_left(api):
    """DESIGN.md: rate limits announced in headers"""
    first, refused = api.get(CALLER), api.get("/api/v1/tokens/0/")

    assert first["RateLimit-Policy"] == '"token";q=600;w=60, "organisation";q=3000;w=60'
    assert re.fullmatch(r'"token";r=599;t=\d+, "organisation";r=2999;t=\d+', first["RateLimit"])
    assert refused.status_code == 404
    assert '"token";r=598;' in refused["RateLimit"]


def test_support_staff_have_no_organisation_to_count_against(db):
    assert factories.api_of(factories.make_staff("engineer")).get(CALLER)["RateLimit-Policy"] == '"token";q=600;w=60'


def test_the_last_allowed_call_is_answered_and_the_next_is_not(api, two_calls):
    """RELIABILITY.md, section 3"""
    answered = [api.get(CALLER).status_code for _ in range(2)]
    refused = api.get(CALLER)

    assert answered == [200, 200]
    assert refused.status_code == 429
    assert refused.json()["code"] == "too-many-requests"
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert '"token";r=0;' in refused["RateLimit"]


def test_colleagues_share_the_limit_of_their_organisation_and_nobody_else_does(organisation, two_calls):
    colleagues = [factories.api_of(factories.make_person(organisation, "reader")) for _ in range(4)]
    stranger = factories.api_of(factories.make_person(factories.make_organisation(), "reader"))

    assert [colleague.get(CALLER).status_code for colleague in colleagues] == [200, 200, 200, 429]
    assert stranger.get(CALLER).status_code == 200


def test_refused_calls_count_too(admin, two_calls):
    api = factories.api_of(admin, "requests:read")

    assert [api.get("/api/v1/tokens/").status_code for _ in range(3)] == [403, 403, 429]


def test_a_session_is_counted_by_its_person(admin, two_calls):
    browser = factories.browser_of(admin)

    assert [browser.get(CALLER).status_code for _ in range(3)] == [200, 200, 429]


def test_the_factor_of_the_installation_multiplies_the_limits(api, two_calls, settings):
    settings.RATE_LIMIT_FACTOR = 100

    assert '"token";q=200;w=60' in api.get(CALLER)["RateLimit-Policy"]
    assert [api.get(CALLER).status_code for _ in range(3)] == [200, 200, 200]
