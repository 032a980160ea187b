"""One act on many requests, each with a result of its own."""

import json

import pytest

from accounts.models import Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, code_of, kinds_of_events, path_of, pointers_of
from tickets.api.views import bulk
from tickets.models import ServiceRequest

BULK = f"{LIST}bulk/"
CLOSE = {"close": {"resolution": "solved", "message": "It works again."}}
TAKE = {"assign": {"assignee": "me"}}
MISSING = "SR-000000001"


@pytest.fixture
def several(admin_person):
    """The numbers of three requests, filed just now."""
    return [making.filed(factories.actor(admin_person)).number for _ in range(3)]


def results_of(answer):
    assert answer.status_code == 200, answer.content
    return [(each["number"], each["status"], each["code"]) for each in answer.json()["results"]]


def test_each_request_has_a_result_as_a_call_of_its_own_would_have_told(staff, api, several):
    """Issue: bulk actions with per-item results; one that is refused keeps none from being done"""
    first, second, third = several
    assert staff.post(path_of(second, "close"), CLOSE["close"]).status_code == 200
    own = staff.post(path_of(second, "assign"), {"assignee": "me"})

    answer = staff.post(BULK, {"numbers": [first, second, MISSING, third], **TAKE})

    assert results_of(answer) == [
        (first, 200, None),
        (second, own.status_code, code_of(own)),
        (MISSING, 404, "request-not-found"),
        (third, 200, None),
    ]
    assert (answer.json()["done"], answer.json()["refused"]) == (2, 2)
    assert answer.json()["results"][1]["detail"] == own.json()["detail"]
    assert [each["version"] for each in answer.json()["results"]] == [
        ServiceRequest.objects.get(number=first).version,
        None,
        None,
        ServiceRequest.objects.get(number=third).version,
    ]


def test_what_is_wrong_in_the_input_is_pointed_at_in_each_result(staff, several):
    """Issue: what a call of its own would have told, at its place in this body"""
    nobody = {"assignee": 999_999}
    own = staff.post(path_of(several[0], "assign"), nobody)
    told = staff.post(BULK, {"numbers": [*several[:1], MISSING], "assign": nobody}).json()["results"]

    assert pointers_of(own) == ["#/assignee"]
    assert told[0]["errors"] == [own.json()["errors"][0] | {"pointer": "#/assign/assignee"}]
    assert told[1]["errors"] == []
    assert staff.post(BULK, {"numbers": several[:1], **TAKE}).json()["results"][0]["errors"] == []


def test_requests_are_given_to_somebody_and_released(staff, several):
    """Issue: assign"""
    colleague = factories.make_staff("engineer")

    assert {
        status
        for _, status, _ in results_of(staff.post(BULK, {"numbers": several, "assign": {"assignee": colleague.pk}}))
    } == {200}
    assert set(ServiceRequest.objects.values_list("assignee", flat=True)) == {colleague.pk}
    staff.post(BULK, {"numbers": several, "assign": {"assignee": None}})
    assert set(ServiceRequest.objects.values_list("assignee", flat=True)) == {None}


def test_customers_close_their_own_and_assign_nothing(api, stranger, reader, several):
    """P-5, RO-1: as far as roles allow; another's request equals a missing one"""
    assert results_of(stranger.post(BULK, {"numbers": [several[0], MISSING], **CLOSE})) == [
        (number, 404, "request-not-found") for number in (several[0], MISSING)
    ]
    assert results_of(api.post(BULK, {"numbers": several[:1], **TAKE})) == [(several[0], 403, "not-permitted")]
    assert code_of(reader.post(BULK, {"numbers": several, **CLOSE})) == "not-permitted"
    assert not ServiceRequest.objects.exclude(state="awaiting_response").exists()

    assert {status for _, status, _ in results_of(api.post(BULK, {"numbers": several, **CLOSE}))} == {200}
    assert set(ServiceRequest.objects.values_list("state", flat=True)) == {"closed"}


def test_with_a_key_nothing_is_done_twice(staff, several):
    """P-2"""
    body, key = {"numbers": [*several, MISSING], **CLOSE}, {"Idempotency-Key": "close-them"}
    first = staff.post(BULK, body, headers=key)
    events = Event.objects.count()
    again = staff.post(BULK, body, headers=key)

    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Event.objects.count() == events
    assert [kinds_of_events(number).count("request_closed") for number in several] == [1, 1, 1]


def test_a_call_that_broke_off_is_gone_on_with(staff, several, monkeypatch):
    """P-1, P-2: what was done stays done, the rest is done by the repetition"""
    body, key, real = {"numbers": several, **CLOSE}, {"Idempotency-Key": "close-them"}, bulk.close_request

    def breaks(*, number, **how):
        if number == several[1]:
            raise RuntimeError("the power failed")
        return real(number=number, **how)

    monkeypatch.setattr(bulk, "close_request", breaks)
    staff.raise_request_exception = False
    assert staff.post(BULK, body, headers=key).status_code == 500
    assert ServiceRequest.objects.filter(state="closed").count() == 1
    monkeypatch.undo()

    assert {status for _, status, _ in results_of(staff.post(BULK, body, headers=key))} == {200}
    assert [kinds_of_events(number).count("request_closed") for number in several] == [1, 1, 1]


def test_a_key_belongs_to_one_body(staff, several):
    """P-2"""
    key = {"Idempotency-Key": "close-them"}
    staff.post(BULK, {"numbers": several[:1], **CLOSE}, headers=key)

    assert code_of(staff.post(BULK, {"numbers": several, **CLOSE}, headers=key)) == "idempotency-key-reused"
    assert ServiceRequest.objects.filter(state="closed").count() == 1


def test_a_repetition_tells_nothing_of_what_is_no_longer_ones_own(api, organisation, admin_person, several):
    """P-6"""
    body, key = {"numbers": several[:1], **CLOSE}, {"Idempotency-Key": "close-them"}
    assert results_of(api.post(BULK, body, headers=key))[0][1] == 200
    admin_person.role_grants.all().delete()
    factories.make_person(organisation, "global_admin")
    admin_person.role_grants.create(role="billing_admin")

    assert results_of(api.post(BULK, body, headers=key))[0][1] == 404


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (TAKE, "#/numbers"),
        ({"numbers": [], **TAKE}, "#/numbers"),
        ({"numbers": [MISSING, MISSING], **TAKE}, "#/numbers"),
        ({"numbers": [f"SR-{n:09}" for n in range(101)], **TAKE}, "#/numbers"),
        ({"numbers": [MISSING]}, "#/assign"),
        ({"numbers": [MISSING], **TAKE, **CLOSE}, "#/assign"),
        ({"numbers": [MISSING], "assign": {"assignee": "you"}}, "#/assign/assignee"),
        ({"numbers": [MISSING], "close": {"resolution": "gone"}}, "#/close/resolution"),
        ({"numbers": [MISSING], "tag": {}}, "#/tag/add"),
    ],
)
def test_a_call_that_is_not_right_does_nothing(staff, body, place):
    """RELIABILITY, the API"""
    answer = staff.post(BULK, body)

    assert answer.status_code == 400
    assert place in pointers_of(answer)


def test_a_hundred_are_done_in_one_call(staff, admin_person):
    """Issue: up to 100"""
    numbers = [f"SR-{n:09}" for n in range(100)]

    assert len(results_of(staff.post(BULK, {"numbers": numbers, **TAKE}))) == 100


# ── Merge patches ───────────────────────────────────────────────────────────────────────────────────────────────────


MERGE = "application/merge-patch+json"


def test_a_merge_patch_changes_what_it_names_and_null_takes_away(api, several):
    """RFC 7396"""
    path = path_of(several[0])
    before = api.get(path).json()["contact"]
    patch = '{"contact": {"method": "email", "phone": null, "callback_at": null}}'

    changed = api.patch(path, patch, content_type=MERGE, headers={"If-Match": "*"})

    assert changed.status_code == 200, changed.content
    assert changed.json()["contact"] == before | {"method": "email", "phone": changed.json()["contact"]["phone"]}
    assert changed.json()["contact"]["phone"] != before["phone"]


@pytest.mark.parametrize(
    ("patch", "place"),
    [
        ('{"contact": null}', "#/contact"),
        ('{"contact": {"language": null}}', "#/contact/language"),
        ('{"primary_contact": null}', "#/primary_contact"),
        ('{"severity": "A"}', "#/severity"),
        ('{"state": null}', "#/state"),
    ],
)
def test_what_cannot_be_taken_away_or_changed_is_refused_by_name(api, several, patch, place):
    """RELIABILITY, the API: an allow-listed set of fields"""
    answer = api.patch(path_of(several[0]), patch, content_type=MERGE, headers={"If-Match": "*"})

    assert (answer.status_code, pointers_of(answer)) == (400, [place])


def test_a_merge_patch_is_for_patch_alone_and_no_less_strict(api, several, form):
    """RFC 7396; P-8"""
    path = path_of(several[0])
    assert api.post(LIST, json.dumps(form), content_type=MERGE).status_code == 415
    assert (
        api.patch(path, '{"contact": {}, "contact": {}}', content_type=MERGE, headers={"If-Match": "*"}).status_code
        == 400
    )
    assert api.patch(path, "[]", content_type=MERGE, headers={"If-Match": "*"}).status_code == 400
    assert api.patch(path, "{}", content_type=MERGE).status_code == 428
