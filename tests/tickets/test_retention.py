"""How long what is kept, and what is left afterwards."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts import clock
from accounts.models import (
    ApiToken,
    Delegation,
    DelegationAsk,
    Delivery,
    Event,
    Invitation,
    Person,
    PersonalValue,
)
from accounts.services.delegation_asks import ask_for_delegation, decline_ask, grant_ask
from accounts.services.invitations import invite_person
from tests import factories
from tests.tickets import making
from tickets.models import Attachment, Engagement, Message, PolicyDraft, ServiceRequest, SeverityDecision
from tickets.selectors.labels import labelled_cases
from tickets.services import policies
from tickets.services.attachments import attach_file
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_customer_message, reply_publicly
from tickets.services.corrections import correct_request
from tickets.services.engagements import Wish, call_off_engagement, request_engagement, write_on_engagement
from tickets.services.housekeeping import tidy_up
from tickets.services.relay import relay_deliveries
from tickets.services.retention import apply_retention, due_for_removal, months_before, remove_content, remove_words
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
        (
            "requests",
            "engagements",
            "delegation_asks",
            "invitations",
            "notices",
            "webhook_deliveries",
            "webhook_endpoints",
            "policy_drafts",
            "ended_tokens",
            "browsers",
            "trail_values",
        ),
        0,
    )

    assert apply_retention(now=now + MICROSECOND) == 3


@pytest.fixture
def ended(organisation, admin, engineer):
    """An engagement with words everywhere, called off on 24 November 2026."""
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    factories.make_elevated_contract(organisation)
    day = at.date() + timedelta(days=9)
    asked = Wish("workshop", WORDS, WORDS, wished_from=day, wished_until=day, place=WORDS)
    number = request_engagement(wish=asked, actor=admin, now=at).number
    write_on_engagement(number=number, body=WORDS, actor=admin, now=at + timedelta(hours=1))
    return call_off_engagement(number=number, message=WORDS, actor=admin, now=at + timedelta(days=1))


def test_what_was_written_on_an_engagement_goes_18_months_after_its_end(ended, admin):
    """Retention, EL-1, P-10: both sides of the boundary; what was agreed and happened stays, and the page says so."""
    at = datetime(2028, 5, 24, 2, 0, tzinfo=UTC)
    Delivery.objects.all().delete()
    events = list(Event.objects.order_by("id").values())

    assert (apply_retention(now=at), WORDS in _everything()) == (0, True)
    assert due_for_removal(now=at + MICROSECOND)["engagements"] == 1
    assert apply_retention(now=at + MICROSECOND) == 1

    assert WORDS not in _everything()
    row = Engagement.objects.get()
    assert (row.number, row.kind, row.state, row.version) == (ended.number, "workshop", "called_off", ended.version + 1)
    assert list(Event.objects.order_by("id").values())[:-1] == events
    assert Event.objects.latest("id").kind == "engagement_content_removed"
    assert remove_words(engagement_id=row.pk) is False
    person = Person.objects.get(pk=admin.person_id)
    page = factories.browser_of(person).get(f"/organisation/engagements/{row.number}/")
    assert "as the rule of retention says" in page.content.decode()
    answer = factories.api_of(person).get(f"/api/v1/engagements/{row.number}/").json()
    assert (answer["content_removed_at"], answer["place"]) == ("2028-05-24T02:00:00.000001Z", "–")


def test_an_engagement_that_goes_on_keeps_its_words_however_old(ended):
    """Retention; the database too"""
    Engagement.objects.update(state="requested", ended_at=None)

    assert due_for_removal(now=ended.requested_at + timedelta(days=3_000))["engagements"] == 0
    assert remove_words(engagement_id=ended.pk) is False
    with pytest.raises(IntegrityError), transaction.atomic():
        Engagement.objects.update(content_removed_at=ended.requested_at)


def test_a_notice_of_words_that_are_removed_is_not_sent(ended, admin):
    """Retention, P-9: one that was held for so long, after a restore, breaks nothing"""
    remove_words(engagement_id=ended.pk)

    while relay_deliveries():
        pass

    states = Delivery.objects.filter(notice="engagement_news", channel="mail").values_list("state", flat=True)
    assert set(states) <= {"cancelled"}


@pytest.mark.parametrize("answer", ["declined", "granted", "open"])
def test_an_ask_of_a_partner_goes_a_year_after_nothing_hangs_on_it_any_more(organisation, answer):
    """Retention, PA-1: both sides of the boundary; what was granted keeps its ask until a year after its end."""
    now = clock.now()
    year_ago = months_before(now, 12)
    partner = factories.make_partner()
    asker, boss = factories.make_person(partner, "global_admin"), factories.make_person(organisation, "global_admin")
    wish = {"customer": organisation.slug, "duties": ["reader"], "reason": WORDS}
    ask = ask_for_delegation(**wish, wished_until=now + timedelta(days=90), actor=factories.actor(asker))
    if answer == "declined":
        decline_ask(ask_id=ask.pk, reason=WORDS, actor=factories.actor(boss))
    if answer == "granted":
        grant_ask(ask_id=ask.pk, duties=["reader"], expires_at=ask.wished_until, actor=factories.actor(boss))
        DelegationAsk.objects.update(settled_at=year_ago - timedelta(days=30))
        assert due_for_removal(now=now)["delegation_asks"] == 0
        Delegation.objects.update(ended_at=year_ago)
    if answer != "open":
        DelegationAsk.objects.filter(state="declined").update(settled_at=year_ago)
    assert due_for_removal(now=now)["delegation_asks"] == 0

    apply_retention(now=now + MICROSECOND)

    assert DelegationAsk.objects.exists() is (answer == "open")
    assert Delegation.objects.exists() is (answer == "granted")


def test_an_invitation_that_nobody_took_up_names_nobody_after_three_months(organisation):
    """Retention: both sides of the boundary"""
    boss = factories.actor(factories.make_person(organisation, "global_admin"))
    guest = {"email": "guest@example.com", "name": WORDS, "roles": ["reader"], "language": "en"}
    expired_at = invite_person(**guest, actor=boss, now=datetime(2026, 11, 23, 2, tzinfo=UTC)).expires_at
    Delivery.objects.all().delete()
    at = datetime(2027, 2, 26, 2, tzinfo=UTC)
    assert months_before(at, 3) == expired_at

    assert apply_retention(now=at) == 0
    assert apply_retention(now=at + MICROSECOND) > 0
    assert not Invitation.objects.exists()


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
