"""Surveys: asked once after each close, answered once, reported (RO-4)."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import clock
from accounts.models import Delivery, Event, Person
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.test_budgets import cost_of
from tickets.errors import InvalidRating, SurveyAnswered, SurveyNotOpen
from tickets.models import ServiceRequest, Survey, SurveyLink, Timer
from tickets.selectors import surveys as selectors
from tickets.selectors.timers import GRACE
from tickets.services import relay
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.surveys import ANSWER_WITHIN, Opinion, answer_by_link, answer_survey
from tickets.services.sweeping import sweep
from tickets.verification import faults

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
LINK = re.compile(r"/surveys/([A-Za-z0-9_-]{43})/")
ANSWER = {"rating": "4", "solved": "yes", "comment": "Quick, and friendly."}


@pytest.fixture
def admin_person(organisation):
    return factories.make_person(organisation, "global_admin", name="Wei Chen")


@pytest.fixture
def asked(admin_person, engineer) -> ServiceRequest:
    """A request that an engineer closed two days ago, and about which its admin was asked yesterday."""
    service_request = making.filed(factories.actor(admin_person), severity="C", now=clock.now() - 3 * DAY)
    ending = Ending("solved", "Done.")
    close_request(number=service_request.number, actor=engineer, ending=ending, now=clock.now() - 2 * DAY)
    sweep()
    mail.outbox.clear()
    return ServiceRequest.objects.get(pk=service_request.pk)


def key_in_mail() -> str:
    """The secret of the one mail about a survey, sent by the relay."""
    relay.relay_deliveries()
    texts = [str(message.body) for message in mail.outbox if "How did we do?" in message.subject]
    [text] = texts
    found = LINK.search(text)
    assert found
    return found.group(1)


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_after_a_close_the_primary_contact_is_asked_once(closed_request, admin):
    """RO-4, P-2"""
    due_at = closed_request.closed_at + DAY
    sweep(now=due_at + GRACE - MICROSECOND)
    assert not Survey.objects.exists()
    for _ in range(2):
        sweep(now=due_at + GRACE)

    survey = Survey.objects.get()
    assert (survey.asked_at, survey.expires_at) == (due_at, due_at + GRACE + ANSWER_WITHIN)
    event = Event.objects.get(kind="survey_asked")
    assert (event.at, event.ref) == (due_at, f"survey:{survey.pk}")
    told = Delivery.objects.filter(event=event).values_list("person", "channel")
    assert set(told) == {(admin.person_id, "mail"), (admin.person_id, "portal")}
    assert not list(faults())


def test_the_database_takes_one_survey_for_each_close(asked):
    """P-2"""
    survey = Survey.objects.get()
    survey.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        survey.save()


def test_who_reopens_within_the_day_is_not_asked(closed_request, admin):
    """RO-4"""
    reopen_request(number=closed_request.number, actor=admin, now=closed_request.closed_at + timedelta(hours=23))
    sweep(now=closed_request.closed_at + 3 * DAY)

    timer = Timer.objects.get(kind="survey")
    assert (timer.state, timer.cause) == ("cancelled", "reopened")
    assert not Survey.objects.exists()


def test_a_second_close_is_asked_about_too(closed_request, admin, engineer):
    """RO-4: one after each close"""
    number, first = closed_request.number, closed_request.closed_at
    sweep(now=first + 2 * DAY)
    reopen_request(number=number, actor=admin, now=first + 3 * DAY)
    close_request(number=number, actor=engineer, ending=Ending("workaround", "Like this."), now=first + 4 * DAY)
    sweep(now=first + 6 * DAY)

    rows = Survey.objects.order_by("cycle").values_list("cycle", "asked_at", "resolution")
    assert list(rows) == [(1, first + DAY, "solved"), (2, first + 5 * DAY, "workaround")]
    assert not list(faults())


def test_whoever_withdraws_is_asked_too_and_a_test_of_an_integration_is_not(admin):
    """RO-4: no close is left out but that of what nobody worked on"""
    for is_test in (False, True):
        service_request = making.filed(admin, now=MONDAY, is_test=is_test)
        close_request(number=service_request.number, actor=admin, ending=Ending("withdrawn"), now=MONDAY)

    assert Timer.objects.filter(kind="survey").count() == 1


def test_after_downtime_there_are_still_14_days_to_answer(closed_request):
    """P-3: the event is dated at its deadline; what people can do does not shrink with an outage"""
    late = closed_request.closed_at + 10 * DAY
    sweep(now=late)

    survey = Survey.objects.get()
    assert (survey.asked_at, survey.expires_at) == (closed_request.closed_at + DAY, late + ANSWER_WITHIN)


# ── the link of the mail ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_link_is_made_when_the_mail_is_sent_and_kept_as_a_digest_only(asked):
    """RELIABILITY, links in mail: 256 bits"""
    assert not SurveyLink.objects.exists()

    key = key_in_mail()

    link = SurveyLink.objects.get()
    assert len(link.digest) == 64
    stored = [str(row) for row in Delivery.objects.values()] + [str(row) for row in SurveyLink.objects.values()]
    assert not any(key in row for row in stored)


def test_the_notice_in_the_portal_leads_to_the_request_and_makes_no_link(asked, admin_person):
    """P-7: a secret is for the mailbox alone"""
    page = factories.browser_of(admin_person).get("/notices/").content.decode()

    assert "How did we do?" in page
    assert not LINK.search(page)
    assert not SurveyLink.objects.exists()


def test_looking_at_the_link_changes_nothing_and_sending_the_form_answers(asked, admin_person):
    """RELIABILITY, links in mail: changed only by POST, mail scanners follow GET; no sign-in is needed"""
    address = f"/surveys/{key_in_mail()}/"
    visitor = Client(enforce_csrf_checks=True)
    for _ in range(3):
        page = visitor.get(address)
        assert (page.status_code, page["Referrer-Policy"], page["Cache-Control"]) == (200, "no-referrer", "no-store")
        assert 'name="rating"' in page.content.decode()
    assert Survey.objects.get().answered_at is None

    thanked = visitor.post(address, ANSWER, headers={"Origin": "null"})

    assert (thanked.status_code, "Thank you" in thanked.content.decode()) == (200, True)
    survey = Survey.objects.get()
    assert (survey.rating, survey.solved, survey.comment) == (4, True, "Quick, and friendly.")
    assert survey.answered_by == Person.objects.get(pk=admin_person.pk)
    assert not list(faults())


def test_who_answers_twice_is_thanked_twice_and_the_first_answer_stays(asked):
    """RO-4: once"""
    address = f"/surveys/{key_in_mail()}/"
    for rating in ("4", "1"):
        thanked = Client().post(address, {**ANSWER, "rating": rating})
        assert (thanked.status_code, "Thank you" in thanked.content.decode()) == (200, True)
    again = Client().get(address)

    assert (again.status_code, "Thank you" in again.content.decode()) == (200, True)
    assert Survey.objects.get().rating == 4
    assert Event.objects.filter(kind="survey_answered").count() == 1


def test_a_form_without_a_rating_comes_back_with_what_was_typed(asked):
    page = Client().post(f"/surveys/{key_in_mail()}/", {"comment": "All was well"})

    assert page.status_code == 400
    assert "All was well" in page.content.decode()
    assert Survey.objects.get().answered_at is None


def test_a_link_is_good_through_its_last_instant(asked):
    """RELIABILITY, links in mail: 14 days"""
    key = key_in_mail()
    survey = Survey.objects.get()

    with pytest.raises(SurveyNotOpen):
        answer_by_link(key=key, opinion=Opinion(5), now=survey.expires_at + MICROSECOND)
    answer_by_link(key=key, opinion=Opinion(5), now=survey.expires_at)

    assert Survey.objects.get().rating == 5


def test_an_expired_link_says_so(asked):
    address = f"/surveys/{key_in_mail()}/"
    Survey.objects.update(expires_at=clock.now() - DAY)

    for page in (Client().get(address), Client().post(address, ANSWER)):
        assert (page.status_code, "no longer open" in page.content.decode()) == (410, True)
    assert Survey.objects.get().answered_at is None


@pytest.mark.parametrize("key", ["x", "a" * 43, "%00", "%F0%9F%92%A9"])
def test_a_secret_that_nobody_was_given_finds_nothing(asked, key):
    """P-5, P-8"""
    for page in (Client().get(f"/surveys/{key}/"), Client().post(f"/surveys/{key}/", ANSWER)):
        assert page.status_code == 404


@pytest.mark.parametrize("ended", ["account", "organisation", "role", "role of an admin"])
def test_a_link_ends_with_its_receivers_access(asked, admin_person, ended):
    """P-6"""
    address = f"/surveys/{key_in_mail()}/"
    if ended == "account":
        Person.objects.filter(pk=admin_person.pk).update(is_active=False)
    elif ended == "organisation":
        admin_person.organisation.is_active = False
        admin_person.organisation.save()
    elif ended == "role of an admin":
        admin_person.role_grants.update(role="reader")
    else:
        admin_person.role_grants.all().delete()

    for page in (Client().get(address), Client().post(address, ANSWER)):
        assert (page.status_code, asked.subject in page.content.decode()) == (404, False)
    assert Survey.objects.get().answered_at is None


# ── signed in ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_closed_request_asks_its_primary_contact(asked, admin_person):
    """RO-4"""
    browser = factories.browser_of(admin_person)
    assert "survey-rating" in browser.get(f"/requests/{asked.number}/").content.decode()
    sent = {f"survey-{name}": value for name, value in ANSWER.items()}

    page = browser.post(f"/requests/{asked.number}/survey/", sent, follow=True).content.decode()

    assert "Thank you for your opinion." in page
    assert "survey-rating" not in page
    assert Survey.objects.get().rating == 4


def test_a_colleague_who_was_not_asked_is_not_asked_on_the_page(asked, organisation):
    """RO-4: the primary contact is asked"""
    colleague = factories.make_person(organisation, "global_admin")

    assert "survey-rating" not in factories.browser_of(colleague).get(f"/requests/{asked.number}/").content.decode()
    with pytest.raises(SurveyNotOpen):
        answer_survey(number=asked.number, actor=factories.actor(colleague), opinion=Opinion(1))


def test_who_is_asked_in_place_of_a_contact_that_left_may_answer(admin_person, engineer, organisation):
    """RO-4, P-6"""
    stand_in = factories.make_person(organisation, "service_support_admin")
    service_request = making.filed(factories.actor(admin_person), severity="C", now=clock.now() - 3 * DAY)
    ending = Ending("solved", "Done.")
    close_request(number=service_request.number, actor=engineer, ending=ending, now=clock.now() - 2 * DAY)
    Person.objects.filter(pk=admin_person.pk).update(is_active=False)
    sweep()

    answer_survey(number=service_request.number, actor=factories.actor(stand_in), opinion=Opinion(3))

    assert Survey.objects.get().answered_by_id == stand_in.pk


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_from_1_to_5(asked, admin_person, rating):
    with pytest.raises(InvalidRating):
        answer_survey(number=asked.number, actor=factories.actor(admin_person), opinion=Opinion(rating))
    assert Survey.objects.get().answered_at is None


def test_the_second_answer_is_refused(asked, admin_person):
    """RO-4: once"""
    actor = factories.actor(admin_person)
    answer_survey(number=asked.number, actor=actor, opinion=Opinion(5))

    with pytest.raises(SurveyAnswered):
        answer_survey(number=asked.number, actor=actor, opinion=Opinion(1))


@pytest.mark.parametrize(("rating", "told"), [(1, 1), (2, 1), (3, 0)])
def test_a_bad_rating_is_told_to_the_team_lead(asked, admin_person, rating, told):
    """RO-4"""
    lead = factories.make_staff("team_lead")

    answer_survey(number=asked.number, actor=factories.actor(admin_person), opinion=Opinion(rating))

    assert Delivery.objects.filter(notice="survey_bad", person=lead, channel="mail").count() == told


# ── the report ──────────────────────────────────────────────────────────────────────────────────────────────────────


def answered(actor, engineer, *, severity: str, rating: int | None, comment: str = "") -> None:
    """A request that was closed, and what was said about it."""
    row = making.filed(actor, severity=severity, now=clock.now() - 3 * DAY)
    close_request(number=row.number, actor=engineer, ending=Ending("solved", "Done."), now=clock.now() - 2 * DAY)
    sweep()
    if rating:
        answer_survey(number=row.number, actor=actor, opinion=Opinion(rating, rating > 2, comment))


def test_the_report_counts_what_was_asked_and_said(admin, engineer):
    """RO-4: results are reported"""
    for severity, rating in (("C", 5), ("C", 2), ("B", 4), ("C", None)):
        answered(admin, engineer, severity=severity, rating=rating)
    lead = factories.actor(factories.make_staff("team_lead"))

    figures = selectors.report(lead, now=clock.now())
    severities = {each.name: each.figures for each in selectors.report_by_severity(lead, now=clock.now())}

    assert (figures.asked, figures.answered, figures.response_rate) == (4, 3, 75)
    assert figures.average == pytest.approx(11 / 3)
    assert (figures.ratings, figures.solved, figures.unsolved) == ((0, 1, 0, 1, 1), 2, 1)
    assert (severities["B"].average, severities["C"].asked) == (4.0, 3)
    assert selectors.report(lead, now=clock.now() + 90 * DAY).asked == 0


def test_leads_read_the_report_and_nobody_else(admin, engineer, admin_person):
    """RO-4, P-6"""
    answered(admin, engineer, severity="C", rating=1, comment="<b>Slow</b>")
    lead, other = factories.make_staff("team_lead"), factories.make_staff("engineer")

    page = factories.browser_of(lead).get("/staff/surveys/")

    assert (page.status_code, "&lt;b&gt;Slow&lt;/b&gt;" in page.content.decode()) == (200, True)
    for person in (other, admin_person):
        assert factories.browser_of(person).get("/staff/surveys/").status_code == 403
    assert Client().get("/staff/surveys/").status_code == 302


def test_the_report_costs_the_same_for_one_answer_and_for_thirty(admin, engineer):
    """STYLE section 5"""
    browser = factories.browser_of(factories.make_staff("team_lead"))
    answered(admin, engineer, severity="C", rating=4)
    alone = cost_of(browser, "/staff/surveys/")
    request = ServiceRequest.objects.get()
    for cycle in range(2, 31):
        row = Survey.objects.get(cycle=1)
        row.pk, row.cycle = None, cycle
        row.save()
    assert request.surveys.count() == 30

    assert cost_of(browser, "/staff/surveys/") == alone <= 8
    first = factories.browser_of(factories.make_staff("duty_manager")).get("/staff/surveys/")
    assert "cursor=" in first.content.decode()


def test_no_line_of_the_log_holds_the_secret_of_a_link(asked, caplog):
    """RELIABILITY, audit and logs"""
    key = key_in_mail()
    with caplog.at_level("INFO"):
        Client().get(f"/surveys/{key}/")
        Client().post(f"/surveys/{key}/", ANSWER)

    assert "/surveys/…/" in caplog.text
    assert key not in caplog.text
