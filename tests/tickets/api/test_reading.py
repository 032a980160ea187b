"""Lists, the queue, and one request over the API."""

from base64 import urlsafe_b64decode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import clock
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, QUEUE, close_at, code_of, path_of, pointers_of, queries
from tickets.filing import Contact
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import Commitment, ServiceRequest, SeverityDecision
from tickets.services.assignment import take_request
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_internal_note, ask_customer, reply_publicly
from tickets.services.severity import change_severity

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
OPEN = {"awaiting_response", "in_progress", "awaiting_customer"}


def numbers(api, path=LIST, **query):
    answer = api.get(path, query)
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


@pytest.fixture
def actor(admin_person):
    return factories.actor(admin_person)


@pytest.fixture
def now(db):
    return clock.now()


@pytest.fixture
def five(actor, engineer, now):
    """One request in each state, filed an hour apart, the oldest first."""
    ages = {"awaiting_response": 5, "in_progress": 4, "awaiting_customer": 3, "closed": 2, "archived": 1}
    filed = {state: making.filed(actor, now=now - age * HOUR) for state, age in ages.items()}
    reply_publicly(number=filed["in_progress"].number, actor=engineer, body="We are on it.", now=now)
    ask_customer(number=filed["awaiting_customer"].number, actor=engineer, body="Since when?", now=now)
    for state in ("closed", "archived"):
        close_request(number=filed[state].number, actor=actor, ending=Ending("solved"), now=now)
    close_at(filed["archived"], now - REOPEN_WINDOW - MICROSECOND)
    close_at(filed["closed"], now - REOPEN_WINDOW)
    return {state: request.number for state, request in filed.items()}


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_state_lists_what_counts_at_this_instant(api, five):
    """CH-4, P-4: archived from one microsecond after the window, whatever the column says"""
    for state, number in five.items():
        rows = api.get(LIST, {"state": state}).json()["results"]
        assert [(row["number"], row["state"]) for row in rows] == [(number, state)]
    assert set(ServiceRequest.objects.values_list("state", flat=True)) == set(five) - {"archived"}


def test_states_may_be_combined(api, five):
    assert set(numbers(api, state=["closed", "in_progress"])) == {five["closed"], five["in_progress"]}


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ({}, OPEN | {"closed", "archived"}),
        ({"open": "true"}, OPEN),
        ({"open": "false"}, {"closed", "archived"}),
        ({"recently_closed": "true"}, {"closed"}),
        ({"recently_closed": "false"}, OPEN | {"archived"}),
        (
            {"open": "true", "recently_closed": "true"},
            {"awaiting_response", "in_progress", "awaiting_customer", "closed"},
        ),
        ({"open": "false", "recently_closed": "false"}, {"archived"}),
        ({"open": "true", "state": "closed"}, set()),
        ({"open": "true", "state": ["closed", "in_progress"]}, {"in_progress"}),
    ],
)
def test_open_and_recently_closed_narrow_the_list(api, five, query, states):
    """CH-3, CH-5"""
    assert set(numbers(api, **query)) == {five[state] for state in states}


def test_a_closed_request_tells_until_when_it_can_be_reopened(api, five, now):
    """CH-4"""
    row = api.get(LIST, {"state": "closed"}).json()["results"][0]

    assert row["reopen_until"] == now.isoformat().replace("+00:00", "Z")
    assert api.get(LIST, {"open": "true"}).json()["results"][0]["reopen_until"] is None


def test_filters_narrow_by_what_a_request_is(api, actor):
    """DESIGN, the API"""
    critical = making.filed(actor).number
    impaired = making.filed(actor, severity="B").number
    question = making.filed(actor, severity="C", category="technical.advisory", service="sharepoint_online").number
    bill = making.filed(actor, severity="C", category="billing", service="subscription", subscription="").number

    assert numbers(api, severity="A") == [critical]
    assert set(numbers(api, severity=["A", "B"])) == {critical, impaired}
    assert numbers(api, category="technical.advisory") == [question]
    assert numbers(api, category="billing") == [bill]
    assert numbers(api, service="sharepoint_online") == [question]


def test_filters_narrow_by_instants(api, actor, now):
    """DESIGN, the API: both sides of each boundary"""
    service_request = making.filed(actor, now=now - HOUR / 2)
    created_at, due_at = service_request.created_at, service_request.due_at

    assert numbers(api, due_before=(due_at + MICROSECOND).isoformat()) == [service_request.number]
    assert numbers(api, due_before=due_at.isoformat()) == []
    assert numbers(api, created_after=(created_at - MICROSECOND).isoformat()) == [service_request.number]
    assert numbers(api, created_after=created_at.isoformat()) == []


def test_breached_lists_what_is_late_and_what_was(api, actor, engineer, now):
    """P-4: by the instants, not by whether a sweep ran"""
    in_time = making.filed(actor, now=now - HOUR)
    late = making.filed(actor, now=now - HOUR - MICROSECOND)
    answered_late = making.filed(actor, now=now - 2 * HOUR)
    reply_publicly(number=answered_late.number, actor=engineer, body="Sorry.", now=now)

    assert set(numbers(api, breached="true")) == {late.number, answered_late.number}
    assert numbers(api, breached="false") == [in_time.number]


def test_words_are_found_in_either_language(api, actor):
    """DESIGN, the API: q"""
    english = making.filed(actor, description="The certificate of the mail relay has expired.").number
    chinese = making.filed(actor, subject="無法寄送郵件", description="今天早上開始，所有人都無法寄信。").number

    assert numbers(api, q="certificate relay") == [english]
    assert numbers(api, q="郵件") == [chinese]
    assert numbers(api, q=chinese.lower()) == numbers(api, q=chinese.removeprefix("SR-")) == [chinese]
    assert numbers(api, q="penguin") == []
    assert len(numbers(api, q="")) == 2


def test_internal_notes_are_found_by_nobody(api, staff, open_request, engineer):
    """RELIABILITY, tenant gate: internal notes are absent from search"""
    add_internal_note(number=open_request.number, actor=engineer, body="Ask the walrus team.")

    assert numbers(api, q="walrus") == numbers(staff, q="walrus") == []


def test_staff_filter_by_assignee(staff, actor, engineer):
    """DESIGN, the API"""
    mine, theirs, nobodys = (making.filed(actor) for _ in range(3))
    other = factories.make_staff("engineer")
    take_request(number=theirs.number, actor=factories.actor(other))
    staff.post(path_of(mine.number, "assign"), {"assignee": "me"})

    assert numbers(staff, assignee="me") == [mine.number]
    assert numbers(staff, assignee=str(other.pk)) == [theirs.number]
    assert numbers(staff, assignee="nobody") == [nobodys.number]
    for nobody_at_all in ("none", other.email):
        refused = staff.get(LIST, {"assignee": nobody_at_all}).json()["errors"]
        assert [each["detail"] for each in refused] == ["Give nobody, me, or the id of an engineer."]


def test_customers_know_engineers_by_name_only(api, open_request, engineer):
    """Names, not ids: a customer may ask for what nobody has"""
    take_request(number=open_request.number, actor=engineer)

    assert numbers(api, assignee="nobody") == []
    for assignee in ("me", str(engineer.person_id)):
        refused = api.get(LIST, {"assignee": assignee})
        assert (refused.status_code, code_of(refused), pointers_of(refused)) == (400, "invalid-query", ["assignee"])
        assert refused.json()["errors"][0]["detail"] == "Only nobody can be asked for."
    assert "id" not in api.get(LIST).json()["results"][0]["assignee"]
    assert set(api.get(path_of(open_request.number)).json()["assignee"]) == {"name"}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"state": "lost"}, "state"),
        ({"severity": "D"}, "severity"),
        ({"category": "technical"}, "category"),
        ({"open": "perhaps"}, "open"),
        ({"due_before": "2026-11-24"}, "due_before"),
        ({"ordering": "organisation__name"}, "ordering"),
        ({"ordering": "queue_at"}, "ordering"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a\u202eb"}, "q"),
        ({"assignee": "9" * 19}, "assignee"),
        ({"page_size": "0"}, "page_size"),
        ({"person": "1"}, "person"),
        ({"assignee__email": "x"}, "assignee__email"),
    ],
    ids=str,
)
def test_parameters_that_are_not_offered_are_refused_by_name(api, staff, query, parameter):
    """RELIABILITY, API: filters and ordering from an allow-list"""
    for caller in (api, staff):
        refused = caller.get(LIST, query)
        assert (refused.status_code, code_of(refused), pointers_of(refused)) == (400, "invalid-query", [parameter])


@pytest.mark.parametrize("ordering", ["created_at", "due_at", "severity"])
def test_orderings_go_both_ways_through_all_pages(api, actor, engineer, now, ordering):
    """DESIGN, the API; by due_at, what has none is last"""
    for age, severity in enumerate("CABBACB"):
        making.filed(actor, severity=severity, now=now - age * HOUR)
    expected = list(ServiceRequest.objects.order_by(ordering, "id").values_list(ordering, flat=True))

    found, backwards = pages(api, ordering=ordering), pages(api, ordering=f"-{ordering}")

    known = dict(ServiceRequest.objects.values_list("number", ordering))
    assert [known[number] for number in found] == expected  # PostgreSQL puts nulls last as well
    assert backwards == found[::-1]


def pages(api, **query):
    """The numbers of all pages, two rows each."""
    answer = api.get(LIST, {**query, "page_size": 2}).json()
    found = [row["number"] for row in answer["results"]]
    while answer["next"]:
        answer = api.get(answer["next"]).json()
        found += [row["number"] for row in answer["results"]]
    assert len(found) == len(set(found)) == ServiceRequest.objects.count()
    return found


def test_pages_lead_back_as_well(api, actor, now):
    for age in range(5):
        making.filed(actor, now=now - age * HOUR)
    first = api.get(LIST, {"page_size": 2}).json()
    second = api.get(first["next"]).json()

    assert first["previous"] is None
    assert api.get(second["previous"]).json()["results"] == first["results"]


def test_cursors_tell_customers_nothing_internal(api, actor):
    """SLA-6: the attention instant of what has no commitment is never shown"""
    for _ in range(2):
        making.filed(actor, severity="C")
    following = api.get(LIST, {"ordering": "due_at", "page_size": 1}).json()["next"]

    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    written = urlsafe_b64decode(cursor + "==").decode()
    attention_at = ServiceRequest.objects.first().queue_at
    assert "9999-01-01" in written
    assert attention_at.isoformat()[:10] not in written.replace(clock.now().isoformat()[:10], "")


@pytest.mark.parametrize("cursor", ["x", "eyJ2IjpbMV0sImIiOjB9", "a\x00", "é", "=" * 50])
@pytest.mark.parametrize("path", [LIST, QUEUE])
def test_a_cursor_that_no_list_gave_out_is_refused(staff, path, cursor):
    """P-8"""
    refused = staff.get(path, {"cursor": cursor})

    assert (refused.status_code, code_of(refused)) == (400, "invalid-cursor")


def test_a_list_shows_the_newest_promise_as_it_stands(api, actor, engineer, now):
    """Settled point 1"""
    service_request = making.filed(actor, now=now - HOUR / 2)
    change_severity(number=service_request.number, actor=engineer, severity="B", reason="One site.", now=now)

    row = api.get(LIST).json()["results"][0]

    assert (row["severity"], row["commitment"]["target"], row["commitment"]["state"]) == ("B", "next_day", "running")
    assert row["due_at"] == row["commitment"]["due_at"]
    reply_publicly(number=service_request.number, actor=engineer, body="We are on it.", now=now)
    row = api.get(LIST).json()["results"][0]
    assert (row["due_at"], row["commitment"]["state"]) == (None, "kept")


def test_a_list_costs_the_same_for_one_and_for_twenty_five(api, staff, actor, engineer):
    """STYLE: a list issues as many queries for one row as for fifty; at most 6, one of them for the desk's tags"""
    take_request(number=making.filed(actor).number, actor=engineer)
    counts = {}
    for rows in (1, 25):
        for caller in (api, staff):
            for path in (LIST, f"{LIST}?open=true&ordering=due_at&q=mail"):
                caller.get(path)
                with queries() as made:
                    assert len(caller.get(path).json()["results"]) == rows
                counts.setdefault((caller is staff, len(made)), []).append((path, rows))
        for _ in range(25 - rows):
            take_request(number=making.filed(actor).number, actor=engineer)

    assert set(counts) == {(False, 5), (True, 6)}, counts


def test_closed_requests_come_by_their_closing(api, actor, now):
    """CH-5"""
    first, second = (making.filed(actor, now=now - age * HOUR) for age in (2, 1))
    for minutes, service_request in ((1, first), (2, second)):
        at = now - timedelta(minutes=minutes)
        close_request(number=service_request.number, actor=actor, ending=Ending("solved"), now=at)

    assert numbers(api) == [second.number, first.number]
    assert numbers(api, recently_closed="true") == numbers(api, state="closed") == [first.number, second.number]
    assert numbers(api, recently_closed="true", ordering="-created_at") == [second.number, first.number]


# ── the queue ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_queue_begins_with_what_is_late_and_goes_on_with_what_is_due(staff, actor, now):
    """Settled point 16"""
    question = making.filed(actor, severity="C", now=now - 240 * HOUR)
    critical = making.filed(actor, now=now)
    late = making.filed(actor, now=now - 2 * HOUR)
    later = making.filed(actor, now=now - 3 * HOUR)

    found = numbers(staff, QUEUE)

    assert found[:2] == [later.number, late.number]
    assert found[2:] == [question.number, critical.number]
    rows = staff.get(QUEUE).json()["results"]
    assert [row["commitment"]["state"] for row in rows] == ["breached", "breached", "none", "running"]
    assert (rows[2]["number"], rows[2]["due_at"]) == (question.number, None)
    assert rows[2]["attention_at"]


def test_the_queue_comes_in_pages_and_views(staff, actor, engineer, now):
    """Settled point 16"""
    for age in range(5):
        making.filed(actor, now=now - age * HOUR / 2)
    first = staff.get(QUEUE, {"page_size": 2}).json()
    found = [row["number"] for row in first["results"]]
    while first["next"]:
        first = staff.get(first["next"]).json()
        found += [row["number"] for row in first["results"]]
    assert found == numbers(staff, QUEUE)
    assert len(set(found)) == 5

    staff.post(path_of(found[3], "assign"), {"assignee": "me"})
    ask_customer(number=found[4], actor=engineer, body="Since when?")
    assert numbers(staff, QUEUE, view="mine") == [found[3]]
    assert numbers(staff, QUEUE, view="waiting") == [found[4]]
    assert set(numbers(staff, QUEUE, view="unassigned")) == set(found[:3])


def test_the_queue_shows_calls_to_be_made_back(staff, actor, now):
    """Settled point 17, LA-2"""
    at = now + HOUR
    making.filed(actor, contact=Contact(method="callback", phone="+886 2 5550 0100", translator=True, callback_at=at))

    row = staff.get(QUEUE).json()["results"][0]

    assert (row["contact_method"], row["translator"]) == ("callback", True)
    assert row["callback_at"] == at.isoformat().replace("+00:00", "Z")


def test_the_queue_is_for_staff(api, reader):
    """RO-1"""
    for caller in (api, reader):
        assert code_of(caller.get(QUEUE)) == "not-permitted"


def test_the_queue_costs_the_same_for_one_and_for_twenty_five(staff, actor, engineer):
    """At most 7 on the queue, one of them for tags"""
    making.filed(actor)
    for rows in (1, 25):
        staff.get(QUEUE)
        with queries() as made:
            assert len(staff.get(QUEUE).json()["results"]) == rows
        assert len(made) == 7, made
        for _ in range(25 - rows):
            take_request(number=making.filed(actor).number, actor=engineer)


# ── one request ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_costs_a_fixed_number_of_queries(api, staff, open_request, engineer):
    """At most 8 on a request page"""
    for _ in range(2):
        reply_publicly(number=open_request.number, actor=engineer, body="We are on it.")
    for caller, budget in ((api, 7), (staff, 8)):
        caller.get(path_of(open_request.number))
        with queries() as made:
            assert caller.get(path_of(open_request.number)).status_code == 200
        assert len(made) == budget, made


def test_customers_and_staff_see_the_same_but_for_the_desk(api, staff, open_request, engineer):
    """Customers see the assignee's name only"""
    take_request(number=open_request.number, actor=engineer)
    theirs, ours = (caller.get(path_of(open_request.number)).json() for caller in (api, staff))

    different = {name for name in ours if ours[name] != theirs[name]}
    assert different == {"may", "desk", "assignee", "opened_by", "tags"}
    assert (theirs["desk"], theirs["tags"], ours["tags"]) == (None, None, [])
    assert set(ours["desk"]) == {"team", "attention_at", "senior_wanted_at", "scope", "corrected_at", "dispute_due_at"}
    assert ours["assignee"]["id"] == engineer.person_id
    assert "take_request" not in theirs["may"]


def test_a_staff_token_without_the_queues_scope_reads_nothing_of_the_desk(open_request):
    """RELIABILITY, scopes: `queue:read` reads what is for support staff only"""
    path, person = path_of(open_request.number), factories.make_staff("engineer")

    assert factories.api_of(person, "requests:read").get(path).json()["desk"] is None
    assert factories.api_of(person, "requests:read", "queue:read").get(path).json()["desk"] is not None


def test_a_state_is_what_counts_at_this_instant_on_both_sides_of_the_window(api, closed_now, now):
    """CH-4, P-4"""
    path = path_of(closed_now.number)

    close_at(closed_now, now - REOPEN_WINDOW)
    last = api.get(path).json()
    close_at(closed_now, now - REOPEN_WINDOW - MICROSECOND)
    over = api.get(path).json()

    assert (last["state"], last["may"]) == ("closed", ["reopen_request"])
    assert (over["state"], over["may"]) == ("archived", ["file_follow_up"])
    assert last["reopen_until"] == now.isoformat().replace("+00:00", "Z")


def test_an_original_that_the_reader_may_not_see_is_not_named(organisation, actor, api, engineer):
    """P-5, RO-1: an admin of one service"""
    sharepoint = making.filed(actor, service="sharepoint_online")
    exchange = making.filed(actor)
    ending = Ending("duplicate", "Please follow it there.", duplicate_of=sharepoint.number)
    close_request(number=exchange.number, actor=engineer, ending=ending)
    one_service = factories.api_of(factories.make_person(organisation, "exchange_admin"))

    assert api.get(path_of(exchange.number)).json()["duplicate_of"] == sharepoint.number
    assert one_service.get(path_of(exchange.number)).json()["duplicate_of"] is None


def test_a_confirmed_severity_is_told_apart_from_the_engines(staff, api, open_request):
    """Settled point 9: assessment.severity stays the engine's answer"""
    ServiceRequest.objects.update(needs_confirmation=True)
    assert api.get(path_of(open_request.number)).json()["assessment"]["needs_confirmation"] is True

    told = staff.post(path_of(open_request.number, "severity"), {"severity": "A"}).json()

    assert (told["severity"], told["assessment"]["needs_confirmation"]) == ("A", False)
    assert Commitment.objects.count() == 1


def test_an_assessment_of_an_earlier_engine_is_shown_without_its_sentences(api, open_request):
    """SE-5: kept as it was; words that the engine no longer has are left out"""
    decision = SeverityDecision.objects.get()
    decision.assessment["evidence"][0]["code"] = "answer.of_long_ago"
    decision.assessment["evidence"][0]["weather"] = "fine"
    decision.assessment["row"] = "of long ago"
    decision.save()

    told = api.get(path_of(open_request.number)).json()["assessment"]

    assert (told["reason"], told["evidence"][0]["sentence"]) == ("", "")
    assert told["evidence"][0]["code"] == "answer.of_long_ago"
