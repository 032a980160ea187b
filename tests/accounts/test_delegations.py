"""Partners: appointed, acting, ended (PA-1)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client

from accounts import clock, selectors
from accounts.actors import Actor
from accounts.errors import (
    DelegationExists,
    DelegationNotFound,
    InvalidDelegation,
    NotPermitted,
    OrganisationNotFound,
    PartnerNotFound,
)
from accounts.models import Delegation, Event, Organisation, Person
from accounts.services.delegations import close_expired_delegations, end_delegation, grant_delegation, latest_end
from tests.conftest import OwnDatabase
from tests.factories import actor, browser_of, make_delegation, make_organisation, make_partner, make_person
from tickets.services.sweeping import sweep

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
GRANT, ACTING, STOP = "/organisation/delegations/", "/acting-for/", "/acting-for/stop/"


@pytest.fixture
def customer(db: None) -> Organisation:
    return make_organisation("lotus-foods", name="Lotus Foods")


@pytest.fixture
def partner(db: None) -> Organisation:
    return make_partner("north-star", name="North Star")


@pytest.fixture
def admin(customer: Organisation) -> Person:
    return make_person(customer, "global_admin", name="Mei-ling Chen")


@pytest.fixture
def consultant(partner: Organisation) -> Person:
    return make_person(partner, "service_support_admin")


def grant(admin: Person, **changes: object) -> Delegation:
    terms = {
        "partner_slug": "north-star",
        "duties": ["service_support_admin"],
        "expires_at": NOW + timedelta(days=90),
        "actor": actor(admin),
        "now": NOW,
    }
    return grant_delegation(**{**terms, **changes})  # type: ignore[arg-type]


# Granting -------------------------------------------------------------------------------------------------------------


def test_a_global_admin_appoints_a_partner(admin: Person, partner: Organisation) -> None:
    """PA-1, P-10"""
    delegation = grant(admin, duties=["exchange_admin", "billing_admin", "billing_admin"])

    assert (delegation.customer, delegation.partner) == (admin.organisation, partner)
    assert delegation.duties == ["billing_admin", "exchange_admin"]
    event = Event.objects.get(kind="delegation_granted")
    assert (event.actor_id, event.organisation_id) == (admin.pk, admin.organisation_id)
    assert event.data["duties"] == ["billing_admin", "exchange_admin"]


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (NOW, datetime(2028, 11, 22, 10, 0, tzinfo=UTC)),
        (datetime(2028, 2, 29, 10, 0, tzinfo=UTC), datetime(2030, 2, 28, 10, 0, tzinfo=UTC)),
    ],
)
def test_two_years_end_on_the_same_date(now: datetime, end: datetime) -> None:
    assert latest_end(now) == end


def test_a_delegation_may_last_two_years_to_the_instant(admin: Person, partner: Organisation) -> None:
    """PA-1"""
    grant(admin, expires_at=latest_end(NOW))


@pytest.mark.parametrize("expires_at", [latest_end(NOW) + MICROSECOND, NOW, NOW - MICROSECOND])
def test_a_delegation_ends_within_two_years_and_not_before_it_begins(
    admin: Person, partner: Organisation, expires_at: datetime
) -> None:
    """PA-1"""
    with pytest.raises(InvalidDelegation):
        grant(admin, expires_at=expires_at)

    assert not Delegation.objects.exists()


@pytest.mark.parametrize("duties", [[], ["global_admin"], ["engineer"], ["reader", "king"]])
def test_only_duties_that_can_be_delegated_are(admin: Person, partner: Organisation, duties: list[str]) -> None:
    """PA-1"""
    with pytest.raises(InvalidDelegation):
        grant(admin, duties=duties)


def test_only_partners_are_appointed(admin: Person, partner: Organisation) -> None:
    """PA-1: no other customer, no closed partner, nobody unknown, not oneself."""
    make_organisation("another-customer")
    make_partner("closed", is_active=False)
    Organisation.objects.filter(pk=admin.organisation_id).update(is_partner=True)
    for slug in ("another-customer", "closed", "nobody", "lotus-foods", ""):
        with pytest.raises(PartnerNotFound):
            grant(admin, partner_slug=slug)


def test_a_partner_holds_one_delegation_of_a_customer_at_a_time(admin: Person, partner: Organisation) -> None:
    grant(admin)

    with pytest.raises(DelegationExists):
        grant(admin, duties=["reader"])

    assert Delegation.objects.get().duties == ["service_support_admin"]


def test_a_partner_is_appointed_again_after_the_end_or_the_expiry(admin: Person, partner: Organisation) -> None:
    """Whether a sweep has noticed the expiry makes no difference (P-4)."""
    first = grant(admin)
    end_delegation(delegation_id=first.pk, actor=actor(admin), now=NOW)
    second = grant(admin, expires_at=NOW + timedelta(days=1))

    third = grant(admin, now=NOW + timedelta(days=1) + MICROSECOND)

    second.refresh_from_db()
    assert second.ended_at == second.expires_at
    assert third.ended_at is None
    assert Event.objects.get(kind="delegation_expired").at == second.expires_at


@pytest.mark.parametrize("role", ["service_support_admin", "reader"])
def test_only_global_admins_appoint_and_end(admin: Person, partner: Organisation, role: str) -> None:
    """RO-1"""
    other = actor(make_person(admin.organisation, role))
    delegation = grant(admin)
    with pytest.raises(NotPermitted):
        grant(admin, actor=other)
    with pytest.raises(NotPermitted):
        end_delegation(delegation_id=delegation.pk, actor=other)


def test_a_partner_passes_nothing_on_and_ends_nothing(admin: Person, partner: Organisation, consultant: Person) -> None:
    """PA-1: duties never include those of the global admin."""
    delegation = make_delegation(admin.organisation, partner, duties=["service_support_admin"])  # type: ignore[arg-type]
    behalf = actor(consultant, customer=admin.organisation)
    with pytest.raises(NotPermitted):
        grant(admin, actor=behalf)
    with pytest.raises(NotPermitted):
        end_delegation(delegation_id=delegation.pk, actor=behalf)


def test_of_two_grants_at_once_one_stands(own_database: OwnDatabase) -> None:
    customer, partner = make_organisation(), make_partner("north-star")
    admins = [actor(make_person(customer, "global_admin")) for _ in range(2)]
    barrier, outcomes = threading.Barrier(2), []

    def appoint(one: Actor) -> None:
        barrier.wait()
        try:
            grant_delegation(
                partner_slug="north-star", duties=["reader"], expires_at=clock.now() + timedelta(days=9), actor=one
            )
            outcomes.append("granted")
        except DelegationExists:
            outcomes.append("exists")
        finally:
            connection.close()

    threads = [threading.Thread(target=appoint, args=(one,)) for one in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["exists", "granted"]
    assert Delegation.objects.filter(partner=partner).count() == 1


# Ending ---------------------------------------------------------------------------------------------------------------


def test_a_delegation_counts_through_its_last_instant(admin: Person, partner: Organisation, consultant: Person) -> None:
    """PA-1"""
    delegation = grant(admin)

    at_the_end = actor(consultant, customer=admin.organisation, now=delegation.expires_at)

    assert at_the_end.roles == {"service_support_admin"}
    assert at_the_end.on_behalf_of_id == admin.organisation_id


def test_a_delegation_does_not_count_one_microsecond_after_its_last_instant(
    admin: Person, partner: Organisation, consultant: Person
) -> None:
    """PA-1, P-4: with no sweep anywhere."""
    delegation = grant(admin)

    with pytest.raises(OrganisationNotFound):
        actor(consultant, customer=admin.organisation, now=delegation.expires_at + MICROSECOND)


def test_an_ended_delegation_does_not_count_from_the_instant_of_its_end(
    admin: Person, partner: Organisation, consultant: Person
) -> None:
    """PA-1, P-10"""
    delegation = grant(admin)
    end = NOW + timedelta(hours=1)

    end_delegation(delegation_id=delegation.pk, actor=actor(admin), now=end)

    assert actor(consultant, customer=admin.organisation, now=end - MICROSECOND).on_behalf_of_id
    with pytest.raises(OrganisationNotFound):
        actor(consultant, customer=admin.organisation, now=end)
    assert Event.objects.get(kind="delegation_ended").at == end


def test_what_has_ended_is_not_ended_again(admin: Person, partner: Organisation) -> None:
    delegation = grant(admin)
    for hours in (1, 2):
        end_delegation(delegation_id=delegation.pk, actor=actor(admin), now=NOW + timedelta(hours=hours))

    delegation.refresh_from_db()
    assert delegation.ended_at == NOW + timedelta(hours=1)
    assert Event.objects.filter(kind="delegation_ended").count() == 1


def test_delegations_of_other_customers_are_not_there(admin: Person, partner: Organisation) -> None:
    """P-5"""
    other = make_delegation(make_organisation(), partner)

    with pytest.raises(DelegationNotFound):
        end_delegation(delegation_id=other.pk, actor=actor(admin))

    other.refresh_from_db()
    assert other.ended_at is None


def test_the_sweep_puts_an_expiry_on_record_at_its_instant_and_once(admin: Person, partner: Organisation) -> None:
    """P-2, P-4"""
    delegation = grant(admin)

    counts = [close_expired_delegations(now=delegation.expires_at + late) for late in (-MICROSECOND, timedelta(0))]
    assert counts == [0, 0]
    late = delegation.expires_at + timedelta(days=3)
    assert [close_expired_delegations(now=late), close_expired_delegations(now=late)] == [1, 0]

    event = Event.objects.get(kind="delegation_expired")
    assert (event.at, event.actor_id) == (delegation.expires_at, None)


def test_the_portals_own_sweep_sees_to_it(admin: Person, partner: Organisation) -> None:
    """DESIGN.md, point 19: swept from the same sweep as the timers."""
    delegation = grant(admin)

    assert sweep(now=delegation.expires_at + timedelta(seconds=9))["delegations"] == 1


def test_closed_organisations_have_no_partners(admin: Person, partner: Organisation, consultant: Person) -> None:
    grant(admin)
    Organisation.objects.filter(pk=admin.organisation_id).update(is_active=False)

    with pytest.raises(OrganisationNotFound):
        actor(consultant, customer=admin.organisation, now=NOW)


# Acting for a customer, through the pages -----------------------------------------------------------------------------


def choose(client: Client, customer: Organisation) -> None:
    client.post(ACTING, {"customer": customer.pk})


def test_a_partners_person_chooses_a_customer_and_sees_so_on_every_page(
    customer: Organisation, partner: Organisation, consultant: Person
) -> None:
    """PA-1"""
    make_delegation(customer, partner)
    client = browser_of(consultant)
    assert "Lotus Foods" in client.get(ACTING).content.decode()

    choose(client, customer)

    page = client.get("/profile/").content.decode()
    assert "You act on behalf of" in page
    assert "Lotus Foods" in page
    assert f'action="{STOP}"' in page


def test_beginning_and_stopping_is_on_record_as_done_on_behalf_of_the_customer(
    customer: Organisation, partner: Organisation, consultant: Person
) -> None:
    """PA-1, P-10"""
    make_delegation(customer, partner)
    client = browser_of(consultant)

    choose(client, customer)
    choose(client, customer)
    client.post(STOP)
    client.post(STOP)

    events = Event.objects.filter(kind__startswith="acting_").order_by("id")
    assert [event.kind for event in events] == ["acting_started", "acting_stopped"]
    assert {(event.actor_id, event.on_behalf_of_id, event.organisation_id) for event in events} == {
        (consultant.pk, customer.pk, customer.pk)
    }


def test_on_behalf_of_a_customer_the_partner_sees_its_page_without_its_other_partners(
    customer: Organisation, partner: Organisation, consultant: Person
) -> None:
    """PA-1, P-5"""
    make_delegation(customer, partner, duties=["reader"])
    make_delegation(customer, make_partner(name="Rival Consultants"))
    client = browser_of(consultant)
    choose(client, customer)

    page = client.get("/organisation/").content.decode()

    assert "Lotus Foods" in page
    assert "/organisation/partners/" not in page
    assert client.get("/organisation/partners/").status_code == HTTPStatus.FORBIDDEN


def test_after_stopping_the_partners_own_organisation_is_back(
    customer: Organisation, partner: Organisation, consultant: Person
) -> None:
    make_delegation(customer, partner)
    client = browser_of(consultant)
    choose(client, customer)
    client.post(STOP)

    page = client.get("/organisation/").content.decode()

    assert "North Star" in page
    assert "You act on behalf of" not in page


@pytest.mark.parametrize("address", ["/organisation/", "/profile/"])
def test_an_ended_delegation_counts_from_the_next_request_and_the_page_says_so(
    admin: Person, customer: Organisation, partner: Organisation, consultant: Person, address: str
) -> None:
    """PA-1, P-6"""
    delegation = make_delegation(customer, partner)
    client = browser_of(consultant)
    choose(client, customer)
    assert client.get(address).status_code == HTTPStatus.OK

    browser_of(admin).post(f"/organisation/delegations/{delegation.pk}/end/")
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, ACTING)
    page = client.get(ACTING).content.decode()
    assert "The customer ended the delegation, or it ran out." in page
    assert "You act on behalf of" not in page
    assert client.get(address).status_code == HTTPStatus.OK


def test_a_form_sent_after_the_end_changes_nothing(
    admin: Person, customer: Organisation, partner: Organisation, consultant: Person
) -> None:
    """P-6: not in the customer's name, and not by mistake in the partner's own."""
    delegation = make_delegation(customer, partner)
    client = browser_of(consultant)
    choose(client, customer)
    browser_of(admin).post(f"/organisation/delegations/{delegation.pk}/end/")

    response = client.post("/profile/tokens/", {"name": "script", "scopes": ["requests:read"], "days": "90"})

    assert response.status_code == HTTPStatus.SEE_OTHER
    assert not Event.objects.filter(kind="token_issued").exists()


def test_a_part_of_a_page_asked_for_after_the_end_moves_the_whole_window(
    customer: Organisation, partner: Organisation, consultant: Person
) -> None:
    delegation = make_delegation(customer, partner)
    client = browser_of(consultant)
    choose(client, customer)
    Delegation.objects.filter(pk=delegation.pk).update(ended_at=clock.now())

    response = client.get("/organisation/", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (HTTPStatus.NO_CONTENT, ACTING)


def test_signing_out_works_after_the_end(customer: Organisation, partner: Organisation, consultant: Person) -> None:
    delegation = make_delegation(customer, partner)
    client = browser_of(consultant)
    choose(client, customer)
    Delegation.objects.filter(pk=delegation.pk).update(ended_at=clock.now())

    client.post("/logout/")

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("wanted", ["", "x", "-1", "0", "9" * 18, "9" * 40, "１２", "1; DROP TABLE"])
def test_a_customer_who_did_not_appoint_the_partner_cannot_be_chosen(
    customer: Organisation, consultant: Person, wanted: str
) -> None:
    """P-5, P-8"""
    client = browser_of(consultant)

    for number in (wanted, str(customer.pk)):
        response = client.post(ACTING, {"customer": number}, follow=True)
        assert "there is no delegation in force" in response.content.decode()

    assert "acting_for" not in client.session


def test_who_is_of_no_partner_has_no_customers(admin: Person) -> None:
    client = browser_of(admin)

    assert client.get(ACTING).status_code == HTTPStatus.FORBIDDEN
    assert client.post(ACTING, {"customer": "1"}).status_code == HTTPStatus.FORBIDDEN


def test_a_partners_person_without_a_role_acts_for_nobody(customer: Organisation, partner: Organisation) -> None:
    """PA-1: duties are taken on by those who hold a role at the partner."""
    make_delegation(customer, partner)
    client = browser_of(make_person(partner))

    assert client.get(ACTING).status_code == HTTPStatus.FORBIDDEN


# Appointing on the page -----------------------------------------------------------------------------------------------


def form(**changes: object) -> dict[str, object]:
    last_day = (clock.now() + timedelta(days=30)).date().isoformat()
    return {"partner": "north-star", "duties": ["billing_admin"], "last_day": last_day, **changes}


def test_the_page_appoints_a_partner_through_the_last_day_in_the_customers_time_zone(
    admin: Person, partner: Organisation
) -> None:
    """PA-1"""
    last_day = (clock.now() + timedelta(days=30)).date()

    response = browser_of(admin).post(GRANT, form(last_day=last_day.isoformat()), follow=True)

    assert "The delegation is granted." in response.content.decode()
    midnight_in_taipei = datetime(last_day.year, last_day.month, last_day.day, 16, 0, tzinfo=UTC)
    assert Delegation.objects.get().expires_at == midnight_in_taipei


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"partner": "nobody"}, "No partner has this name."),
        ({"partner": "no such slug!"}, "Use small letters of a to z, digits and single hyphens"),
        ({"duties": []}, "This field is required."),
        ({"duties": ["global_admin"]}, "Select a valid choice."),
        ({"last_day": "2199-01-01"}, "Choose a day from today on, at most two years ahead."),
        ({"last_day": "2020-01-01"}, "Choose a day from today on, at most two years ahead."),
        ({"last_day": "soon"}, "Enter a valid date."),
    ],
)
def test_a_form_that_comes_back_keeps_what_was_typed_and_says_what_is_wrong(
    admin: Person, partner: Organisation, changes: dict[str, object], message: str
) -> None:
    sent = form(**changes)

    response = browser_of(admin).post(GRANT, sent)

    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert message in page
    assert f'value="{sent["partner"]}"' in page
    assert f'value="{sent["last_day"]}"' in page
    assert not Delegation.objects.exists()


def test_a_second_delegation_to_the_same_partner_is_explained(admin: Person, partner: Organisation) -> None:
    make_delegation(admin.organisation, partner)  # type: ignore[arg-type]

    response = browser_of(admin).post(GRANT, form())

    assert "End the delegation that this partner holds" in response.content.decode()


def test_the_customer_sees_its_partners_and_others_do_not(admin: Person, partner: Organisation) -> None:
    """PA-1, P-5"""
    make_delegation(admin.organisation, partner)  # type: ignore[arg-type]
    stranger = make_person(make_organisation(), "global_admin")

    assert "North Star" in browser_of(admin).get("/organisation/partners/").content.decode()
    assert "North Star" not in browser_of(stranger).get("/organisation/partners/").content.decode()


def test_the_list_of_partners_shows_what_counts_now(admin: Person, partner: Organisation) -> None:
    delegation = make_delegation(admin.organisation, partner)  # type: ignore[arg-type]
    Delegation.objects.filter(pk=delegation.pk).update(expires_at=clock.now() - MICROSECOND)

    assert not selectors.delegations_granted_by(admin.organisation_id or 0, now=clock.now()).exists()
