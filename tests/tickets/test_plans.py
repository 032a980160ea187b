"""How PostgreSQL carries out our statements with 10,000 requests: by index, in the index's order."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Person
from accounts.nearest import REACH, REACH_FOR_EACH
from bench import crowd
from bench.crowd import Crowd
from bench.explaining import LARGE, Plan, explained, plan_of
from tests import databases, factories
from tickets.api.inclusions import ALONG_EACH, LARGEST_PAGE
from tickets.models import ServiceRequest
from tickets.selectors import figures
from tickets.selectors.inclusions import commitments_along, messages_along
from tickets.selectors.lists import Wanted, narrowed, requests_page
from tickets.selectors.next_up import next_request
from tickets.selectors.queue import queue_page
from tickets.selectors.sla_report import Range, sla_report
from tickets.selectors.visibility import visible_requests
from tickets.services import firing, outbox, relay
from tickets.services.sweeping import sweep

MAKE_DUE = """
    UPDATE tickets_timer SET due_at = now() - interval '1 hour', next_attempt_at = now() - interval '1 hour'
    WHERE id IN (SELECT id FROM tickets_timer WHERE state = 'waiting' AND kind = %s LIMIT 4)
"""
JUDGE = """
    UPDATE tickets_severitydecision SET assessment = '{"confidence": 0.8, "needs_confirmation": false, "category":
        "technical.configuration", "scope": {"scope": "in_scope"}}';
    INSERT INTO tickets_severitydecision
        (organisation_id, request_id, severity, previous, source, reason, engine_version, at)
    SELECT organisation_id, request_id, CASE WHEN id % 3 = 0 THEN 'A' ELSE severity END, severity, 'engineer', '', '',
        at + interval '5 minutes'
    FROM tickets_severitydecision WHERE request_id % 7 = 0;
    UPDATE tickets_severitydecision SET at = at - interval '3 years' WHERE request_id % 20 <> 0;
    UPDATE tickets_commitment SET responded_at = responded_at - interval '3 years' WHERE request_id % 20 <> 0;
    ANALYZE tickets_severitydecision, tickets_commitment
"""
LABEL = """
    INSERT INTO tickets_tag (name, key, colour, version) VALUES ('common', 'common', '', 1), ('rare', 'rare', '', 1);
    INSERT INTO tickets_requesttag (organisation_id, request_id, tag_id)
    SELECT r.organisation_id, r.id, t.id FROM tickets_servicerequest r, tickets_tag t
    WHERE r.id % CASE t.name WHEN 'common' THEN 2 ELSE 200 END = 0;
    ANALYZE tickets_tag, tickets_requesttag
"""
BELONG = """
    INSERT INTO tickets_incident
        (number, title, services, countries, impact, state, started_at, declared_by_id, updated_at, version)
    SELECT 'INC-2026-0000' || n, 'Mail', '{exchange_online}', '{}', 'outage', 'investigating', now() - interval '1 day',
        (SELECT min(id) FROM accounts_person WHERE is_staff), now(), 1
    FROM generate_series(1, 2) AS n;
    UPDATE tickets_servicerequest SET incident_id = (SELECT min(id) FROM tickets_incident) WHERE id % 500 = 0;
    UPDATE tickets_servicerequest SET incident_id = (SELECT max(id) FROM tickets_incident) WHERE id % 10 = 1;
    ANALYZE tickets_incident, tickets_servicerequest
"""
MOST_LINKED = 1_500  # rows: all open requests of an incident with a tenth of the desk's, or of its largest customer
MOST_PASSED = REACH + 30 * REACH_FOR_EACH  # rows that one step of a search reads in vain
MOST_CHANGED = 500  # rows: what changed in an hour here is found by its index and sorted; more is read in order
MOST_SORTED = 100  # rows: the largest page; fewer are sorted faster than read in order


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: Any) -> Iterator[Crowd]:
    """A desk with 10,000 requests, in a database of its own for all tests of this module."""
    with django_db_blocker.unblock(), databases.copied("crowd"):
        yield crowd.gather()


def visited(person: Person, address: str) -> Plan:
    """The plans of a page."""
    browser = factories.browser_of(person)
    browser.get(address)

    def visit() -> None:
        assert browser.get(address).status_code == 200

    return plan_of(visit)


def pages(person: Person, address: str, most: int) -> list[str]:
    """The addresses of the first pages of a list."""
    browser, found = factories.browser_of(person), [address]
    while len(found) < most and (cursor := browser.get(found[-1]).context["next"]):
        found.append(f"{address}&cursor={cursor}")
    return found


def is_served_by(plan: Plan, *indexes: str, sorting: int = MOST_SORTED) -> bool:
    """No large table is read from end to end, no more is sorted than fits a page, and these indexes are used."""
    assert not plan.scanned & LARGE
    assert plan.most_sorted <= sorting
    assert set(indexes) <= plan.indexes, plan.indexes
    return True


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_queue_is_read_from_its_indexes(desk):
    """Settled point 16: first the broken promises, then what is owed next."""
    addresses = pages(desk.engineer, "/queue/?view=work", 6)
    plans = [visited(desk.engineer, address) for address in addresses]

    assert len(addresses) == 6
    assert all(is_served_by(plan) for plan in plans)
    first = plan_of(
        lambda: queue_page(factories.actor(desk.engineer), now=clock.now())
    )  # the page offers one to take, too
    assert "queue_by_due" in first.indexes
    assert "queue_next" not in first.indexes
    assert any({"queue_by_due", "queue_next"} <= plan.indexes for plan in plans)
    assert "queue_next" in plans[-1].indexes
    assert "queue_by_due" not in plans[-1].indexes


@pytest.mark.parametrize(
    ("view", "index"), [("mine", "queue_of_assignee"), ("unassigned", "queue_next"), ("waiting", "queue_waiting")]
)
def test_each_view_of_the_queue_is_read_from_an_index(desk, view, index):
    """Settled point 16"""
    plans = [visited(desk.engineer, address) for address in pages(desk.engineer, f"/queue/?view={view}", 3)]

    assert all(is_served_by(plan) for plan in plans)
    assert index in set().union(*(plan.indexes for plan in plans))


@pytest.mark.parametrize(("role", "index"), [("engineer", "queue_next"), ("senior_engineer", "queue_of_seniors")])
def test_the_next_request_to_take_is_found_at_the_front_of_the_queue(desk, role, index):
    """Settled point 16"""
    actor, now = factories.actor(factories.make_staff(role)), clock.now()

    assert is_served_by(plan_of(lambda: next_request(actor, now=now)), "queue_by_due", index)


@pytest.mark.parametrize("address", ["/queue/?view=work", "/queue/?view=waiting", "/requests/?folder=all"])
def test_requests_are_found_by_common_and_by_rare_tags_without_reading_all(desk, address):
    """Settled point 16: a rare tag is where to begin, a common one is looked up along the order."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LABEL)
        plans = {
            tags: visited(desk.engineer, f"{address}&tag={tags}") for tags in ("common", "rare", "common&tag=rare")
        }
        transaction.set_rollback(True)

    for tags, plan in plans.items():
        indexes = {"requests_of_tag", "a_tag_once_on_a_request"} & plan.indexes
        assert is_served_by(plan), tags
        assert indexes, tags
        assert plan.most_left_out <= 1_000, tags


@pytest.mark.parametrize("address", ["/queue/?view=work", "/queue/?view=waiting", "/requests/?folder=all"])
def test_the_requests_of_an_incident_and_of_a_customer_are_found_without_reading_all(desk, address):
    """Settled point 16: of few requests all are sorted, many are met along the order"""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(BELONG)
        filters = ("incident=INC-2026-00001", "incident=INC-2026-00002", "organisation=crowd-7", "organisation=crowd-0")
        plans = {each: visited(desk.engineer, f"{address}&{each}") for each in filters}
        transaction.set_rollback(True)

    for each, plan in plans.items():
        assert is_served_by(plan, sorting=MOST_LINKED), each
        assert plan.most_left_out <= 2_000, each


@pytest.mark.parametrize("group_by", ["severity", "service"])
def test_the_report_reads_the_requests_of_its_days_alone(desk, group_by):
    """SLA-1, RO-4: however many others the desk has, and so for one customer of many"""
    now = clock.now()
    span = Range(now.date() - timedelta(days=1), now.date(), "UTC")
    lead, customer = (factories.actor(person) for person in (factories.make_staff("team_lead"), desk.ordinary))

    for actor, index in ((lead, "newest_requests"), (customer, "all_requests")):
        plan = plan_of(lambda actor=actor: sla_report(actor, span, group_by=group_by, now=now))
        assert index in plan.indexes
        assert "tickets_servicerequest" not in plan.scanned


def test_the_queue_stays_quick_where_every_promise_is_broken(desk):
    """P-4: after an outage of the desk."""
    with transaction.atomic():
        ServiceRequest.objects.filter(due_at__isnull=False).update(due_at=clock.now() - firing.FIRST_PAUSE)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tickets_servicerequest")
        first, *_, last = pages(desk.engineer, "/queue/?view=work", 40)

        assert is_served_by(visited(desk.engineer, first), "queue_by_due", sorting=1_000)  # of which one is offered
        assert is_served_by(visited(desk.engineer, last), "queue_next")
        transaction.set_rollback(True)


@pytest.mark.parametrize("who", ["large", "ordinary"])
@pytest.mark.parametrize(
    ("folder", "index"),
    [
        ("open", "open_requests"),
        ("recently_closed", "closed_requests"),
        ("archived", "closed_requests"),
        ("all", "all_requests"),
    ],
)
def test_the_folders_of_a_customer_are_read_from_their_indexes(desk, who, folder, index):
    """CH-3, CH-5"""
    person = getattr(desk, who)

    for address in pages(person, f"/requests/?folder={folder}", 2):
        assert is_served_by(visited(person, address), index)


@pytest.mark.parametrize(
    ("folder", "index"),
    [
        ("open", "newest_open"),
        ("recently_closed", "newest_closed"),
        ("archived", "newest_closed"),
        ("all", "newest_requests"),
    ],
)
def test_the_folders_of_the_whole_desk_are_read_from_their_indexes(desk, folder, index):
    """CH-5, RO-3"""
    for address in pages(desk.engineer, f"/requests/?folder={folder}", 2):
        assert is_served_by(visited(desk.engineer, address), index)


def test_the_home_page_is_read_from_the_indexes_of_its_folders(desk):
    """CH-3"""
    assert is_served_by(visited(desk.large, "/"), "open_requests", "closed_requests")


@pytest.mark.parametrize(
    ("text", "index"),
    [("crowd777", "request_search"), ("certificate crowd777", "request_search"), ("無法 crowd11", "request_search")],
)
def test_a_search_for_something_rare_asks_the_index_of_words(desk, text, index):
    """CH-5: by the whole desk and by a customer, in words and in pairs of Han characters."""
    for person in (desk.engineer, desk.large):
        assert not visited(person, f"/requests/?folder=all&q={text}").scanned & LARGE
    assert is_served_by(visited(desk.engineer, f"/requests/?folder=all&q={text}"), index, sorting=500)


@pytest.mark.parametrize("text", ["mail", "無法", "a", "nowhere", "寄信無門", "the mail of the"])
def test_a_search_for_something_common_or_absent_reads_no_table_from_end_to_end(desk, text):
    """CH-5: what is common is found among the newest."""
    for person in (desk.engineer, desk.large, desk.ordinary):
        for folder in ("open", "archived", "all"):
            assert not visited(person, f"/requests/?folder={folder}&q={text}").scanned & LARGE


def test_a_search_for_a_number_is_one_look(desk):
    """CH-5"""
    number = ServiceRequest.objects.values_list("number", flat=True)[4321]

    plan = visited(desk.engineer, f"/requests/?folder=all&q={number}")

    assert is_served_by(plan)
    assert any(index.startswith("tickets_servicerequest_number_") for index in plan.indexes)


@pytest.mark.parametrize("who", ["large", "engineer"])
@pytest.mark.parametrize("tab", ["", "?tab=history"])
def test_the_page_of_a_request_reads_what_hangs_on_it_by_index(desk, who, tab):
    """STYLE section 5"""
    service_request = ServiceRequest.objects.filter(
        organisation=desk.large.organisation_id, state="in_progress", kind="technical"
    )[0]

    assert is_served_by(visited(getattr(desk, who), f"/requests/{service_request.number}/{tab}"))


def test_notices_are_read_from_the_index_of_their_person(desk):
    """P-2: the newest ones, and the count on every page."""
    assert is_served_by(visited(desk.ordinary, "/notices/"), "delivery_in_portal", "delivery_unread")


@pytest.fixture
def judged(desk: Crowd) -> Iterator[Person]:
    """A lead of a desk that is three years old, and where engineers have decided every seventh severity; taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in JUDGE.split(";"):
            cursor.execute(statement)
        yield factories.make_staff("team_lead")
        transaction.set_rollback(True)


@pytest.mark.parametrize("query", ["", "?decisions=decided"])
def test_how_good_the_assessment_is_is_counted_from_the_instants_of_decisions_and_responses(judged, query):
    """SE-1: the last 90 days, however many years the desk has been open"""
    plan = visited(judged, f"/staff/assessment/{query}")

    assert "tickets_commitment" not in plan.scanned
    assert "decisions_of_engineers" in plan.indexes
    assert ("first_responses" in plan.indexes) is ("decided" not in query)


# ── Orders and filters of the API ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ordering", "index"),
    [
        ("due_at", "requests_by_due"),
        ("-due_at", "requests_by_due"),
        ("severity", "requests_by_severity"),
        ("-severity", "requests_by_severity"),
        ("created_at", "newest_requests"),
        ("-created_at", "newest_requests"),
        ("changed_at", "changes_of_requests"),
        ("-changed_at", "changes_of_requests"),
    ],
)
def test_every_order_of_the_whole_desk_is_that_of_an_index(desk, ordering, index):
    """DESIGN, the API: cursor pages cost the same wherever they are."""
    engineer, now = factories.actor(desk.engineer), clock.now()
    cursor = requests_page(engineer, Wanted(), now=now, ordering=ordering).next

    for place in (None, cursor):
        plan = plan_of(lambda at=place: requests_page(engineer, Wanted(), now=now, ordering=ordering, cursor=at))
        assert is_served_by(plan, index)


@pytest.mark.parametrize(("who", "index"), [("large", "changes_of_organisation"), ("engineer", "changes_of_requests")])
def test_what_changed_since_is_read_in_the_order_of_its_changes(desk, who, index):
    """DESIGN, the API: the first page and the next, of few changes and of many, for a customer and for the desk"""
    actor, now = factories.actor(getattr(desk, who)), clock.now()
    for age in (timedelta(hours=1), timedelta(days=365)):
        wanted = Wanted(changed_after=now - age)
        found = requests_page(actor, wanted, now=now)
        for place in (None, found.next):
            plan = plan_of(lambda at=place, wanted=wanted: requests_page(actor, wanted, now=now, cursor=at))
            assert is_served_by(plan, index, sorting=MOST_CHANGED)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(breached=True),
        Wanted(breached=False),
        Wanted(assignee="nobody"),
        Wanted(assignee="me"),
        Wanted(states=["closed"]),
        Wanted(states=["awaiting_response", "in_progress"]),
        Wanted(states=["closed", "archived"]),
        Wanted(services=["exchange_online"], severities=["A"]),
    ],
)
def test_no_filter_reads_a_table_from_end_to_end(desk, wanted):
    """DESIGN, the API"""
    now = clock.now()
    for person in (desk.engineer, desk.large):
        actor = factories.actor(person)
        plan = plan_of(lambda actor=actor: requests_page(actor, wanted, now=now))
        assert not plan.scanned & LARGE, person.name


@pytest.mark.parametrize("who", ["large", "engineer"])
def test_what_is_read_along_with_a_list_is_read_by_the_index_of_its_request(desk, who):
    """DESIGN, the API: include= for the largest page that has it"""
    actor, now = factories.actor(getattr(desk, who)), clock.now()
    rows = requests_page(actor, Wanted(), now=now, size=LARGEST_PAGE).rows

    plan = plan_of(
        lambda: (
            messages_along(actor, rows, most=ALONG_EACH, internal=True),
            commitments_along(rows, most=ALONG_EACH, now=now),
        )
    )

    assert is_served_by(plan, sorting=500)


@pytest.fixture
def aged(desk: Crowd) -> Iterator[Crowd]:
    """The desk with much that there was long ago, and is not any more; taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(crowd.LONG_AGO.read_text())
        cursor.execute("ANALYZE tickets_servicerequest, tickets_requesttag")
        yield desk
        transaction.set_rollback(True)


@pytest.mark.parametrize("ordering", ["", "due_at", "-severity"])
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(text="fossil"),
        Wanted(text="化石", states=["archived"]),
        Wanted(text="nowhere"),
        Wanted(categories=["technical.install_setup"]),
        Wanted(categories=["billing"]),
        Wanted(services=["skype_for_business"]),
        Wanted(services=["skype_for_business"], states=["awaiting_customer"]),
        Wanted(categories=["advisory"], breached=True),
    ],
)
def test_what_lies_at_the_end_of_an_order_is_found_without_walking_there(aged, wanted, ordering):
    """DESIGN, the API: what a page costs follows from its size, or from how little there is to be found"""
    now = clock.now()
    for person in (aged.engineer, aged.large, aged.ordinary):
        actor = factories.actor(person)
        ask = partial(requests_page, actor, wanted, now=now, ordering=ordering)
        assert plan_of(ask).most_left_out <= MOST_PASSED, person.name

        found = ask().rows
        rows = narrowed(visible_requests(actor), wanted, actor=actor, now=now)
        if not ordering:
            assert found == list(rows.order_by("-created_at", "-id")[:25])
        assert len(found) == min(25, rows.count())


def test_pages_of_what_is_far_and_near_follow_one_another_both_ways(aged):
    """DESIGN, the API: the first are found along the order, the last by the index of words"""
    actor, now, wanted = factories.actor(aged.engineer), clock.now(), Wanted(text="fossil")
    ordering, cursor, there = "created_at", None, list[Any]()
    while not there or cursor:
        found = requests_page(actor, wanted, now=now, ordering=ordering, cursor=cursor, size=50)
        there, cursor, back = [*there, *found.rows], found.next, found.previous
    before = requests_page(actor, wanted, now=now, ordering=ordering, cursor=back, size=50)

    rows = narrowed(visible_requests(actor), wanted, actor=actor, now=now).order_by("created_at", "id")
    assert there == list(rows)
    assert before.rows == there[-50 - len(found.rows) : -len(found.rows)]


# ── The clockwork ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sweep_claims_due_timers_by_index(desk):
    """P-3: a claim costs the same however many timers wait, or have fired."""
    latest = clock.now() + 2 * firing.LONGEST_PAUSE

    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        assert firing.fire_due_timers(now=latest, batch=3) == 3
        transaction.set_rollback(True)
    claims = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]

    assert len(claims) == 1
    assert is_served_by(explained(claims[0]), "timer_due", "tickets_servicerequest_pkey")


def test_a_sweep_with_nothing_to_do_asks_one_index(desk):
    """P-3: it comes every two seconds."""
    past = clock.now() - firing.LONGEST_PAUSE * 24 * 7

    assert is_served_by(plan_of(lambda: sweep(now=past)), "timer_due")


def test_firing_reads_and_writes_by_index(desk):
    """P-3: each step of a ladder, and the archive."""
    with transaction.atomic(), connection.cursor() as cursor:
        for kind in ("response", "archive"):
            cursor.execute(MAKE_DUE, [kind])
        plan = plan_of(lambda: firing.fire_due_timers(batch=8))
        transaction.set_rollback(True)

    assert is_served_by(plan, "timer_due")


def test_the_relay_claims_what_is_to_be_sent_by_index(desk):
    """P-2: among tens of thousands that have been sent."""
    assert is_served_by(
        plan_of(lambda: outbox.claim(relay.BATCH)), "delivery_due", "accounts_delivery_pkey", sorting=500
    )


# ── Operators ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (figures.figures, {"timer_due", "timer_put_off", "timer_failed", "timer_held", "delivery_oldest"}),
        (lambda: figures.lateness(within=timedelta(minutes=15)), {"timer_fired"}),
        (figures.waiting_by_kind, {"timer_kinds"}),
        (lambda: figures.breaches(within=timedelta(minutes=1)), set()),
    ],
)
def test_what_readyz_and_metrics_tell_is_counted_in_indexes_alone(desk, ask, indexes):
    """RELIABILITY section 5: the same cost however many timers wait, or have fired."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tickets_timer, accounts_delivery, tickets_commitment")
    plan = plan_of(ask)

    assert is_served_by(plan, *indexes, sorting=0)
    # Of the few broken promises there are two indexes, and with so few the planner may take the one that leads to rows.
    assert plan.rows_read & LARGE <= ({"tickets_commitment"} if not indexes else set())


def test_the_page_of_operations_is_read_from_its_indexes(desk):
    """RELIABILITY section 5"""
    lead = factories.make_staff("duty_manager")

    assert is_served_by(visited(lead, "/staff/operations/"), "timer_due", "delivery_oldest", "timer_failed")
