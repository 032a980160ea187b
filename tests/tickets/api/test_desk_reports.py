"""What surveys say and how good the assessment is, over the API, held against the pages that tell the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from accounts import clock
from accounts.actors import Actor
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import code_of, pointers_of, queries
from tickets.models import ServiceRequest, Survey
from tickets.selectors import labels
from tickets.services.conversation import reply_publicly
from tickets.services.corrections import correct_request
from tickets.services.severity import change_severity

SURVEYS, ASSESSMENTS = "/api/v1/reports/surveys/", "/api/v1/reports/assessments/"
ANSWERS = f"{SURVEYS}answers/"
NEVER = timedelta(days=90)  # before which nothing is told of


@pytest.fixture
def lead(db: None) -> APIClient:
    return factories.api_of(factories.make_staff("team_lead"))


def surveyed(admin: Actor, severity: str, rating: int | None, *, asked: timedelta = timedelta(days=2)) -> Survey:
    """A survey about a request that was closed; without a rating nobody has answered it."""
    row, at = making.filed(admin, severity=severity), clock.now() - asked
    said = {"rating": rating, "solved": (rating or 0) > 2, "answered_at": at, "answered_by_id": admin.person_id}
    more = {"severity": severity, "resolution": "solved", "asked_at": at, "expires_at": at, "cycle": 1}
    return Survey.objects.create(
        organisation=row.organisation, request=row, team=row.team, **more, **(said if rating else {})
    )


@pytest.fixture
def labelled(admin: Actor, engineer: Actor) -> tuple[ServiceRequest, ServiceRequest]:
    """A raised B that was sorted anew, a lowered A, and a C that was left unchanged."""
    at = clock.now() - timedelta(days=3)
    raised, lowered, left = (making.filed(admin, severity=severity, now=at) for severity in "BAC")
    change_severity(number=raised.number, actor=engineer, severity="A", reason="More.", now=at)
    change_severity(number=lowered.number, actor=engineer, severity="B", reason="Less.", now=at)
    reply_publicly(number=left.number, actor=engineer, body="We look.", now=at)
    correct_request(number=raised.number, actor=engineer, particulars={"scope": "developer"}, now=at)
    return raised, lowered


# ── surveys ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_surveys_say_is_told_together_by_severity_and_by_team(admin: Actor, lead: APIClient) -> None:
    """RO-4"""
    for severity, rating in (("C", 5), ("C", 2), ("B", 4), ("C", None)):
        surveyed(admin, severity, rating)
    surveyed(admin, "A", 1, asked=NEVER)

    told = lead.get(SURVEYS).json()

    assert told["total"] == {
        "asked": 4,
        "answered": 3,
        "response_rate": 0.75,
        "average": pytest.approx(11 / 3),
        "solved": 2,
        "unsolved": 1,
        "ratings": [{"rating": rating, "answers": int(rating in (2, 4, 5))} for rating in range(1, 6)],
    }
    assert [(each["severity"], each["figures"]["asked"]) for each in told["severities"]] == [("B", 1), ("C", 3)]
    assert sum(each["figures"]["asked"] for each in told["teams"]) == 4
    assert told["days"] == 90


def test_of_no_survey_there_is_neither_rate_nor_average(lead: APIClient) -> None:
    """RO-4"""
    total = lead.get(SURVEYS).json()["total"]

    assert (total["asked"], total["response_rate"], total["average"]) == (0, None, None)
    assert lead.get(ANSWERS).json() == {"next": None, "previous": None, "results": []}


def test_answers_are_listed_newest_first_page_by_page(admin: Actor, lead: APIClient) -> None:
    """RO-4: those that are there, each with its request"""
    older = surveyed(admin, "B", 4, asked=timedelta(days=3))
    newer = surveyed(admin, "C", 2)
    surveyed(admin, "C", None)

    first = lead.get(ANSWERS, {"page_size": 1}).json()
    second = lead.get(first["next"]).json()

    assert [each["id"] for page in (first, second) for each in page["results"]] == [newer.pk, older.pk]
    assert second["next"] is None
    assert lead.get(second["previous"]).json()["results"] == first["results"]
    [told] = second["results"]
    assert (told["number"], told["severity"], told["rating"], told["solved"]) == (older.request.number, "B", 4, True)
    assert told["organisation"]["slug"] == older.organisation.slug
    assert told["answered_by"]["id"] == admin.person_id


# ── the assessment ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("labelled")
def test_the_assessment_is_held_against_what_engineers_decided(lead: APIClient) -> None:
    """SE-1, SE-5"""
    told = lead.get(ASSESSMENTS).json()

    assert (told["cases"], told["decided"], told["too_low"], told["too_high"]) == (3, 2, 1, 1)
    assert (told["accuracy"], told["accuracy_of_decided"]) == (pytest.approx(1 / 3), 0)
    found = {(each["severity"], each["assessed"]) for each in told["confusion"] if each["cases"]}
    assert (found, len(told["confusion"])) == ({("A", "B"), ("B", "A"), ("C", "C")}, 9)
    assert [each["recall"] for each in told["severities"]] == [0, 0, 1]
    assert sum(band["cases"] for band in told["calibration"]) == 3
    assert [(each["language"], each["cases"]) for each in told["by_language"]] == [("en", 3)]
    assert told["scopes_right"] == pytest.approx(2 / 3)
    assert [(each["previous"], each["corrected"]) for each in told["corrections"]] == [("in_scope", "developer")]


def test_the_newest_mistakes_are_named(lead: APIClient, labelled: tuple[ServiceRequest, ServiceRequest]) -> None:
    """SE-5"""
    told, (raised, lowered) = lead.get(ASSESSMENTS).json(), labelled

    assert [(each["number"], each["assessed"], each["decided"]) for each in told["newest_too_low"]] == [
        (raised.number, "B", "A")
    ]
    assert [each["number"] for each in told["newest_too_high"]] == [lowered.number]


@pytest.mark.usefixtures("labelled")
@pytest.mark.parametrize(
    ("asked", "cases"),
    [
        ({"decisions": "decided"}, 2),
        ({"language": "en"}, 3),
        ({"language": "de"}, 0),
        ({"service": "exchange_online"}, 3),
        ({"service": "identity"}, 0),
        ({"engine": "0"}, 0),
    ],
)
def test_the_assessment_can_be_narrowed_and_of_nothing_there_are_no_shares(
    lead: APIClient, asked: dict[str, str], cases: int
) -> None:
    """SE-1: and what there would be else is still told"""
    told = lead.get(ASSESSMENTS, asked).json()

    assert told["cases"] == cases
    assert (told["accuracy"] is None) == (told["macro_f1"] is None) == (cases == 0)
    assert told["languages"] == ([] if asked.get("service") == "identity" else ["en"])


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        (SURVEYS, {"team_lead", "duty_manager"}),
        (ANSWERS, {"team_lead", "duty_manager"}),
        (ASSESSMENTS, {"team_lead", "duty_manager", "senior_engineer"}),
    ],
)
def test_reports_of_the_desk_are_for_those_who_lead_it(path: str, roles: set[str], api: APIClient) -> None:
    """P-6: as their pages are"""
    for role in ("team_lead", "duty_manager", "senior_engineer", "engineer", "operator"):
        answer = factories.api_of(factories.make_staff(role)).get(path)
        assert (answer.status_code == 200) == (role in roles), role
        assert role in roles or code_of(answer) == "not-permitted"
    assert code_of(api.get(path)) == "not-permitted"
    scoped = factories.api_of(factories.make_staff("team_lead"), "queue:read")
    assert code_of(scoped.get(path)) == "scope-missing"


@pytest.mark.parametrize("path", [SURVEYS, ANSWERS, ASSESSMENTS])
def test_parameters_that_are_none_are_named(lead: APIClient, path: str) -> None:
    """P-8"""
    assert pointers_of(lead.get(path, {"x": "1"})) == ["x"]


def test_a_senior_engineer_is_told_of_what_they_may_read(admin: Actor) -> None:
    """P-5: no billing"""
    billing = making.filed(admin, severity="C", category="billing", service="")
    reply_publicly(number=billing.number, actor=factories.actor(factories.make_staff("billing_specialist")), body="So.")

    seen = [
        factories.api_of(factories.make_staff(role)).get(ASSESSMENTS).json()["cases"]
        for role in ("team_lead", "senior_engineer")
    ]

    assert seen == [1, 0]


@pytest.mark.usefixtures("labelled")
def test_reports_cost_the_same_however_much_there_is(admin: Actor, lead: APIClient) -> None:
    """STYLE section 5"""
    lead.get(SURVEYS)  # once before, for what a token keeps
    costs = []
    for _ in range(2):
        surveyed(admin, "ABC"[len(costs)], 3)
        with queries() as made:
            lead.get(SURVEYS)
            lead.get(ASSESSMENTS)
        costs.append(len(made))

    assert costs[0] == costs[1]
    assert labels.REPORTED == NEVER
