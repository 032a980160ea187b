"""Closing, reopening, severity, assignment and contact over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import clock
from accounts.models import Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, close_at, code_of, in_threads, kinds_of_events, path_of, pointers_of
from tickets.lifecycle import REOPEN_WINDOW, Resolution
from tickets.models import ServiceRequest, SeverityDecision

MICROSECOND = timedelta(microseconds=1)
SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT01:00:00Z}"


def act(api, number, name, body=None, **headers):
    return api.post(path_of(number, name), body or {}, headers=headers)


def stored():
    return ServiceRequest.objects.get()


# ── closing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("resolution", ["solved", "withdrawn"])
def test_an_admin_closes_a_request(api, open_request, resolution):
    """DESIGN, life of a request: before any response the promise ends without a verdict"""
    answer = act(api, open_request.number, "close", {"resolution": resolution})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["state"], told["resolution"], told["commitment"]["state"]) == ("closed", resolution, "ended")
    assert told["reopen_until"] > told["closed_at"]
    assert told["may"] == ["reopen_request"]
    assert answer["ETag"] == f'"{stored().version}"'


@pytest.mark.parametrize(
    ("resolution", "more"),
    [
        ("solved", {}),
        ("workaround", {}),
        ("out_of_scope", {"referral": "scripting"}),
        ("withdrawn", {}),
        ("no_reply", {}),
    ],
)
def test_an_engineer_closes_with_a_message_that_counts_as_the_response(staff, api, open_request, resolution, more):
    """DESIGN, life of a request; SC-6"""
    body = {"resolution": resolution, "message": "Here is why.", **more}

    told = act(staff, open_request.number, "close", body).json()

    assert (told["resolution"], told["referral"]) == (resolution, more.get("referral"))
    assert told["commitment"]["state"] == "kept"
    assert api.get(path_of(open_request.number, "messages")).json()["results"][-1]["body"] == "Here is why."


def test_a_duplicate_names_its_original(staff, api, admin_person, open_request):
    """DESIGN, life of a request"""
    original = making.filed(factories.actor(admin_person))
    body = {"resolution": "duplicate", "message": "Please follow it there.", "duplicate_of": original.number}

    assert act(staff, open_request.number, "close", body).json()["duplicate_of"] == original.number


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/resolution"),
        ({"resolution": "tired"}, "#/resolution"),
        ({"resolution": "solved"}, "#/message"),
        ({"resolution": "solved", "message": " \n"}, "#/message"),
        ({"resolution": "solved", "message": "x" * 50_001}, "#/message"),
        ({"resolution": "out_of_scope", "message": "x"}, "#/referral"),
        ({"resolution": "solved", "message": "x", "referral": "scripting"}, "#/referral"),
        ({"resolution": "out_of_scope", "message": "x", "referral": "friends"}, "#/referral"),
        ({"resolution": "duplicate", "message": "x"}, "#/duplicate_of"),
        ({"resolution": "duplicate", "message": "x", "duplicate_of": "SR-000000000"}, "#/duplicate_of"),
        ({"resolution": "solved", "message": "x", "duplicate_of": "SR-000000000"}, "#/duplicate_of"),
        ({"resolution": "solved", "message": "x", "closed_at": "2026-01-01T00:00:00Z"}, "#/closed_at"),
    ],
    ids=str,
)
def test_what_a_close_lacks_is_pointed_at(staff, open_request, body, pointer):
    """DESIGN: closing needs a resolution"""
    refused = act(staff, open_request.number, "close", body)

    assert (refused.status_code, pointers_of(refused)) == (400, [pointer])
    assert stored().state == "awaiting_response"


@pytest.mark.parametrize("resolution", sorted(set(Resolution) - {"solved", "withdrawn"}))
def test_admins_close_as_solved_or_withdrawn_only(api, open_request, resolution):
    """DESIGN, life of a request"""
    refused = act(api, open_request.number, "close", {"resolution": resolution, "referral": "scripting"})

    assert (refused.status_code, code_of(refused)) == (400, "invalid-resolution")
    assert stored().state == "awaiting_response"


def test_a_request_is_not_a_duplicate_of_another_organisations(staff, stranger, open_request):
    """P-5"""
    other = factories.make_organisation()
    factories.make_subscription(other)
    theirs = making.filed(factories.actor(factories.make_person(other, "global_admin")))
    body = {"resolution": "duplicate", "message": "x", "duplicate_of": theirs.number}

    assert code_of(act(staff, open_request.number, "close", body)) == "invalid-resolution"


def test_what_is_closed_is_not_closed_again(api, closed_now):
    """DESIGN, life of a request"""
    refused = act(api, closed_now.number, "close", {"resolution": "solved"})

    assert (refused.status_code, code_of(refused), refused.json()["state"]) == (409, "illegal-transition", "closed")
    assert kinds_of_events(closed_now.number).count("request_closed") == 1


def test_a_reader_closes_and_reopens_nothing(reader, closed_now):
    """RO-1"""
    assert code_of(act(reader, closed_now.number, "close", {"resolution": "solved"})) == "not-permitted"
    assert code_of(act(reader, closed_now.number, "reopen")) == "not-permitted"


# ── reopening ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_through_the_last_microsecond_of_the_window_it_can_be_reopened(api, closed_now):
    """CH-4: at closed_at + 14 × 24 h exactly"""
    close_at(closed_now, clock.now() - REOPEN_WINDOW)

    answer = act(api, closed_now.number, "reopen", {"reason": "It happens again."})

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["state"], told["closed_at"], told["reopen_until"]) == ("awaiting_response", None, None)
    assert told["commitment"]["state"] == "running"
    assert api.get(path_of(closed_now.number, "messages")).json()["results"][-1]["body"] == "It happens again."


def test_one_microsecond_later_it_cannot(api, staff, closed_now):
    """CH-4"""
    until = clock.now() - MICROSECOND
    close_at(closed_now, until - REOPEN_WINDOW)

    for caller in (api, staff):
        refused = act(caller, closed_now.number, "reopen")
        assert (refused.status_code, code_of(refused)) == (409, "reopen-window-closed")
        assert refused.json()["reopen_until"] == until.isoformat().replace("+00:00", "Z")
    assert stored().state == "closed"
    assert "request_reopened" not in kinds_of_events(closed_now.number)


def test_what_is_open_is_not_reopened(api, open_request):
    """DESIGN, life of a request"""
    refused = act(api, open_request.number, "reopen")

    assert (refused.status_code, code_of(refused)) == (409, "illegal-transition")


def test_a_reason_that_deceives_is_pointed_at(api, closed_now):
    assert pointers_of(act(api, closed_now.number, "reopen", {"reason": "a\u202eb"})) == ["#/reason"]
    assert stored().state == "closed"


def test_reopening_at_once_from_several_sides_happens_once(own_database):
    """RELIABILITY section 4"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    person = factories.make_person(organisation, "global_admin")
    number = making.filed(factories.actor(person)).number
    callers = [factories.api_of(person) for _ in range(4)]
    act(callers[0], number, "close", {"resolution": "solved"})

    answers = in_threads(*[lambda api=api: act(api, number, "reopen") for api in callers])

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert kinds_of_events(number).count("request_reopened") == 1


# ── severity ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_engineer_changes_the_severity_with_a_reason(staff, api, open_request):
    """SE-5"""
    told = act(staff, open_request.number, "severity", {"severity": "B", "reason": "One site only."}).json()

    assert (told["severity"], told["commitment"]["target"]) == ("B", "next_day")
    assert told["assessment"]["severity"] == "A"
    assert SeverityDecision.objects.get(source="engineer").reason == "One site only."


@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": " "}])
def test_a_change_of_severity_needs_a_reason(staff, open_request, reason):
    """SE-5"""
    refused = act(staff, open_request.number, "severity", {"severity": "B", **reason})

    assert (refused.status_code, code_of(refused), pointers_of(refused)) == (400, "reason-required", ["#/reason"])
    assert stored().severity == "A"


def test_an_admin_sets_the_severity_with_elevated_support_only(api, open_request, organisation):
    """SE-5, settled point 11"""
    body = {"severity": "B", "reason": "It can wait."}
    refused = act(api, open_request.number, "severity", body)

    assert (refused.status_code, code_of(refused)) == (403, "severity-not-permitted")
    assert stored().severity == "A"
    factories.make_elevated_contract(organisation)
    assert code_of(act(api, open_request.number, "severity", body)) == "severity-not-permitted"  # filed before
    number = making.filed(factories.actor(open_request.opened_by)).number
    assert act(api, number, "severity", body).json()["severity"] == "B"


@pytest.mark.parametrize("body", [{}, {"severity": "D"}, {"severity": "B", "reason": "x" * 2_001}, {"severity": None}])
def test_what_is_wrong_with_a_severity_is_pointed_at(staff, open_request, body):
    refused = act(staff, open_request.number, "severity", body)

    assert refused.status_code == 400
    assert pointers_of(refused) in (["#/severity"], ["#/reason"])
    assert stored().severity == "A"


def test_the_severity_of_a_closed_request_stays(staff, closed_now):
    refused = act(staff, closed_now.number, "severity", {"severity": "B", "reason": "x"})

    assert (refused.status_code, code_of(refused)) == (409, "illegal-transition")


# ── assignment ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_taken_given_away_and_released(staff, api, open_request):
    """DESIGN, the API"""
    other = factories.make_staff("senior_engineer", name="Aiko Mori")

    taken = act(staff, open_request.number, "assign", {"assignee": "me"}).json()
    given = act(staff, open_request.number, "assign", {"assignee": other.pk}).json()
    assert (taken["assignee"]["name"], given["assignee"]) == ("Ravi Iyer", {"id": other.pk, "name": "Aiko Mori"})
    assert api.get(path_of(open_request.number)).json()["assignee"] == {"name": "Aiko Mori"}
    released = act(staff, open_request.number, "assign", {"assignee": None}).json()
    assert released["assignee"] is None
    assert kinds_of_events(open_request.number)[-3:] == ["request_taken", "request_assigned", "request_released"]


@pytest.mark.parametrize("assignee", ["nobody", "1", 0, -1, 1.0, True, [], {}, 2**63, "me "])
def test_an_assignee_is_an_id_me_or_null(staff, open_request, assignee):
    refused = act(staff, open_request.number, "assign", {"assignee": assignee})

    assert (refused.status_code, pointers_of(refused)) == (400, ["#/assignee"])


def test_the_assignee_must_be_said(staff, open_request):
    assert pointers_of(act(staff, open_request.number, "assign")) == ["#/assignee"]


def test_only_engineers_of_the_kind_are_given_a_request(staff, admin_person, open_request):
    """RO-3"""
    people = [
        admin_person,
        factories.make_staff("billing_specialist"),
        factories.make_staff("engineer", is_active=False),
    ]
    for pk in (*[person.pk for person in people], 10**12):
        refused = act(staff, open_request.number, "assign", {"assignee": pk})
        assert (refused.status_code, code_of(refused), pointers_of(refused)) == (
            400,
            "assignee-not-found",
            ["#/assignee"],
        )
    assert stored().assignee is None


def test_customers_assign_nobody(api, open_request):
    """RO-1"""
    assert code_of(act(api, open_request.number, "assign", {"assignee": "me"})) == "not-permitted"


def test_of_two_engineers_who_take_a_request_one_is_told_to_take_the_next(own_database):
    """RELIABILITY section 4"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    number = making.filed(factories.actor(factories.make_person(organisation, "global_admin"))).number
    engineers = [factories.api_of(factories.make_staff("engineer")) for _ in range(2)]

    answers = in_threads(*[lambda api=api: act(api, number, "assign", {"assignee": "me"}) for api in engineers])

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert code_of(refused) == "already-taken"
    assert Event.objects.filter(kind="request_taken").count() == 1


# ── versions and keys ───────────────────────────────────────────────────────────────────────────────────────────────


ACTS = [
    ("close", {"resolution": "solved", "message": "Done."}),
    ("severity", {"severity": "B", "reason": "One site."}),
    ("assign", {"assignee": "me"}),
    ("messages", {"body": "We are on it."}),
    ("messages", {"body": "We are on it.", "kind": "internal"}),
    ("messages", {"body": "We are on it.", "kind": "call"}),
    ("messages", {"body": "Since when?", "kind": "question"}),
]


@pytest.mark.parametrize(("name", "body"), ACTS)
def test_an_act_for_another_version_is_refused_and_tells_the_current_one(staff, open_request, name, body):
    """Settled point 11: If-Match is optional on actions"""
    before = kinds_of_events(open_request.number)

    refused = act(staff, open_request.number, name, body, **{"If-Match": '"7"'})

    assert (refused.status_code, code_of(refused)) == (412, "version-mismatch")
    assert (refused.json()["current_version"], refused["ETag"]) == (1, '"1"')
    assert kinds_of_events(open_request.number) == before
    assert act(staff, open_request.number, name, body, **{"If-Match": '"1"'}).status_code < 300


@pytest.mark.parametrize(("name", "body"), ACTS)
def test_an_act_sent_again_with_its_key_is_done_once(staff, open_request, name, body):
    """P-2"""
    first, again = (act(staff, open_request.number, name, body, **{"Idempotency-Key": "k"}) for _ in range(2))

    assert first.status_code in (200, 201), first.content
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Idempotency-Replayed"] == "true"
    kinds = kinds_of_events(open_request.number)
    assert max(kinds.count(kind) for kind in set(kinds) - {"commitment_made"}) == 1


# ── contact ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def patch(api, number, body, etag="*"):
    return api.patch(path_of(number), body, headers={"If-Match": etag} if etag else {})


def test_contact_details_are_changed_and_recorded_without_personal_values(api, open_request):
    """CH-3, LA-2, P-10"""
    contact = {
        "method": "callback",
        "language": "ja",
        "phone": "+81 3 5550 0100",
        "timezone": "Asia/Tokyo",
        "country": "jp",
        "translator": True,
        "callback_at": SOON,
    }
    answer = patch(api, open_request.number, {"contact": contact}, '"1"')

    assert answer.status_code == 200, answer.content
    assert answer.json()["contact"] == {**contact, "country": "JP"}
    assert answer["ETag"] == '"2"'
    event = Event.objects.get(kind="contact_changed")
    assert set(event.data["changed"]) == {
        "contact_method",
        "language",
        "contact_phone",
        "contact_timezone",
        "contact_country",
        "translator",
        "callback_at",
    }
    assert "5550" not in str(event.data)


def test_what_is_left_out_stays(api, open_request):
    before = api.get(path_of(open_request.number)).json()["contact"]

    told = patch(api, open_request.number, {"contact": {"translator": True}}).json()["contact"]

    assert told == {**before, "translator": True}


@pytest.mark.parametrize("body", [{}, {"contact": {}}, {"contact": {"translator": False, "method": "email"}}])
def test_a_change_that_changes_nothing_is_no_change(api, open_request, body):
    answer = patch(api, open_request.number, body)

    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    assert not Event.objects.filter(kind="contact_changed").exists()


def test_a_call_back_can_be_taken_back(api, open_request):
    """Settled point 17"""
    patch(api, open_request.number, {"contact": {"method": "callback", "callback_at": SOON}})

    told = patch(api, open_request.number, {"contact": {"method": "email", "callback_at": None}}).json()

    assert (told["contact"]["method"], told["contact"]["callback_at"]) == ("email", None)


def test_a_missing_phone_number_is_added(api, form, organisation):
    """Settled point 10"""
    form["contact"] = {}
    number = api.post(LIST, form).json()["number"]

    told = patch(api, number, {"contact": {"phone": "+886 2 5550 0100"}}).json()

    assert told["phone_missing"] is False
    assert patch(api, number, {"contact": {"phone": ""}}).json()["phone_missing"] is True


def test_an_engineer_asks_for_a_translator(staff, open_request):
    """LA-2: an admin or an engineer"""
    assert patch(staff, open_request.number, {"contact": {"translator": True}}).json()["contact"]["translator"] is True


def test_another_admin_is_made_primary_contact(api, organisation, admin_person, open_request):
    """RO-2"""
    other = factories.make_person(organisation, "exchange_admin", phone="+886 2 5550 0199", name="Jun Lin")
    admin_person.phone = open_request.contact_phone
    admin_person.save(update_fields=["phone"])

    told = patch(api, open_request.number, {"primary_contact": other.email.upper()}).json()

    assert told["primary_contact"] == {"name": "Jun Lin", "email": other.email}
    assert told["contact"]["phone"] == "+886 2 5550 0199"  # the former contact's own number went with them
    assert Event.objects.get(kind="contact_changed").data["primary_contact"] == other.pk


def test_a_number_that_was_given_for_the_request_stays_with_it(api, organisation, open_request):
    """RO-2"""
    other = factories.make_person(organisation, "global_admin", phone="+886 2 5550 0199")

    told = patch(api, open_request.number, {"primary_contact": other.email}).json()

    assert told["contact"]["phone"] == open_request.contact_phone


def test_primary_contacts_are_admins_of_the_organisation_who_cover_the_request(api, organisation, open_request):
    """RO-1, RO-2, P-5"""
    people = [
        factories.make_person(organisation, "reader"),
        factories.make_person(organisation, "sharepoint_admin"),
        factories.make_person(organisation),
        factories.make_person(organisation, "global_admin", is_active=False),
        factories.make_person(factories.make_organisation(), "global_admin"),
        factories.make_staff("engineer"),
    ]
    for email in (*[person.email for person in people], "nobody@example.com", "x"):
        refused = patch(api, open_request.number, {"primary_contact": email})
        assert (refused.status_code, code_of(refused), pointers_of(refused)) == (
            400,
            "unknown-choice",
            ["#/primary_contact"],
        ), email
    assert stored().version == 1


def test_choosing_the_primary_contact_takes_a_global_or_service_support_admin(organisation, admin_person, open_request):
    """RO-2"""
    one_service = factories.api_of(factories.make_person(organisation, "exchange_admin"))

    refused = patch(one_service, open_request.number, {"primary_contact": admin_person.email})

    assert (refused.status_code, code_of(refused)) == (403, "not-permitted")
    assert patch(one_service, open_request.number, {"contact": {"translator": True}}).status_code == 200


def test_a_partner_makes_itself_primary_contact(organisation, open_request):
    """RO-2, PA-1"""
    partner = factories.make_partner()
    person = factories.make_person(partner, "service_support_admin")
    factories.make_delegation(organisation, partner)
    api = factories.api_of(person, organisation=organisation)

    told = patch(api, open_request.number, {"primary_contact": person.email})

    assert told.status_code == 200, told.content
    assert told.json()["primary_contact"]["email"] == person.email


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"severity": "A"}, ["#/severity"]),
        ({"state": "closed", "subject": "x"}, ["#/state", "#/subject"]),
        ({"contact": {"email": "x"}}, ["#/contact/email"]),
        ({"contact": {"method": "pigeon"}}, ["#/contact/method"]),
        ({"contact": {"timezone": "Mars/Base"}}, ["#/contact/timezone"]),
        ({"contact": {"phone": "a\u200bb"}}, ["#/contact/phone"]),
        ({"contact": None}, ["#/contact"]),
        ({"primary_contact": None}, ["#/primary_contact"]),
        ({"primary_contact": 5}, ["#/primary_contact"]),
    ],
    ids=str,
)
def test_what_cannot_be_changed_is_refused_by_name(api, open_request, body, pointers):
    """Settled point 11"""
    refused = patch(api, open_request.number, body)

    assert (refused.status_code, sorted(pointers_of(refused))) == (400, pointers)
    assert stored().version == 1


def test_a_change_names_the_version_it_was_made_for(api, open_request):
    """Settled point 11"""
    body = {"contact": {"translator": True}}
    without, stale, several, odd = (
        patch(api, open_request.number, body, etag) for etag in (None, '"9"', '"1", "2"', 'W/"1"')
    )

    assert (without.status_code, code_of(without)) == (428, "if-match-required")
    assert (stale.status_code, code_of(stale), stale["ETag"]) == (412, "version-mismatch", '"1"')
    assert (several.status_code, code_of(several)) == (400, "invalid-if-match")
    assert odd.status_code == 412
    assert stored().version == 1
    assert patch(api, open_request.number, body, '"1"').status_code == 200


def test_the_contact_of_a_closed_request_stays(api, reader, closed_now):
    assert code_of(patch(api, closed_now.number, {"contact": {"translator": True}})) == "illegal-transition"
    assert code_of(patch(reader, closed_now.number, {"contact": {"translator": True}})) == "not-permitted"
