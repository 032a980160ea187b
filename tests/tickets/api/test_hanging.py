"""Surveys, escalations and translators over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import clock
from accounts.models import Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import QUEUE, code_of, kinds_of_events, path_of, pointers_of
from tickets.models import Escalation, ServiceRequest, Survey, TranslatorRequest
from tickets.services.closing import Ending, close_request
from tickets.services.sweeping import sweep

SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT06:30:00Z}"
WHY = {"reason": "business_impact", "justification": "Our shops cannot sell."}


@pytest.fixture
def asked(admin_person) -> ServiceRequest:
    """A request whose admin has been asked about its close."""
    engineer = factories.actor(factories.make_staff("engineer"))
    row = making.filed(factories.actor(admin_person), severity="C", now=clock.now() - timedelta(days=3))
    ending = Ending("solved", "Done.")
    close_request(number=row.number, actor=engineer, ending=ending, now=clock.now() - timedelta(days=2))
    sweep()
    return row


def test_a_survey_is_answered_once_however_often_the_call_is_sent(api, asked):
    """RO-4, P-2"""
    path, answer = path_of(asked.number, "survey"), {"rating": 4, "solved": True, "comment": "Quick."}
    first, again = (api.post(path, answer, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert (first.status_code, first.json()) == (200, again.json())
    assert (first.json()["rating"], first.json()["comment"]) == (4, "Quick.")
    assert code_of(api.post(path, {"rating": 1})) == "survey-answered"
    assert Survey.objects.get().rating == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rating": 6}, "#/rating"),
        ({"rating": "good"}, "#/rating"),
        ({}, "#/rating"),
        ({"rating": 5, "solved": "yes"}, "#/solved"),
        ({"rating": 5, "comment": "\u202e"}, "#/comment"),
        ({"rating": 5, "stars": 5}, "#/stars"),
    ],
)
def test_an_answer_that_is_none_is_refused_by_its_field(api, asked, body, pointer):
    """P-8"""
    refused = api.post(path_of(asked.number, "survey"), body)

    assert (refused.status_code, pointers_of(refused)) == (400, [pointer])
    assert Survey.objects.get().answered_at is None


def test_nothing_is_asked_about_an_open_request(api, open_request):
    """RO-4"""
    refused = api.post(path_of(open_request.number, "survey"), {"rating": 5})

    assert (refused.status_code, code_of(refused)) == (409, "survey-not-open")


def test_whoever_was_asked_and_support_staff_read_how_a_survey_stands(api, staff, reader, asked, admin_person):
    """RO-4: as the pages show it"""
    path = path_of(asked.number, "survey")
    before = api.get(path).json()
    assert (before["state"], before["survey"]["rating"], before["survey"]["answered_by"]) == ("open", None, None)
    assert reader.get(path).json() == {"state": "none", "survey": None, "earlier": []}

    api.post(path, {"rating": 2, "solved": False, "comment": "It came back."})

    mine, theirs = api.get(path).json(), staff.get(path).json()
    assert (mine["state"], mine["survey"]["rating"], mine["survey"]["comment"]) == ("answered", 2, "It came back.")
    assert mine["survey"]["answered_by"] == {"name": admin_person.name}
    assert theirs["survey"]["answered_by"] == {"id": admin_person.pk, "name": admin_person.name}
    assert theirs["survey"]["comment"] == "It came back."
    assert reader.get(path).json()["state"] == "none"


def test_the_words_of_a_colleague_who_was_asked_as_well_are_for_support_staff(organisation, staff):
    """RO-4: on pages and over the API"""
    contact = factories.make_person(organisation, "global_admin")
    row = making.filed(factories.actor(contact), severity="C", now=clock.now() - timedelta(days=3))
    first, second = (factories.make_person(organisation, "global_admin", name=name) for name in ("Ana", "Bo"))
    engineer = factories.actor(factories.make_staff("engineer"))
    ending = Ending("solved", "Done.")
    close_request(number=row.number, actor=engineer, ending=ending, now=clock.now() - timedelta(days=2))
    contact.is_active = False
    contact.save()
    sweep()
    path = path_of(row.number, "survey")
    factories.api_of(first).post(path, {"rating": 3, "solved": True, "comment": "Between us."})

    shown = factories.api_of(second).get(path).json()
    page, own = (
        factories.browser_of(each).get(f"/requests/{row.number}/").content.decode() for each in (second, first)
    )

    assert (shown["state"], shown["survey"]["rating"], shown["survey"]["comment"]) == ("answered", 3, None)
    assert shown["survey"]["answered_by"] == {"name": "Ana"}
    assert "<bdi>Ana</bdi> gave 3 of 5." in page
    assert "Between us." not in page
    assert "You gave 3 of 5." in own
    assert "Between us." in own
    assert staff.get(path).json()["survey"]["comment"] == "Between us."


def test_a_survey_can_be_answered_through_its_last_instant_and_is_kept_when_the_request_is_reopened(api, staff, asked):
    """RO-4: both sides of the end; staff go on reading what was said"""
    path = path_of(asked.number, "survey")
    assert (api.get(path).json()["state"], staff.get(path).json()["state"]) == ("open", "open")
    Survey.objects.update(expires_at=clock.now() - timedelta(microseconds=1))
    assert (api.get(path).json()["state"], staff.get(path).json()["state"]) == ("expired", "expired")
    Survey.objects.update(expires_at=clock.now() + timedelta(days=1))
    api.post(path, {"rating": 4})

    api.post(path_of(asked.number, "reopen"), {})

    assert api.get(path).json() == {"state": "none", "survey": None, "earlier": []}
    told = staff.get(path).json()
    assert (told["state"], told["survey"]) == ("none", None)
    assert [(each["cycle"], each["rating"]) for each in told["earlier"]] == [(1, 4)]


def test_an_escalation_is_made_once_and_shows_on_the_request(api, staff, open_request):
    """DESIGN, timers and escalation"""
    path = path_of(open_request.number, "escalate")
    made = api.post(path, WHY)
    again = api.post(path, WHY)
    other = api.post(path, {**WHY, "justification": "Still."})

    assert (made.status_code, made.json()["target"], made.json()["reason"]) == (201, "management", "business_impact")
    assert again.json() == made.json()
    assert (other.status_code, code_of(other)) == (409, "escalated-already")
    assert other.json()["again_at"] > made.json()["at"]
    assert Escalation.objects.count() == 1
    assert api.get(path_of(open_request.number)).json()["escalated_at"] == made.json()["at"]
    assert staff.get(QUEUE).json()["results"][0]["escalated_at"] == made.json()["at"]


def test_staff_offer_it_to_senior_engineers_and_customers_see_nothing_of_it(api, staff, open_request):
    """DESIGN, timers and escalation; RELIABILITY, tenant gate"""
    made = staff.post(path_of(open_request.number, "escalate"), {**WHY, "reason": "technical_expertise"})

    assert (made.status_code, made.json()["target"]) == (201, "senior")
    senior = factories.api_of(factories.make_staff("senior_engineer"))
    found = senior.get(QUEUE, {"view": "senior"}).json()["results"]
    assert [row["number"] for row in found] == [open_request.number]
    assert "senior_engineer_wanted" in kinds_of_events(open_request.number)
    told = api.get(path_of(open_request.number, "events")).json()["results"]
    assert "senior_engineer_wanted" not in {event["kind"] for event in told}
    assert "senior" not in api.get(path_of(open_request.number)).content.decode()


def test_an_unknown_reason_is_refused(api, open_request):
    refused = api.post(path_of(open_request.number, "escalate"), {**WHY, "reason": "impatience"})

    assert (refused.status_code, pointers_of(refused)) == (400, ["#/reason"])


def test_a_translator_is_asked_for_arranged_and_done(api, staff, open_request):
    """LA-2"""
    path = path_of(open_request.number, "translator")
    asked = api.post(path, {"language": "vi", "wish": "Afternoons."})
    assert (asked.status_code, asked.json()["state"], asked.json()["interpreter"]) == (201, "requested", None)
    assert code_of(api.post(path, {})) == "translator-asked"
    assert api.get(path_of(open_request.number)).json()["contact"]["translator"] is True

    meeting = {"interpreter": "Mei-Ling Wu", "join_at": SOON, "note": "Dial 4711."}
    assert api.post(f"{path}arrange/", meeting).status_code == 403
    assert pointers_of(staff.post(f"{path}arrange/", {**meeting, "join_at": "2020-01-06T06:30:00Z"})) == ["#/join_at"]
    assert code_of(staff.post(f"{path}arrange/", {**meeting, "join_at": "8999-12-31T23:59:59Z"})) == "join-too-far"
    arranged = staff.post(f"{path}arrange/", meeting)
    assert (arranged.json()["state"], arranged.json()["interpreter"]) == ("arranged", "Mei-Ling Wu")
    assert api.get(path).json()["results"][0]["join_at"] == SOON

    assert api.post(f"{path}settle/", {"outcome": "done"}).status_code == 403
    assert staff.post(f"{path}settle/", {"outcome": "done"}).json()["state"] == "done"
    assert code_of(staff.post(f"{path}settle/", {"outcome": "done"})) == "no-translator-asked"


def test_a_translator_is_called_off_by_the_customer(api, open_request):
    """LA-2"""
    path = path_of(open_request.number, "translator")
    api.post(path, {})

    assert api.post(f"{path}settle/", {"outcome": "cancelled"}).json()["state"] == "cancelled"
    assert TranslatorRequest.objects.get().settled_at
    assert Event.objects.filter(kind="translator_cancelled").count() == 1


def test_a_translator_that_was_wished_for_at_filing_is_there(api, form):
    """LA-2: `contact.translator`"""
    number = api.post("/api/v1/service-requests/", {**form, "contact": {**form["contact"], "translator": True}}).json()[
        "number"
    ]

    assert [row["state"] for row in api.get(path_of(number, "translator")).json()["results"]] == ["requested"]
