"""Corrections over the API (SE-1, SC-6)."""

from datetime import datetime, timedelta

import pytest

from tests import factories
from tests.tickets.api.calling import code_of, kinds_of_events, path_of, pointers_of
from tickets.models import Correction, ServiceRequest


def correct(api, service_request, body, **headers):
    return api.post(path_of(service_request.number, "corrections"), body, headers=headers)


def test_staff_correct_scope_and_category_and_read_who_did(staff, open_request):
    """SE-1, SC-6"""
    body = {"scope": "developer", "category": "technical.advisory", "note": "Their own program."}

    answer = correct(staff, open_request, body)

    told = answer.json()
    assert answer.status_code == 200, answer.content
    assert (told["category"], told["desk"]["scope"], told["severity"]) == ("technical.advisory", "developer", "A")
    assert told["assessment"]["scope"] == "in_scope"
    corrected, changed = (datetime.fromisoformat(at) for at in (told["desk"]["corrected_at"], told["changed_at"]))
    assert timedelta() <= changed - corrected < timedelta(milliseconds=1)  # it moves with each of the events
    assert answer["ETag"] == f'"{ServiceRequest.objects.get().version}"'
    listed = staff.get(path_of(open_request.number, "corrections")).json()["results"]
    assert [(each["what"], each["previous"], each["corrected"], each["note"]) for each in listed] == [
        ("category", "technical.configuration", "technical.advisory", "Their own program."),
        ("scope", "in_scope", "developer", "Their own program."),
    ]
    assert {each["actor"]["name"] for each in listed} == {"Ravi Iyer"}


@pytest.mark.parametrize(
    ("body", "status", "code", "pointers"),
    [
        ({"scope": "friends"}, 400, "invalid", ["#/scope"]),
        ({"category": "other"}, 400, "invalid", ["#/category"]),
        ({"severity": "B"}, 400, "invalid", ["#/severity"]),
        ({"topic": "no_such"}, 400, "unknown-choice", ["#/topic"]),
        ({"category": "billing"}, 409, "kind-is-fixed", ["#/category"]),
        ({"scope": "developer", "note": "x" * 2_001}, 400, "invalid", ["#/note"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_pointed_at(staff, open_request, body, status, code, pointers):
    """DESIGN, the API"""
    refused = correct(staff, open_request, body)

    assert (refused.status_code, pointers_of(refused)) == (status, pointers), refused.content
    if code != "invalid":
        assert code_of(refused) == code
    assert not Correction.objects.exists()


@pytest.mark.parametrize("body", [{}, {"note": "Look."}, {"scope": "in_scope", "topic": None}], ids=str)
def test_nothing_to_correct_is_a_conflict(staff, open_request, body):
    assert (correct(staff, open_request, body).status_code, code_of(correct(staff, open_request, body))) == (
        409,
        "nothing-to-correct",
    )


def test_a_kind_of_support_is_named_where_it_is_fixed(staff, open_request):
    """SE-1"""
    assert correct(staff, open_request, {"category": "presales"}).json()["kind"] == "technical"


def test_customers_neither_correct_nor_read_corrections_nor_see_the_scope(api, staff, open_request):
    """SC-6, P-5"""
    correct(staff, open_request, {"scope": "developer", "category": "technical.advisory", "note": "Secret."})

    told = api.get(path_of(open_request.number)).json()
    events = {each["kind"]: each for each in api.get(path_of(open_request.number, "events")).json()["results"]}

    assert correct(api, open_request, {"scope": "in_scope"}).status_code == 403
    assert api.get(path_of(open_request.number, "corrections")).status_code == 403
    assert (told["category"], told["desk"], told["assessment"]["scope"]) == ("technical.advisory", None, "in_scope")
    assert "scope_corrected" not in events
    assert events["category_corrected"]["details"] == {"from": "technical.configuration", "to": "technical.advisory"}


def test_a_token_without_the_queue_corrects_and_reads_nothing(open_request):
    """DESIGN, the API"""
    narrow = factories.api_of(factories.make_staff("engineer"), "requests:read", "requests:write")

    assert correct(narrow, open_request, {"scope": "developer"}).status_code == 403
    assert narrow.get(path_of(open_request.number, "corrections")).status_code == 403


def test_a_repeated_call_corrects_once_and_an_old_version_not_at_all(staff, open_request):
    """P-2"""
    headers = {"Idempotency-Key": "once", "If-Match": f'"{open_request.version}"'}
    first = correct(staff, open_request, {"scope": "developer"}, **headers)
    again = correct(staff, open_request, {"scope": "developer"}, **headers)
    late = correct(staff, open_request, {"scope": "scripting"}, **{"If-Match": f'"{open_request.version}"'})

    assert (first.status_code, again.status_code, late.status_code) == (200, 200, 412)
    assert again["Idempotency-Replayed"] == "true"
    assert kinds_of_events(open_request.number).count("scope_corrected") == 1
