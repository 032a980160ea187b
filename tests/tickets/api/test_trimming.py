"""`fields`, `include` and conditional GET: less to send, the same to see."""

from datetime import timedelta

import pytest

from accounts import clock
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, QUEUE, code_of, path_of, pointers_of, queries
from tests.tickets.test_budgets import lengthen, multiply
from tickets.api.inclusions import ALONG_EACH, ALONG_ONE
from tickets.models import Commitment, Message, ServiceRequest
from tickets.services.conversation import add_internal_note, reply_publicly


@pytest.fixture
def told(open_request):
    """A request that was answered, with an internal note."""
    engineer = factories.actor(factories.make_staff("engineer"))
    add_internal_note(number=open_request.number, actor=engineer, body="The connector, once more.")
    reply_publicly(number=open_request.number, actor=engineer, body="We are on it.")
    return ServiceRequest.objects.get(pk=open_request.pk)


# ── fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "query", [{"fields": "number,state"}, {"fields": ["number", "state"]}, {"fields": "state, number"}]
)
def test_an_answer_holds_what_is_wanted_of_it(api, staff, told, query):
    """Issue: fields= to trim"""
    assert api.get(path_of(told.number), query).json() == {"number": told.number, "state": "in_progress"}
    assert api.get(LIST, query).json()["results"] == [{"number": told.number, "state": "in_progress"}]
    assert set(staff.get(QUEUE, query).json()["results"][0]) == {"number", "state"}


@pytest.mark.parametrize("names", ["nunber", "number,row", "desk.scope", "messages", "", "number,,state", "__class__"])
@pytest.mark.parametrize("one", [True, False])
def test_a_field_that_is_not_there_is_refused_by_name(api, told, names, one):
    """RELIABILITY, the API: nothing misspelt gets lost"""
    answer = api.get(path_of(told.number) if one else LIST, {"fields": names})

    assert (answer.status_code, code_of(answer)) == (400, "invalid-query")
    assert set(pointers_of(answer)) == {"fields"}


def test_what_is_included_can_be_named_too(api, told):
    """Issue: fields= to trim; a client that names all that it reads"""
    named = {"fields": "number,messages", "include": "messages"}

    assert set(api.get(path_of(told.number), named).json()) == {"number", "messages"}
    assert set(api.get(LIST, named).json()["results"][0]) == {"number", "messages"}
    assert pointers_of(api.get(LIST, {**named, "include": "commitments"})) == ["fields"]


def test_fields_are_refused_where_nothing_can_be_trimmed(api, told):
    """RELIABILITY, the API"""
    assert pointers_of(api.get(path_of(told.number, "messages"), {"fields": "id"})) == ["fields"]


def test_a_trimmed_answer_still_tells_its_version(api, told):
    """Settled point 11"""
    answer = api.get(path_of(told.number), {"fields": "number"})

    changed = api.patch(path_of(told.number), {"contact": {"phone": "+886 2 1"}}, headers={"If-Match": answer["ETag"]})
    assert changed.status_code == 200


# ── include ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_messages_and_promises_come_along_as_their_own_lists_show_them(api, staff, told):
    """Issue: include= for messages and commitments; internal notes pass the second gate"""
    for caller, amount in ((api, 2), (staff, 3)):
        one = caller.get(path_of(told.number), {"include": "messages,commitments"}).json()
        [listed] = caller.get(LIST, {"include": ["messages", "commitments"]}).json()["results"]

        for name in ("messages", "commitments"):
            assert one[name] == listed[name] == caller.get(path_of(told.number, name)).json()
        assert len(one["messages"]["results"]) == amount
        assert "commitments" not in caller.get(path_of(told.number)).json()


def test_a_note_is_not_told_to_a_token_without_the_scope(told):
    """RELIABILITY, tenant gate"""
    api = factories.api_of(factories.make_staff("engineer"), "requests:read")

    assert b"connector" not in api.get(path_of(told.number), {"include": "messages"}).content
    assert b"connector" not in api.get(LIST, {"include": "messages"}).content


@pytest.mark.parametrize(("address", "most"), [("", ALONG_EACH), ("one", ALONG_ONE)])
def test_what_comes_along_is_capped_and_says_where_the_rest_is(api, told, address, most):
    """Nothing is lost, nothing comes twice"""
    common = {"organisation_id": told.organisation_id, "request": told, "kind": "customer", "author": told.opened_by}
    Message.objects.bulk_create(Message(**common, body=f"Step {n}.", at=clock.now()) for n in range(60))
    answer = api.get(path_of(told.number) if address else LIST, {"include": "messages"}).json()
    along = (answer if address else answer["results"][0])["messages"]

    rest, onward = [], along["next"]
    while onward:
        page = api.get(onward).json()
        rest += page["results"]
        onward = page["next"]

    assert len(along["results"]) == most
    assert [each["id"] for each in along["results"] + rest] == list(
        Message.objects.exclude(kind="internal").order_by("id").values_list("id", flat=True)
    )


def test_a_list_with_something_along_has_pages_of_25_at_most(api, told):
    """P-8: an answer has bounds"""
    multiply(told, 40)
    first = api.get(LIST, {"include": "messages", "page_size": 100}).json()

    assert len(first["results"]) == 25
    assert len(api.get(first["next"]).json()["results"]) == 15


@pytest.mark.parametrize("names", ["events", "messages,organisation", ""])
def test_what_cannot_be_included_is_refused_by_name(api, told, names):
    """RELIABILITY, the API"""
    for address in (LIST, path_of(told.number)):
        answer = api.get(address, {"include": names})
        assert (answer.status_code, set(pointers_of(answer))) == (400, {"include"})


@pytest.mark.parametrize(("address", "budget"), [(LIST, 8), ("one", 11)])
def test_what_comes_along_costs_the_same_for_one_request_and_for_a_hundred(api, told, address, budget):
    """STYLE section 5: no N+1"""
    path, found = path_of(told.number) if address == "one" else f"{LIST}?ordering=created_at", set()
    lengthen(told, 1, told.opened_by)
    asked = f"{path}{'&' if '?' in path else '?'}include=messages,commitments"
    api.get(asked)  # warm
    for amount in (1, 25, 100):
        multiply(told, amount)
        lengthen(told, amount, told.opened_by)
        with queries() as made:
            assert api.get(asked).status_code == 200
        found.add(len(made))

    assert len(found) == 1
    assert max(found) <= budget


# ── Conditional GET ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address", ["one", "list", "messages", "/api/v1/me/", "/api/v1/catalogue/", "/api/v1/articles/"]
)
def test_what_one_has_already_is_not_sent_again(api, told, address):
    """RFC 9110: 304 with the same tag and no body"""
    path = {"one": path_of(told.number), "list": LIST, "messages": path_of(told.number, "messages")}.get(
        address, address
    )
    first = api.get(path)

    for tag in (first["ETag"], f"W/{first['ETag']}", f'"x", {first["ETag"]}', "*"):
        again = api.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert "Content-Type" not in again
        assert {"RateLimit", "Vary", "X-Request-ID", "Cache-Control"} <= set(again.headers)
    assert api.get(path, headers={"If-None-Match": '"1"'}).content == first.content


def test_the_tag_holds_for_one_language_one_role_and_one_choice_of_fields(api, staff, told):
    """RELIABILITY, tenant gate: what one may see is not what another may"""
    path = path_of(told.number)
    tags = [
        api.get(path)["ETag"],
        api.get(path, headers={"Accept-Language": "zh-Hant"})["ETag"],
        api.get(path, {"fields": "number"})["ETag"],
        api.get(path, {"include": "messages"})["ETag"],
        staff.get(path)["ETag"],
        staff.get(path, {"include": "messages"})["ETag"],
    ]

    assert len(set(tags)) == len(tags)
    assert all(tag.startswith(f'"{told.version}-') for tag in tags)


def test_a_change_is_sent(api, staff, told):
    """A row that changed, and a message that did not change it"""
    one = path_of(told.number)
    before = {path: api.get(path)["ETag"] for path in (one, path_of(told.number, "messages"), LIST)}
    staff.post(path_of(told.number, "messages"), {"body": "Restarted."})
    staff.post(path_of(told.number, "severity"), {"severity": "B", "reason": "One site."})

    for path, tag in before.items():
        assert api.get(path, headers={"If-None-Match": tag}).status_code == 200, path


def test_an_internal_note_is_no_change_to_a_customer(api, staff, told):
    """RELIABILITY, tenant gate: absent from ETag"""
    path = path_of(told.number)
    before, internal = (caller.get(path, {"include": "messages"})["ETag"] for caller in (api, staff))
    staff.post(path_of(told.number, "messages"), {"body": "Hm.", "kind": "internal"})
    query = {"include": "messages"}

    assert api.get(path, query, headers={"If-None-Match": before}).status_code == 304
    assert staff.get(path, query, headers={"If-None-Match": internal}).status_code == 200


def test_what_time_alone_changes_is_sent(api, admin_person):
    """P-4: a promise breaks and a request is archived without anybody writing a row"""
    filed = making.filed(factories.actor(admin_person))
    tag = api.get(path_of(filed.number))["ETag"]
    past = clock.now() - timedelta(minutes=1)
    Commitment.objects.filter(request=filed).update(due_at=past)

    answer = api.get(path_of(filed.number), headers={"If-None-Match": tag})

    assert (answer.status_code, answer.json()["commitment"]["state"]) == (200, "breached")
    assert answer["ETag"].split("-")[0] == tag.split("-")[0]


def test_nothing_but_reading_is_conditional(api, told):
    """RFC 9110"""
    answer = api.post(path_of(told.number, "messages"), {"body": "Thanks."}, headers={"If-None-Match": "*"})

    assert answer.status_code == 201


def test_a_refusal_has_no_tag(stranger, told):
    """P-5"""
    answer = stranger.get(path_of(told.number), headers={"If-None-Match": "*"})

    assert answer.status_code == 404
    assert "ETag" not in answer
