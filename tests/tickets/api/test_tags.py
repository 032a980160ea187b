"""Tags over the API: the list, on a request, in lists, in bulk; and nowhere for customers."""

import json

import pytest

from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, QUEUE, code_of, kinds_of_events, path_of, pointers_of, queries
from tickets.export_rows import columns_of
from tickets.models import ExportKind, RequestTag, Tag
from tickets.services.tags import Wanted, change_tag

TAGS = "/api/v1/tags/"
BULK = f"{LIST}bulk/"


@pytest.fixture
def lead(db):
    return factories.api_of(factories.make_staff("team_lead"))


@pytest.fixture
def vip(lead):
    """A tag on the list."""
    answer = lead.post(TAGS, {"name": "VIP", "colour": "purple"})
    assert answer.status_code == 201, answer.content
    return Tag.objects.get()


def tag(api, service_request, **body):
    return api.post(path_of(service_request.number, "tags"), body)


def numbers_of(answer):
    assert answer.status_code == 200, answer.content
    return [each["number"] for each in answer.json()["results"]]


def test_a_lead_keeps_the_list_and_everybody_of_the_staff_reads_it(lead, staff, vip):
    own = f"{TAGS}{vip.pk}/"

    changed = lead.patch(own, {"name": "Key customer", "colour": None}, headers={"If-Match": '"1"'})

    told = {"id": vip.pk, "name": "Key customer", "colour": None, "archived_at": None}
    assert (changed.json(), changed["ETag"]) == (told, '"2"')
    assert staff.get(TAGS).json()["results"] == [told]
    assert staff.get(own).json() == told
    assert code_of(lead.patch(own, {"name": "x"})) == "if-match-required"
    assert lead.patch(own, {"name": "x"}, headers={"If-Match": '"1"'}).status_code == 412
    lead.patch(own, {"archived": True}, headers={"If-Match": "*"})
    assert staff.get(f"{TAGS}?archived=false").json()["results"] == []
    assert staff.get(f"{TAGS}?archived=true").json()["results"][0]["archived_at"]
    assert lead.delete(own, headers={"If-Match": "*"}).status_code == 204
    assert code_of(lead.get(own)) == "tag-not-found"


@pytest.mark.parametrize(
    ("body", "status", "code", "place"),
    [
        ({"name": "vip"}, 409, "tag-exists", None),
        ({"name": "a,b"}, 400, "invalid-text", "#/name"),
        ({"name": ""}, 400, "invalid", "#/name"),
        ({"name": "x" * 41}, 400, "invalid", "#/name"),
        ({"name": "x", "colour": "pink"}, 400, "invalid", "#/colour"),
        ({"name": "x", "archived": True}, 400, "invalid", "#/archived"),
    ],
)
def test_a_tag_that_cannot_be_is_pointed_at(lead, vip, body, status, code, place):
    refused = lead.post(TAGS, body)

    assert refused.status_code == status
    if place:
        assert pointers_of(refused) == [place]
    if code != "invalid":
        assert code_of(refused) == code
    assert Tag.objects.count() == 1


def test_a_tag_that_requests_have_stays_and_no_two_have_one_name(lead, staff, vip, open_request):
    lead.post(TAGS, {"name": "outage"})
    tag(staff, open_request, add=["vip"])
    own, now = f"{TAGS}{vip.pk}/", {"If-Match": "*"}

    renamed, gone = lead.patch(own, {"name": "Outage"}, headers=now), lead.delete(own, headers=now)

    assert (renamed.status_code, code_of(renamed)) == (409, "tag-exists")
    assert (gone.status_code, code_of(gone)) == (409, "tag-in-use")


def test_an_engineer_tags_a_request_and_finds_it_by_that(staff, vip, open_request):
    answer = tag(staff, open_request, add=["vip"])

    assert answer.status_code == 200, answer.content
    assert answer.json()["tags"] == ["VIP"]
    assert (answer["ETag"], answer.json()["changed_at"]) == ('"1"', answer.json()["created_at"])
    assert "tag_request" in answer.json()["may"]
    for address in (LIST, QUEUE):
        [line] = staff.get(f"{address}?tag=VIP").json()["results"]
        assert (line["number"], line["tags"]) == (open_request.number, ["VIP"])
        assert staff.get(f"{address}?tag=VIP&tag=other").json()["results"] == []
    assert staff.get("/api/v1/queue/next/").json()["request"]["tags"] == ["VIP"]
    assert tag(staff, open_request, remove=["VIP"]).json()["tags"] == []


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"add": ["nothing"]}, "unknown-tag", "#/add"),
        ({"remove": ["nothing"]}, "unknown-tag", "#/remove"),
        ({}, "invalid", "#/add"),
        ({"add": ["VIP"], "remove": ["vip"]}, "invalid", "#/add"),
        ({"add": "VIP"}, "invalid", "#/add"),
        ({"set": ["VIP"]}, "invalid", "#/set"),
    ],
)
def test_what_cannot_be_put_on_a_request_is_pointed_at(staff, vip, open_request, body, code, place):
    refused = tag(staff, open_request, **body)

    assert refused.status_code == 400
    assert place in pointers_of(refused)
    if code != "invalid":
        assert code_of(refused) == code
    assert not RequestTag.objects.exists()


def test_an_archived_tag_is_offered_to_no_request(staff, lead, vip, open_request):
    change_tag(tag_id=vip.pk, wanted=Wanted(archived=True), actor=factories.actor(factories.make_staff("operator")))

    assert code_of(tag(staff, open_request, add=["VIP"])) == "unknown-tag"


def test_a_repeated_call_tags_once(staff, vip, open_request):
    """P-2"""
    headers = {"Idempotency-Key": "once"}
    first, again = (
        staff.post(path_of(open_request.number, "tags"), {"add": ["VIP"]}, headers=headers) for _ in range(2)
    )

    assert (first.status_code, again["Idempotency-Replayed"], first.json()) == (200, "true", again.json())
    assert kinds_of_events(open_request.number).count("request_tagged") == 1


def test_many_requests_are_tagged_at_once_each_with_a_result_of_its_own(staff, vip, admin_person):
    """Issue: bulk actions with per-item results; idempotent by item"""
    numbers = [making.filed(factories.actor(admin_person)).number for _ in range(2)]
    body = {"numbers": [numbers[0], "SR-000000001", numbers[1]], "tag": {"add": ["VIP"]}}

    first, again = (staff.post(BULK, body, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert [(each["status"], each["code"], each["version"]) for each in first.json()["results"]] == [
        (200, None, 1),
        (404, "request-not-found", None),
        (200, None, 1),
    ]
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert RequestTag.objects.count() == 2
    unknown = staff.post(BULK, {"numbers": numbers, "tag": {"remove": ["nothing"]}})
    assert {each["code"] for each in unknown.json()["results"]} == {"unknown-tag"}


def test_customers_find_no_trace_of_tags(api, staff, vip, open_request):
    """P-5: neither in answers, nor in events, nor in what a change would leave"""
    before = {address: api.get(address) for address in (LIST, path_of(open_request.number))}

    tag(staff, open_request, add=["VIP"])

    for address, answer in before.items():
        after = api.get(address)
        assert (after.content, after["ETag"]) == (answer.content, answer["ETag"])
    assert api.get(LIST).json()["results"][0]["tags"] is api.get(path_of(open_request.number)).json()["tags"] is None
    assert "request_tagged" not in json.dumps(api.get(path_of(open_request.number, "events")).json())
    for address in (TAGS, f"{TAGS}{vip.pk}/"):
        assert api.get(address).status_code == 403
    assert pointers_of(api.get(f"{LIST}?tag=VIP")) == ["tag"]
    assert tag(api, open_request, add=["VIP"]).status_code == 403
    results = api.post(BULK, {"numbers": [open_request.number], "tag": {"remove": ["VIP"]}}).json()["results"]
    assert [each["code"] for each in results] == ["not-permitted"]


def test_a_token_without_the_queue_knows_no_tags(vip, open_request):
    """DESIGN, the API"""
    narrow = factories.api_of(factories.make_staff("engineer"), "requests:read", "requests:write")

    assert narrow.get(LIST).json()["results"][0]["tags"] is None
    assert narrow.get(f"{LIST}?tag=VIP").status_code == 400
    assert tag(narrow, open_request, add=["VIP"]).status_code == 403
    assert narrow.get(TAGS).status_code == 403


def test_lists_cost_as_many_queries_with_tags_as_without(staff, vip, admin_person):
    """STYLE section 5"""
    costs = []
    for _ in range(2):
        for _each in range(3):
            tag(staff, making.filed(factories.actor(admin_person)), add=["VIP"])
        for address in (LIST, QUEUE, f"{QUEUE}?tag=VIP"):
            staff.get(address)
            with queries() as made:
                assert staff.get(address).status_code == 200
            costs.append(len(made))

    assert costs[:3] == costs[3:]


def test_exports_for_the_desk_carry_tags_and_those_for_customers_have_no_such_column():
    """P-5"""
    heads = {
        internal: {place for place, _ in columns_of(ExportKind.REQUESTS, internal=internal)}
        for internal in (True, False)
    }

    assert heads[True] - heads[False] >= {"tags"}
