"""Exports as jobs: who gets what, in which words, and what becomes of the file."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts import clock
from accounts.actors import Actor
from accounts.errors import NotPermitted, OrganisationNotFound, TooMany
from accounts.models import Delegation, Delivery, Event, Organisation, Person
from accounts.services.delegations import end_delegation
from accounts.services.people import deactivate_person
from tests import factories
from tests.tickets import making
from tests.tickets.exporting import asked, cells_of, lines_of, written
from tickets.errors import ExportBeyondReach, ExportNotFound, ExportNotReady, ExportOver, ExportRoomFull
from tickets.models import Attachment, Export, ServiceRequest
from tickets.selectors import exports as selectors
from tickets.services import exporting, exports
from tickets.services.conversation import add_customer_message, add_internal_note, reply_publicly
from tickets.services.exports import cancel_export, expire_exports, path_of, record_download, remove_export
from tickets.services.housekeeping import tidy_up
from tickets.services.orphans import remove_orphans
from tickets.services.relay import relay_all


@pytest.fixture(autouse=True)
def room(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def lead(db: None) -> Actor:
    return factories.actor(factories.make_staff("team_lead"))


def kinds_of(export_id: int) -> list[str]:
    return list(Event.objects.filter(data__export=export_id).order_by("id").values_list("kind", flat=True))


def test_an_export_is_written_in_the_background_and_waits_for_its_asker(admin: Actor, room: Path) -> None:
    """P-10, P-7: on record, in the storage of attachments, for nobody else to read"""
    filed = [making.filed(admin).number for _ in range(3)]
    export = asked(admin)
    assert (export.state, selectors.percent_of(export)) == ("queued", 0)

    ready = written(export)

    path = path_of(ready)
    assert (ready.state, ready.rows, ready.total, selectors.percent_of(ready)) == ("ready", 3, 3, 100)
    assert (ready.size, ready.sha256) == (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    assert ready.expires_at == ready.settled_at + timedelta(hours=48)
    assert [row["number"] for row in lines_of(ready)] == filed
    assert path.parent == room / str(admin.organisation_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kinds_of(export.pk) == ["export_asked", "export_ready"]


def test_rows_hold_what_a_spreadsheet_would_calculate_as_text(admin: Actor) -> None:
    """P-7, RFC 4180"""
    making.filed(admin, subject='=HYPERLINK("https://evil.example","x"), and a "quote"')

    ready = written(asked(admin, file_format="csv", byte_order_mark=True))

    content = path_of(ready).read_bytes()
    headings, row = cells_of(content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    assert headings[:3] == ["Number", "Subject", "State"]
    assert row[1] == '\'=HYPERLINK("https://evil.example","x"), and a "quote"'


def test_headings_and_words_are_in_the_language_asked_for(admin: Actor) -> None:
    making.filed(admin)
    ready = [written(asked(admin, kind, "csv", language="zh-Hant")) for kind in ("requests", "events")]

    headings, events = (cells_of(path_of(each).read_bytes()) for each in ready)
    with translation.override("en"):
        assert headings[0][1] == "主旨"
    assert not path_of(ready[0]).read_bytes().startswith(b"\xef\xbb\xbf")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in events[1][3])


def test_customers_get_their_own_without_what_is_for_the_desk(admin: Actor, engineer: Actor) -> None:
    """P-5: neither internal events nor ids of people nor desk fields"""
    number = making.filed(admin).number
    add_internal_note(number=number, actor=engineer, body="Between us.")
    reply_publicly(number=number, actor=engineer, body="We look.")
    other = factories.make_organisation()
    factories.make_subscription(other)
    making.filed(factories.actor(factories.make_person(other, "global_admin")))

    [request] = lines_of(written(asked(admin)))
    events = lines_of(written(asked(admin, "events")))

    assert (request["number"], request["desk"], set(request["assignee"] or {"name": 0})) == (number, None, {"name"})
    assert {row["number"] for row in events} == {number}
    assert "internal_note_added" not in {row["kind"] for row in events}
    assert not any(row["internal"] for row in events)
    assert all(set(row["actor"] or {"name": 0}) == {"name"} for row in events)


def test_staff_get_what_they_may_see_across_organisations(admin: Actor, engineer: Actor) -> None:
    """RO-3: of their kind of support, with what is for the desk"""
    technical = making.filed(admin).number
    billing = making.filed(admin, category="billing", service="").number
    add_internal_note(number=technical, actor=engineer, body="Between us.")

    rows = lines_of(written(asked(engineer)))
    events = lines_of(written(asked(engineer, "events")))

    assert [row["number"] for row in rows] == [technical] != [billing]
    assert rows[0]["desk"]["scope"] == "in_scope"
    assert "internal_note_added" in {row["kind"] for row in events}
    assert path_of(Export.objects.latest("pk")).parent.name == "desk"


def test_staff_can_narrow_to_one_organisation_and_customers_cannot_name_one(admin: Actor, lead: Actor) -> None:
    other = factories.make_organisation()
    factories.make_subscription(other)
    theirs = making.filed(factories.actor(factories.make_person(other, "global_admin"))).number
    making.filed(admin)

    rows = lines_of(written(asked(lead, filters={"organisation": other.slug})))

    assert [row["number"] for row in rows] == [theirs]
    for actor, slug in ((admin, other.slug), (lead, "none-of-that-name")):
        with pytest.raises(OrganisationNotFound):
            asked(actor, filters={"organisation": slug})


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"A", "B", "C"}),
        ({"severity": {"A", "C"}}, {"A", "C"}),
        ({"open": False}, set()),
        ({"q": "garbled"}, {"B"}),
        ({"service": "exchange_online", "severity": ["B"]}, {"B"}),
    ],
)
def test_an_export_is_narrowed_as_lists_are(admin: Actor, filters: dict[str, Any], found: set[str]) -> None:
    for severity in "ABC":
        making.filed(admin, severity=severity)

    assert {row["severity"] for row in lines_of(written(asked(admin, filters=filters)))} == found


def test_the_range_of_filing_leaves_out_both_its_ends(admin: Actor) -> None:
    now = clock.now()
    filed = [making.filed(admin, now=now - timedelta(days=day)) for day in (3, 2, 1)]
    ends = {"created_after": filed[0].created_at, "created_before": filed[2].created_at}

    rows = lines_of(written(asked(admin, filters=ends)))

    assert [row["number"] for row in rows] == [filed[1].number]


def test_what_is_filed_afterwards_is_not_in_it(admin: Actor) -> None:
    before = making.filed(admin).number
    export = asked(admin)
    ServiceRequest.objects.update(created_at=export.asked_at)
    late = making.filed(admin)
    ServiceRequest.objects.filter(pk=late.pk).update(created_at=export.asked_at + timedelta(microseconds=1))

    assert [row["number"] for row in lines_of(written(export))] == [before]


def test_an_export_is_for_whoever_asked_for_it(admin: Actor, organisation: Organisation) -> None:
    """P-5: a colleague's looks like one that does not exist"""
    export = written(asked(admin))
    colleague = factories.actor(factories.make_person(organisation, "global_admin"))

    for act in (record_download, cancel_export, remove_export):
        with pytest.raises(ExportNotFound):
            act(export_id=export.pk, actor=colleague)
    assert path_of(export).exists()
    assert record_download(export_id=export.pk, actor=admin) == export
    assert kinds_of(export.pk)[-1] == "export_downloaded"


def test_who_may_read_nothing_exports_nothing(organisation: Organisation) -> None:
    """RO-1"""
    with pytest.raises(NotPermitted):
        asked(factories.actor(factories.make_person(organisation)))

    assert not Export.objects.exists()


def test_a_lesser_role_ends_the_link(admin: Actor) -> None:
    """P-6: the file holds more than may be read now"""
    making.filed(admin)
    export = written(asked(admin))
    person = Person.objects.get(pk=admin.person_id)
    person.role_grants.all().delete()
    person.role_grants.create(role="billing_admin")
    lesser = factories.actor(Person.objects.get(pk=person.pk))

    with pytest.raises(ExportBeyondReach):
        record_download(export_id=export.pk, actor=lesser)


def test_another_role_that_reads_as_much_does_not(admin: Actor) -> None:
    export = written(asked(admin))
    person = Person.objects.get(pk=admin.person_id)
    person.role_grants.all().delete()
    person.role_grants.create(role="reader")

    assert record_download(export_id=export.pk, actor=factories.actor(Person.objects.get(pk=person.pk)))


def _closes_account(admin: Actor) -> None:
    Person.objects.filter(pk=admin.person_id).update(is_active=False)


def _closes_organisation(admin: Actor) -> None:
    Organisation.objects.filter(pk=admin.organisation_id).update(is_active=False)


def _takes_roles(admin: Actor) -> None:
    Person.objects.get(pk=admin.person_id).role_grants.all().delete()


@pytest.mark.parametrize("ends", [_closes_account, _closes_organisation, _takes_roles])
def test_an_export_whose_asker_may_no_longer_read_is_cancelled(admin: Actor, ends: Any) -> None:
    """P-6: judged again before every slice"""
    making.filed(admin)
    export = asked(admin)
    ends(admin)

    over = written(export)

    assert (over.state, over.failure, over.key) == ("cancelled", "access_ended", "")
    assert kinds_of(export.pk)[-1] == "export_cancelled"


def test_a_partner_exports_the_customer_acted_for_until_the_delegation_ends(admin: Actor) -> None:
    """PA-1, P-6: half-way through, and afterwards"""
    organisation = Organisation.objects.get(pk=admin.organisation_id)
    partner = factories.make_person(factories.make_partner(), "global_admin")
    granted_by = Person.objects.get(pk=admin.person_id)
    delegation = factories.make_delegation(organisation, partner.organisation, granted_by=granted_by)
    number = making.filed(admin).number
    acting = factories.actor(partner, customer=organisation)
    ready, waiting = written(asked(acting)), asked(acting)
    assert [row["number"] for row in lines_of(ready)] == [number]
    assert ready.on_behalf_of_id == organisation.pk
    assert not selectors.visible_exports(factories.actor(partner)).exists()

    end_delegation(delegation_id=delegation.pk, actor=admin)

    assert written(waiting).failure == "access_ended"
    assert Delegation.objects.get(pk=delegation.pk).ended_at
    with pytest.raises(ExportNotFound):
        record_download(export_id=ready.pk, actor=factories.actor(partner))


def test_cancelling_and_removing_leave_no_file(
    admin: Actor, room: Path, django_capture_on_commit_callbacks: Any
) -> None:
    making.filed(admin)
    waiting, ready = asked(admin), written(asked(admin, "events"))
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(ExportOver):
            cancel_export(export_id=ready.pk, actor=admin)
        remove_export(export_id=ready.pk, actor=admin)
        remove_export(export_id=waiting.pk, actor=admin)
        fresh = asked(admin)
        cancelled = cancel_export(export_id=fresh.pk, actor=admin)

    assert (cancelled.state, cancelled.failure) == ("cancelled", "by_asker")
    assert [path for path in room.rglob("*") if path.is_file()] == []
    assert kinds_of(fresh.pk) == ["export_asked", "export_cancelled"]
    assert kinds_of(ready.pk)[-1] == "export_removed"


def test_a_file_can_be_had_for_48_hours_to_the_microsecond(
    admin: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    """P-4: swept or not"""
    ready = written(asked(admin))
    last = ready.expires_at
    after = last + timedelta(microseconds=1)

    assert record_download(export_id=ready.pk, actor=admin, now=last)
    with pytest.raises(ExportNotReady) as refusal:
        record_download(export_id=ready.pk, actor=admin, now=after)
    with django_capture_on_commit_callbacks(execute=True):
        assert (expire_exports(now=last), path_of(ready).exists()) == (0, True)
        assert expire_exports(now=after) == 1

    gone = Export.objects.get(pk=ready.pk)
    assert (refusal.value.state, gone.state, gone.key, path_of(ready).exists()) == ("expired", "expired", "", False)
    assert expire_exports(now=gone.settled_at + timedelta(days=30)) == 0
    assert expire_exports(now=gone.settled_at + timedelta(days=30, microseconds=1)) == 1
    assert not Export.objects.exists()


def test_there_are_five_an_hour_for_an_organisation(admin: Actor, organisation: Organisation) -> None:
    """RELIABILITY section 3"""
    colleague = factories.actor(factories.make_person(organisation, "reader"))
    now = clock.now().replace(minute=0, second=1)
    wish = exports.Wish(kind="requests", file_format="csv")
    for number in range(5):
        exports.ask_for_export(wish=wish, actor=(admin, colleague)[number % 2], now=now)

    with pytest.raises(TooMany):
        exports.ask_for_export(wish=wish, actor=colleague, now=now)

    assert Export.objects.count() == 5


def test_exports_have_so_much_room(admin: Actor, settings: Any, room: Path) -> None:
    """Of each organisation, as the operator says; what is too large comes to nothing"""
    settings.EXPORTS_ROOM_MIB = 1
    making.filed(admin)
    ready = written(asked(admin))
    Export.objects.filter(pk=ready.pk).update(size=2**20 - 100)

    too_large = written(asked(admin, "events"))
    Export.objects.filter(pk=ready.pk).update(size=2**20)

    assert (too_large.state, too_large.failure, too_large.size > 0) == ("failed", "too_large", False)
    with pytest.raises(ExportRoomFull):
        asked(admin)


def test_the_asker_hears_of_it_in_the_portal_and_by_mail(admin: Actor, mailoutbox: list[Any]) -> None:
    making.filed(admin)
    written(asked(admin))
    written(asked(admin, notify=False))

    relay_all()

    assert Delivery.objects.filter(notice="export_ready", person=admin.person_id).count() == 2
    [mail] = [each for each in mailoutbox if each.extra_headers["X-Notice"] == "export_ready"]
    assert mail.subject == "Your export is ready: Service requests"
    assert "/organisation/exports/" in mail.body


def test_who_may_no_longer_read_it_hears_nothing(admin: Actor, mailoutbox: list[Any]) -> None:
    """P-6"""
    making.filed(admin)
    written(asked(admin))
    person = Person.objects.get(pk=admin.person_id)
    person.role_grants.all().delete()
    person.role_grants.create(role="billing_admin")

    relay_all()

    assert not [each for each in mailoutbox if each.extra_headers["X-Notice"] == "export_ready"]


def test_an_ever_longer_export_makes_no_more_queries(admin: Actor) -> None:
    """One slice: the same queries for one request as for five"""

    def queries(kind: str) -> int:
        export = exporting.take_up() if asked(admin, kind) else None
        assert export
        with CaptureQueriesContext(connection) as made:
            exporting.work_on(export, until=0)
        assert Export.objects.get(pk=export.pk).state == "ready"
        return len(made)

    making.filed(admin)
    few = {kind: queries(kind) for kind in ("requests", "events")}
    for _ in range(4):
        number = making.filed(admin).number
        add_customer_message(number=number, actor=admin, body="More.")

    assert {kind: queries(kind) for kind in few} == few


def test_files_of_exports_are_no_orphans(admin: Actor, room: Path) -> None:
    ready = written(asked(admin))
    stray = path_of(ready).with_name("0" * 48)
    stray.write_bytes(b"x")
    for path in (stray, path_of(ready)):
        os.utime(path, (0, 0))

    assert remove_orphans() == 1
    assert path_of(ready).exists()
    assert not Attachment.objects.exists()


def test_housekeeping_looks_after_exports(admin: Actor) -> None:
    ready = written(asked(admin))
    now = clock.now()
    Export.objects.filter(pk=ready.pk).update(expires_at=now - timedelta(days=1), settled_at=now - timedelta(days=3))

    assert tidy_up()["exports"] == 1


def test_closing_an_account_ends_what_it_asked_for(admin: Actor, organisation: Organisation) -> None:
    """P-6"""
    colleague = factories.make_person(organisation, "reader")
    export = asked(factories.actor(colleague))

    deactivate_person(person_id=colleague.pk, actor=admin)

    assert written(export).failure == "access_ended"
