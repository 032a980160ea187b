"""Mail servers that are down, slow, busy, stern or forgetful, and relays beside each other; on real connections."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections, transaction

from accounts import clock
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import Delivery, DeliveryState
from support_portal import mail
from tests import factories
from tests.chaos.post_office import Mood, PostOffice
from tests.processes import free_port
from tests.tickets import making
from tickets.services import outbox
from tickets.services.relay import relay_all

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def organisation(own_database):
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def admin(organisation):
    return factories.actor(factories.make_person(organisation, "global_admin"))


@pytest.fixture
def office(settings):
    """A mail server of the test's own, which the portal uses."""
    settings.EMAIL_BACKEND = "support_portal.mail.SmtpBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 0.5
    with PostOffice() as office:
        settings.EMAIL_PORT = office.port
        yield office


def only_mail():
    return Delivery.objects.get(channel="mail")


def it_is_time():
    """Let the pause before the next try be over."""
    Delivery.objects.filter(state=DeliveryState.PENDING).update(next_attempt_at=clock.now() - timedelta(seconds=1))


def test_a_mail_goes_out_as_text_and_html(office, admin):
    """What a mail program gets to see."""
    filed = making.filed(admin)

    relay_all()

    (arrival,) = office.arrivals
    message = arrival.message
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Subject"] == f"[{filed.number}] We received your request: Nobody can send mail"
    assert (message["Auto-Submitted"], message["X-Service-Request"]) == ("auto-generated", filed.number)
    assert message["Message-ID"] == only_mail().message_id
    assert message["References"] == message["In-Reply-To"] != message["Message-ID"]


def test_while_the_server_is_down_requests_are_filed_and_mail_waits(office, admin):
    """P-9: and it goes out under the same Message-ID once the server is back."""
    office.down()
    making.filed(admin)
    relay_all()
    assert (only_mail().state, only_mail().last_error) == ("pending", "server away: ConnectionRefusedError")

    office.open()
    it_is_time()
    relay_all()

    assert office.message_ids() == [only_mail().message_id]
    assert only_mail().state == DeliveryState.SENT


def test_a_server_that_is_busy_gets_it_later_and_one_that_refuses_for_good_is_believed(office, admin):
    """P-9: 4xx and 5xx."""
    making.filed(admin)
    office.mood = Mood.BUSY
    relay_all()
    assert (only_mail().state, only_mail().last_error) == ("pending", "SMTPRecipientsRefused 451")

    office.mood = Mood.STERN
    it_is_time()
    relay_all()

    assert (only_mail().state, only_mail().last_error) == ("failed", "SMTPRecipientsRefused 550")


def test_a_server_that_dies_after_data_gets_the_same_mail_once_more(office, admin):
    """P-2: one repeat for one crash, with the same Message-ID and date, so that mail programs see one mail."""
    making.filed(admin)
    office.mood = Mood.FORGETFUL
    relay_all()
    office.mood = Mood.GOOD
    it_is_time()
    relay_all()
    it_is_time()
    relay_all()

    first, second = office.arrivals
    assert first.message_id == second.message_id == only_mail().message_id
    assert first.message["Date"] == second.message["Date"]
    assert only_mail().state == DeliveryState.SENT


def test_a_server_that_says_nothing_is_given_up_in_time(office, admin):
    """P-9: 10 s for a word (here half a second), and the mail waits for the next try."""
    making.filed(admin)
    office.mood = Mood.SILENT

    relay_all()

    assert (only_mail().state, only_mail().last_error) == ("pending", "server away: SMTPServerDisconnected")


def test_a_server_that_looks_through_a_mail_has_the_time_for_it(office, admin, monkeypatch):
    """P-2: hanging up before it has answered would send the mail twice."""
    monkeypatch.setattr("tests.chaos.post_office.DRIP", 1.0)
    making.filed(admin)
    office.mood = Mood.SLOW

    relay_all()

    assert (len(office.arrivals), only_mail().state) == (1, DeliveryState.SENT)


class _Conversation(socketserver.StreamRequestHandler):
    """A server that takes each mail and is never heard of again, or drips its greeting for ever."""

    timeout = 20

    def handle(self):
        if self.server.drips:
            self._drip()
        self.wfile.write(b"220 here\r\n")
        while (line := self.rfile.readline()) and not line.upper().startswith(b"DATA"):
            self.wfile.write(b"250 yes\r\n")
        self.wfile.write(b"354 go on\r\n")
        while self.rfile.readline() not in (b".\r\n", b""):
            pass
        self.server.taken += 1
        self.wfile.write(b"250 taken\r\n")
        self.rfile.readline()  # QUIT
        self.rfile.read(1)  # and no farewell

    def _drip(self):
        pause = threading.Event()
        while not pause.wait(0.1):
            self.wfile.write(b"x")


@pytest.fixture
def odd_server(office, settings):
    """A server with bad manners."""
    office.down()
    settings.EMAIL_PORT = free_port()
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", settings.EMAIL_PORT), _Conversation) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.drips, server.taken = False, 0
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_server_without_a_farewell_does_not_get_the_mail_again(odd_server, admin):
    """P-2: what it has taken it has; a time-out after that is no failure."""
    making.filed(admin)

    relay_all()

    assert (odd_server.taken, only_mail().state, only_mail().last_error) == (1, DeliveryState.SENT, "")


def test_a_server_that_drips_for_ever_is_cut_off(odd_server, admin, monkeypatch):
    """P-9: each drop comes in time, yet the whole attempt has an end."""
    monkeypatch.setattr(mail, "WHOLE_ATTEMPT", 0.6)
    odd_server.drips = True
    making.filed(admin)

    relay_all()

    assert (only_mail().state, odd_server.taken) == (DeliveryState.PENDING, 0)
    assert only_mail().last_error.startswith("server away: ")


# ── Several relays ──────────────────────────────────────────────────────────────────────────────────────────────────


class Counting(EmailBackend):
    """A mail server that takes its time, and notes who is being served."""

    lock = threading.Lock()
    serving: Counter[str] = Counter()
    most: Counter[str] = Counter()
    arrived: dict[str, list[str]] = defaultdict(list)
    slow_to = ""
    others_done = threading.Event()

    @classmethod
    def reset(cls):
        cls.serving, cls.most, cls.arrived = Counter(), Counter(), defaultdict(list)
        cls.slow_to, cls.others_done = "", threading.Event()

    def send_messages(self, messages):
        (message,) = messages
        (to,) = message.to
        thread = f"{to} {message.extra_headers['X-Service-Request']}"
        with self.lock:
            for key in (to, thread):
                self.serving[key] += 1
                self.most[key] = max(self.most[key], self.serving[key])
        if to == self.slow_to:
            assert self.others_done.wait(20), "the others wait for the slow one"
        threading.Event().wait(0.002)
        with self.lock:
            self.arrived[thread].append(message.extra_headers["Message-ID"])
            self.serving.subtract([to, thread])
            if sum(len(ids) for thread, ids in self.arrived.items() if not thread.startswith(self.slow_to)) == 40:
                self.others_done.set()
        return 1


@pytest.fixture
def counting(settings):
    settings.EMAIL_BACKEND = "tests.tickets.test_mail_servers.Counting"
    settings.RATE_LIMIT_FACTOR = 100
    Counting.reset()
    return Counting


@pytest.fixture
def crowd(organisation, admin):
    """Four people, each told ten times about each of two requests."""
    Delivery.objects.all().delete()
    people = [factories.make_person(organisation, "global_admin") for _ in range(4)]
    requests = [making.filed(admin), making.filed(admin)]
    Delivery.objects.all().delete()
    for _ in range(10):
        for service_request in requests:
            about = About(organisation.pk, service_request.number)
            event = record_event("reply_posted", about=about, at=clock.now())
            send_notice(event, Notice("reply_posted", people), about=about)
    return people


def relay_in_a_thread(_):
    try:
        return relay_all()
    finally:
        connections.close_all()


def test_relays_beside_each_other_send_each_mail_once_and_in_order(crowd, counting):
    """P-2, RELIABILITY, outbox: one in flight per receiver and request, two per receiver, whoever sends."""
    with ThreadPoolExecutor(4) as relays:
        list(relays.map(relay_in_a_thread, range(8)))
    while relay_all():
        pass

    asked = defaultdict(list)
    for row in Delivery.objects.filter(channel="mail").select_related("person").order_by("id"):
        asked[f"{row.person.email} {row.number}"].append(row.message_id)
        assert (row.state, row.attempts) == (DeliveryState.SENT, 1)
    assert counting.arrived == asked
    assert max(count for key, count in counting.most.items() if " " in key) == 1
    assert max(count for key, count in counting.most.items() if " " not in key) <= 2


def test_people_whom_another_relay_decides_about_are_left_alone_and_nobody_waits(crowd):
    """P-2: what is in flight and what the hour holds is counted under the person's lock, by one relay at a time."""
    first, *others = crowd

    def claim_elsewhere():
        try:
            return outbox.claim(50)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [outbox.LOCKS + first.pk])  # as a claim does
            meanwhile = elsewhere.submit(claim_elsewhere).result(timeout=10)
        afterwards = elsewhere.submit(claim_elsewhere).result(timeout=10)

    assert {mail.person_id for mail in meanwhile} == {person.pk for person in others}
    assert {mail.person_id for mail in afterwards} == {first.pk}


def test_a_slow_receiver_delays_only_itself(crowd, counting):
    """P-9: its two mails wait for their answer while everybody else gets theirs."""
    slow, *others = crowd
    counting.slow_to = slow.email
    Delivery.objects.filter(channel="mail", person=others[-1]).delete()  # forty for the others

    relay_all()

    sent = Delivery.objects.filter(channel="mail", state=DeliveryState.SENT)
    assert sent.exclude(person=slow).count() == 40
    assert counting.most[slow.email] <= 2


def test_the_hours_number_holds_with_relays_beside_each_other(crowd, counting, settings):
    """RELIABILITY, outbox: counted under one lock for each person."""
    settings.RATE_LIMIT_FACTOR = 1

    with ThreadPoolExecutor(4) as relays:
        list(relays.map(relay_in_a_thread, range(8)))
    while relay_all():
        pass

    for person in crowd:
        mails = Delivery.objects.filter(channel="mail", person=person)
        assert mails.filter(state=DeliveryState.SENT).count() == 15
        assert mails.filter(state=DeliveryState.DIGESTED).count() == 5
