"""Steps of the ladder reach whoever is on duty at that instant; with nobody there, everybody who could be (RO-3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts import rota
from accounts.actors import Actor
from accounts.models import Delivery, Event, Person, RoleGrant, Team
from accounts.rota.duty_time import Span
from accounts.services.rota import add_shift
from sla.ladder import Recipient
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.models import ServiceRequest
from tickets.services import recipients
from tickets.services.firing import fire_due_timers
from tickets.services.remembering import looked_up_once

HOUR = timedelta(hours=1)


@pytest.fixture
def lead(db: None) -> Actor:
    return factories.actor(factories.make_staff("team_lead"))


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_staff("duty_manager", name="Ada")


@pytest.fixture
def ben(db: None) -> Person:
    return factories.make_staff("duty_manager", name="Ben")


def put(lead: Actor, person: Person, first: float, last: float, *, role: str = "duty_manager", team: str = "") -> None:
    span = Span(MONDAY + HOUR * first, MONDAY + HOUR * last)
    add_shift(role=role, team=team, person_id=person.pk, span=span, actor=lead, now=MONDAY)


def behind(name: str, service_request: ServiceRequest, at: datetime) -> list[str]:
    return sorted(person.name for person in recipients.people_behind(name, service_request, now=at))


def test_a_breach_is_told_to_whoever_is_duty_manager_at_that_instant(open_request, lead, ada, ben):
    """DESIGN, Timers: 100 % → breach recorded, duty manager"""
    put(lead, ada, 0, 1)
    put(lead, ben, 1, 9)

    fire_due_timers(now=open_request.due_at + timedelta(seconds=5))

    breach = Delivery.objects.filter(notice="commitment_breached", channel="mail")
    assert {delivery.person for delivery in breach} == {ben}


def test_with_nobody_on_duty_every_duty_manager_is_told_and_it_is_an_alert(open_request, lead, ada, ben):
    put(lead, ada, 0, 0.5)

    fire_due_timers(now=open_request.due_at + timedelta(seconds=5))

    breach = Delivery.objects.filter(notice="commitment_breached", channel="mail")
    assert {delivery.person for delivery in breach} >= {ada, ben}
    assert Event.objects.filter(kind="nobody_on_duty").count() == 1


@pytest.mark.parametrize(
    "lost",
    [
        lambda person: RoleGrant.objects.filter(person=person).update(role="engineer"),
        lambda person: Person.objects.filter(pk=person.pk).update(is_active=False),
    ],
    ids=["role", "access"],
)
def test_who_may_not_be_on_duty_any_more_is_not_and_the_seat_counts_as_empty(open_request, lead, ada, ben, lost):
    """P-6: else a breach would be told to nobody but them"""
    put(lead, ada, 0, 9)
    lost(ada)
    at = open_request.due_at + timedelta(seconds=5)

    fire_due_timers(now=at)

    breach = Delivery.objects.filter(notice="commitment_breached", channel="mail")
    assert {delivery.person for delivery in breach} == {ben}
    assert Event.objects.filter(kind="nobody_on_duty").count() == 1
    assert rota.kept_seats(now=at) == {("duty_manager", None): MONDAY}
    assert rota.figures(now=at).uncovered == 1


def test_a_team_with_somebody_on_call_is_not_told_as_a_whole(open_request, lead):
    team = Team.objects.get(code="technical-apac")
    ServiceRequest.objects.filter(pk=open_request.pk).update(team=team)
    open_request.refresh_from_db()
    engineers = [factories.make_staff("engineer", name=name, team=team) for name in ("Cem", "Dai")]

    assert behind(Recipient.TEAM, open_request, MONDAY) == ["Cem", "Dai"]
    assert not Event.objects.filter(kind="nobody_on_duty").exists()  # it keeps no rota
    put(lead, engineers[0], 0, 8, role="on_call", team=team.code)
    assert behind(Recipient.TEAM, open_request, MONDAY) == ["Cem"]
    assert behind(Recipient.ASSIGNEE_OR_TEAM, open_request, MONDAY) == ["Cem"]
    assert behind(Recipient.TEAM, open_request, MONDAY + 8 * HOUR) == ["Cem", "Dai"]
    assert Event.objects.get(kind="nobody_on_duty").data["team"] == team.pk


def test_the_team_hears_of_a_request_whose_assignee_has_left(open_request):
    """P-6: a step of the ladder that reaches nobody is silence"""
    team = Team.objects.get(code="technical-apac")
    cem, dai = (factories.make_staff("engineer", name=name, team=team) for name in ("Cem", "Dai"))
    ServiceRequest.objects.filter(pk=open_request.pk).update(team=team, assignee=cem)
    open_request.refresh_from_db()
    assert behind(Recipient.ASSIGNEE_OR_TEAM, open_request, MONDAY) == ["Cem"]

    Person.objects.filter(pk=cem.pk).update(is_active=False)

    assert behind(Recipient.ASSIGNEE_OR_TEAM, open_request, MONDAY) == [dai.name]


def test_whoever_is_on_call_gets_the_mail_whatever_they_chose(open_request, lead):
    """RO-3: what somebody on duty must learn is no matter of taste"""
    team = Team.objects.get(code="technical-apac")
    ServiceRequest.objects.filter(pk=open_request.pk).update(team=team)
    cem, dai = (factories.make_staff("engineer", name=name, team=team) for name in ("Cem", "Dai"))
    Person.objects.filter(pk__in=[cem.pk, dai.pk]).update(portal_only=["ladder"])
    half = open_request.created_at + (open_request.due_at - open_request.created_at) / 2
    put(lead, cem, 0, 8, role="on_call", team=team.code)

    fire_due_timers(now=half + timedelta(seconds=5))

    told = Delivery.objects.filter(notice="response_due").values_list("person__name", "channel")
    assert set(told) == {("Cem", "mail"), ("Cem", "portal")}


def test_a_batch_asks_once_who_is_on_duty(admin, lead, ada, django_assert_num_queries):
    """Sweeps fire thousands: one look at the rota for each batch."""
    put(lead, ada, 0, 9)
    requests = [making.filed(admin, now=MONDAY) for _ in range(3)]

    with looked_up_once(), django_assert_num_queries(1):
        for service_request in requests:
            assert behind(Recipient.DUTY_MANAGER, service_request, MONDAY) == ["Ada"]


def test_a_batch_with_nobody_on_duty_asks_once_too(admin, ada, django_assert_max_num_queries):
    requests = [making.filed(admin, now=MONDAY) for _ in range(30)]
    recipients_of = recipients.people_behind

    with looked_up_once(), django_assert_max_num_queries(14):
        for service_request in requests:
            assert list(recipients_of(Recipient.DUTY_MANAGER, service_request, now=MONDAY)) == [ada]
