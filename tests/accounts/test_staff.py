"""The support staff: roles, teams, skills, who has left; and never without somebody who can manage them."""

from __future__ import annotations

import threading
from http import HTTPStatus

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.errors import (
    InvalidParticulars,
    LastOfRole,
    NameTaken,
    NotPermitted,
    OwnAccount,
    PersonNotFound,
    TeamNotFound,
    UnknownRole,
)
from accounts.models import Event, Person, Team
from accounts.permissions import ACTS, STAFF_ROLES
from accounts.services import skills, staff, teams
from accounts.services.teams import TeamTerms
from tests.conftest import OwnDatabase
from tests.factories import (
    actor,
    api_of,
    browser_of,
    make_organisation,
    make_person,
    make_staff,
    make_subscription,
    reread,
)
from tests.tickets.making import filed
from tickets.services.assignment import assign_request
from tickets.services.relay import relay_deliveries

NAMES = {"en": "Exchange", "zh-Hant": "Exchange"}


@pytest.fixture
def lead(db: None) -> Person:
    return make_staff("team_lead", name="Ingrid")


@pytest.fixture
def operator(db: None) -> Person:
    return make_staff("operator", name="Sam")


@pytest.fixture
def engineer(db: None) -> Person:
    return make_staff("engineer", name="Lukas", timezone="Europe/Berlin")


def text_of(response) -> str:
    return response.content.decode()


def roles_of(person: Person) -> list[str]:
    return reread(person).role_names


# Roles ---------------------------------------------------------------------------------------------------------------


def test_a_lead_gives_and_takes_roles(lead, engineer):
    """RO-3, P-10"""
    staff.give_staff_role(person_id=engineer.pk, role="senior_engineer", actor=actor(lead))
    staff.take_staff_role(person_id=engineer.pk, role="engineer", actor=actor(lead))

    assert roles_of(engineer) == ["senior_engineer"]
    events = Event.objects.filter(kind__startswith="staff_role").order_by("id")
    assert [(event.kind, event.data["role"], event.actor) for event in events] == [
        ("staff_role_given", "senior_engineer", lead),
        ("staff_role_taken", "engineer", lead),
    ]
    assert all(event.internal for event in events)


def test_nobody_changes_their_own_roles_or_closes_their_own_account(lead):
    for act in (staff.give_staff_role, staff.take_staff_role):
        with pytest.raises(OwnAccount):
            act(person_id=lead.pk, role="operator", actor=actor(lead))
    with pytest.raises(OwnAccount):
        staff.deactivate_staff(person_id=lead.pk, actor=actor(lead))
    assert roles_of(lead) == ["team_lead"]


def test_only_operators_appoint_and_dismiss_operators(lead, operator, engineer):
    """An operator looks into every table; who may not, makes none."""
    with pytest.raises(NotPermitted):
        staff.give_staff_role(person_id=engineer.pk, role="operator", actor=actor(lead))
    with pytest.raises(NotPermitted):
        staff.deactivate_staff(person_id=operator.pk, actor=actor(lead))
    staff.give_staff_role(person_id=engineer.pk, role="operator", actor=actor(operator))
    with pytest.raises(NotPermitted):
        staff.take_staff_role(person_id=engineer.pk, role="operator", actor=actor(lead))

    assert roles_of(engineer) == ["engineer", "operator"]


@pytest.mark.parametrize("role", ["global_admin", "king"])
def test_a_role_of_customers_is_none_for_staff(lead, engineer, role):
    with pytest.raises(UnknownRole):
        staff.give_staff_role(person_id=engineer.pk, role=role, actor=actor(lead))


def test_people_of_customers_are_no_staff(lead):
    """P-5"""
    customer = make_person(make_organisation(), "global_admin")

    with pytest.raises(PersonNotFound):
        staff.give_staff_role(person_id=customer.pk, role="engineer", actor=actor(lead))
    with pytest.raises(PersonNotFound):
        staff.deactivate_staff(person_id=customer.pk, actor=actor(lead))
    assert browser_of(lead).get(f"/staff/people/{customer.pk}/").status_code == 404


def test_the_last_operator_and_the_last_lead_remain(lead, operator):
    """RO-3"""
    with pytest.raises(LastOfRole):
        staff.take_staff_role(person_id=lead.pk, role="team_lead", actor=actor(operator))
    with pytest.raises(LastOfRole):
        staff.deactivate_staff(person_id=lead.pk, actor=actor(operator))
    second = make_staff("operator")
    staff.take_staff_role(person_id=operator.pk, role="operator", actor=actor(second))
    leaving = actor(make_staff("operator"))
    Person.objects.filter(pk=leaving.person_id).update(is_active=False)  # what is closed does not count
    with pytest.raises(LastOfRole):
        staff.take_staff_role(person_id=second.pk, role="operator", actor=leaving)

    assert roles_of(second) == ["operator"]


def test_of_two_leads_who_take_each_others_role_one_remains(own_database: OwnDatabase):
    """RO-3: at the same moment, in two threads"""
    pair = [make_staff("team_lead") for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def take(mine: Person, theirs: Person) -> None:
        try:
            who = actor(mine)
            start.wait(10)
            staff.take_staff_role(person_id=theirs.pk, role="team_lead", actor=who)
            outcomes.append("taken")
        except LastOfRole:
            outcomes.append("kept")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=args) for args in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == ["kept", "taken"]
    assert sum("team_lead" in roles_of(each) for each in pair) == 1


# Leaving -------------------------------------------------------------------------------------------------------------


def test_who_leaves_is_out_with_the_next_click_and_their_work_is_back_in_the_queue(lead, engineer):
    """P-6, RO-3"""
    admin = make_person(make_organisation(), "global_admin")
    make_subscription(admin.organisation)
    request = filed(actor(admin))
    assign_request(number=request.number, actor=actor(lead), assignee_id=engineer.pk)
    browser, program = browser_of(engineer), api_of(engineer)
    assert (browser.get("/queue/").status_code, program.get("/api/v1/me/").status_code) == (200, 200)

    staff.deactivate_staff(person_id=engineer.pk, actor=actor(lead))

    assert browser.get("/queue/").status_code == 302
    assert program.get("/api/v1/me/").status_code == 401
    request.refresh_from_db()
    assert request.assignee is None
    assert Event.objects.get(kind="staff_deactivated").data == {"person": engineer.pk, "handed_back": 1, "tokens": 1}


def test_nothing_of_a_closed_account_works_again_when_it_is_opened(lead, engineer):
    """P-6: what somebody left behind, or lost, may have been found meanwhile"""
    browser, program = browser_of(engineer), api_of(engineer)
    staff.deactivate_staff(person_id=engineer.pk, actor=actor(lead))

    staff.reactivate_staff(person_id=engineer.pk, actor=actor(lead))

    assert browser.get("/queue/").status_code == 302
    assert program.get("/api/v1/me/").status_code == 401
    assert not reread(engineer).has_usable_password()
    relay_deliveries()
    assert "has opened your account in the support portal again" in mail.outbox[-1].body
    assert browser_of(reread(engineer)).get("/queue/").status_code == 200


# Teams and skills ----------------------------------------------------------------------------------------------------


def test_somebody_changes_teams(lead, engineer):
    staff.set_team(person_id=engineer.pk, team="technical-emea", actor=actor(lead))

    engineer.refresh_from_db()
    assert engineer.team.code == "technical-emea"
    assert Event.objects.get(kind="staff_team_changed").data["team"] == {"from": None, "to": engineer.team.pk}
    with pytest.raises(TeamNotFound):
        staff.set_team(person_id=engineer.pk, team="nowhere", actor=actor(lead))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"support_kinds": []}, "support_kinds"),
        ({"support_kinds": ["magic"]}, "support_kinds"),
        ({"services": ["clippy"]}, "services"),
        ({"region": "moon"}, "region"),
        ({"languages": ["tlh"]}, "languages"),
        ({"names": {"en": " "}}, "names.en"),
    ],
)
def test_what_cannot_be_a_team_is_refused(lead, wrong, field):
    terms = TeamTerms(**{"names": NAMES, "support_kinds": ["technical"], **wrong})

    with pytest.raises(InvalidParticulars) as refusal:
        teams.add_team(code="exchange", terms=terms, actor=actor(lead))
    assert refusal.value.field == field


def test_a_team_is_made_changed_and_retired(lead):
    """RO-3, P-10"""
    terms = TeamTerms(names=NAMES, support_kinds=["technical"], services=["exchange_online"])
    teams.add_team(code="exchange", terms=terms, actor=actor(lead))
    with pytest.raises(NameTaken):
        teams.add_team(code="exchange", terms=terms, actor=actor(lead))

    wider = TeamTerms(names=NAMES, support_kinds=["technical"], services=["exchange_online"], region="emea")
    teams.change_team(code="exchange", terms=wider, actor=actor(lead))

    assert Event.objects.get(kind="team_changed").data["region"] == {"from": "", "to": "emea"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.filter(code="exchange").update(support_kinds=[])


def test_everybody_writes_down_their_own_skills_and_leads_those_of_others(lead, engineer):
    """RO-3, LA-1"""
    given = {"services": ["exchange_online"], "languages": ["de", "en"], "hours": {0: "9-17"}}
    skills.set_skills(person_id=engineer.pk, actor=actor(engineer), **given)
    skills.set_skills(person_id=engineer.pk, actor=actor(lead), **{**given, "hours": {}})
    with pytest.raises(NotPermitted):
        skills.set_skills(person_id=lead.pk, actor=actor(engineer), **given)
    for wrong in ({"services": ["clippy"]}, {"languages": ["tlh"]}, {"hours": {0: "late"}}):
        with pytest.raises(InvalidParticulars):
            skills.set_skills(person_id=engineer.pk, actor=actor(engineer), **{**given, **wrong})

    engineer.refresh_from_db()
    assert (engineer.services, sorted(engineer.languages), engineer.working_hours) == (
        ["exchange_online"],
        ["de", "en"],
        {},
    )
    assert Event.objects.filter(kind="staff_skills_changed").count() == 2


# Pages ---------------------------------------------------------------------------------------------------------------

SKILLS = {"services": ["exchange_online"], "languages": ["de"], "day0": "9:00-17:00"}


def test_the_list_is_searched_and_shows_who_works_now(lead, engineer):
    always = {str(day): [["00:00", "24:00"]] for day in range(7)}
    Person.objects.filter(pk=engineer.pk).update(working_hours=always)
    browser = browser_of(lead)

    page = text_of(browser.get("/staff/people/?q=lukas"))

    assert "Lukas" in page
    assert "Ingrid" not in page.partition('id="main"')[2].partition("</main>")[0]
    assert "Works now" in page
    assert browser.get("/staff/people/?q=%00&team=%00&cursor=x&gone=1").status_code == 200


def test_the_list_costs_the_same_for_few_and_for_many(lead, django_assert_max_num_queries):
    for _ in range(30):
        make_staff("engineer", "senior_engineer", team=Team.objects.first())

    browser = browser_of(lead)

    with django_assert_max_num_queries(9):
        page = browser.get("/staff/people/")
    assert page.context["next"]


def test_a_lead_manages_through_the_page(lead, engineer):
    browser, page = browser_of(lead), f"/staff/people/{engineer.pk}/"

    assert browser.get(page).status_code == 200
    assert browser.post(f"{page}roles/give/", {"role": "senior_engineer"}).status_code == 302
    assert browser.post(f"{page}roles/take/", {"role": "engineer"}).status_code == 302
    assert browser.post(f"{page}team/", {"team": "technical-emea"}).status_code == 302
    assert browser.post(f"{page}skills/", SKILLS).status_code == 302
    engineer.refresh_from_db()
    assert (engineer.team.code, engineer.services) == ("technical-emea", ["exchange_online"])
    assert engineer.working_hours == {"0": [["09:00", "17:00"]]}
    assert browser.post(f"{page}close/").status_code == 302
    assert "Open the account again" in text_of(browser.get(page))
    assert browser.post(f"{page}open/").status_code == 302


def test_a_refusal_is_said_on_the_page(operator, lead):
    browser = browser_of(operator)

    answer = browser.post(f"/staff/people/{lead.pk}/roles/take/", {"role": "team_lead"}, follow=True)

    assert "This is the last one who holds the role." in text_of(answer)
    wrong = browser.post(f"/staff/people/{lead.pk}/skills/", {**SKILLS, "day1": "9-12, 11-14"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "none that overlap" in text_of(wrong)
    assert "9-12, 11-14" in text_of(wrong)


def test_people_change_their_own_skills_on_their_profile(engineer):
    browser = browser_of(engineer)

    assert browser.get("/profile/skills/").status_code == 200
    assert browser.post("/profile/skills/", {**SKILLS, "day0": "soon"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert browser.post("/profile/skills/", SKILLS).status_code == 302
    engineer.refresh_from_db()
    assert engineer.languages == ["de"]
    customer = make_person(make_organisation(), "global_admin")
    assert browser_of(customer).get("/profile/skills/").status_code == 403
    assert "/profile/skills/" not in text_of(browser_of(customer).get("/profile/"))


def test_a_lead_makes_teams_through_the_pages(lead):
    browser = browser_of(lead)
    typed = {"slug": "exchange", "name_en": "Exchange", "name_zh_hant": "Exchange", "support_kinds": ["technical"]}

    assert browser.post("/staff/teams/new/", {**typed, "support_kinds": []}).status_code == 422
    assert browser.post("/staff/teams/new/", typed).status_code == 302
    assert browser.post("/staff/teams/new/", typed).status_code == 422
    assert browser.post("/staff/teams/exchange/", {**typed, "region": "emea"}).status_code == 302
    assert Team.objects.get(code="exchange").region == "emea"
    assert browser.post("/staff/teams/exchange/retire/").status_code == 302
    assert "Retired" in text_of(browser.get("/staff/teams/"))
    assert browser.post("/staff/teams/exchange/back/").status_code == 302
    assert browser.get("/staff/teams/nowhere/").status_code == 404


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_changes_what_the_table_says(role, engineer):
    """RO-3, cell by cell"""
    browser = browser_of(make_staff(role))
    page = f"/staff/people/{engineer.pk}/"
    for address in ("/staff/people/", page, "/staff/teams/", "/profile/skills/"):
        assert browser.get(address).status_code == 200
    acts = {
        f"{page}roles/give/": "manage_staff",
        f"{page}roles/take/": "manage_staff",
        f"{page}team/": "manage_staff",
        f"{page}close/": "manage_staff",
        f"{page}open/": "manage_staff",
        f"{page}skills/": "manage_skills",
        "/staff/teams/new/": "manage_teams",
        "/staff/teams/billing/": "manage_teams",
        "/staff/teams/billing/retire/": "manage_teams",
        "/staff/teams/billing/back/": "manage_teams",
    }
    for address, act in acts.items():
        forbidden = browser.post(address, {}).status_code == HTTPStatus.FORBIDDEN
        assert forbidden is (role not in ACTS[act]), address


@pytest.mark.parametrize("address", ["people/", "people/1/", "people/1/close/", "teams/", "teams/new/"])
def test_customers_see_nothing_of_the_staff(db, address):
    """P-5"""
    admin = make_person(make_organisation(), "global_admin")

    assert browser_of(admin).get(f"/staff/{address}").status_code in (403, 405)
    assert browser_of(admin).post(f"/staff/{address}").status_code in (403, 405)
    assert Client().get(f"/staff/{address}").status_code in (302, 405)
