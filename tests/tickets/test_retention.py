"""How long what is kept, and what is left afterwards."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accounts import clock
from accounts.models import ApiToken, Delivery, Event, PersonalValue
from tests import factories
from tests.tickets import making
from tickets.models import Attachment, Message, PolicyDraft, ServiceRequest, SeverityDecision
from tickets.selectors.labels import labelled_cases
from tickets.services import policies
from tickets.services.attachments import attach_file
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_customer_message, reply_publicly
from tickets.services.corrections import correct_request
from tickets.services.housekeeping import tidy_up
from tickets.services.retention import apply_retention, due_for_removal, months_before, remove_content
from tickets.services.storage import path_of
from tickets.services.sweeping import sweep
from tickets.verification import faults

MICROSECOND = timedelta(microseconds=1)
WORDS = "a canary in the words"


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def archived(admin, engineer):
    """A request with words everywhere, archived by the sweep on 7 December 2026."""
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    number = making.filed(admin, now=at, subject=WORDS, description=WORDS).number
    add_customer_message(number=number, actor=admin, body=WORDS, now=at + timedelta(minutes=1))
    upload = SimpleUploadedFile("canary.log", WORDS.encode())
    attach_file(number=number, actor=admin, upload=upload, now=at + timedelta(minutes=2))
    reply_publicly(number=number, actor=engineer, body=WORDS, now=at + timedelta(minutes=3))
    particulars = {"scope": "developer"}
    correct_request(number=number, actor=engineer, particulars=particulars, note=WORDS, now=at + timedelta(minutes=4))
    ending = Ending("solved", WORDS)
    close_request(number=number, actor=engineer, ending=ending, now=at + timedelta(minutes=5))
    sweep(now=at + timedelta(days=15))
    row = ServiceRequest.objects.get(number=number)
    assert row.state == "archived"
    return row


ENDS = datetime(2028, 6, 7, 2, 5, tzinfo=UTC)  # 18 months after it was archived, 14 days after it was closed


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        (datetime(2028, 6, 7, 1, tzinfo=UTC), 18, datetime(2026, 12, 7, 1, tzinfo=UTC)),
        (datetime(2028, 8, 31, tzinfo=UTC), 18, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2028, 1, 15, tzinfo=UTC), 1, datetime(2027, 12, 15, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(at, months, before):
    """Retention: the last of a month where there is no such day."""
    assert months_before(at, months) == before


def test_an_archived_request_is_kept_for_18_months_and_not_a_moment_less(archived):
    """Retention: both sides of the boundary."""
    Delivery.objects.all().delete()

    assert (apply_retention(now=ENDS), Message.objects.count() > 0) == (0, True)
    assert due_for_removal(now=ENDS + MICROSECOND)["requests"] == 1
    assert apply_retention(now=ENDS + MICROSECOND) == 1
    assert (Message.objects.count(), Attachment.objects.count()) == (0, 0)


def test_what_people_wrote_goes_and_figures_and_events_stay(archived, engineer, django_capture_on_commit_callbacks):
    """Retention, P-10: `verify` finds the same before and after, and nothing written is left in any table."""
    path = path_of(Attachment.objects.get())
    events = list(Event.objects.order_by("id").values())
    decisions = list(SeverityDecision.objects.values_list("severity", "assessment__candidate"))
    assert list(faults()) == []

    with django_capture_on_commit_callbacks(execute=True):
        assert remove_content(request_id=archived.pk)

    row = ServiceRequest.objects.get(pk=archived.pk)
    assert not path.exists()
    assert list(faults()) == []
    assert list(Event.objects.order_by("id").values())[:-1] == events
    assert Event.objects.latest("id").kind == "content_removed"
    assert list(SeverityDecision.objects.values_list("severity", "assessment__candidate")) == decisions
    assert (row.severity, row.responded_at, row.resolution) == (archived.severity, archived.responded_at, "solved")
    assert WORDS not in _everything()
    assert remove_content(request_id=archived.pk) is False


def _everything() -> str:
    from tests.journeys.poison import written_columns

    columns = [(model, field.attname) for model, field in written_columns()]
    columns += [(SeverityDecision, "assessment"), (Delivery, "context"), (ServiceRequest, "search")]
    return " ".join(str(list(model._default_manager.values_list(name, flat=True))) for model, name in columns)


def test_the_page_of_such_a_request_says_what_happened(archived, admin, engineer):
    """Retention: in the portal and over the API, for both sides."""
    remove_content(request_id=archived.pk)
    from accounts.models import Person

    for actor in (admin, engineer):
        person = Person.objects.get(pk=actor.person_id)
        page = factories.browser_of(person).get(f"/requests/{archived.number}/")
        assert (page.status_code, "as the rule of retention says" in page.content.decode()) == (200, True)
        assert factories.browser_of(person).get(f"/requests/{archived.number}/?tab=history").status_code == 200
    answer = factories.api_of(Person.objects.get(pk=admin.person_id)).get(
        f"/api/v1/service-requests/{archived.number}/"
    )
    assert answer.json()["content_removed_at"]
    assert list(labelled_cases(since=archived.created_at - timedelta(days=1))) == []


@pytest.mark.parametrize("state", ["open", "closed"])
def test_what_is_not_archived_is_kept_however_old(admin, engineer, state):
    """Retention"""
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    row = making.filed(admin, now=at)
    if state == "closed":
        close_request(number=row.number, actor=engineer, ending=Ending("solved", "."), now=at + timedelta(hours=1))

    assert due_for_removal(now=at + timedelta(days=3_000))["requests"] == 0
    assert remove_content(request_id=row.pk) is False


def test_notices_go_after_a_year_and_what_is_unsent_never(archived, admin):
    """Retention, P-2: a digest goes after the mails that it told of."""
    now = clock.now()
    year_ago = months_before(now, 12)
    pending, sent = list(Delivery.objects.order_by("pk")[:2])
    Delivery.objects.update(state="sent", delivered_at=year_ago, created_at=year_ago)
    Delivery.objects.filter(pk=pending.pk).update(state="pending", created_at=year_ago - MICROSECOND)
    assert due_for_removal(now=now)["notices"] == 0
    Delivery.objects.filter(pk=sent.pk).update(created_at=year_ago - MICROSECOND, notice="digest")
    told = Delivery.objects.exclude(pk__in=[pending.pk, sent.pk]).first()
    Delivery.objects.filter(pk=told.pk).update(
        state="digested", digest=sent, created_at=year_ago - MICROSECOND, delivered_at=None
    )

    assert [apply_retention(now=now) for _ in range(3)] == [1, 1, 0]
    assert set(Delivery.objects.filter(pk__in=[pending.pk, sent.pk, told.pk])) == {pending}


def test_drafts_tokens_and_clear_forms_have_their_time(admin):
    """Retention: by their last change, their end, and the day they were kept."""
    now = clock.now()
    lead = factories.make_staff("team_lead")
    policies.start_draft(actor=factories.actor(lead), name="Old", version=1)
    token, _ = factories.make_token(lead)
    PersonalValue.objects.all().delete()
    value = PersonalValue.objects.create(person=lead, kind="mail", stand_in="x", value="a@example.com")
    year, longer = months_before(now, 12), months_before(now, 18)
    PolicyDraft.objects.update(changed_at=year)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=year)
    PersonalValue.objects.filter(pk=value.pk).update(kept_at=longer)
    assert due_for_removal(now=now) == dict.fromkeys(
        ("requests", "notices", "policy_drafts", "ended_tokens", "trail_values"), 0
    )

    assert apply_retention(now=now + MICROSECOND) == 3


def test_the_command_counts_and_then_removes(archived, settings):
    """Retention: a dry run changes nothing; housekeeping does the same by itself."""
    settings.KEEP_REQUESTS_MONTHS = 1
    long_ago = clock.now() - timedelta(days=90)
    ServiceRequest.objects.filter(pk=archived.pk).update(closed_at=long_ago)
    said = io.StringIO()
    call_command("retention", "--dry-run", stdout=said)
    assert "requests: 1 past their time (KEEP_REQUESTS_MONTHS)" in said.getvalue()
    assert Message.objects.exists()

    assert tidy_up()["retention"] >= 1
    call_command("retention", stdout=said)

    assert not Message.objects.exists()
    assert said.getvalue().endswith("Removed: 0 in all.\n")
