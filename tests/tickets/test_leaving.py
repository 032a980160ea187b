"""People leave and come back: rights end with the next request, requests go to colleagues (RO-1, RO-2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.actors import Actor
from accounts.errors import ConfirmYourself, LastGlobalAdmin, NotPermitted, PersonNotFound, RolesChanged, UnknownRole
from accounts.models import ApiToken, Event, Organisation, Person
from accounts.services import people
from tests import factories
from tests.conftest import OwnDatabase
from tests.factories import actor, api_with, browser_of, make_organisation, make_person, make_token, reread
from tests.tickets import making
from tickets.errors import UnknownChoice
from tickets.models import ServiceRequest
from tickets.services.closing import Ending, close_request
from tickets.services.contact import change_contact, hand_over_requests
from tickets.services.leaving import close_account
from tickets.services.relay import relay_deliveries

PAGE = "/organisation/people/{}/"


@pytest.fixture
def boss(organisation: Organisation) -> Person:
    return make_person(organisation, "global_admin", name="Mei-ling Chen")


@pytest.fixture
def leaver(organisation: Organisation) -> Person:
    """An Exchange admin with a password, a session and a token."""
    return make_person(organisation, "exchange_admin", name="Jia-hao Lin", password=factories.PASSWORD)


def page_of(person: Person, act: str = "") -> str:
    return PAGE.format(person.pk) + (f"{act}/" if act else "")


def mails() -> dict[str, Any]:
    mail.outbox.clear()
    while relay_deliveries():
        pass
    return {message.to[0]: message for message in mail.outbox}


# Roles ---------------------------------------------------------------------------------------------------------------


def test_ticked_roles_are_exactly_those_held_and_their_owner_is_told(boss: Person, leaver: Person) -> None:
    """RO-1, P-10"""
    form = {"roles": ["billing_admin", "reader"], "seen": "exchange_admin"}

    response = browser_of(boss).post(page_of(leaver, "roles"), form, follow=True)

    assert "The roles of Jia-hao Lin are saved." in response.content.decode()
    assert reread(leaver).role_names == ["billing_admin", "reader"]
    changes = Event.objects.filter(kind__in=["role_given", "role_taken"], actor=boss).values_list("kind", "data__role")
    assert set(changes) == {
        ("role_given", "billing_admin"),
        ("role_given", "reader"),
        ("role_taken", "exchange_admin"),
    }
    letter = mails()[leaver.email]
    assert "Your roles in the support portal have changed" in letter.subject
    for words in ("Mei-ling Chen", "New: Billing admin, Reader", "No longer: Exchange admin"):
        assert words in letter.body


def test_roles_count_from_the_next_request(boss: Person, leaver: Person) -> None:
    """P-6"""
    theirs = browser_of(leaver)
    assert theirs.get("/organisation/").status_code == HTTPStatus.OK

    people.change_roles(person_id=leaver.pk, roles=[], actor=actor(boss))
    assert theirs.get("/organisation/").status_code == HTTPStatus.FORBIDDEN

    people.change_roles(person_id=leaver.pk, roles=["reader"], actor=actor(boss))
    assert theirs.get("/organisation/").status_code == HTTPStatus.OK


def test_of_two_who_change_the_same_roles_the_second_looks_again(boss: Person, leaver: Person) -> None:
    people.change_roles(person_id=leaver.pk, roles=["reader"], seen=["exchange_admin"], actor=actor(boss))

    form = {"roles": ["billing_admin"], "seen": "exchange_admin"}
    response = browser_of(boss).post(page_of(leaver, "roles"), form)

    assert response.status_code == HTTPStatus.CONFLICT
    assert "Somebody else has changed this person’s roles." in response.content.decode()
    assert reread(leaver).role_names == ["reader"]
    with pytest.raises(RolesChanged):
        people.change_roles(person_id=leaver.pk, roles=[], seen=[], actor=actor(boss))


@pytest.mark.parametrize("role", ["engineer", "king", ""])
def test_a_role_that_an_organisation_cannot_give_is_refused(boss: Person, leaver: Person, role: str) -> None:
    """P-6"""
    with pytest.raises(UnknownRole):
        people.change_roles(person_id=leaver.pk, roles=[role], actor=actor(boss))
    response = browser_of(boss).post(page_of(leaver, "roles"), {"roles": [role], "seen": "exchange_admin"})

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert reread(leaver).role_names == ["exchange_admin"]


def test_nobody_gives_up_managing_people_by_accident(boss: Person, organisation: Organisation) -> None:
    make_person(organisation, "global_admin")
    client, form = browser_of(boss), {"roles": ["reader"], "seen": "global_admin"}

    refused = client.post(page_of(boss, "roles"), form)

    assert refused.status_code == HTTPStatus.CONFLICT
    assert "This is your own account" not in refused.content.decode()
    assert "Confirm that you mean it" in refused.content.decode()
    assert reread(boss).role_names == ["global_admin"]
    client.post(page_of(boss, "roles"), {**form, "even_mine": "on"})
    assert reread(boss).role_names == ["reader"]


def test_the_last_global_admin_keeps_the_role_whatever_is_confirmed(boss: Person) -> None:
    """RO-1"""
    form = {"roles": ["reader"], "seen": "global_admin", "even_mine": "on"}

    response = browser_of(boss).post(page_of(boss, "roles"), form)

    assert response.status_code == HTTPStatus.CONFLICT
    assert "This is the last global admin of the organisation." in response.content.decode()
    assert reread(boss).role_names == ["global_admin"]


# Closing and opening accounts ----------------------------------------------------------------------------------------


def test_a_closed_account_is_refused_everywhere_from_the_next_request(boss: Person, leaver: Person) -> None:
    """P-6"""
    theirs, (_, secret) = browser_of(leaver), make_token(leaver)
    assert theirs.get("/requests/").status_code == HTTPStatus.OK
    assert api_with(secret).get("/api/v1/me/").status_code == HTTPStatus.OK

    browser_of(boss).post(page_of(leaver, "deactivate"))

    assert theirs.get("/requests/").status_code == HTTPStatus.FOUND
    assert api_with(secret).get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED
    assert not Client().login(email=leaver.email, password=factories.PASSWORD)
    event = Event.objects.get(kind="person_deactivated")
    assert (event.actor_id, event.data) == (boss.pk, {"person": leaver.pk, "tokens": 1})


def test_an_account_that_is_opened_again_brings_back_no_old_key(boss: Person, leaver: Person) -> None:
    """P-6: neither session, password nor token of before; the roles are those of before."""
    theirs, (token, secret) = browser_of(leaver), make_token(leaver)
    browser_of(boss).post(page_of(leaver, "deactivate"))

    browser_of(boss).post(page_of(leaver, "reactivate"))

    assert theirs.get("/requests/").status_code == HTTPStatus.FOUND
    assert api_with(secret).get("/api/v1/me/").status_code == HTTPStatus.UNAUTHORIZED
    assert not Client().login(email=leaver.email, password=factories.PASSWORD)
    assert ApiToken.objects.get(pk=token.pk).revoked_at
    assert reread(leaver).role_names == ["exchange_admin"]
    assert Event.objects.get(kind="person_reactivated").actor_id == boss.pk


def test_who_is_let_go_and_taken_back_reads_so_by_mail(boss: Person, leaver: Person) -> None:
    Person.objects.filter(pk=leaver.pk).update(language="zh-hant")
    people.deactivate_person(person_id=leaver.pk, actor=actor(boss))
    assert mails()[leaver.email].subject == "您在支援入口網站的帳戶已停用"

    people.reactivate_person(person_id=leaver.pk, actor=actor(boss))
    letter = mails()[leaver.email]
    assert letter.subject == "您在支援入口網站的帳戶已重新啟用"
    assert "/password/reset/" in letter.body


def test_the_last_global_admin_is_not_let_go(boss: Person, leaver: Person) -> None:
    """RO-1"""
    make_person(boss.organisation, "global_admin", is_active=False)

    with pytest.raises(LastGlobalAdmin):
        people.deactivate_person(person_id=boss.pk, actor=actor(boss), even_mine=True)

    assert reread(boss).is_active
    assert not Event.objects.filter(kind="person_deactivated").exists()


def test_nobody_closes_their_own_account_by_accident(boss: Person, organisation: Organisation) -> None:
    make_person(organisation, "global_admin")
    with pytest.raises(ConfirmYourself):
        people.deactivate_person(person_id=boss.pk, actor=actor(boss))
    client = browser_of(boss)

    assert client.post(page_of(boss, "deactivate")).status_code == HTTPStatus.BAD_REQUEST
    assert reread(boss).is_active
    client.post(page_of(boss, "deactivate"), {"leaving-even_mine": "on"})
    assert not reread(boss).is_active


@pytest.mark.parametrize("act", ["", "roles", "hand-over", "deactivate", "reactivate"])
def test_only_a_global_admin_sees_and_changes_a_person(organisation: Organisation, leaver: Person, act: str) -> None:
    """RO-1"""
    support = browser_of(make_person(organisation, "service_support_admin"))

    response = support.post(page_of(leaver, act)) if act else support.get(page_of(leaver))

    assert response.status_code == HTTPStatus.FORBIDDEN
    with pytest.raises(NotPermitted):
        people.deactivate_person(person_id=leaver.pk, actor=actor(make_person(organisation, "reader")))


@pytest.mark.parametrize("act", ["", "roles", "hand-over", "deactivate", "reactivate"])
def test_people_of_others_are_not_there(boss: Person, act: str) -> None:
    """P-5: the same answer as for nobody at all"""
    stranger = make_person(make_organisation(), "reader")
    client = browser_of(boss)
    answers = []
    for pk in (stranger.pk, stranger.pk + 10_000):
        address = PAGE.format(pk) + (f"{act}/" if act else "")
        answers.append(client.post(address, {"roles": []}) if act else client.get(address))

    assert {response.status_code for response in answers} == {HTTPStatus.NOT_FOUND}
    assert len({len(response.content) for response in answers}) == 1
    assert reread(stranger).is_active


def leave(one: Person, other: Person) -> None:
    people.deactivate_person(person_id=other.pk, actor=actor(one))


def take(one: Person, other: Person) -> None:
    people.change_roles(person_id=other.pk, roles=["reader"], actor=actor(one))


@pytest.mark.parametrize("acts", [(leave, leave), (leave, take)])
def test_two_global_admins_who_turn_on_each_other_at_once_leave_one(
    own_database: OwnDatabase, acts: tuple[Callable[[Person, Person], None], ...]
) -> None:
    """RO-1"""
    for _ in range(3):
        organisation = make_organisation()
        pair = [make_person(organisation, "global_admin") for _ in range(2)]
        make_person(organisation, "global_admin", is_active=False)
        outcomes = _at_once(pair, acts)

        assert sorted(outcomes) == ["LastGlobalAdmin", "done"]
        left = Person.objects.filter(organisation=organisation, is_active=True, role_grants__role="global_admin")
        assert left.count() == 1


def _at_once(pair: list[Person], acts: tuple[Callable[[Person, Person], None], ...]) -> list[str]:
    barrier, outcomes = threading.Barrier(2), []
    actors = [actor(person) for person in pair]

    def work(number: int) -> None:
        other = pair[1 - number]
        barrier.wait()
        try:
            if acts[number] is leave:
                people.deactivate_person(person_id=other.pk, actor=actors[number])
            else:
                people.change_roles(person_id=other.pk, roles=["reader"], actor=actors[number])
            outcomes.append("done")
        except LastGlobalAdmin as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# Handing requests over -----------------------------------------------------------------------------------------------


@pytest.fixture
def in_hand(leaver: Person, boss: Person) -> ServiceRequest:
    """A request of the leaver's about mail."""
    return making.filed(actor(leaver))


def test_a_request_is_handed_over_on_its_page(boss: Person, in_hand: ServiceRequest, leaver: Person) -> None:
    """RO-2"""
    colleague = make_person(boss.organisation, "exchange_admin", name="Wei Huang")
    mails()
    page = browser_of(boss).get(f"/requests/{in_hand.number}/hand-over/").content.decode()
    assert f'<option value="{colleague.email}">Wei Huang</option>' in page

    form = {"primary_contact": colleague.email}
    response = browser_of(boss).post(f"/requests/{in_hand.number}/hand-over/", form, follow=True)

    assert "The request has another primary contact now." in response.content.decode()
    in_hand.refresh_from_db()
    assert in_hand.primary_contact_id == colleague.pk
    assert "You are now the primary contact" in mails()[colleague.email].subject


def test_only_those_who_may_write_on_it_are_offered(boss: Person, in_hand: ServiceRequest) -> None:
    """RO-2: neither readers, nor admins of another service, nor closed accounts, nor people elsewhere"""
    organisation = boss.organisation
    nobody = [
        make_person(organisation, "reader"),
        make_person(organisation, "sharepoint_admin"),
        make_person(organisation),
        make_person(organisation, "exchange_admin", is_active=False),
        make_person(make_organisation(), "global_admin"),
    ]
    page = browser_of(boss).get(f"/requests/{in_hand.number}/hand-over/").content.decode()

    for person in nobody:
        assert person.email not in page
        with pytest.raises(UnknownChoice):
            change_contact(number=in_hand.number, actor=actor(boss), changes={"primary_contact": person.email})
        form = {"primary_contact": person.email}
        response = browser_of(boss).post(f"/requests/{in_hand.number}/hand-over/", form)
        assert response.status_code == HTTPStatus.BAD_REQUEST


def test_an_admin_of_one_service_hands_nothing_over(leaver: Person, in_hand: ServiceRequest, boss: Person) -> None:
    """RO-2: a global or service support admin does."""
    client = browser_of(leaver)
    assert "Hand over" not in client.get(f"/requests/{in_hand.number}/").content.decode()

    form = {"primary_contact": boss.email}
    response = client.post(f"/requests/{in_hand.number}/hand-over/", form)

    assert response.status_code == HTTPStatus.FORBIDDEN
    in_hand.refresh_from_db()
    assert in_hand.primary_contact_id == leaver.pk


def test_who_leaves_hands_everything_to_a_colleague(
    boss: Person, leaver: Person, in_hand: ServiceRequest, engineer: Actor
) -> None:
    """RO-2"""
    client = browser_of(boss)
    assert in_hand.number in client.get(page_of(leaver)).content.decode()
    assert client.post(page_of(leaver, "deactivate")).status_code == HTTPStatus.BAD_REQUEST, "a colleague is asked for"
    assert reread(leaver).is_active

    response = client.post(page_of(leaver, "deactivate"), {"leaving-hand_over_to": boss.pk}, follow=True)

    assert "1 request has another primary contact now." in response.content.decode()
    in_hand.refresh_from_db()
    assert in_hand.primary_contact_id == boss.pk
    assert not reread(leaver).is_active


def test_what_a_colleague_may_not_write_on_stays_and_is_counted(boss: Person, leaver: Person) -> None:
    """RO-2"""
    people.give_role(person_id=leaver.pk, role="service_support_admin", actor=actor(boss))
    mine = making.filed(actor(leaver)), making.filed(actor(leaver), service="sharepoint_online")
    colleague = make_person(boss.organisation, "exchange_admin")

    handed_over = hand_over_requests(person_id=leaver.pk, to_id=colleague.pk, actor=actor(boss))

    assert (handed_over.done, handed_over.left) == (1, 1)
    contacts = [ServiceRequest.objects.get(pk=each.pk).primary_contact_id for each in mine]
    assert contacts == [colleague.pk, leaver.pk]


def test_closed_requests_keep_their_contact(boss: Person, organisation: Organisation, engineer: Actor) -> None:
    """RO-2: history stays as it was"""
    leaver = make_person(organisation, "service_support_admin")
    request = making.filed(actor(leaver))
    close_request(number=request.number, actor=engineer, ending=Ending("solved", "Done."))

    close_account(person_id=leaver.pk, hand_over_to=boss.pk, actor=actor(boss))

    request.refresh_from_db()
    assert request.primary_contact_id == leaver.pk


def test_a_leaving_that_cannot_hand_over_changes_nothing(boss: Person, leaver: Person, in_hand: ServiceRequest) -> None:
    stranger = make_person(make_organisation(), "global_admin")

    with pytest.raises(PersonNotFound):
        close_account(person_id=leaver.pk, hand_over_to=stranger.pk, actor=actor(boss))

    assert reread(leaver).is_active


# The list ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "Ada Bea Cyd"),
        ("?q=be", "Bea"),
        ("?q=cyd%40", "Cyd"),
        ("?role=reader", "Bea"),
        ("?role=none", "Cyd"),
        ("?state=closed", "Dan"),
        ("?state=all", "Ada Bea Cyd Dan"),
        ("?role=king&state=odd", "Ada Bea Cyd"),
        ("?q=%00&cursor=nonsense", "Ada Bea Cyd"),
    ],
)
def test_people_are_found_by_name_address_role_and_state(organisation: Organisation, query: str, found: str) -> None:
    """P-5, P-8"""
    boss = make_person(organisation, "global_admin", name="Ada", email="ada@example.com")
    make_person(organisation, "reader", name="Bea", email="b@example.com")
    make_person(organisation, name="Cyd", email="cyd@example.com")
    make_person(organisation, name="Dan", email="dan@example.com", is_active=False)
    make_person(make_organisation(), "reader", name="Eve", email="eve@example.com")

    page = browser_of(boss).get(f"/organisation/people/{query}").content.decode()

    section = page[page.index('id="people"') :]
    assert [name for name in ("Ada", "Bea", "Cyd", "Dan", "Eve") if f"<bdi>{name}</bdi>" in section] == found.split()


def test_a_long_list_comes_in_pages_for_the_same_queries(
    organisation: Organisation, django_assert_num_queries: Callable[..., Any]
) -> None:
    boss = make_person(organisation, "global_admin", name="A boss")
    for number in range(30):
        make_person(organisation, "reader", "billing_admin", name=f"Person {number:02}")
    client = browser_of(boss)

    with django_assert_num_queries(6):
        first = client.get("/organisation/people/").content.decode()
    address = first[first.index('rel="next" href="') + len('rel="next" href="') :].partition('"')[0]
    second = client.get(f"/organisation/people/{address}").content.decode()

    assert ("Person 00" in first, "Person 29" in first) == (True, False)
    assert ("Person 00" in second, "Person 29" in second) == (False, True)
