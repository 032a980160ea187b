"""Messages, files, events and promises over the API."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from accounts.models import Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import close_at, code_of, kinds_of_events, path_of, pointers_of, queries
from tickets.events import as_written
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import Attachment, Message, ServiceRequest
from tickets.services.severity import change_severity
from tickets.services.storage import LARGEST
from tickets.services.storage import path_of as stored_at
from tickets.services.sweeping import sweep

INTERNAL = {"kind": "internal", "body": "The same cause as yesterday."}


@pytest.fixture(autouse=True)
def attachments_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "attachments"


def say(api, number, status=201, **body):
    answer = api.post(path_of(number, "messages"), body)
    assert answer.status_code == status, answer.content
    return answer.json()


def messages(api, number):
    return api.get(path_of(number, "messages")).json()["results"]


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_reply_is_the_response_that_was_promised(api, staff, open_request):
    """SLA-1"""
    told = say(staff, open_request.number, body="We are on it.")

    assert (told["kind"], told["author"]["name"], told["attachments"]) == ("reply", "Ravi Iyer", [])
    shown = api.get(path_of(open_request.number)).json()
    assert (shown["state"], shown["commitment"]["state"]) == ("in_progress", "kept")
    assert shown["responded_at"] == told["at"]


@pytest.mark.parametrize(
    ("kind", "stored", "state", "responded"),
    [
        ("reply", "reply", "in_progress", True),
        ("call", "call", "in_progress", True),
        ("question", "reply", "awaiting_customer", True),
        ("internal", "internal", "awaiting_response", False),
    ],
)
def test_staff_say_how_they_speak(api, staff, open_request, kind, stored, state, responded):
    """DESIGN, life of a request"""
    assert say(staff, open_request.number, kind=kind, body="Hello.")["kind"] == stored
    shown = api.get(path_of(open_request.number)).json()
    assert (shown["state"], shown["responded_at"] is not None) == (state, responded)


def test_a_customers_message_takes_a_waiting_request_back_to_work(api, staff, open_request):
    """DESIGN, life of a request"""
    assert say(api, open_request.number, body="Still broken.")["kind"] == "customer"
    assert api.get(path_of(open_request.number)).json()["state"] == "awaiting_response"
    say(staff, open_request.number, kind="question", body="Since when?")
    say(api, open_request.number, body="Since eight.")

    assert api.get(path_of(open_request.number)).json()["state"] == "in_progress"
    assert [message["kind"] for message in messages(api, open_request.number)] == [
        "customer",
        "customer",
        "reply",
        "customer",
    ]


@pytest.mark.parametrize("kind", ["reply", "internal", "call", "question"])
def test_customers_do_not_speak_as_staff(api, open_request, kind):
    """P-6"""
    refused = api.post(path_of(open_request.number, "messages"), {"kind": kind, "body": "Solved!"})

    assert (refused.status_code, code_of(refused)) == (403, "not-permitted")
    assert Message.objects.count() == 1


def test_readers_say_nothing(reader, open_request):
    """RO-1"""
    assert code_of(reader.post(path_of(open_request.number, "messages"), {"body": "Hello?"})) == "not-permitted"
    assert len(messages(reader, open_request.number)) == 1


def test_internal_notes_never_reach_customers(api, reader, staff, open_request):
    """RELIABILITY, tenant gate: absent from answers, counts, ETag and timeline"""
    before = api.get(path_of(open_request.number))
    say(staff, open_request.number, **INTERNAL)
    staff.post(path_of(open_request.number, "assign"), {"assignee": "me"})
    note = Message.objects.get(kind="internal")
    upload(staff, open_request.number, message=note.pk)

    for caller in (api, reader):
        assert [message["kind"] for message in messages(caller, open_request.number)] == ["customer"]
        assert caller.get(path_of(open_request.number, "attachments")).json()["results"] == []
        events = caller.get(path_of(open_request.number, "events")).json()["results"]
        assert {event["kind"] for event in events} == {"request_filed", "commitment_made"}
        assert not any(event["internal"] for event in events)
    everything = b"".join(
        api.get(path_of(open_request.number, *part)).content
        for part in ((), ("messages",), ("events",), ("attachments",), ("commitments",))
    )
    assert b"yesterday" not in everything
    assert len(messages(staff, open_request.number)) == 2
    assert before["ETag"].startswith('"1-')


def test_an_internal_note_changes_no_version(api, staff, open_request):
    """RELIABILITY, tenant gate: absent from ETag"""
    before = api.get(path_of(open_request.number))
    say(staff, open_request.number, **INTERNAL)
    after = api.get(path_of(open_request.number))

    assert (after["ETag"], after.json()) == (before["ETag"], before.json())


def test_a_token_without_the_queues_scope_reads_no_internal_notes(staff, open_request):
    """RELIABILITY, scopes: `queue:read` reads internal notes"""
    say(staff, open_request.number, **INTERNAL)
    upload(staff, open_request.number, message=Message.objects.get(kind="internal").pk)
    narrow = factories.api_of(factories.make_staff("engineer"), "requests:read")
    attachment = Attachment.objects.get()

    assert [message["kind"] for message in messages(narrow, open_request.number)] == ["customer"]
    assert narrow.get(path_of(open_request.number, "attachments")).json()["results"] == []
    assert (
        code_of(narrow.get(path_of(open_request.number, "attachments", str(attachment.pk)))) == "attachment-not-found"
    )
    assert not any(event["internal"] for event in narrow.get(path_of(open_request.number, "events")).json()["results"])


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["#/body"]),
        ({"body": ""}, ["#/body"]),
        ({"body": " \n "}, ["#/body"]),
        ({"body": "x" * 50_001}, ["#/body"]),
        ({"body": "a\u202eb"}, ["#/body"]),
        ({"body": "Hello", "kind": "shout"}, ["#/kind"]),
        ({"body": "Hello", "at": "2026-01-01T00:00:00Z", "author": 1}, ["#/at", "#/author"]),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_message_is_pointed_at(api, open_request, body, pointers):
    """RELIABILITY, API"""
    refused = api.post(path_of(open_request.number, "messages"), body)

    assert (refused.status_code, pointers_of(refused)) == (400, pointers)
    assert Message.objects.count() == 1


def test_nothing_is_said_on_a_closed_request_but_internally(api, staff, closed_now):
    """DESIGN, life of a request"""
    for caller in (api, staff):
        refused = caller.post(path_of(closed_now.number, "messages"), {"body": "Hello?"})
        assert (refused.status_code, code_of(refused)) == (409, "illegal-transition")
        assert refused.json()["state"] == "closed"
    say(staff, closed_now.number, **INTERNAL)


def test_a_message_is_sent_once_per_key_and_only_to_the_version_that_was_read(api, open_request):
    """P-2, settled point 11"""
    path, body = path_of(open_request.number, "messages"), {"body": "Still broken."}
    first, again = (api.post(path, body, headers={"Idempotency-Key": "m-1"}) for _ in range(2))

    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert Message.objects.count() == 2
    stale = api.post(path, body, headers={"If-Match": '"1"'})
    assert (stale.status_code, code_of(stale), stale.json()["current_version"]) == (412, "version-mismatch", 2)
    assert api.post(path, body, headers={"If-Match": first["ETag"]}).status_code == 201


def test_a_conversation_costs_the_same_however_long_it_is(api, staff, open_request):
    """STYLE"""
    counts = set()
    for _ in range(2):
        api.get(path_of(open_request.number, "messages"))
        with queries() as made:
            api.get(path_of(open_request.number, "messages"))
        counts.add(len(made))
        for index in range(8):
            say((api, staff)[index % 2], open_request.number, body="Hello.")
    assert counts == {5}


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def upload(api, number, content=b"line 1\nline 2\n", name="trace.txt", **fields):
    file = SimpleUploadedFile(name, content)
    return api.post(path_of(number, "attachments"), {"file": file, **fields}, format="multipart")


def test_a_file_is_stored_and_comes_back_as_it_was(api, staff, open_request):
    """P-7; RELIABILITY section 3"""
    content = "檔案內容\n".encode() * 1000
    stored = upload(api, open_request.number, content, name="郵件 追蹤.txt")

    assert stored.status_code == 201, stored.content
    told = stored.json()
    first = Message.objects.get().pk  # a file that names no message goes with the first one
    assert (told["name"], told["size"], told["message"]) == ("郵件 追蹤.txt", len(content), first)
    assert (told["content_type"], told["sha256"]) == ("text/plain", hashlib.sha256(content).hexdigest())
    assert stored["Location"] == told["url"]
    for caller in (api, staff):
        file = caller.get(told["url"])
        assert b"".join(file.streaming_content) == content
        assert file["Content-Type"] == "application/octet-stream"
        assert file["Content-Disposition"] == (
            "attachment; filename*=utf-8''%E9%83%B5%E4%BB%B6%20%E8%BF%BD%E8%B9%A4.txt"
        )
        assert file["Content-Length"] == str(len(content))
        assert file["X-Content-Type-Options"] == "nosniff"
        assert file["Content-Security-Policy"] == (
            "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'none'"
        )
        assert file["Cache-Control"] == "no-store"
        assert file["Referrer-Policy"] == "same-origin"
    assert api.get(path_of(open_request.number, "attachments")).json()["results"] == [told]


@pytest.mark.parametrize("accept", ["*/*", "application/octet-stream", "text/plain", "image/png"])
def test_a_file_comes_whatever_the_caller_accepts(api, open_request, accept):
    url = upload(api, open_request.number).json()["url"]

    assert api.get(url, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "script.js", "macro.xlsm"])
def test_whatever_it_is_it_comes_as_a_download(api, open_request, name):
    """P-7"""
    content = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>"
    file = api.get(upload(api, open_request.number, content, name=name).json()["url"])

    assert file["Content-Disposition"].startswith("attachment;")
    assert file["Content-Type"] == "application/octet-stream"


def test_a_file_lies_apart_from_others_and_from_its_name(api, open_request):
    """RELIABILITY, attachments: a random key outside the web root, 0600, in the organisation's folder"""
    upload(api, open_request.number, name="../../etc/passwd")
    attachment = Attachment.objects.get()

    path = stored_at(attachment)
    assert attachment.name == "passwd"
    assert path.parent == Path(settings.MEDIA_ROOT) / str(open_request.organisation_id)
    assert path.name not in ("passwd", attachment.name)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_can_belong_to_a_message_of_ones_own(api, staff, open_request):
    """DESIGN, the API"""
    mine = say(api, open_request.number, body="Here is the trace.")["id"]
    theirs = say(staff, open_request.number, body="Thank you.")["id"]

    assert upload(api, open_request.number, message=mine).json()["message"] == mine
    assert messages(api, open_request.number)[1]["attachments"][0]["name"] == "trace.txt"
    for message in (theirs, 0, 10**18, 10**30, "x", "１"):
        refused = upload(api, open_request.number, message=message)
        assert (refused.status_code, pointers_of(refused)) == (400, ["#/message"]), message
    assert Attachment.objects.count() == 1


def test_a_message_takes_ten_files(api, open_request):
    """RELIABILITY section 3"""
    message = say(api, open_request.number, body="Here they are.")["id"]
    for _ in range(10):
        assert upload(api, open_request.number, message=message).status_code == 201

    refused = upload(api, open_request.number, message=message)

    assert (refused.status_code, code_of(refused)) == (400, "attachment-refused")
    assert "10 files" in refused.json()["detail"]
    assert Attachment.objects.count() == 10


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "empty.txt", 400, "attachment-refused"),
        (b"x", "x" * 121, 400, "attachment-refused"),
        (b"x" * (LARGEST + 1), "large.bin", 413, "attachment-too-large"),
    ],
    ids=["empty", "name", "large"],
)
def test_files_that_cannot_be_taken_are_refused(api, open_request, content, name, status, code):
    """RELIABILITY section 3"""
    refused = upload(api, open_request.number, content, name=name)

    assert (refused.status_code, code_of(refused)) == (status, code)
    assert pointers_of(refused) == ["#/file"]
    assert not Attachment.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_a_file_of_exactly_25_mebibytes_is_taken(api, open_request):
    """RELIABILITY section 3"""
    assert upload(api, open_request.number, b"x" * LARGEST).status_code == 201


def test_a_form_without_a_file_is_refused(api, open_request):
    path = path_of(open_request.number, "attachments")
    without = api.post(path, {}, format="multipart")
    text = api.post(path, {"file": "not a file"}, format="multipart")
    as_json = api.post(path, {"file": "x"}, format="json")
    more = api.post(path, {"file": io.BytesIO(b"x"), "organisation": "1"}, format="multipart")

    assert (without.status_code, pointers_of(without)) == (400, ["#/file"])
    assert (text.status_code, pointers_of(text)) == (400, ["#/file"])
    assert (as_json.status_code, code_of(as_json)) == (415, "unsupported-media-type")
    assert "#/organisation" in pointers_of(more)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00b.txt"\r\n\r\nx\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\r\nb.txt"\r\n\r\nx\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="mess\x00age"\r\n\r\n1\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n\x00\xff\r\n--x--\r\n',
    ],
)
def test_forms_that_break_others_are_read_calmly(api, open_request, body):
    """P-8"""
    answer = api.generic(
        "POST", path_of(open_request.number, "attachments"), body, content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code in (201, 400), answer.content
    names = Attachment.objects.values_list("name", flat=True)
    assert all(name.isprintable() for name in names)


def test_a_file_is_found_through_its_request_only(api, stranger, admin_person, open_request):
    """RELIABILITY, API: attachment by request, never alone"""
    other = making.filed(factories.actor(admin_person))
    attachment = upload(api, open_request.number).json()["id"]

    elsewhere = api.get(path_of(other.number, "attachments", str(attachment)))
    missing = api.get(path_of(other.number, "attachments", str(attachment + 1)))
    assert elsewhere.status_code == missing.status_code == 404
    assert len(elsewhere.content) == len(missing.content)
    assert code_of(stranger.get(path_of(open_request.number, "attachments", str(attachment)))) == "request-not-found"
    assert api.get(path_of(other.number, "attachments", "9" * 30)).status_code == 404
    assert api.get(path_of(other.number, "attachments", "١")).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_there(api, open_request):
    """P-8: no traceback"""
    url = upload(api, open_request.number).json()["url"]
    stored_at(Attachment.objects.get()).unlink()

    assert code_of(api.get(url)) == "attachment-not-found"


def test_files_are_for_open_requests(api, reader, closed_now):
    """DESIGN, life of a request; RO-1"""
    assert code_of(upload(api, closed_now.number)) == "illegal-transition"
    assert code_of(upload(reader, closed_now.number)) == "not-permitted"
    assert not Attachment.objects.exists()


def test_an_upload_sent_again_with_its_key_is_stored_once(api, open_request):
    """P-2"""
    path = path_of(open_request.number, "attachments")
    first, again = (
        api.post(
            path, {"file": SimpleUploadedFile("a.txt", b"x")}, format="multipart", headers={"Idempotency-Key": "f"}
        )
        for _ in range(2)
    )

    assert (first.status_code, again.json()) == (201, first.json())
    assert Attachment.objects.count() == 1


# ── events and promises ─────────────────────────────────────────────────────────────────────────────────────────────


def test_events_tell_the_story_to_both_sides(api, staff, open_request):
    """P-10"""
    staff.post(path_of(open_request.number, "assign"), {"assignee": "me"})
    say(staff, open_request.number, body="We are on it.")
    staff.post(path_of(open_request.number, "severity"), {"severity": "B", "reason": "One site."})

    theirs = api.get(path_of(open_request.number, "events")).json()["results"]
    ours = staff.get(path_of(open_request.number, "events")).json()["results"]
    assert [event["kind"] for event in ours] == kinds_of_events(open_request.number)
    assert [event for event in ours if not event["internal"]] != theirs  # staff see ids
    assert [event["id"] for event in ours if not event["internal"]] == [event["id"] for event in theirs]
    changed = next(event for event in theirs if event["kind"] == "severity_changed")
    assert (changed["details"], changed["actor"]) == ({"from": "A", "to": "B"}, {"name": "Ravi Iyer"})
    assert changed["text"] == "Severity changed"
    assert next(event for event in theirs if event["kind"] == "commitment_made")["actor"] is None


def test_events_write_instants_as_everything_else_does(api, staff, open_request):
    """RELIABILITY, the API: ISO 8601 in UTC, with a Z"""
    due_at = api.get(path_of(open_request.number)).json()["commitment"]["due_at"]

    for reader in (api, staff):
        told = reader.get(path_of(open_request.number, "events")).json()["results"]
        assert [each["details"]["due_at"] for each in told if each["kind"] == "commitment_made"] == [due_at]
    assert as_written({"join_at": {"from": None, "to": "2026-11-24T09:00:00+00:00"}, "reason": "+00:00"}) == {
        "join_at": {"from": None, "to": "2026-11-24T09:00:00Z"},
        "reason": "+00:00",
    }


def test_events_tell_customers_no_ids_of_people(api, staff, open_request, organisation):
    """Staff's and others' private data stays inside"""
    colleague = factories.make_person(organisation, "global_admin")
    etag = api.get(path_of(open_request.number))["ETag"]
    changed = api.patch(path_of(open_request.number), {"primary_contact": colleague.email}, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.content

    for caller, keys in ((api, {"changed"}), (staff, {"changed", "person", "primary_contact", "from", "to"})):
        event = caller.get(path_of(open_request.number, "events")).json()["results"][-1]
        assert (event["kind"], set(event["details"])) == ("contact_changed", keys)


def test_escalation_steps_are_for_staff(api, staff, admin_person):
    """DESIGN, timers and escalation: staff see the whole ladder"""
    service_request = making.filed(factories.actor(admin_person), now=clock.now() - timedelta(hours=3))
    sweep()

    theirs, ours = (
        [event["kind"] for event in caller.get(path_of(service_request.number, "events")).json()["results"]]
        for caller in (api, staff)
    )
    assert "escalation_step" in ours
    assert set(theirs) == {"request_filed", "commitment_made", "commitment_breached"}


def test_every_promise_is_listed_with_its_own_outcome(api, open_request, engineer):
    """Settled points 1 and 2; SLA-1"""
    number = open_request.number
    change_severity(number=number, actor=engineer, severity="C", reason="Only a question.")
    change_severity(number=number, actor=engineer, severity="A", reason="It is not.")

    promises = api.get(path_of(number, "commitments")).json()["results"]

    assert [(each["severity"], each["state"], each["reason"], each["end"]) for each in promises] == [
        ("A", "running", "raised", None),
        ("C", "superseded", "lowered", "superseded"),
        ("A", "superseded", "filed", "superseded"),
    ]
    assert [(each["cycle"], each["revision"]) for each in promises] == [(1, 3), (1, 2), (1, 1)]
    assert all(each["explanation"] for each in promises)
    assert api.get(path_of(number)).json()["commitment"]["due_at"] == promises[0]["due_at"]
    page = api.get(path_of(number, "commitments"), {"page_size": 2}).json()
    rest = api.get(page["next"]).json()
    assert page["results"] + rest["results"] == promises


def test_a_breach_is_dated_at_the_deadline_before_any_sweep(api, admin_person):
    """P-4"""
    service_request = making.filed(factories.actor(admin_person), now=clock.now() - timedelta(hours=3))

    promise = api.get(path_of(service_request.number, "commitments")).json()["results"][0]

    assert (promise["state"], promise["breached_at"]) == ("breached", promise["due_at"])
    assert not Event.objects.filter(kind="commitment_breached").exists()


def test_explanations_name_the_callers_clock(organisation, subscription):
    """DESIGN, commitments: shown in their language, on their clock"""
    person = factories.make_person(organisation, "global_admin", timezone="America/New_York")
    number = making.filed(factories.actor(person), severity="B").number

    promise = factories.api_of(person).get(path_of(number)).json()["commitment"]

    assert promise["explanation"][0] == "Days and times are those of Asia/Taipei."
    assert "(America/New York)" in promise["due_text"]  # Taipei's midnight is noon there


@pytest.mark.parametrize("part", ["messages", "events", "commitments", "attachments"])
def test_what_hangs_on_an_archived_request_can_still_be_read(api, closed_now, part):
    """CH-4, CH-5"""
    close_at(closed_now, clock.now() - REOPEN_WINDOW - timedelta(days=400))

    answer = api.get(path_of(closed_now.number, part))

    assert answer.status_code == 200
    assert set(answer.json()) == {"next", "previous", "results"}
    assert ServiceRequest.objects.get().state == "closed"


def test_the_desk_reads_the_deadlines_of_a_request_and_what_became_of_them(staff, api, open_request):
    """RO-3, P-3: those to come, done and cancelled, in the order of their page, and to nobody else"""
    address = path_of(open_request.number, "timers")
    coming = staff.get(address).json()["results"]
    staff.post(path_of(open_request.number, "messages"), {"body": "We look."})
    after = staff.get(address).json()["results"]

    assert [row["due_at"] for row in coming] == sorted((row["due_at"] for row in coming), reverse=True)
    assert {row["state"] for row in coming} == {"waiting"}
    steps = {row["step"]: row for row in coming if row["kind"] == "response"}
    assert (steps["100"]["text"], steps["50"]["tells"]) == ("Response escalation · 100 %", ["assignee_or_team"])
    over = [row for row in after if row["kind"] == "response"]
    assert {(row["state"], row["cause"], bool(row["settled_at"])) for row in over} == {("cancelled", "answered", True)}
    assert code_of(api.get(address)) == "not-permitted"
