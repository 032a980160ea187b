"""The engineers' queue: its order, its views, and its pages."""

import base64
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from accounts.errors import InvalidCursor
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.errors import UnknownChoice
from tickets.models import ServiceRequest
from tickets.selectors.queue import VIEWS, queue_page
from tickets.services.assignment import release_request, take_request
from tickets.services.conversation import add_customer_message, ask_customer, reply_publicly

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
END_OF_TUESDAY = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # midnight in Taipei: what a B of Monday is promised


def queue(engineer, *, now, view="work"):
    """The whole queue as its first page shows it."""
    return queue_page(engineer, now=now, view=view, size=100).rows


def answered(engineer, service_request, *, now):
    """The request after a public reply."""
    reply_publicly(number=service_request.number, actor=engineer, body="We are on it.", now=now)
    return service_request


def test_the_queue_shows_broken_promises_first_then_what_is_owed_next(admin, engineer):
    """Settled point 16: breached, then due; what is in progress enters by its next update (RO-3)."""
    broken_later = making.filed(admin, now=MONDAY)
    broken_first = making.filed(admin, now=MONDAY - 2 * MINUTE)
    updated = answered(engineer, making.filed(admin, now=MONDAY - 3 * HOUR), now=MONDAY - 150 * MINUTE)
    due_soon = making.filed(admin, now=MONDAY + 50 * MINUTE)
    by_day = making.filed(admin, severity="B", now=MONDAY)
    question = making.filed(admin, severity="C", now=MONDAY - 7 * DAY)
    now = MONDAY + HOUR + MINUTE

    rows = queue(engineer, now=now)

    assert rows == [broken_first, broken_later, question, updated, due_soon, by_day]
    assert [row.due_at is not None and row.due_at < now for row in rows] == [True, True, False, False, False, False]
    assert rows[3].queue_at == MONDAY - 30 * MINUTE


def test_a_promise_is_broken_one_microsecond_after_its_instant(admin, engineer):
    """Settled point 1: at the due instant itself a response would still be in time."""
    overdue_update = answered(engineer, making.filed(admin, now=MONDAY - 5 * HOUR), now=MONDAY - 5 * HOUR)
    service_request = making.filed(admin, now=MONDAY)

    assert queue(engineer, now=MONDAY + HOUR) == [overdue_update, service_request]
    assert queue(engineer, now=MONDAY + HOUR + MICROSECOND) == [service_request, overdue_update]


def test_of_what_is_due_at_the_same_instant_the_more_severe_comes_first_then_the_older(admin, engineer):
    """Settled point 16: then severity, then age."""
    younger = making.filed(admin, severity="B", now=MONDAY + MINUTE)
    older = making.filed(admin, severity="B", now=MONDAY)
    severe = making.filed(admin, now=END_OF_TUESDAY - HOUR)
    assert {row.due_at for row in (younger, older, severe)} == {END_OF_TUESDAY}

    assert queue(engineer, now=END_OF_TUESDAY) == [severe, older, younger]
    assert queue(engineer, now=END_OF_TUESDAY + MICROSECOND) == [severe, older, younger]


def test_what_was_filed_at_the_same_instant_keeps_its_order(admin, engineer):
    """Settled point 16: the last word has the order of filing."""
    filed = [making.filed(admin, severity="B", now=MONDAY) for _ in range(3)]

    assert queue(engineer, now=MONDAY) == filed


def test_a_question_without_a_commitment_does_not_starve(admin, engineer):
    """Settled point 16, SLA-6: it waits for its internal attention instant, and no promise made later passes it."""
    question = making.filed(admin, severity="C", now=MONDAY)
    promised_before = making.filed(admin, severity="B", now=question.queue_at - 2 * DAY)
    promised_after = making.filed(admin, severity="B", now=question.queue_at)
    now = question.queue_at

    assert question.due_at is None
    assert question.queue_at == MONDAY + 3 * DAY
    assert queue(engineer, now=now) == [promised_before, question, promised_after]


def test_an_answer_takes_a_request_from_the_broken_ones_to_its_next_update(admin, engineer):
    """RO-3: every two hours for an A."""
    service_request = making.filed(admin, now=MONDAY)
    other = making.filed(admin, now=MONDAY + HOUR)
    now = MONDAY + HOUR + MINUTE
    assert queue(engineer, now=now) == [service_request, other]

    answered(engineer, service_request, now=now)

    assert queue(engineer, now=now) == [other, service_request]
    assert ServiceRequest.objects.get(pk=service_request.pk).queue_at == now + 2 * HOUR


def test_what_waits_for_the_customer_is_in_a_view_of_its_own_until_they_write(admin, engineer):
    """Settled point 16, RO-3: ordered by when somebody should remind them."""
    asked_first, asked_later = making.filed(admin, now=MONDAY), making.filed(admin, now=MONDAY)
    for at, service_request in ((MONDAY + MINUTE, asked_first), (MONDAY + HOUR, asked_later)):
        ask_customer(number=service_request.number, actor=engineer, body="Since when?", now=at)
    now = MONDAY + 2 * HOUR

    assert queue(engineer, now=now) == []
    assert queue(engineer, now=now, view="waiting") == [asked_first, asked_later]
    add_customer_message(number=asked_later.number, actor=admin, body="Since eight.", now=now)
    assert queue(engineer, now=now) == [asked_later]
    assert queue(engineer, now=now, view="waiting") == [asked_first]


def test_views_show_what_is_mine_and_what_nobody_has(admin, engineer):
    """RO-3: an engineer's own requests stay theirs while the customer is asked."""
    mine, asked, theirs, free = (making.filed(admin, now=MONDAY + n * MINUTE) for n in range(4))
    for service_request in (mine, asked):
        take_request(number=service_request.number, actor=engineer, now=MONDAY + 5 * MINUTE)
    ask_customer(number=asked.number, actor=engineer, body="Since when?", now=MONDAY + 5 * MINUTE)
    colleague = factories.actor(factories.make_staff("engineer"))
    take_request(number=theirs.number, actor=colleague, now=MONDAY + 5 * MINUTE)
    now = MONDAY + 6 * MINUTE

    assert queue(engineer, now=now, view="mine") == [mine, asked]
    assert queue(engineer, now=now, view="unassigned") == [free]
    assert queue(engineer, now=now) == [mine, theirs, free]
    release_request(number=mine.number, actor=engineer, now=now)
    assert queue(engineer, now=now, view="unassigned") == [mine, free]


def test_closed_requests_are_in_no_view(closed_request, engineer):
    """Settled point 16"""
    for view in VIEWS:
        assert queue(engineer, now=MONDAY + HOUR, view=view) == []


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def crowd(admin, engineer):
    """Thirty requests: broken promises, promises, updates and questions, with ties among them."""
    filed = [making.filed(admin, severity="ABC"[n % 3], now=MONDAY + (n // 4) * 9 * MINUTE) for n in range(30)]
    for service_request in filed[::5]:
        answered(engineer, service_request, now=MONDAY + 80 * MINUTE)
    return filed


LATER = MONDAY + 90 * MINUTE


def walked(engineer, *, size, between=lambda: None, now=LATER, passing=timedelta(0)):
    """The queue read page by page to its end; `between` happens after each page, and time passes."""
    rows, cursor = [], None
    while True:
        found = queue_page(engineer, now=now, cursor=cursor, size=size)
        assert len(found.rows) <= size
        assert found.rows, "a page was offered, and nothing is on it"
        rows += found.rows
        if found.next is None:
            return rows
        cursor, now = found.next, now + passing
        between()


def test_pages_of_any_size_lead_through_the_whole_queue_without_gaps_or_repeats(crowd, engineer):
    """Settled point 16"""
    whole = queue(engineer, now=LATER)
    broken = [row for row in whole if row.due_at and row.due_at < LATER]

    assert sorted(row.pk for row in whole) == sorted(row.pk for row in crowd)
    assert whole[: len(broken)] == broken
    assert 0 < len(broken) < len(whole)
    for size in (1, 2, 3, 7, 25, 29, 30, 31, 100):
        assert walked(engineer, size=size) == whole


def test_a_page_that_ends_with_the_last_broken_promise_leads_on_to_the_rest(crowd, engineer):
    """Settled point 16: the border between the two parts falls between two pages."""
    whole = queue(engineer, now=LATER)
    broken = len([row for row in whole if row.due_at and row.due_at < LATER])

    first = queue_page(engineer, now=LATER, size=broken)
    second = queue_page(engineer, now=LATER, cursor=first.next, size=100)

    assert first.rows == whole[:broken]
    assert second.rows == whole[broken:]
    assert second.next is None


def test_only_broken_promises_end_with_their_last_page(admin, engineer):
    """Settled point 16: no page is offered that would be empty."""
    filed = [making.filed(admin, now=MONDAY + n * MINUTE) for n in range(4)]

    assert walked(engineer, size=2, now=MONDAY + DAY) == filed
    assert walked(engineer, size=4, now=MONDAY + DAY) == filed


@pytest.mark.parametrize("size", [1, 10])
def test_requests_that_arrive_between_pages_make_no_gaps_or_repeats(crowd, admin, engineer, size):
    """Settled point 16: what arrives in front of the place reached is on the next first page."""
    before = queue(engineer, now=LATER)
    known = {row.pk for row in before}
    arrivals = iter(range(5))

    def arrive():
        for _ in islice(arrivals, 1):
            making.filed(admin, now=LATER - 2 * HOUR)  # broken already
            making.filed(admin, severity="B", now=LATER)

    rows = walked(engineer, size=size, between=arrive)

    assert [row for row in rows if row.pk in known] == before
    assert len({row.pk for row in rows}) == len(rows)


def test_promises_that_break_between_pages_are_not_lost(crowd, engineer):
    """Settled point 16, P-4: what counts as broken was settled with the first page."""
    before = queue(engineer, now=LATER)

    for size in (1, 3, 8):
        assert walked(engineer, size=size, passing=7 * MINUTE) == before


def test_requests_that_are_answered_between_pages_are_seen_at_most_once_in_the_broken_part(crowd, engineer):
    """Settled point 16: the place reached is a value, and does not move with the row it came from."""
    first = queue_page(engineer, now=LATER, size=3)
    for row in first.rows:
        answered(engineer, row, now=LATER)
    left = [row for row in queue(engineer, now=LATER) if row not in first.rows]

    second = queue_page(engineer, now=LATER, cursor=first.next, size=100)

    assert [row for row in second.rows if row not in first.rows] == left


@pytest.mark.parametrize("view", ["", "all", "WORK", "mine ", "work\x00"])
def test_an_unknown_view_is_refused(engineer, view):
    """P-8"""
    with pytest.raises(UnknownChoice):
        queue_page(engineer, now=MONDAY, view=view)


WRONG_TYPES = base64.urlsafe_b64encode(b'{"v":["x","A",1,"y"],"b":0}').decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "b",
        "n.",
        "b..",
        "n.now.",
        "n.-5.",
        "n.1e3.",
        "n.١٢.",
        "n.123456789012345678.",
        "x.1700000000000000.",
        "n.1700000000000000.!",
        "b.1700000000000000.e30",
        f"n.1700000000000000.{WRONG_TYPES}",
        "n.1700000000000000." + "A" * 5000,
    ],
)
def test_a_cursor_that_the_queue_did_not_give_out_is_refused(open_request, engineer, cursor):
    """P-8"""
    with pytest.raises(InvalidCursor):
        queue_page(engineer, now=MONDAY, cursor=cursor)


def test_the_page_begins_anew_for_a_cursor_that_is_none(open_request, engineer):
    """P-8: an old or mangled address shows the first page."""
    browser = factories.browser_of(factories.make_staff("engineer"))

    response = browser.get("/queue/?cursor=n.rubbish&view=nonsense")

    assert response.status_code == 200
    assert open_request.number in response.content.decode()


def test_the_page_leads_through_the_queue_in_a_browser(admin, engineer):
    """Settled point 16: 25 on a page, the address of the next one in the page."""
    filed = [making.filed(admin, severity="ABC"[n % 3], now=MONDAY + n * MINUTE) for n in range(60)]
    browser = factories.browser_of(factories.make_staff("engineer"))

    seen, address = [], "/queue/"
    while address:
        context = browser.get(address).context
        seen += [row["request"] for row in context["rows"]]
        address = f"/queue/?cursor={context['next']}" if context["next"] else ""

    assert len(seen) == 60
    assert {row.pk for row in seen} == {row.pk for row in filed}
