"""Nothing is done for a customer chosen meanwhile in another tab (PA-1)."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import ApiToken, Event, Organisation, Person
from tests.factories import browser_of, make_delegation, make_organisation, make_partner, make_person

TOKENS = "/profile/tokens/"
TYPED = {"name": "A name that took me long", "scopes": ["requests:read"], "days": "90"}


@pytest.fixture
def partner(db: None) -> Organisation:
    return make_partner("north-star", name="North Star")


@pytest.fixture
def customers(partner: Organisation) -> list[Organisation]:
    found = [make_organisation("lotus-foods", name="Lotus Foods"), make_organisation("tea-house", name="Tea House")]
    for customer in found:
        make_delegation(customer, partner)
    return found


@pytest.fixture
def consultant(partner: Organisation) -> Person:
    return make_person(partner, "service_support_admin")


@pytest.fixture
def client(consultant: Person) -> Client:
    return browser_of(consultant)


def choose(client: Client, customer: Organisation) -> None:
    client.post("/acting-for/", {"customer": customer.pk})


def carried(client: Client, address: str) -> set[str]:
    """For whom the forms of a page say that they are."""
    return set(re.findall(r'name="acting_for" value="(\d+)"', client.get(address).content.decode()))


def test_every_form_says_for_whom_it_was_drawn(
    client: Client, customers: list[Organisation], partner: Organisation
) -> None:
    """PA-1: those in parts of a page, too, and htmx in a header"""
    assert carried(client, TOKENS) == {str(partner.pk)}
    choose(client, customers[0])

    page = client.get(TOKENS).content.decode()

    assert page.count('name="csrfmiddlewaretoken"') == page.count(f'name="acting_for" value="{customers[0].pk}"')
    assert f'"X-Acting-For": "{customers[0].pk}"' in page


def test_who_has_one_organisation_only_carries_nothing(customers: list[Organisation]) -> None:
    admin = browser_of(make_person(customers[0], "global_admin"))

    assert carried(admin, TOKENS) == set()
    assert admin.post(TOKENS, {**TYPED, "acting_for": "1"}).status_code == HTTPStatus.CREATED


def test_a_form_drawn_for_one_customer_is_not_done_for_another(client: Client, customers: list[Organisation]) -> None:
    """PA-1"""
    lotus, tea = customers
    choose(client, tea)

    response = client.post(TOKENS, {**TYPED, "acting_for": str(lotus.pk)})

    page = response.content.decode()
    assert response.status_code == HTTPStatus.CONFLICT
    assert "Lotus Foods" in page
    assert "Tea House" in page
    assert "A name that took me long" in page
    assert not ApiToken.objects.exists()


def test_a_form_drawn_for_ones_own_organisation_is_not_done_for_a_customer(
    client: Client, customers: list[Organisation], partner: Organisation
) -> None:
    choose(client, customers[0])

    assert client.post(TOKENS, {**TYPED, "acting_for": str(partner.pk)}).status_code == HTTPStatus.CONFLICT
    assert not ApiToken.objects.exists()


def test_a_form_that_does_not_say_for_whom_is_not_done_for_a_customer(
    client: Client, customers: list[Organisation]
) -> None:
    choose(client, customers[0])

    response = client.post(TOKENS, TYPED)

    assert response.status_code == HTTPStatus.CONFLICT
    assert "act_for_again" not in response.content.decode()
    assert not ApiToken.objects.exists()


def test_one_click_sends_it_for_whom_it_was_meant(client: Client, customers: list[Organisation]) -> None:
    """PA-1, P-10: the change of customer is on record"""
    lotus, tea = customers
    choose(client, tea)
    page = client.post(TOKENS, {**TYPED, "acting_for": str(lotus.pk)}).content.decode()
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    again = {name: value for name, value in found if name != "csrfmiddlewaretoken"}

    response = client.post(TOKENS, again)

    assert response.status_code == HTTPStatus.CREATED
    assert ApiToken.objects.get().organisation == lotus
    assert client.session["acting_for"] == lotus.pk
    started = Event.objects.filter(kind="acting_started").order_by("pk")
    assert [event.organisation for event in started] == [tea, lotus]


def test_after_the_end_of_a_delegation_nothing_is_sent_for_it_again(
    client: Client, customers: list[Organisation]
) -> None:
    """P-6"""
    lotus, tea = customers
    choose(client, tea)
    lotus.delegations_granted.update(ended_at="2026-01-01T00:00:00Z")

    response = client.post(TOKENS, {**TYPED, "acting_for": str(lotus.pk), "act_for_again": str(lotus.pk)})

    page = response.content.decode()
    assert response.status_code == HTTPStatus.CONFLICT
    assert "A name that took me long" in page
    assert "Lotus Foods" not in page
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("named", ["", "x", "-1", "9" * 40, "１"])
def test_what_names_nobody_is_refused(client: Client, customers: list[Organisation], named: str) -> None:
    """P-8"""
    choose(client, customers[0])

    sent = {**TYPED, "acting_for": named, "act_for_again": named}
    assert client.post(TOKENS, sent).status_code == HTTPStatus.CONFLICT


def test_a_part_of_a_page_is_not_refreshed_with_another_customers_data(
    client: Client, customers: list[Organisation]
) -> None:
    """P-5, PA-1: the window is drawn anew, with the other name on it"""
    lotus, tea = customers
    choose(client, tea)
    headers = {"HX-Request": "true", "X-Acting-For": str(lotus.pk)}

    response = client.get("/requests/", headers=headers)

    assert (response.status_code, response["HX-Refresh"]) == (HTTPStatus.NO_CONTENT, "true")
    assert client.get("/requests/", headers={**headers, "X-Acting-For": str(tea.pk)}).status_code == HTTPStatus.OK


def test_while_somebody_types_they_read_that_they_act_for_another(
    client: Client, customers: list[Organisation]
) -> None:
    lotus, tea = customers
    choose(client, tea)

    response = client.post(
        "/requests/new/preview/",
        {"subject": "Mail is down", "acting_for": str(lotus.pk)},
        headers={"HX-Request": "true"},
    )

    assert "You act for another organisation now" in response.content.decode()


def test_choices_for_oneself_and_signing_out_need_no_customer(client: Client, customers: list[Organisation]) -> None:
    choose(client, customers[0])

    assert client.post("/preferences/language/", {"language": "zh-hant"}).status_code != HTTPStatus.CONFLICT
    assert client.post("/acting-for/stop/").status_code == HTTPStatus.FOUND
    choose(client, customers[0])
    client.post("/logout/")
    assert "_auth_user_id" not in client.session


def test_a_call_of_the_api_with_a_session_may_say_for_whom_it_is(client: Client, customers: list[Organisation]) -> None:
    """PA-1"""
    lotus, tea = customers
    choose(client, tea)

    refused = client.get("/api/v1/me/", headers={"X-Acting-For": str(lotus.pk)})

    assert (refused.status_code, refused.json()["code"]) == (HTTPStatus.CONFLICT, "drawn-for-another")
    assert client.get("/api/v1/me/", headers={"X-Acting-For": str(tea.pk)}).status_code == HTTPStatus.OK
