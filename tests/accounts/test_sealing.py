"""Events sealed in hash chains, and personal values that can be erased under them (P-10)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts import circumstances, clock
from accounts.actors import Actor
from accounts.audit import About, personal_values, record_event
from accounts.models import DESK, Event, Organisation, PersonalValue, Seal, UnsealedEvent
from accounts.pseudonyms import pseudonym
from accounts.services import sealing
from tests import factories
from tickets.services.sweeping import sweep

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
KIND = PersonalValue.Kind


@pytest.fixture
def organisation(db: None) -> Organisation:
    return factories.make_organisation("contoso")


def happen(organisation: Organisation | None = None, *, internal: bool = False, actor: Actor | None = None) -> Event:
    """Let something be recorded."""
    about = About(organisation_id=organisation.pk if organisation else None)
    return record_event("something", about=about, at=AT, internal=internal, actor=actor or Actor(person_id=None))


def chain(number: int) -> list[tuple[int, int]]:
    """The sequence numbers and events of a chain."""
    return list(Seal.objects.filter(chain=number).order_by("sequence").values_list("sequence", "event"))


def alter(statement: str, *values: object) -> None:
    """Change what is on record as only the owner of the tables could: with the guards taken down."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")


# ── Sealing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sweep_seals_each_event_once_in_the_chain_of_its_organisation(organisation):
    """P-10"""
    other = factories.make_organisation("fabrikam")
    events = [happen(organisation), happen(other), happen(organisation)]

    sweep()
    sweep()

    assert chain(organisation.pk) == [(1, events[0].pk), (2, events[2].pk)]
    assert chain(other.pk) == [(1, events[1].pk)]
    assert list(sealing.chain_faults()) == []


def test_what_is_not_for_customers_leaves_no_gap_in_their_chain(organisation):
    """P-5, P-10: how much the desk records of them is nothing they could count."""
    first, hidden, general, second = (
        happen(organisation),
        happen(organisation, internal=True),
        happen(),
        happen(organisation),
    )

    sealing.seal_events()

    assert chain(organisation.pk) == [(1, first.pk), (2, second.pk)]
    assert chain(DESK) == [(1, hidden.pk), (2, general.pk)]


def test_a_lower_id_that_commits_later_is_sealed_all_the_same(own_database):
    """P-10: ids commit out of order; nothing is skipped, and nothing sealed moves."""
    organisation = factories.make_organisation("contoso")
    recorded, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            happen(organisation)
            recorded.set()
            assert may_commit.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert recorded.wait(20)
    later = happen(organisation)
    sealing.seal_events()
    assert chain(organisation.pk) == [(1, later.pk)]
    may_commit.set()
    thread.join(20)

    sealing.seal_events()

    earlier = Event.objects.earliest("pk")
    assert earlier.pk < later.pk
    assert chain(organisation.pk) == [(1, later.pk), (2, earlier.pk)]
    assert list(sealing.chain_faults()) == []


def test_sweeps_at_once_seal_each_event_once(own_database):
    """P-10, P-2"""
    organisation = factories.make_organisation("contoso")
    for _ in range(60):
        happen(organisation)

    def seal() -> None:
        while UnsealedEvent.objects.exists():
            sealing.seal_events(batch=7)
        connections.close_all()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [sequence for sequence, _ in chain(organisation.pk)] == list(range(1, 61))
    assert list(sealing.chain_faults()) == []


def test_the_lag_is_that_of_the_oldest_event_which_waits(organisation):
    """P-10: at most a minute."""
    assert sealing.sealing_lag() == 0.0
    UnsealedEvent.objects.create(event_id=happen().pk + 1_000, chain=DESK)
    UnsealedEvent.objects.update(queued_at=clock.now() - timedelta(seconds=75))
    assert 75 <= sealing.sealing_lag() < 80


def test_a_backlog_does_not_hold_up_the_sweep(organisation):
    """P-3: sealing has a share of each sweep, and goes on in the next."""
    for _ in range(5):
        happen(organisation)

    assert sealing.seal_events(within=timedelta(0), batch=2) == 2
    assert UnsealedEvent.objects.count() == 3


# ── Append-only ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", ["accounts_event", "accounts_seal"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
    ],
)
def test_the_database_refuses_to_change_or_remove_what_is_on_record(organisation, table, statement):
    """P-10"""
    happen(organisation)
    sealing.seal_events()
    column = "kind" if table == "accounts_event" else "salt"

    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table, column, "'other'"))

    assert Event.objects.count() == Seal.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE accounts_event SET data = \'{"role": "reader"}\' WHERE id = %s',
        "UPDATE accounts_event SET at = at + interval '1 microsecond' WHERE id = %s",
        "UPDATE accounts_event SET via = 'page' WHERE id = %s",
        "UPDATE accounts_seal SET salt = repeat('0', 32) WHERE event_id = %s",
        "UPDATE accounts_seal SET hash = repeat('0', 64) WHERE event_id = %s",
    ],
)
def test_a_record_that_was_altered_around_the_guards_is_named(organisation, statement):
    """P-10"""
    events = [happen(organisation) for _ in range(3)]
    sealing.seal_events()

    alter(statement, events[1].pk)

    assert list(sealing.chain_faults()) == [
        (f"chain {organisation.pk}", f"record 2 (event {events[1].pk}) was altered")
    ]


def test_a_record_that_was_removed_around_the_guards_is_named(organisation):
    """P-10"""
    events = [happen(organisation) for _ in range(3)]
    sealing.seal_events()

    alter("DELETE FROM accounts_seal WHERE event_id = %s", events[1].pk)
    alter("DELETE FROM accounts_event WHERE id = %s", events[1].pk)

    assert list(sealing.chain_faults()) == [(f"chain {organisation.pk}", "record 2 is missing")]


def test_an_event_that_nobody_will_seal_is_named(organisation):
    """P-10: whoever empties the queue is found out."""
    event = happen(organisation)
    UnsealedEvent.objects.all().delete()

    assert list(sealing.chain_faults()) == [(f"event {event.pk}", "is neither sealed nor waits for its seal")]


# ── Circumstances and personal values ───────────────────────────────────────────────────────────────────────────────


def test_an_event_says_from_where_and_which_way_it_came_without_the_address(organisation):
    """P-10"""
    person = factories.make_person(organisation, "global_admin")
    with circumstances.under("page", address="203.0.113.9"):
        circumstances.came_by_token(17)
        event = happen(organisation, actor=factories.actor(person))

    assert event.via == "token:17"
    assert event.address == pseudonym("203.0.113.9")
    assert personal_values.clear_forms([(person.pk, event.address)]) == {(person.pk, event.address): "203.0.113.9"}
    assert circumstances.present() == circumstances.Circumstances()


def test_erasing_a_person_leaves_their_events_and_the_chain_as_they_are(organisation):
    """P-10, the right to erasure"""
    leaving, staying = (factories.make_person(organisation, "global_admin") for _ in range(2))
    for person in (leaving, staying):
        with circumstances.under("page", address="203.0.113.9"):
            happen(organisation, actor=factories.actor(person))
    sealing.seal_events()
    before = list(Event.objects.order_by("pk").values())

    assert personal_values.erase_personal_values(leaving.pk) == 1

    stand_in = pseudonym("203.0.113.9")
    assert personal_values.clear_forms([(leaving.pk, stand_in), (staying.pk, stand_in)]) == {
        (staying.pk, stand_in): "203.0.113.9"
    }
    assert list(Event.objects.order_by("pk").values()) == before
    assert list(sealing.chain_faults()) == []


def test_a_value_is_written_once_in_a_transaction_and_again_after_a_savepoint_took_it_back(organisation):
    """P-10"""
    with transaction.atomic():
        personal_values.keep(KIND.MAIL, "ann@example.com", person_id=None)
        transaction.set_rollback(True)
    assert not PersonalValue.objects.exists()

    with transaction.atomic():
        personal_values.keep(KIND.MAIL, "ann@example.com", person_id=None)
    with connection.execute_wrapper(_refuse):
        personal_values.keep(KIND.MAIL, "Ann@Example.com", person_id=None)
    assert PersonalValue.objects.get().value == "ann@example.com"


def test_a_value_that_is_known_costs_no_statement(own_database):
    """P-10: an address that acts all day is written once by each process."""
    personal_values.keep(KIND.ADDRESS, "203.0.113.9", person_id=None)

    with connection.execute_wrapper(_refuse):
        personal_values.keep(KIND.ADDRESS, "203.0.113.9", person_id=None)

    assert PersonalValue.objects.count() == 1


def _refuse(*_: object) -> None:
    raise AssertionError("a statement")
