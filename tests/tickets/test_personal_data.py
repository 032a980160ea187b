"""A person's own data as a file."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Event, Person, PersonSession
from tests import factories
from tests.journeys.poison import written_columns
from tests.tickets import making
from tickets.services.attachments import attach_file
from tickets.services.conversation import add_customer_message, reply_publicly
from tickets.services.personal_data import PARTS

PAGE = "/profile/data/"
OTHERS = "canary of somebody else"


@pytest.fixture
def person(organisation, settings, tmp_path):
    """Somebody who filed and wrote, among others who did."""
    settings.MEDIA_ROOT = tmp_path
    mine = factories.make_person(organisation, "service_support_admin", name="<b>Mei</b>", phone="+886 2 5550 0001")
    other = factories.make_person(organisation, "global_admin", name=f"{OTHERS} name")
    actor, theirs = factories.actor(mine), factories.actor(other)
    number = making.filed(actor, subject="My subject").number
    add_customer_message(number=number, actor=actor, body="<script>canary()</script> my words")
    add_customer_message(number=number, actor=theirs, body=f"{OTHERS} words")
    attach_file(number=number, actor=actor, upload=SimpleUploadedFile("mine.log", b"x"))
    attach_file(number=number, actor=theirs, upload=SimpleUploadedFile(f"{OTHERS}.log", b"x"))
    reply_publicly(number=number, actor=factories.actor(factories.make_staff("engineer")), body=f"{OTHERS} reply")
    making.filed(theirs, subject=f"{OTHERS} subject")
    return mine


def file_of(browser, form):
    """The file as it comes."""
    answer = browser.post(PAGE, {"form": form})
    return answer, b"".join(answer.streaming_content).decode()


def test_the_file_holds_what_is_kept_about_a_person_and_nobody_else(person):
    """Personal data, P-5"""
    answer, text = file_of(factories.browser_of(person), "json")

    data = json.loads(text)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/json", "no-store")
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert set(data) == {"exported_at", *(part.name for part in PARTS)}
    assert (data["profile"][0]["name"], data["profile"][0]["phone"]) == ("<b>Mei</b>", "+886 2 5550 0001")
    assert [row["role"] for row in data["roles"]] == ["service_support_admin"]
    assert [row["subject"] for row in data["requests"]] == ["My subject"]
    assert [row["body"][-8:] for row in data["messages"]][-1] == "my words"
    assert [row["name"] for row in data["files"]] == ["mine.log"]
    assert {"request_filed", "customer_wrote", "personal_data_exported"} <= {row["kind"] for row in data["acts"]}
    assert data["notices"]
    assert len(data["sessions"]) == PersonSession.objects.filter(person=person).count() == 1
    assert OTHERS not in text


def test_the_file_to_read_is_inert(person):
    """P-7: escaped, without a script, and a download."""
    answer, text = file_of(factories.browser_of(person), "html")

    assert answer["Content-Disposition"] == 'attachment; filename="my-data.html"'
    assert ("<script" in text, "&lt;script&gt;canary()" in text, "&lt;b&gt;Mei" in text) == (False, True, True)
    assert (OTHERS in text, text.count("<h2>")) == (False, len(PARTS))


def test_everybody_may_have_theirs_five_times_an_hour(organisation, person):
    """RELIABILITY section 3: people without a role and support staff too; each time on record."""
    for somebody in (factories.make_person(organisation), factories.make_staff("engineer")):
        browser = factories.browser_of(somebody)
        assert browser.get(PAGE).status_code == 200
        assert json.loads(file_of(browser, "json")[1])["profile"][0]["email"] == somebody.email
    browser = factories.browser_of(person)

    statuses = [browser.post(PAGE, {"form": "json"}).status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]
    assert Event.objects.filter(kind="personal_data_exported", actor=person).count() == 5


def test_nobody_takes_it_from_a_session_that_was_left_open(person):
    """P-6: whoever wants the file has just proven to be the person."""
    browser = factories.browser_of(person)
    session = browser.session
    session["began_at"] = 1
    for key in list(session.keys()):
        if isinstance(session[key], int):
            session[key] = 1
    session.save()

    answer = browser.post(PAGE, {"form": "json"})

    assert not answer.streaming
    assert not Event.objects.filter(kind="personal_data_exported").exists()
    assert Person.objects.get(pk=person.pk).name not in answer.content.decode()


ELSEWHERE = {  # whose words these are is no matter of one person, or they are told by another part
    "accounts.CalendarVersion",
    "accounts.IdempotencyKey",
    "accounts.Invitation",
    "accounts.MailDomain",
    "accounts.Person",
    "accounts.WebhookEndpoint",
    "tickets.PolicyDraft",
}


def test_every_table_that_names_a_person_beside_words_is_in_the_file():
    """Personal data: what is new is missed here, and gets its part."""
    told = {part.model._meta.label for part in PARTS}
    named = {
        model._meta.label
        for model, _ in written_columns()
        for field in model._meta.local_fields
        if field.related_model is Person
    }

    assert named - told - ELSEWHERE == set()
