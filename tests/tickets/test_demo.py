"""The demo: what the story teller leaves behind, from a small part of it."""

import json
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.password_validation import validate_password
from django.test import override_settings

from accounts import clock, rota
from accounts.models import (
    ApiToken,
    CalendarVersion,
    Delegation,
    DelegationAsk,
    Delivery,
    Event,
    Invitation,
    Organisation,
    Person,
)
from accounts.permissions import CUSTOMER_ROLES, STAFF_ROLES
from accounts.services.calendars import renew_calendars
from accounts.services.tokens import use_token
from tests import databases, factories
from tests.conftest import OwnDatabase
from tickets.demo.casting import is_called
from tickets.demo.loading import HISTORY_NOTE, is_empty, load
from tickets.demo.planning import plan
from tickets.demo.scripts import Stage
from tickets.demo.stories import read, stories
from tickets.demo.surroundings import PASSWORD, calendar_document, make_world
from tickets.lifecycle import State
from tickets.models import (
    Commitment,
    Correction,
    Engagement,
    Message,
    MessageKind,
    RequestTag,
    ServiceRequest,
    SeverityDecision,
    SeverityDispute,
    Tag,
    Timer,
    TimerState,
)
from tickets.verification import faults

PART = 48  # requests; enough to have something of everything


@dataclass
class Demo:
    """A demo that has been told."""

    now: datetime
    said: list[str]
    states: dict[str, int]
    file: Path


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A part of the demo, told once in a database of its own."""
    folder = tmp_path_factory.mktemp("demo")
    places = {"DEMO_FILE": folder / "demo.json", "MEDIA_ROOT": folder / "attachments"}
    with django_db_blocker.unblock(), databases.copied("demo"), override_settings(**places):
        assert is_empty()
        now, said = clock.now(), list[str]()
        states = load(say=said.append, limit=PART, now=now)
        yield Demo(now=now, said=said, states=dict(states), file=places["DEMO_FILE"])


def test_requests_stand_in_every_state(demo: Demo) -> None:
    assert set(demo.states) == set(State)
    assert sum(demo.states.values()) >= PART - 2  # a duplicate is left out where its original is


def test_verification_finds_nothing_wrong_in_it(demo: Demo) -> None:
    """P-2, P-3, P-4, P-10"""
    assert list(faults()) == []


def test_nothing_in_it_happens_after_now(demo: Demo) -> None:
    assert not Event.objects.filter(at__gt=demo.now).exists()
    assert not Message.objects.filter(at__gt=demo.now).exists()


def test_no_timer_was_left_behind_or_failed(demo: Demo) -> None:
    """P-3"""
    overdue = Timer.objects.filter(state=TimerState.WAITING, due_at__lt=demo.now - timedelta(seconds=10))

    assert not overdue.exists()
    assert not Timer.objects.filter(state=TimerState.FAILED).exists()


def test_some_answers_are_overdue_and_others_well_in_time(demo: Demo) -> None:
    due = ServiceRequest.objects.filter(due_at__isnull=False).values_list("due_at", flat=True)

    assert any(due_at < demo.now for due_at in due)
    assert any(due_at > demo.now + timedelta(hours=1) for due_at in due)
    assert Commitment.objects.filter(breached_at__isnull=False).exists()


def test_the_desk_corrects_severities_with_a_reason(demo: Demo) -> None:
    """SE-5"""
    by_desk = SeverityDecision.objects.filter(source="engineer")

    assert by_desk.exists()
    assert not by_desk.filter(reason="").exists()


def test_admins_dispute_severities_and_a_senior_engineer_declines_one(demo: Demo) -> None:
    """SE-5"""
    disputes = SeverityDispute.objects.order_by("state").values_list("state", flat=True)

    assert list(disputes) == ["declined", "open", "open"]
    assert ServiceRequest.objects.filter(dispute_due_at__gt=demo.now).count() == 2


def test_the_desk_corrects_how_requests_are_sorted_and_says_why(demo: Demo) -> None:
    """SE-1, SC-6"""
    sorted_anew = Correction.objects.exclude(note="")

    assert sorted_anew.filter(what="category").exists()
    assert not ServiceRequest.objects.filter(corrections__what="category", category="technical.configuration").exists()


def test_people_say_what_they_say_in_both_languages_and_in_every_way(demo: Demo) -> None:
    assert {"en", "zh-Hant"} <= set(ServiceRequest.objects.values_list("language", flat=True))
    assert set(Message.objects.values_list("kind", flat=True)) == set(MessageKind.values)


def test_the_desk_has_tags_and_some_requests_carry_them(demo: Demo) -> None:
    """docs/api.md, tags: what it speaks of can be tried"""
    carried = list(RequestTag.objects.values_list("tag__name", flat=True))

    assert "VIP" in Tag.objects.values_list("name", flat=True)
    assert 3 <= len(carried) <= 12
    assert RequestTag.objects.filter(request__state__in=[State.CLOSED, State.ARCHIVED]).count() == 0


def test_engineers_speak_the_language_of_what_they_answer(demo: Demo) -> None:
    """LA-1"""
    for reply in Message.objects.filter(kind=MessageKind.REPLY).select_related("request", "author"):
        assert reply.author
        assert reply.request.language in reply.author.languages


def test_mails_of_the_past_are_never_sent(demo: Demo) -> None:
    mails = Delivery.objects.filter(channel=Delivery.Channel.MAIL)
    old = mails.filter(event__at__lt=demo.now - timedelta(hours=1))

    assert old.exists()
    assert set(old.values_list("state", "last_error")) == {("cancelled", HISTORY_NOTE)}
    assert set(mails.exclude(pk__in=old).values_list("state", flat=True)) <= {"pending"}


def test_notices_of_long_ago_have_been_read_and_fresh_ones_wait(demo: Demo) -> None:
    notices = Delivery.objects.filter(channel=Delivery.Channel.PORTAL)

    assert not notices.filter(read_at=None, event__at__lt=demo.now - timedelta(days=4)).exists()
    assert notices.filter(read_at=None).exists()


def test_business_hours_know_the_public_holidays_of_the_region(demo: Demo) -> None:
    """SLA-4"""
    documents = dict(CalendarVersion.objects.values_list("organisation__slug", "document"))

    assert set(documents) == set(Organisation.objects.values_list("slug", flat=True))
    assert f"{demo.now.year + 1}-12-25" in documents["havelkraft"]["holidays"]
    assert f"{demo.now.year + 1}-03-08" in documents["havelkraft"]["holidays"]  # in Berlin only
    assert documents["thistle"]["windows"]["5"] == [["07:00", "12:00"]]


def test_partners_have_been_appointed_by_their_customers(demo: Demo) -> None:
    """PA-1"""
    for delegation in Delegation.objects.select_related("granted_by"):
        assert delegation.granted_by.organisation_id == delegation.customer_id
        assert Event.objects.filter(kind="delegation_granted", ref=f"delegation:{delegation.pk}").exists()


def test_there_is_somebody_in_every_role(demo: Demo) -> None:
    """RO-1, RO-3"""
    people = Person.objects.with_roles()

    assert {role for person in people for role in person.role_names} == {*CUSTOMER_ROLES, *STAFF_ROLES}
    assert any(not person.role_names for person in people)


def test_everybody_of_the_banner_can_sign_in(demo: Demo) -> None:
    document = json.loads(demo.file.read_text())

    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600
    assert len(document["sign_ins"]) >= 13
    validate_password(PASSWORD)
    for entry in document["sign_ins"]:
        assert set(entry) == {"role", "email", "password", "note"}
        assert Person.objects.get(email=entry["email"], is_active=True).check_password(entry["password"])


def test_the_line_of_the_banner_files_a_request(demo: Demo) -> None:
    document = json.loads(demo.file.read_text())
    words = shlex.split(document["curl"])
    token = use_token(document["token"])
    client = factories.api_with(document["token"])

    answer = client.post(words[2].removeprefix(document["address"]), json.loads(words[words.index("-d") + 1]))

    assert token
    assert f"Authorization: Bearer {document['token']}" in words
    assert answer.status_code == 201, answer.content


def test_it_says_how_far_it_is(demo: Demo) -> None:
    assert demo.said[-1].endswith("100 %")
    assert all("requests" in line for line in demo.said)


def test_the_same_seed_tells_the_same_and_another_one_does_not(own_database: OwnDatabase) -> None:
    now = datetime(2026, 11, 18, 13, 0, tzinfo=UTC)
    world = make_world(now=now)

    def told(seed: int) -> list[tuple[datetime, str, int]]:
        return [(step.at, step.act, step.by.person.pk) for run in plan(world, now=now, seed=seed) for step in run.steps]

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 12, 45, tzinfo=UTC),  # a Sunday
        datetime(2026, 12, 25, 3, 0, tzinfo=UTC),
        datetime(2027, 1, 2, 23, 59, tzinfo=UTC),
        datetime(2028, 3, 1, 9, 30, tzinfo=UTC),
    ],
)
def test_on_any_day_the_queue_has_something_late_something_soon_and_much_in_time(
    own_database: OwnDatabase, now: datetime
) -> None:
    runs = plan(make_world(now=now), now=now, seed=1)

    fresh = [run.filed_at for run in runs if run.stage is Stage.UNANSWERED]
    due = [due_at for run in runs if run.stage is Stage.UNANSWERED and (due_at := run.due_at(run.filed_at))]
    assert len(runs) > 300
    assert all(step.at <= now for run in runs for step in run.steps)
    assert len(fresh) > 30
    assert 1 <= sum(due_at < now for due_at in due) <= 7
    assert sum(now <= due_at < now + timedelta(hours=2) for due_at in due) >= 4
    assert sum(due_at > now + timedelta(hours=2) for due_at in due) >= 4


# ── Without a database ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", read("moments"))
def test_a_moment_fits_its_story(key: str) -> None:
    """Words that are exchanged must be there, or they would silently stay."""
    entry = next(story for story in read("stories") if story["key"] == key)
    text = json.dumps(entry, ensure_ascii=False)

    moment = read("moments")[key]

    assert set(moment) <= {"filed", "weekdays", "swaps", "clocks"}
    for swap in [*moment.get("swaps", ()), *moment.get("clocks", ())]:
        assert swap["replace"] in text


def test_times_of_day_in_a_story_follow_its_filing() -> None:
    story = next(story for story in stories() if story.key == "gov-dispatch-calendar-open")

    told = story.filed_at(datetime(2026, 11, 18, 17, 31, tzinfo=UTC), ZoneInfo("America/Los_Angeles"))

    assert "since 9:15 a.m." in told.description
    assert "2 p.m." in told.description
    assert "by 11:05 a.m." in told.turns[0].text


@pytest.mark.parametrize(
    ("name", "text", "called"),
    [
        ("Katrin Vollmer", "Called Katrin Vollmer. All is well.", True),
        ("Uwe Brinkmann", "Hallo Herr Brinkmann, bitte …", True),
        ("Nadia Rahman", "Good morning Nadia. I went through …", True),
        ("Nadia Rahman", "Nadia's colleague called.", False),
        ("陳建宏", "陳經理您好，", True),
        ("高橋 健一", "高橋様、ご検討ありがとうございます。", True),
        ("陳建宏", "陳列方式", False),
    ],
)
def test_the_desk_calls_people_by_name(name: str, text: str, called: bool) -> None:
    assert is_called(name, text) is called


def test_a_calendar_has_the_holidays_of_this_year_and_the_next_two() -> None:
    entry = {"country": "TW", "subdivision": "", "timezone": "Asia/Taipei", "calendar": None}

    document = calendar_document(entry, now=datetime(2026, 11, 18, tzinfo=UTC))

    assert {"2026-10-10", "2027-10-10", "2028-10-10"} <= set(document["holidays"])
    assert not any(day.startswith(("2025", "2029")) for day in document["holidays"])
    assert set(document["windows"]) == {"0", "1", "2", "3", "4"}


def test_somebody_is_on_duty_at_every_instant_that_the_demo_tells_of(demo: Demo) -> None:
    """RO-3: no alert in the past, no gap in the coming days."""
    assert rota.gaps(now=demo.now) == []
    assert not Event.objects.filter(kind="nobody_on_duty").exists()
    roster = rota.roster_at(demo.now)
    assert {shift.role for shift in roster.in_order()} == {"duty_manager", "on_call"}


def test_calendars_of_the_demo_need_no_renewal_yet(demo: Demo) -> None:
    assert renew_calendars(now=demo.now) == 0


def test_the_demo_shows_asks_and_engagements_in_their_states(demo: Demo) -> None:
    """PA-1, EL-1: with what was done under a delegation that was asked for"""
    assert set(DelegationAsk.objects.values_list("state", flat=True)) == {"open", "granted", "declined"}
    granted = DelegationAsk.objects.get(state="granted")
    assert granted.delegation
    assert Event.objects.filter(on_behalf_of__isnull=False, delegation=None).count() == 0
    assert set(Engagement.objects.values_list("state", flat=True)) == {"requested", "under_way", "completed"}


def test_people_come_and_go_in_it_and_programs_stay(demo: Demo) -> None:
    """RO-1"""
    waiting = Invitation.objects.filter(ended_at=None)
    assert waiting.filter(expires_at__gt=demo.now).exists()
    assert waiting.filter(expires_at__lte=demo.now).exists()
    assert Person.objects.filter(is_active=False, is_service=False).exists()
    assert ApiToken.objects.filter(person__is_service=True, revoked_at=None).exists()
