"""Closing, reopening and archiving."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.actors import Actor
from accounts.errors import NotPermitted
from accounts.models import Event, Organisation
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets import lifecycle
from tickets.errors import IllegalTransition, InvalidResolution, InvalidText, ReopenWindowClosed, RequestNotFound
from tickets.lifecycle import State
from tickets.models import Commitment, ServiceRequest, Timer
from tickets.selectors.lists import Wanted, requests_page
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import reply_publicly
from tickets.services.sweeping import sweep

WINDOW = timedelta(days=14)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("waited", [timedelta(0), timedelta(days=13), WINDOW])
def test_a_closed_request_can_be_reopened_through_the_fourteenth_day(closed_request, admin, waited):
    """CH-4"""
    now = closed_request.closed_at + waited

    reopened = reopen_request(number=closed_request.number, actor=admin, now=now)

    assert reopened.state == State.AWAITING_RESPONSE
    assert Event.objects.get(kind="request_reopened", number=reopened.number).at == now


def test_one_microsecond_after_the_fourteenth_day_it_cannot_be_reopened(closed_request, admin):
    """CH-4"""
    with pytest.raises(ReopenWindowClosed) as refusal:
        reopen_request(number=closed_request.number, actor=admin, now=closed_request.closed_at + WINDOW + MICROSECOND)

    assert refusal.value.until == closed_request.closed_at + WINDOW
    assert ServiceRequest.objects.get(pk=closed_request.pk).state == State.CLOSED
    assert not Event.objects.filter(kind="request_reopened").exists()


def test_the_window_does_not_wait_for_a_sweep(closed_request, admin, engineer):
    """CH-4, CH-5, P-4: what is archived follows from the instants, in reads and writes alike."""
    last = closed_request.closed_at + WINDOW

    recently = Wanted(folder="recently_closed")
    assert requests_page(admin, recently, now=last).rows == [closed_request]
    assert requests_page(admin, recently, now=last + MICROSECOND).rows == []
    assert requests_page(admin, Wanted(folder="archived"), now=last).rows == []
    assert requests_page(admin, Wanted(folder="archived"), now=last + MICROSECOND).rows == [closed_request]
    with pytest.raises(IllegalTransition):
        reply_publicly(number=closed_request.number, actor=engineer, body="Too late.", now=last + MICROSECOND)


def test_a_sweep_archives_once_and_dates_it_at_the_end_of_the_window(closed_request):
    """CH-4, P-3"""
    archived_at = closed_request.closed_at + WINDOW + MICROSECOND
    sweep(now=archived_at - timedelta(days=1))  # the survey

    assert sweep(now=archived_at + timedelta(seconds=3))["timers"] == 0
    assert sweep(now=archived_at + timedelta(days=3))["timers"] == 1
    assert sweep(now=archived_at + timedelta(days=4))["timers"] == 0

    assert ServiceRequest.objects.get(pk=closed_request.pk).state == State.ARCHIVED
    assert [event.at for event in Event.objects.filter(kind="request_archived")] == [archived_at]


def test_reopening_starts_a_second_commitment_and_keeps_the_outcome_of_the_first(closed_request, admin):
    """SLA-1, CH-4: the cycle is new, the record is not."""
    now = closed_request.closed_at + timedelta(days=1)

    reopened = reopen_request(number=closed_request.number, actor=admin, reason="It is back.", now=now)

    first, second = Commitment.objects.filter(request=reopened).order_by("cycle")
    assert (first.end, first.responded_at) == ("response", closed_request.closed_at)
    assert (second.received_at, second.due_at, second.end) == (now, now + timedelta(hours=1), "")
    assert reopened.due_at == second.due_at
    assert not Timer.objects.filter(kind="archive", state="waiting").exists()


def test_an_engineers_close_counts_as_the_response(closed_request):
    """SLA-1"""
    commitment = Commitment.objects.get(request=closed_request)

    assert (commitment.end, commitment.responded_at) == ("response", closed_request.closed_at)


def test_the_admins_own_close_ends_the_commitment_without_a_verdict(open_request, admin):
    """Settled point 1: withdrawn in time, it is neither kept nor broken."""
    now = MONDAY + timedelta(minutes=20)

    close_request(number=open_request.number, actor=admin, ending=Ending("withdrawn"), now=now)

    commitment = Commitment.objects.get(request=open_request)
    assert (commitment.end, commitment.responded_at, commitment.breached_at) == ("closed", None, None)


def test_the_admins_close_after_the_deadline_leaves_the_breach_on_record(open_request, admin):
    """P-4: withdrawing late hides nothing."""
    due_at = MONDAY + timedelta(hours=1)

    close_request(number=open_request.number, actor=admin, ending=Ending("withdrawn"), now=due_at + MICROSECOND)

    assert Commitment.objects.get(request=open_request).breached_at == due_at


@pytest.mark.parametrize("resolution", ["workaround", "out_of_scope", "duplicate", "no_reply", "nonsense", ""])
def test_an_admin_closes_as_solved_or_withdrawn_only(open_request, admin, resolution):
    """DESIGN, life of a request"""
    with pytest.raises(InvalidResolution):
        close_request(number=open_request.number, actor=admin, ending=Ending(resolution), now=MONDAY)

    assert ServiceRequest.objects.get(pk=open_request.pk).state == State.AWAITING_RESPONSE


@pytest.mark.parametrize(
    "ending",
    [
        Ending("out_of_scope", "Not ours."),
        Ending("out_of_scope", "Not ours.", referral="elsewhere"),
        Ending("solved", "Done.", referral="developer"),
        Ending("duplicate", "Twice."),
        Ending("duplicate", "Twice.", duplicate_of="SR-000000000"),
    ],
)
def test_a_resolution_brings_what_it_needs(open_request, engineer, ending):
    """SC-6"""
    with pytest.raises(InvalidResolution):
        close_request(number=open_request.number, actor=engineer, ending=ending, now=MONDAY)


def test_a_duplicate_names_another_request_of_the_same_organisation(open_request, admin, engineer):
    """P-5"""
    mine = making.filed(admin, now=MONDAY)
    stranger = factories.actor(factories.make_person(factories.make_organisation(), "global_admin"))
    factories.make_subscription(Organisation.objects.get(pk=stranger.organisation_id))
    theirs = making.filed(stranger, now=MONDAY)
    ending = Ending("duplicate", "The same problem.", duplicate_of=mine.number)

    for wrong in (theirs.number, open_request.number):
        with pytest.raises(InvalidResolution):
            close_request(
                number=open_request.number, actor=engineer, ending=replace(ending, duplicate_of=wrong), now=MONDAY
            )
    closed = close_request(number=open_request.number, actor=engineer, ending=ending, now=MONDAY)

    assert closed.duplicate_of == mine


def test_an_engineer_closes_with_a_message(open_request, engineer):
    """DESIGN, life of a request"""
    with pytest.raises(InvalidText):
        close_request(number=open_request.number, actor=engineer, ending=Ending("solved", "  "), now=MONDAY)


@pytest.mark.parametrize("act", [close_request, reopen_request])
def test_a_reader_neither_closes_nor_reopens(act, closed_request, organisation, admin):
    """RO-1"""
    reader = factories.actor(factories.make_person(organisation, "reader"))
    arguments = {"ending": Ending("solved")} if act is close_request else {}

    with pytest.raises(NotPermitted):
        act(number=closed_request.number, actor=reader, now=MONDAY + timedelta(hours=1), **arguments)


def test_a_stranger_finds_no_such_request(closed_request, admin):
    """P-5: another organisation's request and one that does not exist look the same."""
    stranger = factories.actor(factories.make_person(factories.make_organisation(), "global_admin"))

    for number in (closed_request.number, "SR-000000000"):
        with pytest.raises(RequestNotFound):
            reopen_request(number=number, actor=stranger, now=MONDAY)


def test_closing_tells_the_admin_until_when_they_can_reopen(closed_request):
    """CH-4"""
    delivery = Event.objects.get(kind="request_closed").deliveries.get(channel="mail")

    assert delivery.context["until"] == lifecycle.reopen_until(closed_request.closed_at).isoformat()


def test_the_actor_is_on_record(closed_request, engineer: Actor):
    """P-10"""
    assert Event.objects.get(kind="request_closed").actor_id == engineer.person_id
