"""Every refusal has one form, on the wire and on the screen."""

import inspect
import json
import pkgutil
from datetime import UTC, datetime
from importlib import import_module

import psycopg2
import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client, RequestFactory
from django.utils import translation

import accounts.api.errors
from accounts.actors import Actor
from accounts.errors import NotPermitted, TooMany
from accounts.permissions import refused, require
from support_portal.problems import PROBLEMS, handlers, problem_for
from support_portal.problems.middleware import page
from tests import factories
from tickets.errors import (
    IllegalTransition,
    InvalidResolution,
    InvalidText,
    ReopenWindowClosed,
    UnknownChoice,
    VersionMismatch,
)

pytestmark = [pytest.mark.urls("tests.support_portal.api.raising"), pytest.mark.django_db]
APPS = ("accounts", "selfhelp", "severity", "sla", "tickets")
BASES = {"AccountsError", "ApiError", "SelfhelpError", "SeverityError", "SlaError", "TicketsError"}


def refusals():
    """Every exception class that an app's `errors` modules define."""
    modules = [accounts.api.errors]
    for app in APPS:
        package = import_module(app)
        modules += [
            import_module(f"{app}.{found.name}")
            for found in pkgutil.iter_modules(package.__path__)
            if found.name == "errors"
        ]
    return [
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == module.__name__ and kind.__name__ not in BASES
    ]


@pytest.mark.parametrize("refusal", refusals(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_refusal_has_a_row_of_its_own(refusal):
    """STYLE.md, section 8"""
    assert refusal in PROBLEMS


@pytest.mark.parametrize("row", PROBLEMS.values(), ids=lambda row: row.code)
def test_every_row_says_in_whole_sentences_what_to_do(row):
    assert row.status >= 400
    assert row.code == row.code.lower().replace("_", "-")
    assert not str(row.title).endswith(".")
    if not row.is_particular:
        assert str(row.detail).endswith(".")


def test_a_code_has_one_status_and_one_title():
    forms = {}
    for row in PROBLEMS.values():
        forms.setdefault(row.code, set()).add((row.status, str(row.title)))

    assert {code: form for code, form in forms.items() if len(form) > 1} == {}


def test_a_closed_window_tells_until_when_and_what_to_do_instead():
    """CH-4"""
    until = datetime(2026, 11, 22, 9, 30, 15, 250000, tzinfo=UTC)

    document = problem_for(ReopenWindowClosed(until))

    assert document.code == "reopen-window-closed"
    assert document.status == 409
    assert document.extra == {"reopen_until": "2026-11-22T09:30:15.250000Z"}
    assert "09:30:15" in document.detail
    assert "follow-up" in document.detail


@pytest.mark.parametrize(
    ("state", "action", "word"),
    [
        ("archived", "customer_message", "follow-up"),
        ("closed", "respond", "Reopen"),
        ("in_progress", "reopen", "still open"),
        ("awaiting_response", "archive", "Read it again"),
    ],
)
def test_an_act_out_of_state_is_told_what_can_be_done(state, action, word):
    document = problem_for(IllegalTransition(state, action))

    assert word in document.detail
    assert document.extra == {"state": state, "action": action}


def test_wrong_fields_are_pointed_at():
    assert problem_for(InvalidResolution("original")).errors[0].place == "#/duplicate_of"
    fault = problem_for(InvalidText("impact.workaround", "bidi_control")).errors[0]
    assert (fault.place, fault.code) == ("#/impact/workaround", "bidi_control")


def test_a_stale_change_is_told_the_current_version():
    document = problem_for(VersionMismatch(4))

    assert (document.status, document.extra, document.headers) == (412, {"current_version": 4}, {"ETag": '"4"'})


def test_waiting_is_told_in_header_and_words():
    document = problem_for(TooMany("export:4", limit=5, retry_after=12))

    assert document.headers == {"Retry-After": "12"}
    assert "The limit is 5 exports an hour for an organisation." in document.detail
    assert "12 seconds" in document.detail
    for wait, words in ((1, "1 second."), (119, "119 seconds."), (120, "2 minutes."), (121, "3 minutes.")):
        assert f"try again in {words}" in problem_for(TooMany("x", limit=1, retry_after=wait)).detail
    for wait, words in ((7_199, "120 minutes."), (7_200, "2 hours."), (7_201, "3 hours.")):
        assert f"try again in {words}" in problem_for(TooMany("x", limit=1, retry_after=wait)).detail
    assert "The limit is 10 in this span of time." in problem_for(TooMany("x", limit=10, retry_after=1)).detail


@pytest.mark.parametrize(
    ("bucket", "words"),
    [
        ("invitations:4", "4 invitations an hour for an organisation"),
        ("invitations:staff", "4 invitations an hour to the staff"),
        ("asks:4", "4 asks an hour for a partner"),
        ("asks_of_one:4:lotus", "4 asks a day of one customer"),
        ("domain:by:4", "4 mails an hour that prove domains, for an organisation"),
        ("domain:4:lotus", "4 mails an hour that prove a domain"),
        ("mail_change:of:4", "4 changes of an address an hour"),
        ("self_help_judged:person:4", "4 answers an hour"),
        ("export:person:4", "4 exports an hour for a person"),
    ],
)
def test_a_limit_is_told_by_its_name(bucket, words):
    assert f"The limit is {words}" in problem_for(TooMany(bucket, limit=4, retry_after=60)).detail


@pytest.mark.parametrize(
    ("roles", "acts_for", "act", "words"),
    [
        ("billing_admin", None, "manage_people", "A global admin of your organisation can change what you may do."),
        ("billing_admin", None, "publish_policy", "for the staff of the support"),
        ("global_admin", None, "read_queue", "for the staff of the support"),
        ("reader", 7, "file_request", "one of the customer's what is delegated"),
        ("reader", 7, "manage_people", "it cannot be delegated to a partner"),
        ("engineer", None, "publish_policy", "A team lead of the support"),
        ("engineer", None, "file_request", "This is for customers and their partners"),
    ],
)
def test_who_can_change_what_one_may_do_is_told_as_it_is(roles, acts_for, act, words):
    """RO-1, PA-1"""
    actor = Actor(1, frozenset({roles}), organisation_id=7, on_behalf_of_id=acts_for)
    with pytest.raises(NotPermitted) as refusal:
        require(actor, act)

    assert words in problem_for(refusal.value).detail


def test_one_who_may_do_none_of_several_acts_is_refused_that_of_their_side():
    """RO-1: an operation may be of customers and staff, under different names"""
    acts = ("escalate_request", "escalate_to_senior")

    assert [refused(Actor(1, frozenset({role})), *acts).act for role in ("reader", "operator")] == [*acts]


def test_a_global_admin_is_not_sent_to_a_global_admin():
    """RO-1: what even they may not is not open to organisations of their kind"""
    refusal = refused(Actor(1, frozenset({"global_admin"}), organisation_id=7), "ask_for_delegation")

    assert "not open to your organisation" in problem_for(refusal).detail


def test_words_follow_the_active_language(monkeypatch):
    with translation.override("zh-hant"):
        assert problem_for(VersionMismatch(4)).title == str(PROBLEMS[VersionMismatch].title)


# ── over the API ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_is_a_problem_document_with_the_id_of_the_request(api, settings):
    """RFC 9457"""
    response = api.get("/api/v1/raise/taken/")

    problem = response.json()
    assert response.status_code == problem["status"] == 409
    assert response["Content-Type"] == "application/problem+json"
    assert problem["code"] == "already-taken"
    assert problem["type"] == f"{settings.PUBLIC_URL}/api/v1/docs/errors/#already-taken"
    assert problem["request_id"] == response["X-Request-ID"]
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id"}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("busy", 503, "busy"),
        ("gone", 503, "unavailable"),
        ("closed", 503, "unavailable"),
        ("permission", 403, "not-permitted"),
        ("missing", 404, "request-not-found"),
        ("data", 400, "malformed-request"),
    ],
)
def test_refusals_of_services_and_of_the_database_have_their_status(api, name, status, code):
    """P-8, P-9"""
    response = api.get(f"/api/v1/raise/{name}/")

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.has_header("Retry-After") == (status == 503)
    assert b"10.1.2.3" not in response.content


def test_a_read_has_parameters_where_a_write_has_fields(api):
    assert api.get("/api/v1/raise/choice/").json()["errors"][0]["parameter"] == "ordering"
    assert problem_for(UnknownChoice("impact.workaround", "x")).errors[0].place == "#/impact/workaround"


def test_a_fault_of_ours_shows_the_request_id_and_nothing_else(api):
    """RELIABILITY.md, Audit and logs"""
    api.raise_request_exception = False

    response = api.get("/api/v1/raise/fault/")

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["request_id"] == response["X-Request-ID"]
    assert b"secret" not in response.content
    assert b"ZeroDivision" not in response.content


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"method": "PUT"}, 405, "method-not-allowed"),
        ({"method": "POST", "content_type": "text/plain", "data": "x"}, 415, "unsupported-media-type"),
        ({"method": "POST", "content_type": "application/x-www-form-urlencoded", "data": "a=1"}, 415, None),
        (
            {"method": "POST", "content_type": "application/json; charset=utf-16", "data": "{}"},
            415,
            "unsupported-charset",
        ),
        ({"method": "POST", "content_type": "application/json; charset=bz2", "data": "{}"}, 415, "unsupported-charset"),
        ({"method": "POST", "content_type": "application/json", "data": "{"}, 400, "malformed-json"),
        ({"method": "POST", "content_type": "application/json", "data": "[]"}, 400, "invalid-input"),
        ({"method": "POST", "content_type": "application/json", "data": '"x"'}, 400, "invalid-input"),
        ({"method": "POST"}, 400, "invalid-input"),
        ({"method": "POST", "headers": {"Accept": "text/html"}}, 406, "not-acceptable"),
        ({"method": "POST", "headers": {"Transfer-Encoding": "chunked"}}, 411, "length-required"),
    ],
)
def test_what_the_framework_refuses_takes_the_same_form(api, sent, status, code):
    response = api.generic(path="/api/v1/echo/", **sent)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert code in (None, response.json()["code"])


def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not(api):
    """RELIABILITY.md, section 3"""
    frame = json.dumps({"subject": "x", "description": ""})

    def post(size):
        body = frame[:-2] + "x" * (size - len(frame)) + '"}'
        return api.generic("POST", "/api/v1/echo/", data=body, content_type="application/json")

    assert post(1024 * 1024).json()["errors"][0]["pointer"] == "#/description"
    larger = post(1024 * 1024 + 1)
    assert larger.status_code == 413
    assert larger["Content-Type"] == "application/problem+json"
    assert larger.json()["code"] == "body-too-large"


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/", "/api/v1/tokens/abc/", "/api/v1/tokens/١/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_of_the_api_is_a_problem_too(path, method):
    response = Client().generic(method, path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "unknown-address"


def test_a_forgotten_slash_is_pointed_out_rather_than_followed():
    response = Client().post("/api/v1/tokens")

    assert response.status_code == 404
    assert "/api/v1/tokens/" in response.json()["detail"]


@pytest.mark.parametrize(("sent", "status"), [("?" + "x" * 5000, 414), ("?%00=%00", 400), ("?%FF%FE=%F0%28", 400)])
def test_odd_addresses_are_answered_in_the_same_form(api, sent, status):
    """P-8"""
    response = api.get(f"/api/v1/me/{sent}")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_another_version_of_the_api_is_a_problem_too():
    response = Client().get("/api/v2/tokens/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


# ── input ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def faults(response):
    assert response.status_code == 400
    return {fault["pointer"]: fault["code"] for fault in response.json()["errors"]}


def test_all_that_is_wrong_in_the_input_is_named_at_once(api):
    """Settled point 11"""
    body = {
        "subject": "",
        "description": "a\u202eb",
        "seen_at": "yesterday",
        "number": "SR-000000001",
        "sevrity": "A",
        "impact": {"workaround": "perhaps", "more": 1},
    }

    assert faults(api.post("/api/v1/echo/", body, format="json")) == {
        "#/subject": "blank",
        "#/description": "bidi_control",
        "#/seen_at": "invalid",
        "#/number": "read_only",
        "#/sevrity": "unknown_field",
        "#/impact/workaround": "max_length",
        "#/impact/more": "unknown_field",
    }


@pytest.mark.parametrize("subject", [7, True, ["x"], {"a": "b"}, None])
def test_text_is_a_string_and_nothing_else(api, subject):
    assert "#/subject" in faults(api.post("/api/v1/echo/", {"subject": subject}, format="json"))


@pytest.mark.parametrize(("length", "status"), [(200, 201), (201, 400)])
def test_a_subject_has_at_most_200_characters(api, length, status):
    """RELIABILITY.md, section 3"""
    assert api.post("/api/v1/echo/", {"subject": "件" * length}, format="json").status_code == status


def test_a_subject_is_measured_after_it_was_composed_and_trimmed(api):
    response = api.post("/api/v1/echo/", {"subject": "  " + "e\u0301" * 200 + "  "}, format="json")

    assert response.json()["subject"] == "é" * 200


@pytest.mark.parametrize(
    "instant",
    [
        "2026-11-24",
        "2026-11-24T09:00:00",
        "2026-13-24T09:00:00Z",
        "2026-11-24T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1969-12-31T23:59:59Z",
        "２０２６-11-24T09:00:00Z",
        1795510800,
        {},
    ],
)
def test_an_instant_has_a_date_a_time_and_an_offset(api, instant):
    assert "#/seen_at" in faults(api.post("/api/v1/echo/", {"subject": "x", "seen_at": instant}, format="json"))


# ── on pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("missing", 404, "cannot find that page"),
        ("busy", 503, "busy"),
        ("gone", 503, "busy"),
        ("taken", 409, "Another engineer has the request now"),
        ("permission", 403, "A global admin of your organisation"),
    ],
)
def test_pages_show_refusals_calmly(name, status, words):
    response = Client().get(f"/pages/{name}/")

    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert words in response.content.decode()
    assert response.has_header("Retry-After") == (status == 503)


def test_a_page_that_needs_a_person_leads_to_the_sign_in():
    response = Client().get("/pages/sign-in/?a=1")

    assert response.status_code == 302
    assert response["Location"].endswith("?next=/pages/sign-in/%3Fa%3D1")


def test_a_fault_in_a_page_shows_the_request_id_and_nothing_else():
    """RELIABILITY.md, Audit and logs"""
    client = Client(raise_request_exception=False)

    response = client.get("/pages/fault/")

    assert response.status_code == 500
    assert response["X-Request-ID"] in response.content.decode()
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize(("path", "kind"), [("/api/v1/me/", "application/problem+json"), ("/", "text/html")])
def test_a_database_that_is_away_before_any_view_is_asked_is_no_fault(path, kind):
    """P-9: 503 with Retry-After"""
    try:
        raise OperationalError
    except OperationalError:
        response = handlers.server_error(RequestFactory().get(path))

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Content-Type"].startswith(kind)


def test_a_database_that_goes_while_it_answers_is_no_fault_either():
    """P-9: psycopg2 then raises the base of its classes"""
    lost = DatabaseError("server closed the connection unexpectedly")
    lost.__cause__ = psycopg2.DatabaseError("server closed the connection unexpectedly")
    ours = DatabaseError("Save with update_fields did not affect any rows.")

    assert problem_for(lost).status == 503
    assert problem_for(ours) is None


def test_an_unknown_page_is_a_calm_page():
    response = Client().get("/no-such-page/")

    assert response.status_code == 404
    assert "We cannot find that page" in response.content.decode()


def test_who_sent_nothing_is_not_sent_back_for_what_they_wrote(organisation):
    """RO-1: a reader files nothing, and is told why"""
    reader = factories.browser_of(factories.make_person(organisation, "reader"))

    asked, sent = reader.get("/requests/new/"), reader.post("/requests/new/", {"subject": "Words"})

    assert asked.status_code == sent.status_code == 403
    assert "Nothing was changed" not in asked.content.decode()
    assert "Nothing was changed" in sent.content.decode()


def test_a_limit_on_a_page_says_which_and_how_long():
    request = RequestFactory().post("/requests/new/")
    answer = page(problem_for(TooMany("filing:1", limit=30, retry_after=40)), request)

    assert (answer.status_code, answer["Retry-After"]) == (429, "40")
    assert "30 requests filed a minute for an organisation" in answer.content.decode()
    assert "40 seconds" in answer.content.decode()


def test_a_forged_form_is_refused_calmly(admin):
    client = Client(enforce_csrf_checks=True)

    response = client.post("/theme/", {"theme": "dark"})

    assert response.status_code == 403
    words = response.content.decode()
    assert "The form could not be accepted" in words
    assert "global admin" not in words
    assert "You may not do that" not in words
