"""What a page may cost in queries: as many for one row as for a hundred."""

from collections.abc import Callable, Iterator
from copy import copy
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.audit import nudge_relay
from accounts.models import Delivery, Event, Organisation, Person
from tests import factories
from tests.tickets import making
from tickets.models import Attachment, Commitment, Message, ServiceRequest, Timer
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_internal_note, ask_customer, reply_publicly
from tickets.services.filing import file_request
from tickets.services.firing import fire_due_timers

QUEUE, LIST, HOME, REQUEST, NOTICES, FILING = 7, 6, 7, 8, 6, 20
ENGINEER, HISTORY = 9, 10  # a request for who can link it: and the incidents that go on
OFFER = 6  # the one to take next: who asks, rota, load, two parts of the queue, and what was promised
TAGS = 2  # more for the desk: what the requests of a page carry, and what there is to choose
ACTING = 3  # more for a partner: the clock, the delegation held against it, and the customer's name
AMOUNTS = (1, 25, 100)

_numbers = count(1)


@pytest.fixture
def admin_person(organisation: Organisation) -> Person:
    return factories.make_person(organisation, "global_admin")


@pytest.fixture
def engineer_person(db: None) -> Person:
    return factories.make_staff("engineer")


@pytest.fixture
def filed(admin_person: Person) -> ServiceRequest:
    """An A, filed just now."""
    return making.filed(factories.actor(admin_person))


def statements(act: Callable[[], Any]) -> list[str]:
    """The statements that `act` sends, apart from the marks of transactions."""
    with CaptureQueriesContext(connection) as captured:
        act()
    marks = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    return [query["sql"] for query in captured if not query["sql"].startswith(marks)]


def cost_of(browser: Client, address: str, **headers: str) -> int:
    """How many queries a page takes once the process is warm."""

    def visit() -> None:
        assert browser.get(address, headers=headers).status_code == 200

    visit()
    return len(statements(visit))


def multiply(service_request: ServiceRequest, amount: int) -> Iterator[ServiceRequest]:
    """Let there be `amount` such requests, with a promise each."""
    rows, promises = [], []
    promise = Commitment.objects.filter(request=service_request).latest("revision")
    for _ in range(amount - ServiceRequest.objects.filter(subject=service_request.subject).count()):
        row, kept = copy(service_request), copy(promise)
        row.pk, row.number, kept.pk, kept.request = None, f"SR-9{next(_numbers):08d}", None, row
        rows.append(row)
        promises.append(kept)
    ServiceRequest.objects.bulk_create(rows)
    Commitment.objects.bulk_create(promises)
    return iter(rows)


def costs(service_request: ServiceRequest, browser: Client, address: str, **headers: str) -> set[int]:
    """What a page costs with one, 25 and 100 such requests."""
    found = set()
    for amount in AMOUNTS:
        multiply(service_request, amount)
        found.add(cost_of(browser, address, **headers))
    return found


def is_constant(found: set[int], *, budget: int) -> bool:
    """One number, and no larger than the budget."""
    return len(found) == 1 and max(found) <= budget


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("view", ["work", "mine", "unassigned"])
def test_the_queue_costs_the_same_for_one_request_and_for_a_hundred(filed, engineer_person, view):
    """STYLE section 5; at most 7 queries, and what it takes to offer the next one."""
    row = ServiceRequest.objects.get(pk=filed.pk)
    if view == "mine":
        row.assignee = engineer_person
        row.save()
    browser = factories.browser_of(engineer_person)

    budget = QUEUE + TAGS + (0 if view == "mine" else OFFER)
    assert is_constant(costs(row, browser, f"/queue/?view={view}"), budget=budget)
    assert is_constant({cost_of(browser, f"/queue/?view={view}", **{"HX-Request": "true"})}, budget=budget)


def test_the_queue_of_what_waits_costs_the_same(filed, engineer_person):
    """STYLE section 5; at most 6 queries."""
    ask_customer(number=filed.number, actor=factories.actor(engineer_person), body="Since when?")
    browser = factories.browser_of(engineer_person)

    assert is_constant(costs(ServiceRequest.objects.get(), browser, "/queue/?view=waiting"), budget=QUEUE + TAGS)


def test_a_queue_of_broken_promises_costs_no_more(filed, engineer_person):
    """STYLE section 5; a page full of them saves the query for the rest."""
    row = ServiceRequest.objects.get()
    row.due_at = row.queue_at = row.created_at - timedelta(hours=1)
    row.save()
    browser = factories.browser_of(engineer_person)

    assert max(costs(row, browser, "/queue/")) <= QUEUE + TAGS + OFFER


@pytest.mark.parametrize("role", ["global_admin", "exchange_admin", "engineer", "team_lead"])
@pytest.mark.parametrize("address", ["?folder=open", "?folder=all&q=mail", "?severity=A&service=exchange_online"])
def test_a_list_costs_the_same_for_one_request_and_for_a_hundred(filed, organisation, role, address):
    """STYLE section 5; at most 6 queries, one more for the id of a service that is named."""
    is_customer = role.endswith("_admin")
    person = factories.make_person(organisation, role) if is_customer else factories.make_staff(role)
    row = ServiceRequest.objects.get()

    budget = LIST + ("service=" in address) + (0 if is_customer else TAGS)

    assert is_constant(costs(row, factories.browser_of(person), f"/requests/{address}"), budget=budget)


@pytest.mark.parametrize(("folder", "days"), [("recently_closed", 1), ("archived", 20)])
def test_a_folder_of_closed_requests_costs_the_same(filed, admin_person, folder, days):
    """STYLE section 5; at most 6 queries."""
    close_request(number=filed.number, actor=factories.actor(admin_person), ending=Ending("solved"))
    row = ServiceRequest.objects.get()
    row.closed_at = clock.now() - timedelta(days=days)
    row.save()

    found = costs(row, factories.browser_of(admin_person), f"/requests/?folder={folder}")

    assert is_constant(found, budget=LIST)


def test_the_home_page_costs_the_same_for_one_request_and_for_a_hundred(filed, admin_person):
    """STYLE section 5; at most 7 queries."""
    making.filed(factories.actor(admin_person), severity="C")
    other = ServiceRequest.objects.exclude(pk=filed.pk).get()
    close_request(number=other.number, actor=factories.actor(admin_person), ending=Ending("solved"))
    browser = factories.browser_of(admin_person)

    found = set()
    for amount in AMOUNTS:
        for row in ServiceRequest.objects.filter(pk__in=[filed.pk, other.pk]):
            multiply(row, amount)
        found.add(cost_of(browser, "/"))

    assert is_constant(found, budget=HOME)


def test_the_notices_cost_the_same_for_one_and_for_a_hundred(filed, admin_person):
    """STYLE section 5; at most 6 queries."""
    notice = Delivery.objects.get(person=admin_person, channel="portal")
    browser = factories.browser_of(admin_person)

    found = set()
    for amount in AMOUNTS:
        copies = []
        for _ in range(amount - Delivery.objects.filter(person=admin_person, channel="portal").count()):
            event, row = copy(notice.event), copy(notice)
            event.pk, row.pk, row.event, row.message_id = None, None, event, f"<{next(_numbers)}@example.com>"
            event.save()
            copies.append(row)
        Delivery.objects.bulk_create(copies)
        found.add(cost_of(browser, "/notices/"))

    assert is_constant(found, budget=NOTICES)


# ── The page of one request ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def told(filed: ServiceRequest, engineer_person: Person) -> ServiceRequest:
    """A request that has been answered, with a note."""
    engineer = factories.actor(engineer_person)
    reply_publicly(number=filed.number, actor=engineer, body="We are **looking** at it.")
    add_internal_note(number=filed.number, actor=engineer, body="Queue of the connector?")
    return ServiceRequest.objects.get()


def lengthen(service_request: ServiceRequest, amount: int, author: Person) -> None:
    """Let there be `amount` messages with a file each, and as many events and timers."""
    common = {"organisation_id": service_request.organisation_id, "request": service_request}
    now = clock.now()
    for _ in range(amount - Attachment.objects.count()):
        number = next(_numbers)
        message = Message.objects.create(**common, kind="reply", author=author, body=f"Step {number}.", at=now)
        Attachment.objects.create(
            **common,
            message=message,
            key=f"key-{number}",
            name="log.txt",
            content_type="text/plain",
            size=5,
            sha256="0" * 64,
            uploaded_by=author,
            uploaded_at=now,
        )
        Event.objects.create(
            organisation_id=service_request.organisation_id,
            number=service_request.number,
            kind="reply_posted",
            actor=author,
            at=now,
        )
        Timer.objects.create(
            **common, kind="response", step="50", generation=number + 100, due_at=now, next_attempt_at=now
        )


@pytest.mark.parametrize(
    ("role", "tab", "budget"),
    [
        ("global_admin", "", REQUEST),
        ("reader", "", REQUEST),
        ("engineer", "", ENGINEER + 1),
        ("account_manager", "", REQUEST + 1),
        ("engineer", "?tab=history", HISTORY + 1),
    ],
)
def test_a_request_costs_the_same_for_a_short_and_for_a_long_conversation(
    told, organisation, engineer_person, role, tab, budget
):
    """STYLE section 5; at most 8 queries, one more for the desk's tags, one where the ladder is shown as well."""
    customers = {"global_admin", "reader"}
    person = factories.make_person(organisation, role) if role in customers else factories.make_staff(role)
    if role == "account_manager":
        factories.make_elevated_contract(organisation, account_manager=person)
    browser = factories.browser_of(person)

    found = set()
    for amount in AMOUNTS:
        lengthen(told, amount, engineer_person)
        found.add(cost_of(browser, f"/requests/{told.number}/{tab}"))

    assert is_constant(found, budget=budget)


@pytest.mark.parametrize("days", [1, 20])
def test_a_closed_request_costs_one_query_more(told, admin_person, engineer_person, days):
    """STYLE section 5: also as a duplicate that names its original; the one is the survey after the close (RO-4)."""
    original = making.filed(factories.actor(admin_person), severity="C")
    ending = Ending("duplicate", "The same as before.", duplicate_of=original.number)
    close_request(number=told.number, actor=factories.actor(engineer_person), ending=ending)
    ServiceRequest.objects.filter(pk=told.pk).update(closed_at=clock.now() - timedelta(days=days))

    for person, more in ((admin_person, 1), (engineer_person, 2)):
        assert cost_of(factories.browser_of(person), f"/requests/{told.number}/") <= REQUEST + more


@pytest.mark.parametrize(("address", "budget"), [("/", HOME), ("/requests/", LIST), ("/requests/{number}/", REQUEST)])
def test_a_partner_that_acts_for_a_customer_costs_three_queries_more(told, organisation, address, budget):
    """PA-1, P-6: the delegation is checked anew for each page."""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    browser = factories.browser_of(factories.make_person(partner, "service_support_admin"))
    browser.post("/acting-for/", {"customer": str(organisation.pk)})

    assert cost_of(browser, address.format(number=told.number)) <= budget + ACTING


# ── Filing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("severity", ["A", "B", "C"])
def test_filing_takes_at_most_twenty_queries(organisation, admin_person, severity):
    """STYLE section 5: request, message, assessment, promise, timers, audit and notices together."""
    actor = factories.actor(admin_person)
    subscription = organisation.subscriptions.get().reference
    form = making.filing(**making.FORMS[severity], subscription=subscription)
    file_request(actor=actor, filing=form)

    assert len(statements(lambda: file_request(actor=actor, filing=form))) <= FILING


# ── The sweep ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ladder(admin_person: Person, engineer_person: Person) -> list[ServiceRequest]:
    """Ten promises, each with its whole ladder due, and somebody to be told."""
    for role in ("team_lead", "duty_manager"):
        factories.make_staff(role)
    long_ago = clock.now() - timedelta(hours=3)
    return [making.filed(factories.actor(admin_person), now=long_ago) for _ in range(10)]


def test_firing_takes_at_most_seven_queries_a_timer(ladder):
    """P-3: 20,000 due timers are worked off within a minute, by two workers beside each other."""
    fire_due_timers(batch=1)  # warm

    made = statements(lambda: fire_due_timers(batch=100))

    fired = Timer.objects.filter(state="fired").count() - 1
    assert fired == 49
    assert len(made) <= 7 * fired


def test_a_sweep_hurries_the_relay_once_however_many_it_tells(ladder, django_capture_on_commit_callbacks):
    """P-3, P-9: not once for every notice."""
    with django_capture_on_commit_callbacks() as callbacks:
        assert fire_due_timers(batch=50) == 50

    assert callbacks == [nudge_relay]
