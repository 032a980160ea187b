"""Two people at once: one survey answer, one escalation, one translator, one senior engineer, the last tag (P-2)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from accounts import clock
from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import in_threads
from tickets.errors import AlreadyTaken, SurveyAnswered, TooManyTags, TranslatorAsked
from tickets.links import survey_link
from tickets.models import Escalation, ServiceRequest, Survey, Tag, TranslatorRequest
from tickets.services import tags
from tickets.services.assignment import take_request
from tickets.services.closing import Ending, close_request
from tickets.services.escalation import escalate_request, escalate_to_senior
from tickets.services.surveys import Opinion, answer_by_link
from tickets.services.sweeping import sweep
from tickets.services.translators import ask_translator
from tickets.verification import faults

DAY = timedelta(days=1)
THREADS = 8


@pytest.fixture
def admin(own_database: Any) -> Any:
    """The customer's global admin."""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    return factories.make_person(organisation, "global_admin")


def outcomes(results: list[Any]) -> Counter[str]:
    """How often each kind of result came."""
    return Counter(type(result).__name__ for result in results)


def test_of_eight_answers_to_one_survey_one_is_kept(admin: Any) -> None:
    """RO-4: once, also for two links"""
    actor, engineer = factories.actor(admin), factories.actor(factories.make_staff("engineer"))
    row = making.filed(actor, severity="C", now=clock.now() - 3 * DAY)
    close_request(number=row.number, actor=engineer, ending=Ending("solved", "Done."), now=clock.now() - 2 * DAY)
    sweep()
    keys = [survey_link(Survey.objects.get().pk, admin).split("/")[-2] for _ in range(2)]

    def answer(number: int) -> Any:
        return answer_by_link(key=keys[number % 2], opinion=Opinion(1 + number % 5))

    results = in_threads(*[lambda number=number: answer(number) for number in range(THREADS)])

    assert outcomes(results) == {Survey.__name__: 1, SurveyAnswered.__name__: THREADS - 1}
    assert Event.objects.filter(kind="survey_answered").count() == 1
    assert not list(faults())


def test_sweeps_side_by_side_ask_once(admin: Any) -> None:
    """P-2, P-3"""
    engineer = factories.actor(factories.make_staff("engineer"))
    for _ in range(5):
        row = making.filed(factories.actor(admin), severity="C", now=clock.now() - 3 * DAY)
        ending = Ending("solved", "Done.")
        close_request(number=row.number, actor=engineer, ending=ending, now=clock.now() - 2 * DAY)

    in_threads(*[sweep] * THREADS)

    assert Survey.objects.count() == Event.objects.filter(kind="survey_asked").count() == 5
    assert Delivery.objects.filter(notice="survey_asked", channel="mail").count() == 5
    assert not list(faults())


def test_a_double_click_escalates_once(admin: Any) -> None:
    """P-2"""
    actor = factories.actor(admin)
    row = making.filed(actor)

    def escalate() -> Escalation:
        return escalate_request(number=row.number, actor=actor, reason="business_impact", justification="Now.")

    results = in_threads(*[escalate] * THREADS)

    assert len({result.pk for result in results}) == 1
    assert Event.objects.filter(kind="escalation_requested").count() == 1


def test_of_two_who_ask_for_a_translator_one_is_told_that_it_is_done(admin: Any) -> None:
    """LA-2, P-2"""
    actor = factories.actor(admin)
    row = making.filed(actor)

    results = in_threads(*[lambda: ask_translator(number=row.number, actor=actor)] * THREADS)

    assert outcomes(results) == {TranslatorRequest.__name__: 1, TranslatorAsked.__name__: THREADS - 1}


def test_of_two_senior_engineers_one_takes_it_over(admin: Any) -> None:
    """P-2"""
    engineer = factories.actor(factories.make_staff("engineer"))
    seniors = [factories.actor(factories.make_staff("senior_engineer")) for _ in range(THREADS)]
    number = making.filed(factories.actor(admin)).number
    take_request(number=number, actor=engineer)
    escalate_to_senior(number=number, actor=engineer, reason="technical_expertise", note="Certificates.")

    results = in_threads(*[lambda actor=actor: take_request(number=number, actor=actor) for actor in seniors])

    assert outcomes(results) == {ServiceRequest.__name__: 1, AlreadyTaken.__name__: THREADS - 1}
    assert ServiceRequest.objects.get().assignee_id in {actor.person_id for actor in seniors}
    assert not list(faults())


def test_of_eight_who_add_the_last_tag_at_once_one_does(own_database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-2: the list is counted by one at a time"""
    monkeypatch.setattr(tags, "MOST", 1)
    lead = factories.actor(factories.make_staff("team_lead"))

    results = in_threads(*[lambda name=f"tag {each}": tags.add_tag(name=name, actor=lead) for each in range(THREADS)])

    assert outcomes(results) == {Tag.__name__: 1, TooManyTags.__name__: THREADS - 1}
