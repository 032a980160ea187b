"""Which of a partner's people act for which customer, and what the customer sees of it (PA-1)."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.errors import DelegationNotFound, InvalidDelegation, NotPermitted, OrganisationNotFound, PersonNotFound
from accounts.models import Delegation, Event, Organisation, Person
from accounts.services.delegates import assign_delegates, let_everybody_act
from accounts.services.delegations import end_delegation, start_acting_for
from tests.factories import (
    actor,
    api_of,
    browser_of,
    make_delegation,
    make_organisation,
    make_partner,
    make_person,
)
from tickets.services import relay


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("lotus-foods", name="Lotus Foods")


@pytest.fixture
def partner(db: None) -> Organisation:
    return make_partner("north-star", name="North Star")


@pytest.fixture
def delegation(customer: Organisation, partner: Organisation) -> Delegation:
    return make_delegation(customer, partner, duties=["billing_admin", "reader"])


@pytest.fixture
def lead(partner: Organisation) -> Person:
    return make_person(partner, "global_admin", name="Robin North")


@pytest.fixture
def consultant(partner: Organisation) -> Person:
    return make_person(partner, "reader", name="Kit Star")


def assign(delegation: Delegation, lead: Person, people: dict[int, list[str]]) -> None:
    assign_delegates(delegation_id=delegation.pk, people=people, actor=actor(lead))


def test_until_somebody_is_named_everybody_with_a_role_acts(
    delegation: Delegation, customer: Organisation, consultant: Person
) -> None:
    """PA-1"""
    assert actor(consultant, customer=customer).roles == {"billing_admin", "reader"}


def test_only_those_who_are_named_act_and_in_their_duties(
    delegation: Delegation, customer: Organisation, lead: Person, consultant: Person
) -> None:
    """PA-1, P-6, P-10"""
    assign(delegation, lead, {consultant.pk: ["reader"]})

    assert actor(consultant, customer=customer).roles == {"reader"}
    with pytest.raises(OrganisationNotFound):
        actor(lead, customer=customer)
    event = Event.objects.get(kind="delegates_assigned")
    assert (event.organisation_id, event.data["people"]) == (lead.organisation_id, {str(consultant.pk): ["reader"]})

    let_everybody_act(delegation_id=delegation.pk, actor=actor(lead))
    assert actor(lead, customer=customer).roles == {"billing_admin", "reader"}


def test_nobody_is_assigned_more_than_was_delegated(delegation: Delegation, lead: Person, consultant: Person) -> None:
    """PA-1"""
    for duties in (["exchange_admin"], ["reader", "global_admin"], []):
        with pytest.raises(InvalidDelegation):
            assign(delegation, lead, {consultant.pk: duties})


def test_only_people_of_the_partner_with_a_role_are_assigned(
    delegation: Delegation, lead: Person, customer: Organisation
) -> None:
    """P-5"""
    others = (
        make_person(customer, "reader"),
        make_person(lead.organisation),
        make_person(lead.organisation, "reader", is_active=False),
    )
    for person in others:
        with pytest.raises(PersonNotFound):
            assign(delegation, lead, {person.pk: ["reader"]})


def test_only_the_partners_global_admin_assigns_and_only_what_it_holds(
    delegation: Delegation, lead: Person, consultant: Person, customer: Organisation
) -> None:
    """RO-1, P-5"""
    with pytest.raises(NotPermitted):
        assign(delegation, consultant, {consultant.pk: ["reader"]})
    for stranger in (make_person(make_partner(), "global_admin"), make_person(customer, "global_admin")):
        with pytest.raises(DelegationNotFound):
            assign(delegation, stranger, {})


@pytest.mark.parametrize("change", ["left out", "ended"])
def test_pages_and_tokens_stop_with_the_next_request(
    delegation: Delegation, customer: Organisation, lead: Person, consultant: Person, change: str
) -> None:
    """P-6"""
    client, api = browser_of(consultant), api_of(consultant, organisation=customer)
    client.post("/acting-for/", {"customer": customer.pk})
    assert client.get("/organisation/").status_code == HTTPStatus.OK
    assert api.get("/api/v1/organisations/").status_code == HTTPStatus.OK

    if change == "ended":
        admin = make_person(customer, "global_admin")
        end_delegation(delegation_id=delegation.pk, actor=actor(admin))
    else:
        assign(delegation, lead, {lead.pk: ["reader"]})

    assert client.get("/organisation/")["Location"] == "/acting-for/"
    assert api.get("/api/v1/organisations/").json()["code"] == "delegation-over"


def test_the_partner_hears_that_the_customer_ended_it(
    delegation: Delegation, customer: Organisation, lead: Person, consultant: Person
) -> None:
    """PA-1: its global admins, and who has acted under it"""
    make_person(lead.organisation, "reader")
    start_acting_for(actor=actor(consultant, customer=customer))

    end_delegation(delegation_id=delegation.pk, actor=actor(make_person(customer, "global_admin")))
    while relay.relay_deliveries():
        pass

    assert {message.to[0] for message in mail.outbox} == {lead.email, consultant.email}
    assert {message.subject for message in mail.outbox} == {"You no longer act for Lotus Foods"}


def test_the_page_names_who_acts(
    delegation: Delegation, customer: Organisation, lead: Person, consultant: Person
) -> None:
    """PA-1"""
    client = browser_of(lead)
    address = f"/acting-for/{delegation.pk}/people/"
    assert "Kit Star" in client.get(address).content.decode()

    response = client.post(address, {"who": "named", f"person-{consultant.pk}": ["reader"]}, follow=True)

    assert "Others of you act for them" in response.content.decode()
    assert actor(consultant, customer=customer).roles == {"reader"}
    assert browser_of(consultant).get(address).status_code == HTTPStatus.FORBIDDEN


# What was done under it -----------------------------------------------------------------------------------------------


def test_the_customer_sees_what_was_done_under_a_delegation_and_under_no_other(
    delegation: Delegation, customer: Organisation, consultant: Person
) -> None:
    """PA-1, P-10"""
    rival = make_partner(name="Rival")
    other = make_delegation(customer, rival)
    stranger = make_person(rival, "reader", name="Ray Rival")
    start_acting_for(actor=actor(consultant, customer=customer))
    start_acting_for(actor=actor(stranger, customer=customer))
    client = browser_of(make_person(customer, "global_admin"))

    page = client.get(f"/organisation/partners/{delegation.pk}/").content.decode()

    assert "Began to act for the customer" in page
    assert "Kit Star" in page
    assert "Ray Rival" not in page
    assert "Ray Rival" in client.get(f"/organisation/partners/{other.pk}/").content.decode()


def test_what_was_done_stays_to_be_seen_after_the_end(
    delegation: Delegation, customer: Organisation, consultant: Person
) -> None:
    """PA-1"""
    admin = make_person(customer, "global_admin")
    start_acting_for(actor=actor(consultant, customer=customer))
    end_delegation(delegation_id=delegation.pk, actor=actor(admin))
    client = browser_of(admin)

    assert f"/organisation/partners/{delegation.pk}/" in client.get("/organisation/partners/").content.decode()
    assert "Kit Star" in client.get(f"/organisation/partners/{delegation.pk}/").content.decode()


def test_delegations_of_others_have_no_page(
    delegation: Delegation, customer: Organisation, lead: Person, consultant: Person
) -> None:
    """P-5: not for strangers, not on the partner's side, not on behalf of the customer"""
    address = f"/organisation/partners/{delegation.pk}/"
    for person in (make_person(make_organisation(), "global_admin"), lead):
        assert browser_of(person).get(address).status_code == HTTPStatus.NOT_FOUND
    client = browser_of(consultant)
    client.post("/acting-for/", {"customer": customer.pk})
    assert client.get(address).status_code == HTTPStatus.FORBIDDEN


def test_the_list_is_cut_by_place_and_costs_the_same_for_many(
    delegation: Delegation, customer: Organisation, consultant: Person
) -> None:
    client = browser_of(make_person(customer, "global_admin"))
    acting = actor(consultant, customer=customer)
    address = f"/organisation/partners/{delegation.pk}/"
    counts = []
    for number in (1, 59):
        for _ in range(number):
            start_acting_for(actor=acting)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(address).content.decode()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert "cursor=" in page


def test_no_delegation_lasts_longer_than_two_years_whatever_the_code_says(
    customer: Organisation, partner: Organisation
) -> None:
    """PA-1: the database refuses it"""
    from django.db import IntegrityError

    now = clock.now()
    with pytest.raises(IntegrityError, match="a_delegation_lasts_two_years"):
        make_delegation(customer, partner, granted_at=now, expires_at=now + timedelta(days=732))
