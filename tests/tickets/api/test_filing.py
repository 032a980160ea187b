"""Filing and previewing over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import clock
from accounts.models import Delivery, Event, IdempotencyKey, RoleGrant
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import (
    LIST,
    PREVIEW,
    QUESTION,
    code_of,
    form_of,
    in_threads,
    path_of,
    pointers_of,
    queries,
)
from tickets.api.serializers.fields import CLOCKS_DIFFER
from tickets.models import Commitment, Message, ServiceRequest

SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT01:00:00Z}"
TABLE = {"number", "state", "severity", "assessment", "commitment", "closed_at", "reopen_until"}  # DESIGN, the API


def nothing_was_stored():
    told = Event.objects.exclude(number="")
    return not (ServiceRequest.objects.exists() or Message.objects.exists() or told.exists())


def test_a_request_is_filed_and_its_severity_and_promise_are_told(api, form, organisation):
    """SE-1, SLA-1: the shape of DESIGN's table"""
    answer = api.post(LIST, form)

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert set(told) >= TABLE
    assert (told["state"], told["severity"], told["closed_at"]) == ("awaiting_response", "A", None)
    assert set(told["assessment"]) >= {"severity", "confidence", "scope", "evidence", "counterfactual"}
    assert told["assessment"]["scope"] == "in_scope"
    assert told["assessment"]["evidence"][0]["rule"] == "SE-2"
    assert told["assessment"]["counterfactual"][0]["sentence"]
    assert told["commitment"]["availability"] == "always"
    assert (told["commitment"]["target"], told["commitment"]["state"]) == ("PT1H", "running")
    assert told["commitment"]["policy_version"] == 1
    assert told["commitment"]["explanation"]
    assert ServiceRequest.objects.get(number=told["number"]).organisation == organisation
    assert answer["Location"].endswith(path_of(told["number"]))
    assert answer["ETag"] == '"1"'
    assert api.get(path_of(told["number"])).json() == told


def test_everything_that_was_sent_is_kept(api, form):
    """DESIGN, the API"""
    sent = form | {
        "problem_started_at": "2024-11-24T08:30:00+08:00",
        "impact": {
            "service_state": "degraded",
            "users_affected": "multiple_users",
            "business_impact": "moderate",
            "workaround": "no",
            "deadline_at_risk": "unknown",
        },
        "contact": {
            "method": "callback",
            "language": "ja",
            "phone": "+81 3 5550 0100",
            "timezone": "Asia/Tokyo",
            "country": "jp",
            "translator": True,
            "callback_at": SOON,
        },
        "diagnostic_consent": True,
        "is_test": True,
    }
    told = api.post(LIST, sent).json()

    assert told["problem_started_at"] == "2024-11-24T00:30:00Z"
    assert told["impact"] == {**sent["impact"], "deadline_at_risk": None}
    assert told["contact"] == {**sent["contact"], "country": "JP"}
    assert (told["diagnostic_consent"], told["is_test"]) == (True, True)
    assert (told["subject"], told["description"]) == (sent["subject"], sent["description"])


def test_the_least_that_can_be_sent_is_subject_description_and_category(api):
    """BI-2: pre-sales and billing need no subscription, and have no committed response time"""
    told = api.post(LIST, {"subject": "A bill", "description": "What is this for?", "category": "billing"}).json()

    assert (told["kind"], told["service"], told["topic"], told["subscription"]) == ("billing", None, None, None)
    assert told["impact"] == dict.fromkeys(told["impact"])
    assert (told["commitment"]["due_at"], told["commitment"]["state"]) == (None, "none")
    assert told["commitment"]["due_text"] == "no committed response time"
    assert told["contact"]["timezone"] == "UTC"


@pytest.mark.parametrize("absent", [None, "unknown"])
def test_an_unknown_answer_may_be_said_or_left_out(api, form, absent):
    """DESIGN, assessment: each may be unknown"""
    form["impact"]["workaround"] = absent

    assert api.post(LIST, form).json()["impact"]["workaround"] is None


def test_null_is_the_same_as_nothing(api, form):
    for name in ("topic", "problem_started_at", "severity"):
        form[name] = None

    assert api.post(LIST, form).status_code == 201


def test_a_critical_request_without_any_phone_is_filed_and_the_phone_asked_for(api, form):
    """Settled point 10: nothing delays an A"""
    form["contact"] = {}

    answer = api.post(LIST, form)

    assert answer.status_code == 201
    assert (answer.json()["phone_missing"], answer.json()["contact"]["phone"]) == (True, None)
    assert Delivery.objects.filter(notice="phone_needed").exists()


@pytest.mark.parametrize(("whose", "number"), [("person", "+886 2 5550 0111"), ("organisation", "+886 2 5550 0122")])
def test_the_number_falls_back_to_the_persons_and_then_to_the_organisations(
    api, form, admin_person, organisation, whose, number
):
    """Settled point 10"""
    owner = admin_person if whose == "person" else organisation
    owner.phone = number
    owner.save(update_fields=["phone"])
    form["contact"] = {}

    told = api.post(LIST, form).json()

    assert (told["phone_missing"], told["contact"]["phone"]) == (False, number)


def test_a_subscription_is_needed_for_technical_requests(api, form):
    """SLA-2: it decides the tier"""
    del form["subscription"]

    refused = api.post(LIST, form)

    assert (refused.status_code, code_of(refused)) == (400, "subscription-required")
    assert pointers_of(refused) == ["#/subscription"]
    assert nothing_was_stored()


def test_another_organisations_subscription_does_not_exist(api, form):
    """P-5"""
    theirs = factories.make_subscription(factories.make_organisation())
    stolen = api.post(LIST, form | {"subscription": theirs.reference})
    missing = api.post(LIST, form | {"subscription": "s" * len(theirs.reference)})

    assert stolen.status_code == missing.status_code == 404
    assert code_of(stolen) == code_of(missing) == "subscription-not-found"
    assert len(stolen.content) == len(missing.content)
    assert nothing_was_stored()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "technical"}, "#/category"),
        ({"service": "excel"}, "#/service"),
        ({"topic": "nothing-of-the-kind"}, "#/topic"),
        ({"impact": {"service_state": "broken"}}, "#/impact/service_state"),
        ({"impact": "down"}, "#/impact"),
        ({"contact": {"method": "pigeon"}}, "#/contact/method"),
        ({"contact": {"language": "tlh"}}, "#/contact/language"),
        ({"contact": {"timezone": "Moon/Tranquillity"}}, "#/contact/timezone"),
        ({"contact": {"country": "Taiwan"}}, "#/contact/country"),
        ({"contact": {"country": "T1"}}, "#/contact/country"),
        ({"contact": {"phone": "1" * 41}}, "#/contact/phone"),
        ({"contact": {"phone": "abc"}}, "#/contact/phone"),
        ({"contact": {"translator": "yes"}}, "#/contact/translator"),
        ({"contact": {"callback_at": "tomorrow"}}, "#/contact/callback_at"),
        ({"severity": "D"}, "#/severity"),
        ({"problem_started_at": "2026-11-24T08:30:00"}, "#/problem_started_at"),
        ({"problem_started_at": "8999-01-01T00:00:00Z"}, "#/problem_started_at"),
        ({"is_test": 1}, "#/is_test"),
        ({"diagnostic_consent": None}, "#/diagnostic_consent"),
        ({"subject": ""}, "#/subject"),
        ({"subject": " \t "}, "#/subject"),
        ({"subject": "x" * 201}, "#/subject"),
        ({"subject": 7}, "#/subject"),
        ({"subject": ["Nobody can send mail"]}, "#/subject"),
        ({"description": ""}, "#/description"),
        ({"description": "x" * 50_001}, "#/description"),
        ({"description": None}, "#/description"),
        ({"subscription": 5}, "#/subscription"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_wrong_is_pointed_at(api, form, change, pointer):
    """RELIABILITY, API: 400 naming the field"""
    refused, preview = api.post(LIST, form | change), api.post(PREVIEW, form | change)

    assert refused.status_code == preview.status_code == 400, refused.content
    assert pointers_of(refused) == pointers_of(preview) == [pointer]
    assert nothing_was_stored()


def test_a_problem_has_begun_already_by_a_clock_that_is_five_minutes_fast_at_most(api, form):
    until = clock.now() + CLOCKS_DIFFER
    late = {"problem_started_at": (until + timedelta(microseconds=1)).isoformat()}

    assert pointers_of(api.post(PREVIEW, form | late)) == ["#/problem_started_at"]
    assert api.post(LIST, form | {"problem_started_at": until.isoformat()}).status_code == 201


@pytest.mark.parametrize("length", [200, 50_000])
def test_texts_may_be_as_long_as_is_said(api, form, length):
    """RELIABILITY section 3"""
    name = "subject" if length == 200 else "description"

    told = api.post(LIST, form | {name: "字" * length})

    assert told.status_code == 201
    assert told.json()[name] == "字" * length


READ_ONLY = ("number", "state", "organisation", "tier", "assignee", "due_at", "kind", "follow_up_of", "version", "desk")


@pytest.mark.parametrize("name", READ_ONLY)
def test_fields_that_are_not_offered_are_refused_by_name(api, form, name):
    """Settled point 11; P-6: nobody sets what is not theirs"""
    refused = api.post(LIST, form | {name: "x"})

    assert (refused.status_code, code_of(refused)) == (400, "invalid-input")
    assert refused.json()["errors"] == [
        {"pointer": f"#/{name}", "code": "unknown_field", "detail": "There is no such field here. Remove it."}
    ]
    assert nothing_was_stored()


def test_unknown_fields_are_refused_at_any_depth(api, form):
    """Settled point 11"""
    form["impact"]["users"] = 5
    form["contact"]["e/mail"] = "x"

    assert pointers_of(api.post(LIST, form)) == ["#/impact/users", "#/contact/e~1mail"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("subject", "Mail \u202edoes not work", "bidi_control"),
        ("description", "Mail \u2066does not work", "bidi_control"),
        ("subject", "Mail\nBcc: everybody", "control_character"),
        ("description", "Mail \x07", "control_character"),
        ("description", "e" + "\u0301" * 10_000, "stacked_marks"),
    ],
)
def test_text_that_deceives_or_breaks_is_refused(api, form, field, value, code):
    """RELIABILITY, content; P-8"""
    refused = api.post(LIST, form | {field: value})

    assert refused.status_code == 400
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [(f"#/{field}", code)]


BROKEN = {
    "nul": b'{"subject": "a\\u0000b"}',
    "surrogate": b'{"subject": "\\ud800"}',
    "not utf-8": b'{"subject": "\xff"}',
    "deep": b'{"impact": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "deeper": b"[" * 100_000,
    "a key twice": b'{"subject": "a", "subject": "b"}',
    "not a number": b'{"severity": NaN}',
    "many digits": b'{"subject": ' + b"9" * 5_000 + b"}",
    "text": b'"text"',
    "list": b"[]",
    "null": b"null",
    "empty": b"",
    "open": b"{",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("path", [LIST, PREVIEW])
def test_bodies_that_break_others_are_refused_calmly(api, path, body):
    """P-8"""
    refused = api.generic("POST", path, body, content_type="application/json")

    assert refused.status_code == 400, refused.content
    assert code_of(refused) in ("malformed-json", "invalid-input")
    assert nothing_was_stored()


def test_joiners_and_emoji_are_kept_as_they_were_written(api, form):
    """RELIABILITY, content: joiners stay lawful in text"""
    text = "می‌خواهم ایمیل بفرستم 👩‍💻 郵件"

    assert api.post(LIST, form | {"subject": text, "description": text}).json()["subject"] == text


def test_only_elevated_support_sets_the_severity(api, form, organisation):
    """SE-5, settled point 11"""
    refused = api.post(LIST, form | {"severity": "B"})

    assert (refused.status_code, code_of(refused)) == (403, "severity-not-permitted")
    assert pointers_of(refused) == ["#/severity"]
    assert nothing_was_stored()

    factories.make_elevated_contract(organisation)
    told = api.post(LIST, form | {"severity": "B"}).json()
    assert (told["severity"], told["tier"], told["commitment"]["target"]) == ("B", "elevated", "PT2H")
    assert told["assessment"]["severity"] == "A"
    assert told["assessment"]["needs_confirmation"] is False


def test_advice_is_for_elevated_support(api, form, organisation):
    """CH-1"""
    refused = api.post(LIST, form | {"category": "advisory"})

    assert (refused.status_code, code_of(refused), pointers_of(refused)) == (403, "elevated-required", ["#/category"])
    factories.make_elevated_contract(organisation)
    assert api.post(LIST, form | {"category": "advisory"}).status_code == 201


def test_readers_and_end_users_file_nothing(organisation, reader, form):
    """RO-1, SH-2"""
    user = factories.api_of(factories.make_person(organisation))

    for api in (reader, user):
        for path in (LIST, PREVIEW):
            refused = api.post(path, form)
            assert (refused.status_code, code_of(refused)) == (403, "not-permitted")
    assert nothing_was_stored()


def test_staff_file_nothing_for_customers(staff, form):
    """RO-1"""
    assert code_of(staff.post(LIST, form)) == "not-permitted"


def test_an_admin_of_one_service_files_about_that_one_only(organisation, form):
    """RO-1"""
    api = factories.api_of(factories.make_person(organisation, "exchange_admin"))

    assert api.post(LIST, form).status_code == 201
    for path in (LIST, PREVIEW):
        assert code_of(api.post(path, form | {"service": "sharepoint_online"})) == "not-permitted"
        assert code_of(api.post(path, form | {"category": "billing", "service": None})) == "not-permitted"


def test_a_partner_files_for_its_customer_and_is_named(organisation, subscription):
    """PA-1: every act is recorded as done on behalf of"""
    partner = factories.make_partner()
    person = factories.make_person(partner, "service_support_admin", name="Petra Partner")
    delegation = factories.make_delegation(organisation, partner)
    api = factories.api_of(person, organisation=organisation)

    told = api.post(LIST, form_of(subscription)).json()

    assert (told["organisation"]["slug"], told["opened_by"]["name"]) == (organisation.slug, "Petra Partner")
    message = api.get(path_of(told["number"], "messages")).json()["results"][0]
    assert message["on_behalf_of"] == {"slug": organisation.slug, "name": organisation.name}
    assert Event.objects.get(kind="request_filed").on_behalf_of == organisation
    type(delegation).objects.update(ended_at=delegation.granted_at)
    assert code_of(api.get(path_of(told["number"]))) == "delegation-over"


# ── preview ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_preview_tells_what_filing_would_and_stores_nothing(api, form):
    """SE-1; DESIGN, the API"""
    with queries() as made:
        preview = api.post(PREVIEW, form)

    assert preview.status_code == 200, preview.content
    assert nothing_was_stored()
    written = [sql for sql in made if not sql.startswith("SELECT")]
    assert all("ratecount" in sql or "apitoken" in sql for sql in written), written
    filed = api.post(LIST, form).json()
    told = preview.json()
    for name in ("severity", "kind", "tier", "assessment", "commitment", "phone_missing"):
        assert told[name] == filed[name], name
    assert told["availability"]["desk"]["is_open"] is True


def test_a_preview_suggests_self_help_and_says_when_the_language_is_spoken(api, form):
    """SH-1, LA-1"""
    told = api.post(PREVIEW, form | QUESTION).json()

    assert [article["title"] for article in told["self_help"]]
    assert told["severity"] == "C"
    assert told["availability"]["language"].keys() == {"language", "name", "is_open", "next_open_at", "regions"}
    assert told["availability"]["language"]["next_open_at"]


def test_a_preview_of_what_is_beyond_support_refers_without_refusing(api, form):
    """SC-3, SC-6"""
    macro = {
        "subject": "VBA macro fails",
        "description": "My VBA script in Excel stops with run-time error 1004. The macro loops over the sheets.",
        "service": "microsoft_365_apps",
        "impact": {"service_state": "available", "users_affected": "single_user"},
    }
    told = api.post(PREVIEW, form | macro).json()["scope"]

    assert told["verdict"] == "scripting"
    assert told["evidence"][0]["sentence"]
    assert told["referral"]["code"] == "scripting"
    assert told["referral"]["links"][0]["url"].startswith("https://")
    filed = api.post(LIST, form | macro)
    assert (filed.status_code, filed.json()["assessment"]["scope"]) == (201, "scripting")


def test_a_preview_speaks_the_language_that_is_asked_for(api, form):
    """CH-3"""
    english, chinese = (
        api.post(PREVIEW, form | QUESTION, headers={"Accept-Language": language}).json()
        for language in ("en", "zh-Hant")
    )

    assert english["self_help"][0]["slug"] == chinese["self_help"][0]["slug"]
    assert english["self_help"][0]["title"] != chinese["self_help"][0]["title"]


def test_a_preview_refuses_what_filing_would_refuse(api, form):
    """SE-5, CH-1, SLA-2"""
    changes = ({"severity": "A"}, {"category": "advisory"}, {"subscription": None}, {"service": "excel"}, {"x": 1})
    for change in changes:
        preview, filing = api.post(PREVIEW, form | change), api.post(LIST, form | change)
        assert (preview.status_code, code_of(preview)) == (filing.status_code, code_of(filing)), change


# ── once ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def keyed(api, form, key="0b8f7c1e"):
    return api.post(LIST, form, headers={"Idempotency-Key": key})


def test_a_filing_sent_again_with_its_key_is_answered_again_and_done_once(api, form):
    """P-2"""
    first, again = keyed(api, form), keyed(api, form)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert ServiceRequest.objects.count() == Commitment.objects.count() == 1


def test_the_same_key_with_another_form_is_refused(api, form):
    """RELIABILITY, API: 422"""
    keyed(api, form)

    refused = keyed(api, form | {"subject": "Something else"})

    assert (refused.status_code, code_of(refused)) == (422, "idempotency-key-reused")
    assert ServiceRequest.objects.count() == 1


def test_a_refused_filing_keeps_no_key(api, form):
    """RELIABILITY, API: only 2xx are stored"""
    assert keyed(api, form | {"severity": "A"}).status_code == 403
    assert not IdempotencyKey.objects.exists()
    assert keyed(api, form).status_code == 201


def test_a_colleagues_key_is_another_key(api, form, organisation):
    """RELIABILITY section 4: independent"""
    colleague = factories.api_of(factories.make_person(organisation, "service_support_admin"))

    assert keyed(api, form).json()["number"] != keyed(colleague, form).json()["number"]


def test_a_stored_answer_is_not_given_to_who_may_no_longer_see_it(organisation, form):
    """P-6; RELIABILITY section 4: key after losing access"""
    person = factories.make_person(organisation, "exchange_admin")
    api = factories.api_of(person)
    keyed(api, form)
    person.role_grants.all().delete()
    RoleGrant.objects.create(person=person, role="sharepoint_admin")

    refused = keyed(api, form)

    assert (refused.status_code, code_of(refused)) == (404, "request-not-found")


def test_one_key_sent_by_many_at_once_files_one_request(own_database):
    """P-2; RELIABILITY section 4: double submit"""
    organisation = factories.make_organisation()
    form = form_of(factories.make_subscription(organisation))
    person = factories.make_person(organisation, "global_admin")
    callers = [factories.api_of(person) for _ in range(6)]

    answers = in_threads(*[lambda api=api: keyed(api, form) for api in callers])

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}
    numbers = {answer.json()["number"] for answer in answers if answer.status_code == 201}
    assert numbers == {ServiceRequest.objects.get().number}
    assert Event.objects.filter(kind="request_filed").count() == 1
    for answer in answers:
        assert answer.status_code == 201 or answer["Retry-After"] == "1"


# ── follow-ups ──────────────────────────────────────────────────────────────────────────────────────────────────────


AGAIN = {"subject": "Mail is slow again", "description": "It takes an hour since noon."}


def test_a_follow_up_takes_what_it_is_about_from_the_archived_request(api, archived_request):
    """CH-4"""
    told = api.post(path_of(archived_request.number, "follow-up"), AGAIN)

    assert told.status_code == 201, told.content
    assert told.json()["follow_up_of"] == archived_request.number
    assert told.json()["subscription"] == archived_request.subscription.reference
    assert (told.json()["service"], told.json()["category"]) == ("exchange_online", "technical.configuration")
    event = Event.objects.get(kind="follow_up_filed")
    assert (event.number, event.data) == (archived_request.number, {"number": told.json()["number"]})


def test_a_follow_up_may_be_about_something_else(api, archived_request):
    """CH-4"""
    told = api.post(
        path_of(archived_request.number, "follow-up"), AGAIN | {"category": "billing", "service": "subscription"}
    ).json()

    assert (told["category"], told["service"], told["topic"]) == ("billing", "subscription", None)


def test_a_follow_up_made_for_an_older_version_is_refused(api, archived_request):
    """Settled point 11"""
    path = path_of(archived_request.number, "follow-up")

    assert code_of(api.post(path, AGAIN, headers={"If-Match": '"1"'})) == "version-mismatch"
    current = api.get(path_of(archived_request.number))["ETag"]
    assert api.post(path, AGAIN, headers={"If-Match": current}).status_code == 201


def test_what_can_still_be_reopened_is_not_followed_up(api, admin_person, open_request, closed_now):
    """CH-4"""
    still_open = making.filed(factories.actor(admin_person))
    for number in (closed_now.number, still_open.number):
        refused = api.post(path_of(number, "follow-up"), AGAIN)
        assert (refused.status_code, code_of(refused)) == (409, "illegal-transition")
    assert not ServiceRequest.objects.exclude(follow_up_of=None).exists()


def test_a_strangers_request_is_not_followed_up(stranger, archived_request):
    """P-5"""
    assert code_of(stranger.post(path_of(archived_request.number, "follow-up"), AGAIN)) == "request-not-found"


# ── cost ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_filing_costs_a_fixed_number_of_queries(api, form):
    """The budget of a page: token and limits take 2, the key 4, who hears of it by webhook 1, the rest 16"""
    keyed(api, form, "warm-up")

    with queries() as made:
        assert keyed(api, form, "measured").status_code == 201

    assert len(made) == 23, made


def test_a_preview_costs_a_fixed_number_of_queries(api, form):
    api.post(PREVIEW, form)

    with queries() as made:
        api.post(PREVIEW, form)

    assert len(made) == 11, made
