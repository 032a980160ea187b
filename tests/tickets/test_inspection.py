"""The virus scan of files, and their previews: done by workers, seen on the page and over the API."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, close_old_connections, transaction
from PIL import Image

from accounts import clock
from accounts.models import Delivery, Event, Person
from support_portal.health import examine
from tests import clamd, factories
from tests.tickets import making
from tickets.errors import AttachmentRefused, StorageFull
from tickets.models import Attachment
from tickets.services import attachments, inspection
from tickets.services.attachments import attach_file
from tickets.services.conversation import add_internal_note
from tickets.services.orphans import remove_orphans
from tickets.services.storage import path_of, preview_path_of


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def scanner(settings):
    """A virus scanner that the portal knows of."""
    with clamd.scanning() as running:
        settings.CLAMD_URL = running.url
        yield running


@pytest.fixture
def filed(admin):
    """A request of now: edges ask the clock."""
    return making.filed(admin)


def picture(form="PNG", size=(90, 60), behind=b"", name="screen.png"):
    """A picture as a form brings it."""
    written = io.BytesIO()
    Image.new("RGB", size, "navy").save(written, form)
    return SimpleUploadedFile(name, written.getvalue() + behind)


def attached(filed, actor, upload=None, **more):
    """A file on the request."""
    upload = upload or SimpleUploadedFile("trace.log", b"some lines")
    return attach_file(number=filed.number, actor=actor, upload=upload, **more)


def browser_of(actor):
    """The browser of this actor."""
    return factories.browser_of(Person.objects.get(pk=actor.person_id))


def address(attachment, *, api=False):
    """Where it is downloaded."""
    number = attachment.request.number
    return f"/api/v1/service-requests/{number}/attachments/{attachment.pk}/" if api else (
        f"/requests/{number}/files/{attachment.pk}/"
    )  # fmt: skip


def looked_at(attachment):
    """Its row after a round of inspection."""
    inspection.inspect_all()
    return Attachment.objects.get(pk=attachment.pk)


def test_without_a_scanner_files_are_handed_out_and_say_so(filed, admin):
    """RELIABILITY, attachments"""
    attachment = attached(filed, admin)

    assert (attachment.scan, attachment.inspect_at, looked_at(attachment).scan) == ("unscanned", None, "unscanned")
    assert "not scanned for viruses" in browser_of(admin).get(f"/requests/{filed.number}/").content.decode()


def test_a_file_that_waits_for_its_scan_is_its_senders_alone(filed, admin, engineer, scanner):
    """P-7: on the page and over the API; the sender has it anyway."""
    attachment = attached(filed, admin)
    sender, desk = browser_of(admin), browser_of(engineer)
    program = factories.api_of(Person.objects.get(pk=engineer.person_id))

    assert attachment.scan == "waiting"
    assert sender.get(address(attachment)).status_code == 200
    assert desk.get(address(attachment)).status_code == 409
    refusal = program.get(address(attachment, api=True))
    assert (refusal.status_code, refusal.json()["code"], refusal["Retry-After"]) == (409, "attachment-waiting", "30")
    page = desk.get(f"/requests/{filed.number}/").content.decode()
    assert "being scanned for viruses" in page
    assert address(attachment) not in page


@pytest.mark.parametrize("by_file", [True, False])
def test_a_clean_file_is_handed_out_to_all_who_may_read(filed, admin, engineer, settings, tmp_path, by_file):
    """RELIABILITY, attachments: by a port or by a socket, byte for byte."""
    with clamd.scanning(tmp_path / "clamd.ctl" if by_file else None) as scanner:
        settings.CLAMD_URL = scanner.url
        content = b"line\n" * 200_000  # more than one part
        attachment = attached(filed, admin, SimpleUploadedFile("trace.log", content))

        found = looked_at(attachment)

        assert (found.scan, found.inspect_at, scanner.given) == ("clean", None, [content])
    answer = browser_of(engineer).get(address(found))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, content)
    files = factories.api_of(Person.objects.get(pk=admin.person_id)).get(
        f"/api/v1/service-requests/{filed.number}/attachments/"
    )
    assert files.json()["results"][0]["scan"] == "clean"


def test_a_file_with_a_virus_goes_and_both_sides_are_told(
    filed, admin, engineer, scanner, django_capture_on_commit_callbacks
):
    """P-7, P-10: refused to everybody for good, with an event; a second look finds nothing to do."""
    attachment = attached(filed, admin, SimpleUploadedFile("invoice.txt", clamd.EICAR))

    with django_capture_on_commit_callbacks(execute=True):
        found = looked_at(attachment)

    assert (found.scan, found.inspect_at, path_of(found).exists()) == ("infected", None, False)
    assert [browser_of(each).get(address(found)).status_code for each in (admin, engineer)] == [410, 410]
    answer = factories.api_of(Person.objects.get(pk=admin.person_id)).get(address(found, api=True))
    assert (answer.status_code, answer.json()["code"]) == (410, "attachment-infected")
    event = Event.objects.get(kind="file_infected")
    assert (event.number, event.internal, event.data) == (filed.number, False, {"attachment": found.pk})
    told = set(Delivery.objects.filter(event=event, channel="mail").values_list("person", flat=True))
    assert told == {admin.person_id, engineer.person_id}
    assert "a virus was found" in browser_of(engineer).get(f"/requests/{filed.number}/").content.decode()
    inspection._settle_infected(attachment_id=found.pk)
    assert Event.objects.filter(kind="file_infected").count() == 1


def test_a_virus_in_a_note_is_for_the_desk_alone(filed, admin, engineer, scanner):
    """P-5: customers learn nothing of internal notes."""
    note = add_internal_note(number=filed.number, actor=engineer, body="See the file.")
    attachment = attached(filed, engineer, SimpleUploadedFile("x.txt", clamd.EICAR), message=note)

    looked_at(attachment)

    event = Event.objects.get(kind="file_infected")
    assert event.internal
    assert set(Delivery.objects.filter(event=event).values_list("person", flat=True)) == {engineer.person_id}


def test_an_infected_file_takes_no_room(filed, admin, scanner, monkeypatch):
    """RELIABILITY section 3"""
    monkeypatch.setattr(attachments, "ROOM_PER_ORGANISATION", len(clamd.EICAR) + 5)
    looked_at(attached(filed, admin, SimpleUploadedFile("x.txt", clamd.EICAR)))

    assert attached(filed, admin).size == 10


@pytest.mark.parametrize("trouble", ["away", "hangs up", "refuses", "babbles"])
def test_with_the_scanner_away_a_file_goes_on_waiting(filed, admin, settings, scanner, trouble):
    """P-9: no other word than its two counts; it is tried again, later each time, and operators see it."""
    attachment = attached(filed, admin)
    if trouble == "away":
        settings.CLAMD_URL = "tcp://127.0.0.1:9"
    scanner.hangs_up = trouble == "hangs up"
    scanner.says = {"refuses": b"INSTREAM size limit exceeded. ERROR", "babbles": b"stream: NOT OK"}.get(trouble, b"")

    found = looked_at(attachment)

    assert (found.scan, found.attempts) == ("waiting", 1)
    assert timedelta(seconds=5) < found.inspect_at - clock.now() <= timedelta(seconds=10)
    assert inspection.inspect_all() == 0
    Attachment.objects.update(uploaded_at=clock.now() - timedelta(minutes=16), inspect_at=clock.now())
    assert "files_unscanned" in examine().alerts
    scanner.hangs_up, scanner.says, settings.CLAMD_URL = False, b"", scanner.url
    assert looked_at(attachment).scan == "clean"
    assert "files_unscanned" not in examine().alerts


def test_a_lease_that_lapsed_is_taken_up_by_another(filed, admin, scanner):
    """P-9: whoever had it may have died; until then nobody else looks, and then the sweeper does."""
    attachment = attached(filed, admin)
    [leased] = inspection._lease()

    assert (leased.pk, inspection._lease(), inspection.is_stale()) == (attachment.pk, [], False)
    Attachment.objects.update(inspect_at=clock.now() - timedelta(seconds=31))
    assert inspection.is_stale()
    assert looked_at(attachment).scan == "clean"


def test_a_picture_is_shown_drawn_anew_and_handed_out_as_it_was(filed, admin, engineer, room):
    """P-7: the preview is ours, the download the original."""
    attachment = attached(filed, admin, picture(behind=b"<script>alert(1)</script>"))
    desk = browser_of(engineer)
    assert desk.get(address(attachment) + "preview/").status_code == 404

    found = looked_at(attachment)

    assert (found.preview, found.preview_width, found.preview_height) == ("ready", 90, 60)
    answer = desk.get(address(found) + "preview/")
    shown = b"".join(answer.streaming_content)
    assert (answer["Content-Type"], answer["Content-Disposition"][:7]) == ("image/webp", "inline;")
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert (Image.open(io.BytesIO(shown)).size, b"script" in shown) == ((90, 60), False)
    assert preview_path_of(found).stat().st_mode & 0o777 == 0o600
    assert b"script" in b"".join(desk.get(address(found)).streaming_content)
    assert address(found) + "preview/" in desk.get(f"/requests/{filed.number}/").content.decode()
    listed = factories.api_of(Person.objects.get(pk=engineer.person_id)).get(
        f"/api/v1/service-requests/{filed.number}/attachments/"
    )
    assert listed.json()["results"][0]["preview_url"].endswith(f"/attachments/{found.pk}/preview/")


def test_a_preview_passes_the_gates_of_its_file(filed, admin, engineer):
    """P-5: a stranger's and one of a note do not exist, on the page and over the API."""
    note = add_internal_note(number=filed.number, actor=engineer, body="See the picture.")
    public = looked_at(attached(filed, admin, picture()))
    internal = looked_at(attached(filed, engineer, picture(), message=note))
    stranger = factories.make_person(factories.make_organisation(), "global_admin")
    people = [stranger, Person.objects.get(pk=admin.person_id), Person.objects.get(pk=engineer.person_id)]

    def statuses(row, *, api):
        callers = [factories.api_of(each) if api else factories.browser_of(each) for each in people]
        return [caller.get(address(row, api=api) + "preview/").status_code for caller in callers]

    for api in (False, True):
        assert (statuses(public, api=api), statuses(internal, api=api)) == ([404, 200, 200], [404, 404, 200])


def test_a_picture_is_scanned_before_it_is_drawn(filed, admin, scanner, room):
    """P-7: of one with a virus there is no preview, and the database would not have one."""
    attachment = attached(filed, admin, picture(behind=clamd.EICAR))

    found = looked_at(attachment)

    assert (found.scan, found.preview, found.preview_key) == ("infected", "none", "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=found.pk).update(preview="ready", preview_key="x")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\x09\0\0\0\x09" + b"\xff" * 90])
def test_a_picture_that_cannot_be_drawn_stays_a_download(filed, admin, content):
    """P-7, P-9"""
    attachment = attached(filed, admin, SimpleUploadedFile("broken.png", content))

    found = looked_at(attachment)

    assert (found.preview, found.inspect_at) == ("failed", None)
    assert browser_of(admin).get(address(found)).status_code == 200


def test_a_picture_of_a_hundred_megapixels_is_refused_before_it_is_decoded(filed, admin, room):
    """RELIABILITY, attachments: by its header."""
    written = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(written, "PNG")

    with pytest.raises(AttachmentRefused) as refused:
        attached(filed, admin, SimpleUploadedFile("huge.png", written.getvalue()))

    assert (refused.value.problem, Attachment.objects.count()) == ("pixels", 0)


def test_previews_are_no_orphans_and_files_with_a_virus_are(filed, admin, scanner, room):
    """RELIABILITY, attachments: where the removal after a commit did not come to pass."""
    import os

    shown = looked_at(attached(filed, admin, picture()))
    ill = looked_at(attached(filed, admin, SimpleUploadedFile("x.txt", clamd.EICAR)))
    assert path_of(ill).exists()  # this test commits nothing
    for path in path_of(ill).parent.iterdir():
        os.utime(path, (1, 1))

    assert remove_orphans() == 1
    assert sorted(path.name for path in path_of(ill).parent.iterdir()) == sorted([shown.key, shown.preview_key])


def test_the_room_holds_however_many_files_come_at_once(own_database, monkeypatch, settings, room):
    """RELIABILITY section 3: 5 GiB are 5 GiB, in parallel and on different requests too."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))
    numbers = [making.filed(admin).number for _ in range(6)]
    monkeypatch.setattr(attachments, "ROOM_PER_ORGANISATION", 30)
    outcomes, start = [], threading.Barrier(6)

    def attach(number):
        start.wait()
        try:
            attach_file(number=number, actor=admin, upload=SimpleUploadedFile("a.log", b"0123456789"))
            outcomes.append("stored")
        except StorageFull:
            outcomes.append("full")
        finally:
            close_old_connections()

    threads = [threading.Thread(target=attach, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["full"] * 3 + ["stored"] * 3
    assert len([path for path in room.rglob("*") if path.is_file()]) == 3
