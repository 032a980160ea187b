"""Both sides are warned before a delegation runs out: 30 and 7 days ahead, once each (PA-1)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from accounts import clock
from accounts.models import Delegation, Delivery, Event, Organisation, Person
from accounts.services.delegations import end_delegation, start_acting_for, warn_of_expiry
from tests.factories import actor, browser_of, make_delegation, make_organisation, make_partner, make_person
from tickets.services import relay
from tickets.services.sweeping import sweep

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("lotus-foods", name="Lotus Foods")


@pytest.fixture
def partner(db: None) -> Organisation:
    return make_partner("north-star", name="North Star")


@pytest.fixture
def admin(customer: Organisation) -> Person:
    return make_person(customer, "global_admin")


@pytest.fixture
def delegation(customer: Organisation, partner: Organisation, admin: Person) -> Delegation:
    """One that was granted a year ago, and ends in 60 days."""
    now = clock.now()
    return make_delegation(customer, partner, granted_by=admin, granted_at=now - 365 * DAY, expires_at=now + 60 * DAY)


def warned(at: datetime) -> list[int]:
    """The days of the warnings that have been given by then, in order."""
    warn_of_expiry(now=at)
    events = Event.objects.filter(kind="delegation_expiring").order_by("pk")
    return [event.data["days"] for event in events]


def test_each_warning_is_given_once_at_its_instant(delegation: Delegation) -> None:
    """PA-1, P-2"""
    end = delegation.expires_at
    assert warned(end - 30 * DAY - MICROSECOND) == []
    assert warned(end - 30 * DAY) == [30]
    assert warned(end - 8 * DAY) == [30]
    assert warned(end - 7 * DAY) == [30, 7]
    for at in (end - DAY, end, end + DAY):
        assert warned(at) == [30, 7]

    instants = Event.objects.filter(kind="delegation_expiring").order_by("pk").values_list("at", flat=True)
    assert list(instants) == [end - 30 * DAY, end - 7 * DAY]


def test_after_an_outage_only_the_nearer_warning_is_given(delegation: Delegation) -> None:
    """PA-1: not both at once"""
    assert warned(delegation.expires_at - 3 * DAY) == [7]
    assert warned(delegation.expires_at - DAY) == [7]


@pytest.mark.parametrize(("length", "warnings"), [(31, [30, 7]), (30, [7]), (8, [7]), (7, [])])
def test_a_warning_that_would_lie_before_the_grant_is_left_out(
    customer: Organisation, partner: Organisation, length: int, warnings: list[int]
) -> None:
    """PA-1: its end was just chosen"""
    now = clock.now()
    made = make_delegation(customer, partner, granted_at=now, expires_at=now + length * DAY)
    for days in (30, 7, 1):
        warned(made.expires_at - days * DAY)

    assert warned(made.expires_at) == warnings


def test_an_ended_delegation_is_nobodys_concern(delegation: Delegation, admin: Person) -> None:
    """PA-1"""
    end_delegation(delegation_id=delegation.pk, actor=actor(admin))

    assert warned(delegation.expires_at - 7 * DAY) == []


def test_global_admins_of_both_sides_and_who_acted_are_told(
    delegation: Delegation, customer: Organisation, partner: Organisation, admin: Person
) -> None:
    """PA-1: and neither people without a role nor those who have nothing to do with it"""
    make_person(customer, "reader")
    lead, consultant = make_person(partner, "global_admin"), make_person(partner, "reader")
    make_person(partner, "reader")
    make_person(partner)
    start_acting_for(actor=actor(consultant, customer=customer))

    warn_of_expiry(now=delegation.expires_at - 30 * DAY)

    told = Delivery.objects.filter(notice="delegation_expiring").values_list("person", "channel")
    granting = Person.objects.filter(organisation=customer, role_grants__role="global_admin")
    assert admin in granting
    assert set(told) == {(person.pk, "mail") for person in (*granting, lead, consultant)}


def test_each_side_reads_what_it_means_for_them(
    delegation: Delegation, partner: Organisation, admin: Person, settings: object
) -> None:
    """PA-1"""
    lead = make_person(partner, "global_admin")
    Delegation.objects.update(expires_at=clock.now() + 20 * DAY)
    sweep()
    while relay.relay_deliveries():
        pass

    sent = {message.to[0]: message for message in mail.outbox}
    assert "North Star can act for you only a while longer" in sent[admin.email].subject
    assert "/organisation/partners/" in sent[admin.email].body
    assert "You can act for Lotus Foods only a while longer" in sent[lead.email].subject
    assert "/acting-for/" in sent[lead.email].body


def test_a_warning_that_has_lost_its_sense_is_not_sent(delegation: Delegation, admin: Person) -> None:
    """P-6: the delegation was ended between warning and sending"""
    Delegation.objects.update(expires_at=clock.now() + 20 * DAY)
    warn_of_expiry()
    end_delegation(delegation_id=delegation.pk, actor=actor(admin))
    while relay.relay_deliveries():
        pass

    assert not mail.outbox
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}


def test_the_pages_of_both_sides_mark_what_ends_soon(
    delegation: Delegation, partner: Organisation, admin: Person
) -> None:
    """PA-1"""
    consultant = make_person(partner, "reader")
    pages = [(admin, "/organisation/partners/"), (consultant, "/acting-for/")]
    for person, address in pages:
        assert "Ends soon" not in browser_of(person).get(address).content.decode()
    Delegation.objects.update(expires_at=clock.now() + 20 * DAY)
    for person, address in pages:
        assert "Ends soon" in browser_of(person).get(address).content.decode()


def test_two_sweeps_at_once_warn_once(own_database: object) -> None:
    """P-2: the claim waits for nobody, the column and the event's reference hold the rest"""
    now = clock.now()
    made = make_delegation(make_organisation(), make_partner(), granted_at=now - 365 * DAY, expires_at=now + 20 * DAY)
    barrier = threading.Barrier(4)

    def warn() -> None:
        barrier.wait(timeout=10)
        warn_of_expiry()
        connection.close()

    threads = [threading.Thread(target=warn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert Event.objects.filter(kind="delegation_expiring", ref=f"delegation:{made.pk}:30").count() == 1
