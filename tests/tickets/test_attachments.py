"""Files on a request."""

import stat
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from tests import factories
from tests.tickets.conftest import MONDAY
from tickets.errors import (
    AttachmentMismatch,
    AttachmentRefused,
    AttachmentTooLarge,
    IllegalTransition,
    RequestNotFound,
    StorageFull,
    StorageUnavailable,
)
from tickets.forms import MessageForm
from tickets.models import Attachment
from tickets.services import attachments, storage
from tickets.services.attachments import attach_file
from tickets.services.conversation import add_internal_note
from tickets.services.orphans import remove_orphans
from tickets.services.storage import path_of

LATER = MONDAY + timedelta(minutes=10)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def file(name="trace.log", content=b"some lines"):
    """A file as a form brings it."""
    return SimpleUploadedFile(name, content)


def test_a_file_is_kept_under_a_random_key_that_nobody_else_reads(open_request, admin):
    """RELIABILITY, attachments: the given name is a label only, the mode 0600."""
    attachment = attach_file(number=open_request.number, actor=admin, upload=file("../../etc/pässwörd.txt"), now=LATER)

    path = path_of(attachment)
    assert attachment.name == "pässwörd.txt"
    assert "pässwörd" not in str(path)
    assert path.read_bytes() == b"some lines"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.parent.name == str(open_request.organisation_id)


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("picture.png", PNG, "image/png"),
        ("notes", "Grüße 信".encode(), "text/plain"),
        ("big5.txt", "信箱無法".encode("big5"), "application/octet-stream"),
        ("report.pdf", b"%PDF-" + b"1.7 0 obj", "application/pdf"),
    ],
)
def test_the_type_follows_the_content(open_request, admin, name, content, content_type):
    """P-7"""
    attachment = attach_file(number=open_request.number, actor=admin, upload=file(name, content), now=LATER)

    assert attachment.content_type == content_type


@pytest.mark.parametrize(
    ("name", "content", "said", "found"),
    [
        ("picture.jpg", PNG, "JPEG", "PNG"),
        ("picture.png", b"some lines", "PNG", ""),
        ("notes.txt", PNG, "TXT", "PNG"),
        ("notes.txt", b"a\0b", "TXT", ""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(open_request, admin, room, name, content, said, found):
    """P-7: with words that tell what it is; nothing stays on the disk, and no event tells of it."""
    with pytest.raises(AttachmentMismatch) as refused:
        attach_file(number=open_request.number, actor=admin, upload=file(name, content), now=LATER)

    assert (refused.value.said, refused.value.found) == (said, found)
    assert not Attachment.objects.exists()
    assert not [path for path in room.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "nul.txt",
        "COM1.log.gz",
        "evil\u202egpj.exe",
        "b\0.txt",
        "x" * 300,
        "a\nb.txt",
        "zero\u200bwidth.txt",
        "x" * 121,
        "..",
    ],
)
def test_names_that_deceive_are_refused(open_request, admin, name):
    """P-7"""
    upload = file()
    upload._name = name

    with pytest.raises(AttachmentRefused):
        attach_file(number=open_request.number, actor=admin, upload=upload, now=LATER)


def test_an_empty_file_is_refused(open_request, admin):
    """P-7"""
    with pytest.raises(AttachmentRefused):
        attach_file(number=open_request.number, actor=admin, upload=file(content=b""), now=LATER)


@pytest.mark.parametrize(("size", "error"), [(storage.LARGEST, None), (storage.LARGEST + 1, AttachmentTooLarge)])
def test_25_mib_are_kept_and_one_byte_more_is_not(open_request, admin, size, error):
    """RELIABILITY section 3"""
    upload = file(content=b"a" * size)

    if error:
        with pytest.raises(error):
            attach_file(number=open_request.number, actor=admin, upload=upload, now=LATER)
    else:
        assert attach_file(number=open_request.number, actor=admin, upload=upload, now=LATER).size == size


def test_a_file_that_lies_about_its_length_is_measured(open_request, admin, room, monkeypatch):
    """RELIABILITY section 3: what is written counts, not what was announced."""
    monkeypatch.setattr(storage, "LARGEST", 10)
    upload = file(content=b"eleven char")
    upload.size = 3

    with pytest.raises(AttachmentTooLarge):
        attach_file(number=open_request.number, actor=admin, upload=upload, now=LATER)

    assert not [path for path in room.rglob("*") if path.is_file()]


def test_the_room_of_an_organisation_is_bounded(open_request, admin, room, monkeypatch):
    """RELIABILITY section 3"""
    monkeypatch.setattr(attachments, "ROOM_PER_ORGANISATION", 15)
    attach_file(number=open_request.number, actor=admin, upload=file(), now=LATER)

    with pytest.raises(StorageFull):
        attach_file(number=open_request.number, actor=admin, upload=file(), now=LATER)

    assert [path.read_bytes() for path in room.rglob("*") if path.is_file()] == [b"some lines"]


def test_ten_files_fit_on_a_message_and_an_eleventh_does_not(open_request, admin, engineer):
    """RELIABILITY section 3"""
    note = add_internal_note(number=open_request.number, actor=engineer, body="Files.", now=LATER)
    for _ in range(10):
        attach_file(number=open_request.number, actor=engineer, upload=file(), message=note, now=LATER)

    with pytest.raises(AttachmentRefused):
        attach_file(number=open_request.number, actor=engineer, upload=file(), message=note, now=LATER)


def test_a_closed_request_takes_no_files(closed_request, admin):
    """CH-4"""
    with pytest.raises(IllegalTransition):
        attach_file(number=closed_request.number, actor=admin, upload=file(), now=LATER + timedelta(hours=1))


def test_a_stranger_attaches_nothing(open_request):
    """P-5"""
    stranger = factories.actor(factories.make_person(factories.make_organisation(), "global_admin"))

    with pytest.raises(RequestNotFound):
        attach_file(number=open_request.number, actor=stranger, upload=file(), now=LATER)


def test_a_download_is_inert_and_keeps_its_name(open_request, admin, organisation):
    """P-7, RELIABILITY section 3"""
    evil = file("page.html", b"<script>alert(1)</script>")
    attachment = attach_file(number=open_request.number, actor=admin, upload=evil, now=LATER)
    browser = factories.browser_of(factories.Person.objects.get(pk=admin.person_id))

    response = browser.get(f"/requests/{open_request.number}/files/{attachment.pk}/")

    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"


def test_a_name_in_any_script_survives_the_download(open_request, admin):
    """RFC 5987: quotes and other scripts are encoded, so that no name becomes another header."""
    attachment = attach_file(number=open_request.number, actor=admin, upload=file('信 "1".txt'), now=LATER)
    browser = factories.browser_of(factories.Person.objects.get(pk=admin.person_id))

    response = browser.get(f"/requests/{open_request.number}/files/{attachment.pk}/", HTTP_RANGE="bytes=0-3")

    expected = "attachment; filename*=utf-8''%E4%BF%A1%20%221%22.txt"
    assert (response.status_code, response["Content-Disposition"]) == (200, expected)
    assert b"".join(response.streaming_content) == b"some lines"


def test_a_file_of_a_note_and_a_strangers_file_are_not_there(open_request, admin, engineer):
    """P-5: looked up through the request, and internal files pass the second gate."""
    note = add_internal_note(number=open_request.number, actor=engineer, body="Files.", now=LATER)
    internal = attach_file(number=open_request.number, actor=engineer, upload=file(), message=note, now=LATER)
    public = attach_file(number=open_request.number, actor=admin, upload=file(), now=LATER)
    mine = factories.browser_of(factories.Person.objects.get(pk=admin.person_id))
    theirs = factories.browser_of(factories.make_person(factories.make_organisation(), "global_admin"))
    staff = factories.browser_of(factories.Person.objects.get(pk=engineer.person_id))

    def status(browser, attachment):
        return browser.get(f"/requests/{open_request.number}/files/{attachment.pk}/").status_code

    assert [status(browser, internal) for browser in (mine, theirs, staff)] == [404, 404, 200]
    assert [status(browser, public) for browser in (mine, theirs, staff)] == [200, 404, 200]


def test_a_full_disk_leaves_no_half_file_and_no_row(open_request, admin, room):
    """P-9: the refusal says to try again; the rest of the portal goes on."""
    room.mkdir(parents=True)
    folder = room / str(open_request.organisation_id)
    folder.write_bytes(b"a file where the folder should be")  # what the disk refuses, for root as well

    with pytest.raises(StorageUnavailable):
        attach_file(number=open_request.number, actor=admin, upload=file(), now=LATER)

    assert not Attachment.objects.exists()


def test_files_without_a_row_go_after_a_day(open_request, admin, room):
    """RELIABILITY, attachments: what a crash leaves behind is swept, what has a row stays."""
    import os

    attachment = attach_file(number=open_request.number, actor=admin, upload=file(), now=LATER)
    folder = path_of(attachment).parent
    young, old = folder / "young", folder / "old"
    for path in (young, old):
        path.write_bytes(b"x")
    long_ago = old.stat().st_mtime - 90_000
    for path in (old, path_of(attachment)):
        os.utime(path, (long_ago, long_ago))

    assert remove_orphans() == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(["young", attachment.key])
    assert Attachment.objects.count() == 1


def test_a_form_that_sends_and_clears_its_files_at_once_sends_them() -> None:
    """P-8: no page of ours has such a box, and anybody may send one"""
    files = MultiValueDict({"attachments": [file("a.txt"), file("b.txt")]})

    form = MessageForm({"key": "k", "body": "Hello.", "attachments-clear": "on"}, files)

    assert form.is_valid()
    assert [each.name for each in form.cleaned_data["attachments"]] == ["a.txt", "b.txt"]
