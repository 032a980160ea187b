"""The outbox and its relay: mail that is sent once, to people who may still read what it is about."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts import clock
from accounts.models import Delivery, DeliveryState, Organisation, Person, RoleGrant
from tests import factories
from tests.tickets import making
from tickets.models import ServiceRequest
from tickets.services import outbox
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import add_internal_note, ask_customer, reply_publicly
from tickets.services.relay import relay_deliveries


class Refusing(EmailBackend):
    """A mail server, outside our walls, that answers as it is told."""

    answers: list[Exception] = []

    def send_messages(self, messages):
        """Send, or fail as the next answer says."""
        if self.answers:
            raise self.answers.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def filed(admin):
    """A request filed just now."""
    return making.filed(admin)


def deliveries(**filters):
    """Mail deliveries."""
    return Delivery.objects.filter(channel="mail", **filters)


def test_filing_is_acknowledged_once_with_number_severity_and_due_instant(filed):
    """SLA-1, P-2: and the acknowledgement says that it is no response."""
    assert relay_deliveries() == 1
    assert relay_deliveries() == 0

    (sent,) = mail.outbox
    assert sent.subject == f"[{filed.number}] We received your request: Nobody can send mail"
    assert "severity is A" in sent.body
    assert "does not count as our response" in sent.body
    assert f"/requests/{filed.number}/" in sent.body
    assert deliveries().get().state == DeliveryState.SENT


def test_mails_of_one_request_form_one_thread(filed, engineer):
    """RELIABILITY, outbox"""
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")
    relay_deliveries()

    threads = {message.extra_headers["References"] for message in mail.outbox}
    ids = {message.extra_headers["Message-ID"] for message in mail.outbox}
    assert (len(mail.outbox), len(threads), len(ids)) == (2, 1, 2)


def test_a_mail_is_in_the_language_and_the_time_zone_of_its_receiver(organisation, engineer):
    """CH-4: the last instant to reopen, on the reader's own clock."""
    person = factories.make_person(organisation, "global_admin", language="zh-hant", timezone="Asia/Taipei")
    filed = making.filed(factories.actor(person))
    relay_deliveries()

    (sent,) = mail.outbox
    assert "UTC+8" in sent.body
    assert filed.number in sent.subject


def test_a_reply_is_quoted_and_an_internal_note_never(filed, engineer):
    """RELIABILITY, tenant gate"""
    add_internal_note(number=filed.number, actor=engineer, body="A secret.")
    ask_customer(number=filed.number, actor=engineer, body="Which build is it?")
    relay_deliveries()

    bodies = "".join(message.body for message in mail.outbox)
    assert "Which build is it?" in bodies
    assert "A secret." not in bodies


def test_nobody_is_mailed_about_what_they_may_no_longer_see(filed):
    """P-6: access that ended before sending ends the mail, too."""
    RoleGrant.objects.all().delete()

    relay_deliveries()

    assert mail.outbox == []
    assert deliveries().get().state == DeliveryState.CANCELLED


def test_addresses_that_were_never_confirmed_get_no_mail(organisation):
    """RELIABILITY, outbox: the portal copy is there all the same."""
    person = factories.make_person(organisation, "global_admin", email_confirmed_at=None)
    making.filed(factories.actor(person))

    assert list(Delivery.objects.filter(person=person).values_list("channel", flat=True)) == ["portal"]


def test_a_server_that_is_down_is_tried_again_later(filed, settings):
    """P-9"""
    settings.EMAIL_BACKEND = "tests.tickets.test_relay.Refusing"
    Refusing.answers = [ConnectionRefusedError(), smtplib.SMTPResponseException(451, b"later")]

    for attempts in (1, 2):
        assert relay_deliveries() == 1
        assert relay_deliveries() == 0  # not before its time
        assert (deliveries().get().state, deliveries().get().attempts) == (DeliveryState.PENDING, attempts)
        Delivery.objects.update(next_attempt_at=filed.created_at)
    relay_deliveries()

    assert len(mail.outbox) == 1
    assert deliveries().get().state == DeliveryState.SENT


def test_a_refusal_for_good_is_not_tried_again(filed, settings):
    """P-9: it shows as failed."""
    settings.EMAIL_BACKEND = "tests.tickets.test_relay.Refusing"
    Refusing.answers = [smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"no such person")})]

    relay_deliveries()

    assert (deliveries().get().state, deliveries().get().last_error) == (
        DeliveryState.FAILED,
        "SMTPRecipientsRefused 550",
    )


def test_a_crash_between_sending_and_marking_repeats_the_same_message_id(filed, settings):
    """P-2: at most one repeat, always with the same id."""
    relay_deliveries()
    first = mail.outbox[0].extra_headers["Message-ID"]
    deliveries().update(state="pending", delivered_at=None, next_attempt_at=filed.created_at)  # as if never marked

    relay_deliveries()

    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == [first, first]


def test_one_poisoned_delivery_does_not_stop_the_others(filed, admin, engineer):
    """P-9"""
    Delivery.objects.update(notice="no_such_notice")
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")

    relay_deliveries()

    assert len(mail.outbox) == 1
    assert deliveries(notice="no_such_notice").get().state == DeliveryState.PENDING


def test_a_claimed_row_is_leased_and_comes_back_when_its_process_dies(filed):
    """P-2: the lease is 60 s."""
    (claimed,) = outbox.claim(10)

    assert outbox.claim(10) == []
    row = deliveries().get(pk=claimed.pk)
    assert row.lease_until == row.next_attempt_at
    assert timedelta(seconds=50) < row.lease_until - row.created_at <= timedelta(seconds=61)


def test_subjects_carry_no_line_breaks(filed):
    """RELIABILITY, outbox: headers cannot be injected through names."""
    ServiceRequest.objects.update(subject="One line")
    Person.objects.update(name="A\r\nBcc: everybody@example.com")

    relay_deliveries()

    assert "\n" not in mail.outbox[0].subject
    assert "Bcc" not in mail.outbox[0].extra_headers


def test_people_of_a_closed_organisation_get_no_mail(filed, organisation):
    """P-6: they can no longer sign in either."""
    Organisation.objects.filter(pk=organisation.pk).update(is_active=False)

    relay_deliveries()

    assert mail.outbox == []
    assert deliveries().get().state == DeliveryState.CANCELLED


def test_a_mail_whose_lease_lapsed_behind_slow_ones_is_left_to_who_claimed_it_next(filed):
    """P-2: fifty mails to a slow server take longer than one lease."""
    (slow,) = outbox.claim(10)
    Delivery.objects.update(next_attempt_at=filed.created_at, lease_until=filed.created_at)  # as if it had lapsed
    (next_one,) = outbox.claim(10)

    assert outbox.renew(slow) is False
    assert outbox.renew(next_one) is True


def test_what_was_claimed_and_not_begun_is_there_for_others_at_once(filed):
    """P-9: a relay that has to end keeps nothing to itself, and uses up no try."""
    outbox.give_back(outbox.claim(10))

    assert (deliveries().get().attempts, deliveries().get().lease_until) == (0, None)
    assert relay_deliveries() == 1
    assert len(mail.outbox) == 1


def test_a_mail_that_nobody_can_write_is_given_up_after_eight_tries_and_shows(filed):
    """P-9: `failed`, for operators to see."""
    deliveries().update(notice="no_such_notice")

    for _ in range(8):
        assert deliveries().get().state == DeliveryState.PENDING
        Delivery.objects.update(next_attempt_at=filed.created_at)
        relay_deliveries()

    row = deliveries().get()
    assert (row.state, row.last_error) == (DeliveryState.FAILED, "cannot be written: TemplateDoesNotExist")


def test_a_mail_is_given_up_after_five_days_without_a_server(filed, settings):
    """RELIABILITY, outbox"""
    settings.EMAIL_BACKEND = "tests.tickets.test_relay.Refusing"
    Refusing.answers = [ConnectionRefusedError(), ConnectionRefusedError()]
    relay_deliveries()
    long_ago = clock.now() - timedelta(days=5, minutes=1)
    Delivery.objects.update(next_attempt_at=long_ago, created_at=long_ago)

    relay_deliveries()

    assert (deliveries().get().state, deliveries().get().attempts) == (DeliveryState.FAILED, 2)


@pytest.mark.parametrize(
    ("tries", "pause"),
    [(1, 5), (2, 60), (3, 5 * 60), (4, 30 * 60), (5, 2 * 3600), (6, 5 * 3600), (7, 10 * 3600), (9, 10 * 3600)],
)
def test_the_pauses_between_tries_grow(filed, settings, tries, pause):
    """RELIABILITY, outgoing: 5 s, 1 min, 5 min, 30 min, 2 h, 5 h, then every 10 h, each ± 20 %."""
    settings.EMAIL_BACKEND = "tests.tickets.test_relay.Refusing"
    Refusing.answers = [smtplib.SMTPDataError(451, b"later")]
    Delivery.objects.update(attempts=tries - 1)

    relay_deliveries()

    waits = (deliveries().get().next_attempt_at - clock.now()).total_seconds()
    assert 0.8 * pause - 3 <= waits <= 1.2 * pause


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
        smtplib.SMTPSenderRefused(550, b"not you", "support@example.com"),
        smtplib.SMTPConnectError(554, b"no service"),
    ],
)
def test_a_server_that_will_not_have_us_costs_no_mail(filed, settings, error):
    """P-9: a wrong password is put right by an operator, and then everything goes out."""
    settings.EMAIL_BACKEND = "tests.tickets.test_relay.Refusing"
    Refusing.answers = [error]

    relay_deliveries()

    assert deliveries().get().state == DeliveryState.PENDING
    assert deliveries().get().last_error == f"server away: {type(error).__name__}"


def test_the_first_mail_that_goes_again_wakes_those_that_met_the_same_silence(filed, admin, settings):
    """P-9: nobody waits five hours for a server that has been back for four."""
    making.filed(admin)
    settings.EMAIL_BACKEND = "tests.tickets.test_relay.Refusing"
    Refusing.answers = [ConnectionRefusedError(), ConnectionRefusedError()]
    relay_deliveries()
    first, second = deliveries().order_by("pk")
    Delivery.objects.filter(pk=second.pk).update(next_attempt_at=clock.now() + timedelta(hours=5))
    Delivery.objects.filter(pk=first.pk).update(next_attempt_at=filed.created_at)

    relay_deliveries()

    assert len(mail.outbox) == 2


def test_the_mails_of_one_request_to_one_person_go_one_after_the_other(filed, engineer):
    """RELIABILITY, outbox: at most one in flight, the older first, so that order holds."""
    for body in ("First.", "Second.", "Third."):
        reply_publicly(number=filed.number, actor=engineer, body=body)

    (first,) = outbox.claim(10)
    assert first.notice == "request_filed"
    assert outbox.claim(10) == []
    outbox.sent(first)
    relay_deliveries()

    assert [body for sent in mail.outbox for body in ("First.", "Second.", "Third.") if body in sent.body] == [
        "First.",
        "Second.",
        "Third.",
    ]


def test_no_more_than_two_mails_are_on_their_way_to_one_person(filed, admin):
    """RELIABILITY, outbox: a slow receiver delays only itself."""
    for _ in range(3):
        making.filed(admin)

    assert len(outbox.claim(10)) == 2
    assert outbox.claim(10) == []


def test_somebody_is_told_when_the_primary_contact_may_no_longer_read_it(organisation, filed, admin, engineer):
    """P-6, RO-2: the admins who look after all requests hear in their place."""
    other = factories.make_person(organisation, "service_support_admin")
    factories.make_person(organisation, "reader")
    RoleGrant.objects.filter(person=admin.person_id).delete()

    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")

    told = Delivery.objects.filter(notice="reply_posted", channel="mail").values_list("person", flat=True)
    assert list(told) == [other.pk]


def test_the_customer_is_told_when_support_reopens(filed, admin, engineer):
    """CH-4"""
    close_request(number=filed.number, actor=engineer, ending=Ending("solved", "Done."))
    reopen_request(number=filed.number, actor=engineer, reason="Not quite.")

    told = Delivery.objects.filter(notice="request_reopened", channel="mail").values_list("person", flat=True)
    assert list(told) == [admin.person_id]
