"""What people say on a request, and who may read it."""

from datetime import timedelta

import pytest

from accounts.errors import NotPermitted
from accounts.models import Delivery, Event, Person
from tests import factories
from tests.tickets.conftest import MONDAY
from tickets.errors import InvalidText, RequestNotFound
from tickets.letters import letter
from tickets.lifecycle import State
from tickets.models import Message, ServiceRequest
from tickets.selectors.detail import conversation_with_files, events_of
from tickets.services.assignment import take_request
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import (
    add_customer_message,
    add_internal_note,
    ask_customer,
    log_call,
    reply_publicly,
)

LATER = MONDAY + timedelta(minutes=10)


def stored():
    """The one request as it is in the database."""
    return ServiceRequest.objects.get()


@pytest.mark.parametrize(
    ("say", "state"),
    [
        (reply_publicly, State.IN_PROGRESS),
        (log_call, State.IN_PROGRESS),
        (ask_customer, State.AWAITING_CUSTOMER),
        (add_internal_note, State.AWAITING_RESPONSE),
    ],
)
def test_what_an_engineer_says_moves_the_request_as_the_table_says(open_request, engineer, say, state):
    """DESIGN, life of a request"""
    say(number=open_request.number, actor=engineer, body="Words.", now=LATER)

    assert stored().state == state


def test_the_customers_message_moves_only_a_request_that_waits_for_them(open_request, admin, engineer):
    """DESIGN, life of a request"""
    number = open_request.number

    add_customer_message(number=number, actor=admin, body="Still down.", now=LATER)
    assert stored().state == State.AWAITING_RESPONSE
    ask_customer(number=number, actor=engineer, body="Which build?", now=LATER)
    add_customer_message(number=number, actor=admin, body="16.0.", now=LATER)
    assert stored().state == State.IN_PROGRESS
    add_customer_message(number=number, actor=admin, body="Any news?", now=LATER)
    assert stored().state == State.IN_PROGRESS


def test_an_internal_note_is_nowhere_for_the_customer(open_request, admin, engineer):
    """RELIABILITY, tenant gate: absent from messages, timeline, version and change instant."""
    before = stored()

    add_internal_note(number=open_request.number, actor=engineer, body="A secret.", now=LATER)

    assert [message.kind for message in conversation_with_files(admin, open_request)] == ["customer"]
    assert [message.kind for message in conversation_with_files(engineer, open_request)] == ["customer", "internal"]
    assert not events_of(admin, open_request).filter(kind="internal_note_added").exists()
    assert (stored().version, stored().changed_at) == (before.version, before.changed_at)
    assert not Event.objects.get(kind="internal_note_added").deliveries.exists()


def test_who_answers_first_has_the_request(open_request, engineer):
    """RO-3"""
    reply_publicly(number=open_request.number, actor=engineer, body="On it.", now=LATER)

    assert stored().assignee_id == engineer.person_id


@pytest.mark.parametrize("say", [reply_publicly, log_call, ask_customer, add_internal_note])
def test_a_customer_says_nothing_in_an_engineers_voice(open_request, admin, say):
    """RO-1"""
    with pytest.raises(NotPermitted):
        say(number=open_request.number, actor=admin, body="Words.", now=LATER)

    assert Message.objects.count() == 1


def test_a_billing_specialist_does_not_find_a_technical_request(open_request):
    """RO-3: reach is part of the gate."""
    specialist = factories.actor(factories.make_staff("billing_specialist"))

    with pytest.raises(RequestNotFound):
        reply_publicly(number=open_request.number, actor=specialist, body="Words.", now=LATER)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("a\x00b", "control_character"),
        ("a\u202eb", "bidi_control"),
        ("a" * 50_001, "too_long"),
    ],
)
def test_text_that_cannot_be_kept_is_refused_by_name(open_request, admin, body, fault):
    """P-8"""
    with pytest.raises(InvalidText) as refusal:
        add_customer_message(number=open_request.number, actor=admin, body=body, now=LATER)

    assert (refusal.value.field, refusal.value.problem) == ("body", fault)
    assert Message.objects.count() == 1


def test_fifty_thousand_characters_are_kept(open_request, admin):
    """P-8: the other side of the limit."""
    add_customer_message(number=open_request.number, actor=admin, body="信" * 50_000, now=LATER)

    assert len(Message.objects.latest("id").body) == 50_000


def test_a_logged_call_fulfils_the_call_back(open_request, engineer):
    """CH-3, settled point 17"""
    ServiceRequest.objects.update(callback_at=LATER)

    log_call(number=open_request.number, actor=engineer, body="Talked.", now=LATER)

    assert stored().callback_at is None


@pytest.mark.parametrize("has_left", [False, True])
def test_a_message_reaches_the_assignee_and_once_they_have_left_their_team(open_request, admin, engineer, has_left):
    """P-6: nobody's words are read by nobody."""
    colleague = factories.make_staff("engineer")
    take_request(number=open_request.number, actor=engineer, now=MONDAY)
    Person.objects.filter(pk=engineer.person_id).update(is_active=not has_left)

    add_customer_message(number=open_request.number, actor=admin, body="And now?", now=LATER)

    told = Delivery.objects.filter(notice="customer_wrote", channel="mail")
    (delivery,) = told
    assert delivery.person_id == (colleague.pk if has_left else engineer.person_id)
    words = letter(delivery, person=delivery.person, service_request=stored()).text
    assert ("of your team" if has_left else "assigned to you") in words


def test_nobody_is_told_of_their_own_act_when_the_team_is_told(open_request, engineer):
    """P-6"""
    gone, colleague = factories.make_staff("engineer"), factories.make_staff("engineer")
    close_request(number=open_request.number, actor=engineer, ending=Ending("solved", "Done."), now=MONDAY)
    ServiceRequest.objects.update(assignee=gone)
    Person.objects.filter(pk=gone.pk).update(is_active=False)

    reopen_request(number=open_request.number, actor=engineer, now=LATER)

    told = Delivery.objects.filter(notice="request_reopened", channel="mail", person__is_staff=True)
    assert set(told.values_list("person", flat=True)) == {colleague.pk}


def test_a_partners_message_is_recorded_as_on_behalf_of_the_customer(open_request, organisation):
    """PA-1, P-10"""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    actor = factories.actor(factories.make_person(partner, "global_admin"), customer=organisation)

    message = add_customer_message(number=open_request.number, actor=actor, body="We help.", now=LATER)

    event = Event.objects.get(kind="customer_wrote")
    assert (message.author_id, message.on_behalf_of_id) == (actor.person_id, organisation.pk)
    assert (event.actor_id, event.on_behalf_of_id) == (actor.person_id, organisation.pk)
