"""Who reaches what over the API of requests: strangers, one-service admins, readers, scopes, revoked access."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts import clock
from accounts.api.base import ApiView
from accounts.models import ApiToken, RoleGrant
from accounts.scopes import SCOPES
from support_portal.problems import PROBLEMS
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, close_at, code_of, path_of, queries
from tickets.api import urls
from tickets.errors import RequestNotFound, SeverityNotPermitted
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import ServiceRequest
from tickets.services.closing import Ending, close_request

MISSING = "SR-000000001"
BODIES = {
    "messages": {"body": "Hello."},
    "close": {"resolution": "solved"},
    "reopen": {},
    "severity": {"severity": "B", "reason": "x"},
    "assign": {"assignee": "me"},
    "follow-up": {"subject": "Again", "description": "It came back."},
    "survey": {"rating": 5},
    "escalate": {"reason": "business_impact", "justification": "Our shops cannot sell."},
    "translator": {"language": "vi"},
    "dispute": {"severity": "B", "statement": "Only the branch in Tainan is affected."},
    "corrections": {"scope": "developer"},
    "incident": {"incident": None},
    "tags": {"remove": ["VIP"]},
}
# Every operation on one request, as (method, parts of the address, body).
ONE = [
    ("get", (), None),
    ("patch", (), {"contact": {"translator": True}}),
    *[("get", (part,), None) for part in ("messages", "attachments", "events", "commitments", "translator", "survey")],
    ("get", ("attachments", "1"), None),
    ("get", ("attachments", "1", "preview"), None),
    *[("get", (part,), None) for part in ("corrections", "timers", "notices")],
    *[("post", (part,), body) for part, body in BODIES.items()],
    ("post", ("translator", "arrange"), {"interpreter": "Mei-Ling Wu", "join_at": "2031-01-06T06:30:00Z"}),
    ("post", ("translator", "settle"), {"outcome": "cancelled"}),
    ("post", ("dispute", "settle"), {"accepted": True, "reason": "One branch."}),
]
OF_STAFF = {"assign", "arrange", "corrections", "timers", "notices", "incident", "tags"}
TAILS_OF_STAFF = {("dispute", "settle")}
IDS = ("export_id", "attachment_id", "endpoint_id", "delivery_id", "tag_id", "timer_id", "draft_id", "version")
METHODS = ("get", "post", "put", "patch", "delete")
ODD = ("SR-1", "SR-0000000000", "sr-000000001", "SR-00000000١", "SR-00000000%00", "x", "%2e%2e")


def name_of(value):
    return "-".join(value) if isinstance(value, tuple) else value if isinstance(value, str) else ""


def call(api, method, path, body, **headers):
    return getattr(api, method)(path, body, headers={"If-Match": "*", **headers})


def without_request_id(response):
    told = response.json()
    told.pop("request_id")
    return told


def test_the_list_of_operations_above_is_complete():
    """P-5: every operation on one request is tried as a stranger"""
    operations = set()
    for entry in urls.urlpatterns:
        view = entry.callback.view_class
        assert issubclass(view, ApiView)
        parts = str(entry.pattern).removeprefix("service-requests/")
        if parts.startswith("<"):
            tail = tuple("1" if part.startswith("<") else part for part in parts.split("/")[1:-1])
            operations |= {
                (method, tail) for method in ("get", "post", "put", "patch", "delete") if hasattr(view, method)
            }

    assert operations == {(method, parts) for method, parts, _ in ONE} | {("post", ("attachments",))}


@pytest.mark.parametrize(("method", "parts", "body"), ONE, ids=name_of)
def test_a_strangers_request_and_a_missing_one_are_the_same(stranger, open_request, method, parts, body):
    """P-5: same status, same body, same length"""
    theirs = call(stranger, method, path_of(open_request.number, *parts), body)
    missing = call(stranger, method, path_of(MISSING, *parts), body)

    assert (
        theirs.status_code == missing.status_code == (403 if set(parts) & OF_STAFF or parts in TAILS_OF_STAFF else 404)
    ), theirs.content
    assert without_request_id(theirs) == without_request_id(missing)
    assert len(theirs.content) == len(missing.content)
    assert {*theirs.headers} == {*missing.headers}
    assert ServiceRequest.objects.get().version == 1


@pytest.mark.parametrize(("method", "parts", "body"), ONE, ids=name_of)
def test_staff_of_another_kind_do_not_find_it(open_request, method, parts, body):
    """RO-3, P-5"""
    specialist = factories.api_of(factories.make_staff("billing_specialist"))

    answers = [call(specialist, method, path_of(number, *parts), body) for number in (open_request.number, MISSING)]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert without_request_id(answers[0]) == without_request_id(answers[1])


def test_a_stranger_uploads_nothing(stranger, open_request):
    """P-5"""
    answers = [
        stranger.post(path_of(number, "attachments"), {"file": SimpleUploadedFile("a.txt", b"x")}, format="multipart")
        for number in (open_request.number, MISSING)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_request_id(answers[0]) == without_request_id(answers[1])


def test_a_strangers_list_is_empty_whatever_is_asked(stranger, open_request):
    """P-5"""
    for query in ({}, {"q": open_request.number}, {"state": "awaiting_response"}, {"breached": "false"}):
        assert stranger.get(LIST, query).json()["results"] == []


@pytest.mark.parametrize(
    "number", ["SR-1", "SR-0000000000", "sr-000000001", "SR-00000000١", "SR-00000000%00", "x", "%2e%2e"]
)
def test_odd_numbers_are_not_there(api, number):
    """P-8; RELIABILITY, API: unusual digits are 404"""
    assert api.get(f"{LIST}{number}/").status_code == 404


def test_an_admin_of_one_service_sees_that_one_only(organisation, admin_person):
    """RO-1"""
    admin = factories.actor(admin_person)
    exchange, sharepoint = (
        making.filed(admin, service=service) for service in ("exchange_online", "sharepoint_online")
    )
    bill = making.filed(admin, severity="C", category="billing", service="subscription")
    api = factories.api_of(factories.make_person(organisation, "exchange_admin"))

    assert [row["number"] for row in api.get(LIST).json()["results"]] == [exchange.number]
    assert api.get(path_of(exchange.number)).status_code == 200
    for number in (sharepoint.number, bill.number):
        hidden, missing = api.get(path_of(number)), api.get(path_of(MISSING))
        assert without_request_id(hidden) == without_request_id(missing)


def test_a_reader_reads_everything_and_changes_nothing(reader, open_request):
    """RO-1"""
    for method, parts, body in ONE:
        answer = call(reader, method, path_of(open_request.number, *parts), body)
        if method == "get":
            expected = 404 if parts[:1] == ("attachments",) and parts[1:] else 403 if {*parts} & OF_STAFF else 200
            assert answer.status_code == expected, parts
        else:
            assert (answer.status_code, code_of(answer)) == (403, "not-permitted"), parts
    assert reader.get(path_of(open_request.number)).json()["may"] == []
    assert ServiceRequest.objects.get().version == 1


def test_an_end_user_reaches_nothing(organisation, open_request):
    """SH-2"""
    user = factories.api_of(factories.make_person(organisation))

    for method, parts, body in ONE:
        assert call(user, method, path_of(open_request.number, *parts), body).status_code == 403, parts
    assert user.get(LIST).status_code == user.post(LIST, {}).status_code == 403


def test_a_role_that_was_taken_away_counts_from_the_next_call(api, admin_person, open_request):
    """P-6"""
    assert api.get(path_of(open_request.number)).status_code == 200
    RoleGrant.objects.filter(person=admin_person).delete()

    assert api.get(path_of(open_request.number)).status_code == 403


def test_a_stored_answer_is_not_given_to_who_lost_the_role(organisation, form):
    """P-6; RELIABILITY: replay after today's access check"""
    person = factories.make_person(organisation, "global_admin")
    api = factories.api_of(person)
    keyed = {"Idempotency-Key": "k"}
    number = api.post(LIST, form, headers=keyed).json()["number"]
    said = api.post(path_of(number, "messages"), {"body": "Hello."}, headers={"Idempotency-Key": "m"})
    assert said.status_code == 201
    RoleGrant.objects.filter(person=person).update(role="sharepoint_admin")

    assert code_of(api.post(LIST, form, headers=keyed)) == "request-not-found"
    refused = api.post(path_of(number, "messages"), {"body": "Hello."}, headers={"Idempotency-Key": "m"})
    assert code_of(refused) == "request-not-found"


# ── scopes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def operations():
    """Every operation of this app: method, address, scope of customers, scope of staff."""
    for entry in urls.urlpatterns:
        view = entry.callback.view_class
        own = {"engagements/": "EN-000000001", "incidents/": "INC-2026-00001"}
        number = next((each for start, each in own.items() if str(entry.pattern).startswith(start)), "SR-000000001")
        kwargs = {"number": number} if "number" in str(entry.pattern) else {}
        kwargs |= {id_: 1 for id_ in IDS if f":{id_}>" in str(entry.pattern)}
        for method, scope in view.required_scopes.items():
            yield method.lower(), reverse(entry.name, kwargs=kwargs), scope, view.staff_scopes.get(method, scope)


OPERATIONS = sorted(operations())


@pytest.mark.parametrize(("method", "path", "scope", "of_staff"), OPERATIONS)
@pytest.mark.parametrize("role", ["global_admin", "engineer"])
def test_a_token_needs_the_scope_of_the_operation(organisation, method, path, scope, of_staff, role):
    """RELIABILITY, tokens; no scope opens what another one is for"""
    needed = of_staff if role == "engineer" else scope
    person = factories.make_staff(role) if role == "engineer" else factories.make_person(organisation, role)
    others = [name for name in SCOPES if name != needed]

    refused = getattr(factories.api_of(person, *others), method)(path, {})
    admitted = getattr(factories.api_of(person, needed), method)(path, {})

    assert (refused.status_code, code_of(refused)) == (403, "scope-missing")
    assert refused.json()["scope"] == needed
    if admitted.status_code >= 400:
        assert code_of(admitted) != "scope-missing"


def test_every_scope_of_this_app_is_one_that_exists():
    assert {scope for operation in OPERATIONS for scope in operation[2:]} <= set(SCOPES)


@pytest.mark.parametrize("way", ["none", "unknown", "revoked", "expired"])
def test_without_a_valid_token_there_is_nothing(admin_person, open_request, way):
    """RELIABILITY, tokens"""
    token, secret = factories.make_token(admin_person)
    if way == "revoked":
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=token.created_at)
    elif way == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=token.created_at)
    api = factories.api_with({"unknown": "sp_" + "x" * 43}.get(way, secret))
    if way == "none":
        api.credentials()

    for method, path, _, _ in OPERATIONS:
        answer = getattr(api, method)(path, {})
        assert answer.status_code == 401, path
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_the_pages_may_call_too_with_their_csrf_token(admin_person, open_request, form):
    """RELIABILITY: a session has every scope, and calls that change need the CSRF token"""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_person)

    assert browser.get(path_of(open_request.number)).status_code == 200
    refused = browser.post(LIST, json.dumps(form), content_type="application/json")
    assert (refused.status_code, code_of(refused)) == (403, "csrf-failed")
    assert ServiceRequest.objects.count() == 1


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_refusals_speak_the_language_that_is_asked_for(api, closed_now, form, language):
    """RFC 9457: title and detail for people, in their language"""
    headers = {"Accept-Language": language}
    answers = {
        RequestNotFound: api.get(path_of(MISSING), headers=headers),
        SeverityNotPermitted: api.post(LIST, form | {"severity": "A"}, headers=headers),
    }
    with translation.override(language.lower()):
        for error, answer in answers.items():
            row = PROBLEMS[error]
            assert answer["Content-Language"].lower() == language.lower()
            assert (answer.json()["title"], answer.json()["detail"]) == (str(row.title), str(row.detail))


def test_without_a_wish_it_is_the_persons_language(organisation, open_request):
    """docs/api.md, errors"""
    person = factories.make_person(organisation, "global_admin", language="zh-hant")
    api = factories.api_of(person)

    assert api.get(path_of(MISSING))["Content-Language"] == "zh-hant"
    told = api.get("/api/v1/catalogue/").json()
    skype = next(row for row in told["services"] if row["code"] == "skype_for_business")
    assert skype["name"] == "商務用 Skype Online"


def test_refusals_tell_instants_on_the_persons_clock_and_leave_it_to_nobody_else(organisation, subscription):
    """RFC 9457: the detail is for people, who read `due_text` on the same clock"""
    person = factories.make_person(organisation, "global_admin", timezone="America/New_York")
    api, open_request = factories.api_of(person), making.filed(factories.actor(person))
    reason = {"reason": "business_impact", "justification": "Our shops cannot sell."}
    api.post(path_of(open_request.number, "escalate"), reason)
    early = api.post(path_of(open_request.number, "escalate"), reason | {"justification": "Still."})
    closed = close_request(number=open_request.number, actor=factories.actor(person), ending=Ending("solved"))
    close_at(closed, clock.now() - REOPEN_WINDOW - timedelta(days=1))
    late = api.post(path_of(open_request.number, "reopen"), {})

    assert [code_of(early), code_of(late)] == ["escalated-already", "reopen-window-closed"]
    assert "(America/New York)" in early.json()["detail"]
    assert "(America/New York)" in late.json()["detail"]
    assert timezone.get_current_timezone_name() == "UTC"


# ── the catalogue ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_catalogue_names_every_code_in_the_language_of_the_answer(api, form):
    """TE-3"""
    told = api.get("/api/v1/catalogue/", headers={"Accept-Language": "en"}).json()

    categories = {row["code"]: row for row in told["categories"]}
    assert categories["billing"]["subscription_required"] is False
    assert categories["advisory"]["elevated_only"] is True
    assert {row["code"] for row in told["impact"]} == {
        "service_state",
        "users_affected",
        "business_impact",
        "workaround",
        "deadline_at_risk",
    }
    topic = next(row for row in told["topics"] if row["service"] == "exchange_online")
    about = {"category": topic["category"], "service": topic["service"], "topic": topic["code"]}
    assert api.post(LIST, form | about).json()["topic"] == topic["code"]
    for rows in told.values():
        assert all(row["name"] and row["code"] for row in rows)


def test_the_catalogue_costs_the_same_for_every_topic(api):
    api.get("/api/v1/catalogue/")
    with queries() as made:
        api.get("/api/v1/catalogue/")

    assert len(made) == 4, made
