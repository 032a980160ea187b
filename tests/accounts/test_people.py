"""Roles of people: given, taken, and never the last global admin."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from accounts.errors import LastGlobalAdmin, NotPermitted, PersonNotFound, UnknownRole
from accounts.models import Event, Person, RoleGrant
from accounts.permissions import STAFF_ROLES
from accounts.services.people import give_role, take_role
from tests.conftest import OwnDatabase
from tests.factories import actor, make_organisation, make_person, reread


@pytest.fixture
def admin(db: None) -> Person:
    return make_person(make_organisation(), "global_admin", name="Mei-ling Chen")


@pytest.fixture
def colleague(admin: Person) -> Person:
    return make_person(admin.organisation, name="Jia-hao Lin")


def roles_of(person: Person) -> list[str]:
    return reread(person).role_names


def test_a_global_admin_gives_a_role(admin: Person, colleague: Person) -> None:
    """RO-1, P-10"""
    give_role(person_id=colleague.pk, role="billing_admin", actor=actor(admin))

    assert roles_of(colleague) == ["billing_admin"]
    event = Event.objects.get(kind="role_given")
    assert event.actor_id == admin.pk
    assert event.organisation_id == admin.organisation_id
    assert event.data == {"person": colleague.pk, "role": "billing_admin", "from": [], "to": ["billing_admin"]}


def test_a_person_may_hold_several_roles(admin: Person, colleague: Person) -> None:
    for role in ("billing_admin", "reader", "exchange_admin"):
        give_role(person_id=colleague.pk, role=role, actor=actor(admin))

    assert roles_of(colleague) == ["billing_admin", "exchange_admin", "reader"]


def test_a_role_that_is_held_already_is_not_given_twice(admin: Person, colleague: Person) -> None:
    for _ in range(2):
        give_role(person_id=colleague.pk, role="reader", actor=actor(admin))

    assert Event.objects.filter(kind="role_given").count() == 1


def test_a_role_is_taken(admin: Person) -> None:
    """P-10"""
    reader = make_person(admin.organisation, "reader")

    take_role(person_id=reader.pk, role="reader", actor=actor(admin))

    assert roles_of(reader) == []
    assert Event.objects.get(kind="role_taken").data == {
        "person": reader.pk,
        "role": "reader",
        "from": ["reader"],
        "to": [],
    }


def test_a_role_that_is_not_held_cannot_be_missed(admin: Person, colleague: Person) -> None:
    take_role(person_id=colleague.pk, role="reader", actor=actor(admin))

    assert not Event.objects.exists()


def test_the_last_global_admin_keeps_the_role(admin: Person) -> None:
    """RO-1"""
    make_person(admin.organisation, "service_support_admin")
    make_person(make_organisation(), "global_admin")

    with pytest.raises(LastGlobalAdmin):
        take_role(person_id=admin.pk, role="global_admin", actor=actor(admin))

    assert roles_of(admin) == ["global_admin"]
    assert not Event.objects.exists()


def test_a_closed_account_does_not_count_as_a_global_admin(admin: Person) -> None:
    """RO-1"""
    make_person(admin.organisation, "global_admin", is_active=False)

    with pytest.raises(LastGlobalAdmin):
        take_role(person_id=admin.pk, role="global_admin", actor=actor(admin))


def test_one_of_two_global_admins_may_step_down(admin: Person) -> None:
    make_person(admin.organisation, "global_admin")

    take_role(person_id=admin.pk, role="global_admin", actor=actor(admin))

    assert roles_of(admin) == []


@pytest.mark.parametrize("role", [*STAFF_ROLES, "", "king"])
def test_an_organisation_gives_none_but_its_own_roles(admin: Person, colleague: Person, role: str) -> None:
    with pytest.raises(UnknownRole):
        give_role(person_id=colleague.pk, role=role, actor=actor(admin))

    assert roles_of(colleague) == []


def test_people_of_another_organisation_are_not_there(admin: Person) -> None:
    """P-5"""
    stranger = make_person(make_organisation(), "reader")
    for change in (give_role, take_role):
        with pytest.raises(PersonNotFound):
            change(person_id=stranger.pk, role="reader", actor=actor(admin))

    assert roles_of(stranger) == ["reader"]


def test_a_closed_account_is_given_nothing(admin: Person) -> None:
    closed = make_person(admin.organisation, is_active=False)

    with pytest.raises(PersonNotFound):
        give_role(person_id=closed.pk, role="reader", actor=actor(admin))


def test_who_is_no_global_admin_gives_nothing(admin: Person, colleague: Person) -> None:
    """RO-1"""
    support = make_person(admin.organisation, "service_support_admin")

    with pytest.raises(NotPermitted):
        give_role(person_id=colleague.pk, role="reader", actor=actor(support))

    assert roles_of(colleague) == []


def test_two_global_admins_who_take_the_role_from_each_other_at_once_leave_one(own_database: OwnDatabase) -> None:
    """RO-1: the constraint is checked under the lock of the organisation's row."""
    organisation = make_organisation()
    for _ in range(5):
        RoleGrant.objects.all().delete()
        pair = [make_person(organisation, "global_admin") for _ in range(2)]
        outcomes = take_from_each_other(pair)

        assert sorted(outcomes) == ["LastGlobalAdmin", "taken"]
        assert RoleGrant.objects.filter(role="global_admin").count() == 1


def take_from_each_other(pair: list[Person]) -> list[str]:
    actors = [actor(person) for person in pair]
    barrier, outcomes = threading.Barrier(2), []

    def take(number: int) -> None:
        barrier.wait()
        try:
            take_role(person_id=pair[1 - number].pk, role="global_admin", actor=actors[number])
            outcomes.append("taken")
        except LastGlobalAdmin as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
