"""Surroundings for tests, with the least valid data: organisations, people with roles, subscriptions, delegations."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts import clock, selectors
from accounts.actors import Actor
from accounts.models import (
    ApiToken,
    CalendarVersion,
    Delegation,
    ElevatedContract,
    Organisation,
    Person,
    Plan,
    RoleGrant,
    Subscription,
)
from accounts.scopes import SCOPES
from accounts.unguessable import digest_of

PASSWORD = "a lantern among tall reeds"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
WEEKDAYS = {str(day): [["09:00", "18:00"]] for day in range(5)}

_numbers = itertools.count(1)


def make_organisation(slug: str = "", **fields: Any) -> Organisation:
    """A customer with its first calendar, in Taipei unless told otherwise."""
    slug = slug or f"organisation-{next(_numbers)}"
    zone = fields.setdefault("timezone", "Asia/Taipei")
    fields.setdefault("country", "TW")
    organisation = Organisation.objects.create(slug=slug, name=fields.pop("name", slug.title()), **fields)
    document = {"timezone": zone, "windows": WEEKDAYS, "holidays": []}
    CalendarVersion.objects.create(organisation=organisation, version=1, document=document)
    return organisation


def make_partner(slug: str = "", **fields: Any) -> Organisation:
    """A partner, who may be appointed by customers (PA-1)."""
    return make_organisation(slug or f"partner-{next(_numbers)}", is_partner=True, **fields)


def make_person(organisation: Organisation | None, *roles: str, **fields: Any) -> Person:
    """Somebody of an organisation, with `role_names`; without roles an end user (SH-2)."""
    number = next(_numbers)
    fields.setdefault("name", f"Person {number}")
    fields.setdefault("email_confirmed_at", LONG_AGO)
    email = fields.pop("email", f"person-{number}@example.com")
    person = Person.objects.create_user(email, fields.pop("password", None), organisation=organisation, **fields)
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role=role) for role in roles)
    return reread(person)


def make_staff(*roles: str, **fields: Any) -> Person:
    """Somebody of the support staff."""
    return make_person(None, *roles, is_staff=True, **fields)


def make_subscription(organisation: Organisation, plan: str = "office_365_e3", **fields: Any) -> Subscription:
    """A running subscription to one of the seeded plans."""
    fields.setdefault("reference", f"subscription-{next(_numbers)}")
    fields.setdefault("starts_at", LONG_AGO)
    fields.setdefault("seats", 10)
    return Subscription.objects.create(organisation=organisation, plan=Plan.objects.get(code=plan), **fields)


def make_elevated_contract(organisation: Organisation, **fields: Any) -> ElevatedContract:
    """Elevated support (EL-1)."""
    fields.setdefault("kind", "premier")
    fields.setdefault("starts_at", LONG_AGO)
    return ElevatedContract.objects.create(organisation=organisation, **fields)


def make_delegation(
    customer: Organisation, partner: Organisation, *, duties: Iterable[str] = ("service_support_admin",), **fields: Any
) -> Delegation:
    """A delegation in force for a year (PA-1)."""
    fields.setdefault("granted_by", make_person(customer, "global_admin"))
    fields.setdefault("granted_at", clock.now())
    fields.setdefault("expires_at", clock.now() + timedelta(days=365))
    return Delegation.objects.create(customer=customer, partner=partner, duties=list(duties), **fields)


def actor(person: Person, *, customer: Organisation | None = None, now: datetime | None = None) -> Actor:
    """The person as they act, for a customer if one is named."""
    customer_id = customer.pk if customer else None
    return selectors.actor_for(reread(person), now=now or clock.now(), customer_id=customer_id)


def reread(person: Person) -> Person:
    """The person as the sign-in backend reads them: with their organisation and `role_names`."""
    return Person.objects.with_roles().get(pk=person.pk)


def browser_of(person: Person) -> Client:
    """A test client in which the person has signed in."""
    client = Client()
    client.force_login(person)
    return client


class ActingClient(Client):
    """A browser whose forms say for which customer they were drawn, as those of our pages do (PA-1)."""

    acting_for = 0

    def post(self, path: Any, data: Any = None, *args: Any, **options: Any) -> Any:
        """Send a form."""
        return super().post(path, {"acting_for": self.acting_for, **(data or {})}, *args, **options)


def browser_acting_for(customer: Organisation, person: Person) -> ActingClient:
    """A test client in which a partner's person has signed in and chosen this customer."""
    client = ActingClient()
    client.force_login(person)
    client.post("/acting-for/", {"customer": customer.pk})
    client.acting_for = customer.pk
    return client


def make_token(
    person: Person, *scopes: str, organisation: Organisation | None = None, **fields: Any
) -> tuple[ApiToken, str]:
    """A token with these scopes, or with all of them, and its secret."""
    secret = f"sp_{next(_numbers):043d}"
    fields.setdefault("name", "A program")
    fields.setdefault("expires_at", clock.now() + timedelta(days=30))
    token = ApiToken.objects.create(
        person=person,
        organisation=organisation or person.organisation,
        prefix=secret[:8],
        digest=digest_of(secret),
        scopes=list(scopes or SCOPES),
        **fields,
    )
    return token, secret


def api_of(person: Person, *scopes: str, organisation: Organisation | None = None) -> APIClient:
    """A program that calls the API with a token of this person."""
    _, secret = make_token(person, *scopes, organisation=organisation)
    return api_with(secret)


def api_with(secret: str) -> APIClient:
    """A program that calls the API with this secret."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client
