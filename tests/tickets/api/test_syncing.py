"""Programs that mirror requests: what changed since, and where to go on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts import clock
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, QUEUE, close_at, code_of, path_of, pointers_of, queries
from tickets.models import ServiceRequest
from tickets.services.conversation import add_internal_note

HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def actor(admin_person):
    return factories.actor(admin_person)


def rows(api, path=LIST, **query):
    answer = api.get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def numbers(api, **query):
    return [row["number"] for row in rows(api, **query)]


def test_what_changed_since_comes_as_it_changed(api, actor):
    """Nothing is lost at the instant itself"""
    now = clock.now()
    first, second, third = (making.filed(actor, now=now - age * HOUR).number for age in (3, 2, 1))
    api.post(path_of(first, "messages"), {"body": "Still so."})
    changed = {row["number"]: row["changed_at"] for row in rows(api)}

    assert numbers(api, changed_after=changed[third]) == [third, first]
    after = datetime.fromisoformat(changed[third]) + MICROSECOND
    assert numbers(api, changed_after=after.isoformat()) == [first]
    assert numbers(api, changed_after=changed[third], ordering="-changed_at") == [first, third]
    assert numbers(api, changed_after=changed[second], ordering="created_at") == [first, second, third]
    assert numbers(api, ordering="changed_at") == [second, third, first]
    assert numbers(api, ordering="-changed_at") == [first, third, second]
    assert api.get(path_of(first)).json()["changed_at"] == changed[first]


def test_what_changes_between_two_pages_is_met_again_and_nothing_is_missed(api, actor):
    """DESIGN, the API: cursors"""
    now = clock.now()
    filed = [making.filed(actor, now=now - age * HOUR).number for age in (4, 3, 2, 1)]
    since = rows(api, ordering="changed_at")[0]["changed_at"]
    page = api.get(LIST, {"changed_after": since, "page_size": 2}).json()
    api.post(path_of(filed[0], "messages"), {"body": "Still so."})
    api.post(path_of(filed[2], "messages"), {"body": "Still so."})

    found = [row["number"] for row in page["results"]]
    while page["next"]:
        page = api.get(page["next"]).json()
        found += [row["number"] for row in page["results"]]

    assert found == [filed[0], filed[1], filed[3], filed[0], filed[2]]


def test_closed_requests_come_as_they_changed_as_well(api, actor, closed_now):
    """CH-5: and not by their closing"""
    close_at(closed_now, closed_now.closed_at - HOUR)
    found = api.get(LIST, {"recently_closed": "true", "changed_after": closed_now.changed_at.isoformat()}).json()

    assert [row["number"] for row in found["results"]] == [closed_now.number]


def test_internal_notes_change_nothing_that_a_customer_asks_for(api, staff, open_request, engineer):
    """RELIABILITY, tenant gate"""
    after = (open_request.changed_at + MICROSECOND).isoformat()
    add_internal_note(number=open_request.number, actor=engineer, body="The same cause as yesterday.")

    assert numbers(api, changed_after=after) == numbers(staff, changed_after=after) == []


def test_a_list_ends_before_an_instant_too(api, actor):
    """As exports do: both sides of the boundary"""
    filed = making.filed(actor)

    assert numbers(api, created_before=filed.created_at.isoformat()) == []
    assert numbers(api, created_before=(filed.created_at + MICROSECOND).isoformat()) == [filed.number]


@pytest.mark.parametrize("part", ["events", "messages"])
def test_what_hangs_on_a_request_goes_on_behind_the_last_one(api, staff, open_request, part):
    """Any number is a place: nobody learns from it what there is elsewhere"""
    path = path_of(open_request.number, part)
    known = rows(api, path)
    api.post(path_of(open_request.number, "messages"), {"body": "Still so."})
    staff.post(path_of(open_request.number, "messages"), {"kind": "internal", "body": "As yesterday."})
    last = known[-1]["id"]

    [new] = rows(api, path, after=last)
    assert new["id"] > last
    assert [each["id"] for each in rows(api, path, after=last - 1)] == [last, new["id"]]
    assert len(rows(staff, path, after=last)) == 2
    assert rows(api, path, after=new["id"]) == rows(api, path, after=2**63 - 1) == []
    assert rows(api, path, after=0) == [*known, new]
    page = api.get(path, {"after": last - 1, "page_size": 1}).json()
    assert [each["id"] for each in api.get(page["next"]).json()["results"]] == [new["id"]]


@pytest.mark.parametrize("part", ["events", "messages", "attachments"])
@pytest.mark.parametrize("after", ["-1", "x", "", str(2**63), "1.5"])
def test_what_is_no_id_is_refused(api, open_request, part, after):
    """RELIABILITY, API"""
    refused = api.get(path_of(open_request.number, part), {"after": after})

    assert (refused.status_code, code_of(refused), pointers_of(refused)) == (400, "invalid-query", ["after"])


def test_a_row_and_the_whole_request_agree(api, staff, open_request):
    """What both show is called alike and is the same"""
    for caller in (api, staff):
        [row], shown = rows(caller), caller.get(path_of(open_request.number)).json()
        one_way = {"commitment", "messages", "commitments"}  # a row shows less of a promise
        assert set(row) - set(shown) == set()
        assert {name: row[name] for name in set(row) - one_way} == {name: shown[name] for name in set(row) - one_way}
        assert (shown["due_at"], shown["language"]) == (shown["commitment"]["due_at"], shown["contact"]["language"])


def test_categories_and_services_may_be_named_more_than_once(api, actor):
    """DESIGN, the API"""
    mail = making.filed(actor).number
    files = making.filed(actor, severity="C", category="technical.advisory", service="sharepoint_online").number
    bill = making.filed(actor, severity="C", category="billing", service="subscription", subscription="").number

    assert set(numbers(api, service=["exchange_online", "sharepoint_online"])) == {mail, files}
    assert set(numbers(api, category=["billing", "technical.advisory"])) == {files, bill}
    assert numbers(api, category="billing", service="exchange_online") == []


@pytest.mark.parametrize(
    ("query", "parameter", "known"),
    [
        ({"service": "nope"}, "service", "exchange_online, sharepoint_online, "),
        ({"service": ["exchange_online", "nope"]}, "service", "exchange_online, "),
        ({"category": ["billing", "nope"]}, "category", ", presales, billing, advisory."),
        ({"state": "nope"}, "state", "awaiting_response, in_progress, awaiting_customer, closed, archived."),
        ({"severity": "nope"}, "severity", "A, B, C."),
    ],
    ids=str,
)
def test_whoever_names_what_there_is_not_is_told_what_there_is(api, staff, query, parameter, known):
    """RELIABILITY, API: a filter is never ignored"""
    for caller in (api, staff):
        refused = caller.get(LIST, query)
        assert (refused.status_code, code_of(refused), pointers_of(refused)) == (400, "invalid-query", [parameter])
        [fault] = refused.json()["errors"]
        assert fault["code"] == ("unknown_choice" if parameter == "service" else "invalid_choice")  # services change
        assert "“nope” is none of these: " in fault["detail"]
        assert known in fault["detail"]


def test_the_queue_goes_by_what_is_owed_alone(staff, open_request):
    """It has one order, and what leaves it has not changed it"""
    refused = staff.get(QUEUE, {"changed_after": "2026-11-24T01:00:00Z"})

    assert (refused.status_code, pointers_of(refused)) == (400, ["changed_after"])


def test_what_changed_costs_as_many_queries_for_one_as_for_many(api, actor):
    """DESIGN, the API"""
    making.filed(actor)
    path = f"{LIST}?changed_after=2026-01-01T00:00:00Z&service=exchange_online"
    api.get(path)
    with queries() as one:
        api.get(path)
    for _ in range(3):
        making.filed(actor)
    with queries() as many:
        api.get(path)

    assert ServiceRequest.objects.count() == 4
    assert len(many) == len(one)
