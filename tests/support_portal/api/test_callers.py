"""Who may call the API: tokens, sessions, scopes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts import clock
from accounts.models import ApiToken
from accounts.scopes import SCOPES
from tests import factories

pytestmark = pytest.mark.urls("tests.support_portal.api.raising")
CALLER = "/api/v1/me/"


def challenge_of(response):
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["code"], response["WWW-Authenticate"]


@pytest.mark.django_db
def test_without_a_token_or_a_session_one_is_asked_for():
    assert challenge_of(APIClient().get(CALLER)) == ("sign-in-required", 'Bearer realm="support portal"')


@pytest.mark.django_db
@pytest.mark.parametrize(
    "secret", ["sp_unknown", "sp_" + "x" * 43, "sp_" + "x" * 5000, "", "nonsense", "sp_\xff", "sp_a sp_b"]
)
def test_a_bad_token_is_refused_whatever_is_wrong_with_it(secret):
    code, challenge = challenge_of(factories.api_with(secret).get(CALLER))

    assert code == "invalid-token"
    assert 'error="invalid_token"' in challenge


@pytest.mark.django_db
def test_a_bad_token_is_refused_even_beside_a_good_session(admin):
    client = APIClient()
    client.force_login(admin)
    client.credentials(HTTP_AUTHORIZATION="Bearer sp_unknown")

    assert challenge_of(client.get(CALLER))[0] == "invalid-token"


@pytest.mark.django_db
def test_a_token_counts_in_the_header_only(admin):
    """RELIABILITY.md, Sign-in, sessions, tokens"""
    _, secret = factories.make_token(admin)
    client = APIClient()

    assert client.get(CALLER, {"token": secret, "access_token": secret}).status_code == 401
    assert client.get(CALLER, headers={"X-Api-Key": secret}).status_code == 401
    client.cookies["token"] = secret
    assert client.get(CALLER).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_name_of_the_scheme_may_be_written_either_way(admin, scheme):
    _, secret = factories.make_token(admin)

    assert APIClient().get(CALLER, headers={"Authorization": f"{scheme} {secret}"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["revoke", "expire", "close account", "close organisation"])
def test_an_ended_token_is_refused_from_the_next_call(admin, end):
    """P-6"""
    token, secret = factories.make_token(admin)
    api = factories.api_with(secret)
    assert api.get(CALLER).status_code == 200

    if end == "revoke":
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=clock.now())
    elif end == "expire":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=clock.now())
    elif end == "close account":
        type(admin).objects.filter(pk=admin.pk).update(is_active=False)
    else:
        type(admin.organisation).objects.filter(pk=admin.organisation_id).update(is_active=False)

    assert challenge_of(api.get(CALLER))[0] == "invalid-token"


@pytest.mark.django_db
def test_a_lowered_role_counts_from_the_next_call(admin):
    """P-6"""
    api = factories.api_of(admin)
    assert api.get("/api/v1/tokens/").status_code == 200

    admin.role_grants.all().delete()

    refused = api.get("/api/v1/tokens/")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


@pytest.mark.django_db
def test_an_ended_delegation_closes_a_partners_token(organisation):
    """PA-1, P-6"""
    partner = factories.make_partner()
    delegation = factories.make_delegation(organisation, partner)
    api = factories.api_of(factories.make_person(partner, "service_support_admin"), organisation=organisation)
    caller = api.get(CALLER).json()
    assert (caller["organisation"]["slug"], caller["on_behalf_of"]) == (organisation.slug, True)

    delegation.ended_at = clock.now()
    delegation.save(update_fields=["ended_at"])

    refused = api.get(CALLER)
    assert (refused.status_code, refused.json()["code"]) == (403, "delegation-over")


@pytest.mark.django_db
@pytest.mark.parametrize("scope", sorted(set(SCOPES) - {"tokens:read"}))
def test_a_token_does_only_what_its_scopes_name(admin, scope):
    refused = factories.api_of(admin, scope).get("/api/v1/tokens/")

    assert refused.status_code == 403
    assert refused.json()["code"] == "scope-missing"
    assert refused.json()["scope"] == "tokens:read"
    assert 'error="insufficient_scope", scope="tokens:read"' in refused["WWW-Authenticate"]
    assert factories.api_of(admin, "tokens:read").get("/api/v1/tokens/").status_code == 200


@pytest.mark.django_db
def test_an_operation_that_names_no_scope_is_closed_to_tokens(api):
    assert api.get("/api/v1/forgetful/").json()["code"] == "scope-missing"


@pytest.mark.django_db
def test_a_session_reads_without_further_ado_and_has_every_scope(admin):
    assert factories.browser_of(admin).get("/api/v1/tokens/").status_code == 200


@pytest.mark.django_db
def test_a_session_changes_nothing_without_the_token_of_our_pages(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    refused = client.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:read"]}, "application/json")

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf-failed")
    assert not ApiToken.objects.exists()


@pytest.mark.django_db
def test_a_token_needs_no_token_of_our_pages(admin):
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=factories.api_of(admin)._credentials["HTTP_AUTHORIZATION"])

    made = client.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:read"]}, format="json")

    assert made.status_code == 201


@pytest.mark.django_db
def test_answers_are_never_kept_by_anybody_on_the_way(api):
    """RELIABILITY.md, section 3"""
    response = api.get(CALLER)

    assert response["Cache-Control"] == "no-store"
    assert {"Accept", "Accept-Language", "Authorization", "Cookie"} <= set(response["Vary"].split(", "))
    assert not response.has_header("Access-Control-Allow-Origin")


@pytest.mark.django_db
def test_an_answer_is_in_the_language_asked_for_or_else_in_the_persons(organisation):
    person = factories.make_person(organisation, "global_admin", language="zh-hant")
    api = factories.api_of(person)

    assert api.get("/api/v1/tokens/0/")["Content-Language"] == "zh-hant"
    assert api.get("/api/v1/tokens/0/", headers={"Accept-Language": "en"})["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_call_costs_two_queries_before_its_own(admin, django_assert_num_queries):
    """Constant and few queries."""
    _, secret = factories.make_token(admin, last_used_at=clock.now())
    api = factories.api_with(secret)
    api.get("/api/v1/plans/")

    with django_assert_num_queries(3):  # the token, the limits, the page
        api.get("/api/v1/plans/")


def test_callers_do_not_queue_to_note_their_use(own_database):
    """RELIABILITY.md: last use shown, no fight for its lock"""
    admin = factories.make_person(factories.make_organisation(), "global_admin")
    token, secret = factories.make_token(admin)
    held, may_end = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                ApiToken.objects.select_for_update().get(pk=token.pk)
                held.set()
                assert may_end.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(hold)
        assert held.wait(10)
        answered = factories.api_with(secret).get(CALLER)
        may_end.set()
        holding.result()

    token.refresh_from_db()
    assert answered.status_code == 200
    assert token.last_used_at is None
