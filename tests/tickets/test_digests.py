"""Twenty notices an hour by mail, the rest as one digest: nobody's mailbox drowns, and nothing is kept from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from accounts import clock
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import Delivery, DeliveryState, Event, Person, RoleGrant
from tests import factories
from tests.tickets import making
from tickets.models import Timer
from tickets.services import outbox
from tickets.services.firing import fire_due_timers
from tickets.services.relay import relay_all


@pytest.fixture
def manager(db: None) -> Person:
    """The duty manager, who is told of every breach."""
    return factories.make_staff("duty_manager")


@pytest.fixture
def filed(admin):
    return making.filed(admin)


def tell(person, service_request, notice="reply_posted", *, times=1, **context):
    """Write so many notices about one request to a person."""
    about = About(service_request.organisation_id, service_request.number)
    for _ in range(times):
        event = record_event(notice, about=about, at=clock.now())
        send_notice(event, Notice(notice, [person], context), about=about)


def mails_to(person, **filters):
    return Delivery.objects.filter(channel="mail", person=person, **filters)


def a_minute_later():
    """Let the time pass in which a digest is gathered."""
    waiting = Delivery.objects.filter(state=DeliveryState.DIGESTED, digest=None)
    waiting.update(next_attempt_at=clock.now() - timedelta(seconds=1))


def an_hour_later():
    """Let an hour pass for all that went out."""
    ago = timedelta(hours=1, minutes=1)
    for row in Delivery.objects.all():
        row.created_at -= ago
        row.next_attempt_at -= ago
        row.delivered_at = row.delivered_at and row.delivered_at - ago
        row.save()


def test_five_hundred_breaches_at_once_are_twenty_mails_and_one_digest(admin, manager):
    """RELIABILITY, outbox; P-3: no flood, every step on record, every copy in the portal."""
    three_hours_ago = clock.now() - timedelta(hours=3)
    first = making.filed(admin, now=three_hours_ago)
    Timer.objects.exclude(kind="response", step="100").delete()
    breach = Timer.objects.get()
    for number in range(499):
        request, promise, timer = first, breach.commitment, Timer.objects.get(pk=breach.pk)
        request.pk, request.number = None, f"SR-9{number:08d}"
        request.save()
        promise.pk, promise.request = None, request
        promise.save()
        timer.pk, timer.request, timer.commitment = None, request, promise
        timer.save()

    while fire_due_timers():
        pass
    relay_all()
    a_minute_later()
    relay_all()
    relay_all()

    to_manager = [sent for sent in mail.outbox if sent.to == [manager.email]]
    breaches = [sent for sent in to_manager if sent.extra_headers["X-Notice"] == "commitment_breached"]
    digests = [sent for sent in to_manager if sent.extra_headers["X-Notice"] == "digest"]
    assert (len(breaches), len(digests)) == (20, 1)
    assert mails_to(manager, state=DeliveryState.DIGESTED).count() == 480
    assert Delivery.objects.filter(channel="portal", person=manager).count() == 500
    assert "480 more notices" in digests[0].subject
    assert "430 more" in digests[0].body  # fifty are listed
    assert not mails_to(manager, state=DeliveryState.PENDING).exists()


def test_the_digest_lists_what_was_held_back_with_links_in_the_readers_words(organisation, filed):
    """RELIABILITY, outbox: language, time zone, its own Message-ID; the rows say which mail told them."""
    person = factories.make_person(organisation, "global_admin", language="zh-hant", timezone="Asia/Taipei")
    tell(person, filed, times=17)
    relay_all()
    a_minute_later()
    mail.outbox.clear()

    relay_all()

    (digest,) = [sent for sent in mail.outbox if sent.extra_headers["X-Notice"] == "digest"]
    row = mails_to(person, notice="digest").get()
    assert digest.extra_headers["Message-ID"] == row.message_id
    assert digest.body.count(f"/requests/{filed.number}/") == 2
    assert "UTC+8" in digest.body
    held_back = mails_to(person, state=DeliveryState.DIGESTED)
    assert [each.digest_id for each in held_back] == [row.pk, row.pk]
    assert all(each.delivered_at for each in held_back)
    assert Event.objects.get(kind="notices_digested").data == {"person": person.pk, "notices": 2}


def test_a_breach_of_an_a_is_mailed_in_an_hour_full_of_acknowledgements(filed, manager):
    """RELIABILITY, outbox: what presses has a share that nothing else can use up."""
    tell(manager, filed, "request_assigned", times=30)
    relay_all()
    assert mails_to(manager, state=DeliveryState.SENT).count() == 15

    tell(manager, filed, "commitment_breached", severity="A", due_at=clock.now().isoformat())
    relay_all()

    assert mails_to(manager, notice="commitment_breached").get().state == DeliveryState.SENT


def test_there_is_at_most_one_digest_an_hour(filed, manager):
    """RELIABILITY, outbox"""
    tell(manager, filed, times=16)
    relay_all()
    a_minute_later()
    relay_all()
    tell(manager, filed, times=3)
    relay_all()

    waiting = mails_to(manager, state=DeliveryState.DIGESTED, digest=None)
    last = mails_to(manager, notice="digest").get()
    assert {each.next_attempt_at for each in waiting} == {last.created_at + timedelta(hours=1)}
    a_minute_later()  # even if somebody set its time too early
    relay_all()
    assert mails_to(manager, notice="digest").count() == 1

    an_hour_later()
    relay_all()
    assert mails_to(manager, notice="digest").count() == 2
    assert not mails_to(manager, state=DeliveryState.DIGESTED, digest=None).exists()


def test_after_an_hour_mails_go_one_by_one_again(filed, manager):
    """RELIABILITY, outbox"""
    tell(manager, filed, times=15)
    relay_all()
    an_hour_later()

    tell(manager, filed)
    relay_all()

    assert mails_to(manager, state=DeliveryState.SENT).count() == 16


def test_what_failed_does_not_use_up_the_hour(filed, manager):
    """RELIABILITY, outbox: counted is what reached the mailbox."""
    tell(manager, filed, times=20)
    mails_to(manager).update(state=DeliveryState.FAILED)
    tell(manager, filed)

    relay_all()

    assert mails_to(manager, state=DeliveryState.SENT).count() == 1


def test_the_number_scales_with_the_other_limits(filed, manager, settings):
    """DESIGN, rates"""
    settings.RATE_LIMIT_FACTOR = 100
    tell(manager, filed, times=40)

    while relay_all():
        pass

    assert mails_to(manager, state=DeliveryState.SENT).count() == 40


def test_a_digest_tells_only_what_its_reader_may_still_see(organisation, filed):
    """P-6: and is not sent at all where that is nothing."""
    person = factories.make_person(organisation, "global_admin")
    tell(person, filed, times=17)
    relay_all()
    a_minute_later()
    RoleGrant.objects.filter(person=person).delete()
    mail.outbox.clear()

    relay_all()

    assert mail.outbox == []
    assert mails_to(person, notice="digest").get().state == DeliveryState.CANCELLED


def test_a_crash_while_mails_are_held_back_loses_none_of_them(filed, manager):
    """P-2: a claim is one transaction; what it decided is there or is decided again."""
    tell(manager, filed, times=18)

    with transaction.atomic():
        outbox.claim(50)
        transaction.set_rollback(True)  # as a connection that is lost would
    assert mails_to(manager, state=DeliveryState.PENDING).count() == 18

    relay_all()
    assert mails_to(manager, state=DeliveryState.SENT).count() == 15
    assert mails_to(manager, state=DeliveryState.DIGESTED).count() == 3


def test_links_to_reset_a_password_are_neither_counted_nor_held_back(filed, manager):
    """P-6: safety of an account goes first."""
    tell(manager, filed, times=20)
    event = record_event("password_reset_requested", about=About(), at=clock.now())
    send_notice(event, Notice("password_reset", [manager], mail_only=True), about=About())

    relay_all()

    assert mail.outbox[0].extra_headers["X-Notice"] == "password_reset"
    assert mails_to(manager, state=DeliveryState.SENT).count() == 16
