"""Workers that die, stop or fail in the middle of an export: it is written once, and never half (P-1, P-2)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import clock
from accounts.actors import Actor
from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import in_threads
from tests.tickets.exporting import asked, lines_of, written
from tickets.management.commands.sweeper import Command
from tickets.models import Export
from tickets.services import exporting
from tickets.services.exporting import LEASE, MOST_ATTEMPTS, take_up, work_on
from tickets.services.exports import cancel_export, path_of


@pytest.fixture(autouse=True)
def room(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests a slice, so that little has many."""
    monkeypatch.setattr(exporting, "SLICES", dict.fromkeys(exporting.SLICES, 2))


@pytest.fixture
def filed(admin: Actor) -> list[str]:
    now = clock.now()
    return [making.filed(admin, severity="C", now=now - timedelta(minutes=9 - place)).number for place in range(5)]


def lapse(export: Export) -> None:
    """Let the lease of whoever holds it be over."""
    Export.objects.filter(pk=export.pk).update(run_at=clock.now() - timedelta(seconds=1))


def begun(actor: Actor, **more: Any) -> Export:
    """An export whose worker was gone after one slice, without a word."""
    asked(actor, **more)
    export = take_up()
    assert export
    with exporting._opened(export) as file:
        exporting._append(export, exporting._read(export, now=clock.now()), file, now=clock.now())
        file.write(b'{"half":')
    return export


def numbers(export: Export) -> list[str]:
    return [row["number"] for row in lines_of(export)]


def test_turns_of_workers_make_one_file(admin: Actor, filed: list[str]) -> None:
    export = asked(admin, file_format="csv")
    for turn in range(1, 4):
        taken = take_up()
        assert taken
        assert taken.run == turn
        work_on(taken, until=0)

    ready = Export.objects.get(pk=export.pk)
    assert ready.state == "ready"
    assert [line.split(",")[0] for line in path_of(ready).read_text().splitlines()] == ["Number", *filed]


def test_what_a_killed_worker_left_is_taken_up_again_and_finished_once(
    admin: Actor, filed: list[str], room: Path
) -> None:
    """P-1: without the half line, in a file of its own"""
    export = begun(admin)
    stored = Export.objects.get(pk=export.pk)
    assert (stored.rows, stored.passed, path_of(stored).stat().st_size > stored.size) == (2, 2, True)
    assert take_up() is None
    lapse(export)

    ready = written(export)

    assert (ready.state, ready.rows, numbers(ready)) == ("ready", 5, filed)
    assert ready.key != stored.key
    assert [path.name for path in room.rglob("*") if path.is_file()] == [ready.key]
    assert Event.objects.filter(kind="export_ready").count() == 1
    assert Delivery.objects.filter(notice="export_ready", channel="portal").count() == 1


def test_a_worker_that_was_only_stopped_changes_nothing_any_more(admin: Actor, filed: list[str], room: Path) -> None:
    """P-2: it writes on at its old file, and its update is refused"""
    sleeper = begun(admin)
    old = path_of(sleeper).open("r+b")
    lapse(sleeper)
    ready = written(sleeper)
    before = (path_of(ready).read_bytes(), Export.objects.values().get())

    old.seek(0)
    old.write(b"overwritten by somebody who slept")
    old.close()
    work_on(sleeper, until=0)
    exporting._finish(export_id=sleeper.pk, run=sleeper.run, sha256="0" * 64)
    exporting._give_up(export_id=sleeper.pk, run=sleeper.run, failure="internal")

    assert (path_of(ready).read_bytes(), Export.objects.values().get()) == before
    assert [path.name for path in room.rglob("*") if path.is_file()] == [ready.key]
    assert numbers(ready) == filed


@pytest.mark.parametrize("damage", ["gone", "shorter"])
def test_without_what_was_written_it_begins_anew(admin: Actor, filed: list[str], damage: str) -> None:
    """A database that was restored beside another disk"""
    export = begun(admin)
    if damage == "gone":
        path_of(export).unlink()
    else:
        os.truncate(path_of(export), 3)
    exporting._let_go(export)

    assert numbers(written(export)) == filed


def test_one_that_keeps_failing_fails_visibly_and_stops_nobody(admin: Actor, filed: list[str], room: Path) -> None:
    """P-9: the disk will not have it"""
    organisation_folder = room / str(admin.organisation_id)
    organisation_folder.parent.mkdir()
    organisation_folder.write_text("no folder")
    poisoned = asked(admin)
    healthy = asked(factories.actor(factories.make_staff("team_lead")))
    for _ in range(MOST_ATTEMPTS):
        lapse(poisoned)
        exporting.write_exports(within=timedelta(minutes=1))

    assert Export.objects.get(pk=healthy.pk).state == "ready"
    failed = Export.objects.get(pk=poisoned.pk)
    assert (failed.state, failed.failure, failed.run) == ("failed", "storage", MOST_ATTEMPTS)
    assert Delivery.objects.filter(notice="export_failed", person=admin.person_id, channel="portal").exists()


def test_one_that_kills_its_worker_again_and_again_is_given_up(admin: Actor) -> None:
    """A poison export must not take every worker with it"""
    export = asked(admin)
    for _ in range(MOST_ATTEMPTS):
        assert take_up()
        lapse(export)

    assert written(export).failure == "internal"


def test_what_ends_half_way_leaves_nothing(
    admin: Actor, filed: list[str], room: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """P-6: a role that goes between two slices"""
    export = begun(admin)
    exporting._let_go(export)
    admin_roles = export.requested_by.role_grants
    admin_roles.all().delete()

    with django_capture_on_commit_callbacks(execute=True):
        over = written(export)

    assert (over.state, over.failure) == ("cancelled", "access_ended")
    assert [path for path in room.rglob("*") if path.is_file()] == []


def test_a_cancelled_one_is_let_go_of(admin: Actor, filed: list[str], room: Path) -> None:
    export = begun(admin)
    cancel_export(export_id=export.pk, actor=admin)

    work_on(export, until=0)

    assert Export.objects.get(pk=export.pk).state == "cancelled"


def test_several_take_turns_and_only_so_many_at_once(admin: Actor, filed: list[str], settings: Any) -> None:
    settings.EXPORTS_AT_ONCE = 1
    first, second = asked(admin), asked(admin)
    held = take_up()
    assert held
    assert take_up() is None
    work_on(held, until=0)

    after = take_up()

    assert (held.pk, after and after.pk) == (first.pk, second.pk)


def test_a_lease_is_not_over_before_its_end(admin: Actor, filed: list[str]) -> None:
    export = begun(admin)

    held = Export.objects.get(pk=export.pk)

    assert held.run_at is not None
    assert held.run_at - clock.now() <= LEASE
    assert take_up() is None


@pytest.mark.usefixtures("own_database")
def test_two_workers_never_have_the_same_one() -> None:
    """P-2: threads, real commits"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    actor = factories.actor(factories.make_person(organisation, "global_admin"))
    for _ in range(2):
        asked(actor)

    found = [each for each in in_threads(*[take_up] * 4) if each is not None]

    assert len({each.pk for each in found}) == len(found) <= 2


@pytest.mark.usefixtures("own_database")
def test_the_sweeper_writes_what_nobody_else_does(settings: Any, tmp_path: Path) -> None:
    """P-9: without a broker"""
    organisation = factories.make_organisation()
    export = asked(factories.actor(factories.make_person(organisation, "reader")))
    sweeper = Command()
    sweeper._look()
    sweeper._beside["exports"].join(timeout=30)

    assert Export.objects.get(pk=export.pk).state == "ready"
