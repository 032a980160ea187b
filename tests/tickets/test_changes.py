"""`changed_at`: it moves with everything that customers see of a request, and never backwards."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils.module_loading import import_string

from accounts import clock
from accounts.models import Event, Person
from accounts.services.people import deactivate_person
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.errors import SurveyAnswered
from tickets.events import EventKind
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import ServiceRequest
from tickets.services import inspection
from tickets.services.attachments import attach_file
from tickets.services.base import record
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_customer_message, add_internal_note, ask_customer
from tickets.services.erasure import erase_person
from tickets.services.surveys import Opinion, answer_survey
from tickets.services.sweeping import sweep

HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
GRACE = timedelta(seconds=4)


def stored() -> ServiceRequest:
    return ServiceRequest.objects.earliest("pk")


def test_what_went_on_record_later_has_changed_later_whoever_began_first(open_request, admin):
    """P-10: a service is dated at its beginning, and may have waited for the one that began after it"""
    seen = []
    for begun_at in (MONDAY + HOUR, MONDAY + HOUR, MONDAY):
        add_customer_message(number=open_request.number, actor=admin, body="Still so.", now=begun_at)
        seen.append(stored().changed_at)

    assert seen == [MONDAY + HOUR, MONDAY + HOUR + MICROSECOND, MONDAY + HOUR + 2 * MICROSECOND]


@pytest.mark.parametrize("internal", [False, True])
def test_an_event_that_customers_may_see_moves_the_instant_and_another_does_not(open_request, internal):
    """RELIABILITY, tenant gate; the version is left to what changes the row, so that nobody has to read again"""
    before = stored()

    record(stored(), EventKind.PHONE_NEEDED, at=MONDAY, internal=internal)

    assert (stored().changed_at > before.changed_at) is not internal
    assert stored().version == before.version


def test_a_promise_that_breaks_has_changed_its_request_when_it_is_recorded(open_request):
    """P-4: dated at the deadline, and found by whoever asks for what changed since"""
    late = open_request.due_at + HOUR

    sweep(now=late)

    assert Event.objects.get(kind="commitment_breached").at == open_request.due_at
    assert stored().changed_at == late


def test_a_reminder_has_changed_its_request(open_request, engineer):
    """DESIGN, life of a request"""
    ask_customer(number=open_request.number, actor=engineer, body="Since when?", now=MONDAY)
    late = MONDAY + 2 * DAY + HOUR

    sweep(now=late)

    assert Event.objects.filter(kind="customer_reminded").exists()
    assert stored().changed_at == late


def test_a_survey_changes_its_request_when_it_is_asked_and_once_when_it_is_answered(admin, engineer):
    """RO-4"""
    number = making.filed(admin, severity="C", now=clock.now() - 3 * DAY).number
    close_request(number=number, actor=engineer, ending=Ending("solved", "Done."), now=clock.now() - 2 * DAY)
    closed = stored()
    sweep()
    asked = stored()
    answer_survey(number=number, actor=admin, opinion=Opinion(rating=5))
    answered = stored()

    with pytest.raises(SurveyAnswered):
        answer_survey(number=number, actor=admin, opinion=Opinion(rating=1))

    assert closed.changed_at < asked.changed_at < answered.changed_at == stored().changed_at


def test_a_follow_up_has_changed_the_request_that_it_follows(closed_request, admin):
    """CH-4"""
    now = closed_request.closed_at + REOPEN_WINDOW + MICROSECOND
    sweep(now=now + GRACE)
    before = stored()

    making.filed(admin, follow_up_of=closed_request.number, now=now + HOUR)

    assert before.state == "archived"
    assert stored().changed_at > before.changed_at


@pytest.mark.parametrize("internal", [False, True])
def test_a_file_that_was_looked_at_has_changed_its_request_unless_it_is_for_staff_alone(
    admin, engineer, internal, settings, tmp_path
):
    """P-7, P-5"""
    settings.MEDIA_ROOT = tmp_path
    number = making.filed(admin).number
    note = add_internal_note(number=number, actor=engineer, body="The trace.") if internal else None
    upload = SimpleUploadedFile("trace.log", b"some lines")
    settings.CLAMD_URL = "tcp://127.0.0.1:1"  # it is taken away before it has looked
    attach_file(number=number, actor=engineer, upload=upload, message=note)
    settings.CLAMD_URL = ""
    before = stored()

    inspection.inspect_all()

    assert (stored().changed_at > before.changed_at) is not internal


def test_who_is_erased_has_changed_the_requests_that_named_them(organisation, admin):
    """A mirror is to forget them too"""
    leaver = factories.make_person(organisation, "global_admin")
    making.filed(factories.actor(leaver))
    before = stored()
    deactivate_person(person_id=leaver.pk, actor=admin)

    erase_person(person_id=leaver.pk, actor=admin)

    assert Person.objects.get(pk=leaver.pk).erased_at
    assert stored().changed_at > before.changed_at


def test_a_message_is_one_update_of_the_row(open_request, admin, django_assert_max_num_queries):
    """The index of words is written with each: once for an act is enough"""
    with django_assert_max_num_queries(100) as sent:
        add_customer_message(number=open_request.number, actor=admin, body="Still so.")

    assert sum('UPDATE "tickets_servicerequest"' in query["sql"] for query in sent) == 1


def test_filing_writes_the_row_once(admin, django_assert_max_num_queries):
    """The same"""
    with django_assert_max_num_queries(100) as sent:
        making.filed(admin)

    assert not any('UPDATE "tickets_servicerequest"' in query["sql"] for query in sent)


def test_what_was_recorded_before_there_was_such_an_order_is_caught_up_with(open_request):
    """The migration: once, and again without harm; what is for staff alone does not count"""
    catch_up = import_string("tickets.migrations.0034_changes_move_forwards.CATCH_UP")
    told_at: datetime = MONDAY + DAY
    record(stored(), EventKind.PHONE_NEEDED, at=told_at)
    record(stored(), EventKind.PHONE_NEEDED, at=told_at + DAY, internal=True)
    ServiceRequest.objects.update(changed_at=MONDAY)

    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(catch_up, [0, open_request.pk])
        assert stored().changed_at == told_at
