"""The form of mail: one source of words, as text and as HTML, in the receiver's language and time zone, and inert."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from accounts import families
from accounts.audit import About, Notice, record_event, send_notice
from accounts.letters import UserText, one_line
from accounts.models import Delivery, Organisation, Person
from tests import factories
from tests.tickets import making
from tickets.models import ServiceRequest
from tickets.services.conversation import reply_publicly
from tickets.services.relay import relay_all

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "notices"
NOTICES = sorted(path.stem for path in TEMPLATES.glob("*.txt") if path.stem not in ("_frame", "_personal", "frame"))
FRAMED = {name for name in NOTICES if "notices/_frame.txt" in (TEMPLATES / f"{name}.txt").read_text()}
ABOUT_REQUESTS = sorted(FRAMED - {"survey_asked"})  # which carries a secret link of its own: test_surveys.py
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)> {{ settings.SECRET_KEY }} %(name)s'
CONTEXT = {
    "severity": "A",
    "from": "B",
    "to": "A",
    "due_at": "2026-11-23T02:00:00+00:00",
    "until": "2026-12-07T02:00:00+00:00",
    "step": "1",
    "rating": 2,
    "asked": "A",
    "outcome": "declined",
}


class Reader(HTMLParser):
    """What a mail program sees: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said += data


@pytest.fixture
def filed(admin):
    """A request of an organisation, by a person, all with names that would do harm."""
    filed = making.filed(admin)
    ServiceRequest.objects.update(subject=HOSTILE)
    Organisation.objects.update(name=HOSTILE)
    Person.objects.filter(pk=admin.person_id).update(name=HOSTILE)
    Delivery.objects.all().delete()
    return filed


def told(filed, person, notice, **context):
    """The one mail that a person gets of a notice: its message, and its two forms."""
    about = About(filed.organisation_id, filed.number)
    event = record_event(notice, about=about, at=filed.created_at)
    send_notice(event, Notice(notice, [person], {**CONTEXT, **context}), about=about)
    relay_all()
    (sent,) = mail.outbox
    ((html, kind),) = sent.alternatives
    assert kind == "text/html"
    return sent, sent.body, Reader(html), html


def words(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("language", ["en", "zh-hant"])
@pytest.mark.parametrize("notice", ABOUT_REQUESTS)
@pytest.mark.parametrize("is_staff", [False, True])
def test_every_notice_is_written_in_both_forms_and_nothing_in_it_runs(filed, organisation, notice, language, is_staff):
    """P-7: over every notice there is, for customers and for staff."""
    who = {"language": language, "timezone": "Asia/Taipei", "name": HOSTILE}
    staff = factories.make_staff("duty_manager", **who) if is_staff else None
    person = staff or factories.make_person(organisation, "global_admin", **who)

    sent, text, reader, html = told(filed, person, notice)

    names = {tag for tag, _ in reader.elements}
    assert not names & {"script", "img", "iframe", "object", "form", "svg", "link", "table"}
    attributes = {name for _, attrs in reader.elements for name in attrs}
    assert not any(name.startswith("on") for name in attributes)
    addresses = {attrs["href"] for _, attrs in reader.elements if "href" in attrs}
    assert all(address.startswith(settings.PUBLIC_URL) for address in addresses)
    assert "url(" not in html
    assert "@import" not in html
    assert dict(reader.elements)["html"]["lang"] == language
    assert HOSTILE in text
    assert "alert(2)" in reader.said  # shown, as text
    assert "{%" not in text + html
    assert f"{settings.PUBLIC_URL}/requests/{filed.number}/" in addresses
    assert sent.subject.startswith(f"[{filed.number}] ")
    assert "\n" not in sent.subject


@pytest.mark.parametrize("notice", ["commitment_breached", "request_closed", "severity_changed"])
def test_both_forms_say_the_same(filed, admin, notice):
    """One source for the words of a notice."""
    person = Person.objects.get(pk=admin.person_id)

    _, text, reader, _ = told(filed, person, notice)

    body = text.split("\n\n")[1]
    assert words(body) in words(reader.said)


def test_an_instant_names_its_zone(filed, organisation):
    """RELIABILITY: the receiver's own clock, told so that nobody has to guess."""
    person = factories.make_person(organisation, "global_admin", timezone="America/New_York")

    _, text, reader, _ = told(filed, person, "request_closed")

    assert "Sun 6 Dec 2026, 21:00 EST" in text
    assert "Sun 6 Dec 2026, 21:00 EST" in reader.said


def test_a_quoted_message_keeps_its_lines_and_cannot_speak_for_the_portal(filed, admin, engineer):
    """P-7: every line of it is marked as quoted, whatever it imitates."""
    body = "First.\n\nOpen it in the portal: https://evil.example/\n-- \nSupport portal"
    reply_publicly(number=filed.number, actor=engineer, body=body)
    relay_all()

    (sent,) = mail.outbox
    lines = sent.body.splitlines()
    assert "> Open it in the portal: https://evil.example/" in lines
    assert not any(line.startswith("Open it in the portal: https://evil") for line in lines)
    html = sent.alternatives[0][0]
    assert "white-space: pre-wrap" in html
    assert 'href="https://evil.example' not in html


def test_a_very_long_message_is_quoted_in_part(filed, admin, engineer):
    """RELIABILITY: a mail stays a mail."""
    reply_publicly(number=filed.number, actor=engineer, body="word " * 9_999)
    relay_all()

    assert len(mail.outbox[0].body) < 6_000
    assert "The whole message stands in the portal." in mail.outbox[0].body


def test_the_headers_let_machines_be_quiet_and_people_find_the_thread(filed, admin):
    """RELIABILITY, outbox: auto-replies are asked for by nobody; a repeat is the same mail."""
    person = Person.objects.get(pk=admin.person_id)

    sent, *_ = told(filed, person, "commitment_breached")

    row = Delivery.objects.get(channel="mail")
    headers = sent.extra_headers
    assert headers["Message-ID"] == row.message_id
    assert headers["References"] == headers["In-Reply-To"] == f"<{filed.number.lower()}@localhost>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "OOF" in headers["X-Auto-Response-Suppress"]
    assert headers["Importance"] == "high"
    assert parsedate_to_datetime(headers["Date"]) == row.created_at.replace(microsecond=0)


@pytest.mark.parametrize(
    "hostile",
    [
        "A\r\nBcc: everybody@example.com",
        "A\u2028B",
        "A\x00B\x1bC\x85D",
        "A\u202eB",
        "  A \t B  ",
        "x" * 5000,
        "A\ud800B",
    ],
)
def test_a_header_stays_one_line_of_sober_text(hostile):
    """RELIABILITY, outbox: subjects and names lose CR, LF and control characters."""
    line = one_line(hostile)

    assert line.isprintable()
    assert line == line.strip()
    assert 0 < len(line) <= 250
    line.encode()


def test_a_subject_with_line_breaks_from_of_old_injects_no_header(filed, admin):
    """P-7: even where the database holds what is refused today."""
    ServiceRequest.objects.update(subject="A\r\nBcc: everybody@example.com\r\n\r\n<b>")
    person = Person.objects.get(pk=admin.person_id)

    sent, *_ = told(filed, person, "reply_posted")

    assert sent.message()["Bcc"] is None
    assert sent.recipients() == [person.email]


def test_user_text_is_isolated_from_the_direction_of_what_stands_beside_it():
    """RELIABILITY, content: inside `<bdi>`."""
    assert UserText("a <b>").__html__() == "<bdi>a &lt;b&gt;</bdi>"
    assert str(UserText("a <b>")) == "a <b>"


def test_every_notice_belongs_to_a_family_or_always_comes_by_mail():
    """A new notice is put into its family, or here, on purpose."""
    in_families = {notice for notices in families.FAMILIES.values() for notice in notices}
    always = {"phone_needed", "escalation_requested", "senior_wanted", "severity_disputed", "contact_made"}
    always |= {"file_infected"}
    always |= set(NOTICES) - FRAMED - {"incident_news"}

    assert set(NOTICES) <= in_families | always
    assert in_families <= set(NOTICES)
    assert not in_families & always
