"""People, partners, delegations, subscriptions, contracts, calendars and tokens; and who comes to the door."""

from __future__ import annotations

import time
from datetime import date, timedelta

from django.contrib.auth import SESSION_KEY
from django.test import Client

from accounts import clock
from accounts.calendars.choices import Choices, OwnDay
from accounts.edges import ACTING_FOR
from accounts.links import reset_link
from accounts.models import Delegation, Organisation, Person
from accounts.scopes import SCOPES
from accounts.services.calendars import change_calendar
from accounts.services.delegations import grant_delegation
from accounts.signing_in.proofs import SECOND_FACTOR
from accounts.signing_in.sessions import SEEN
from tests import factories
from tests.door.worlds import EVERYTHING, NAME, ORGANISATION, PEOPLE, PRIVATE, REQUEST, Caller, Tenant, World

A_LONG_RUN = 3600  # seconds

ORDER = 10
# Columns of text that hold no words of anybody's, and what they hold instead.
CODES = {
    "accounts_apitoken": {"digest": "a hash", "prefix": "the beginning of a secret", "scopes": "codes"},
    "accounts_calendarversion": {
        "document": "hours and dates", "country": "a code", "subdivision": "a code", "worked_days": "dates",
    },
    "accounts_delegation": {"duties": "codes"},
    "accounts_delivery": {
        "channel": "a code", "destination": "an id", "notice": "a code", "message_id": "random", "state": "a code",
        "last_error": "the name of a fault", "context": "codes, ids and instants", "number": "the number of a request",
    },
    "accounts_elevatedcontract": {"kind": "a code"},
    "accounts_event": {
        "number": "the number of a request", "kind": "a code", "ref": "an id", "request_id": "random",
        "data": "codes, ids and instants (P-10)", "address": "where the call came from", "via": "a code",
    },
    "accounts_idempotencykey": {
        "key": "the caller's", "method": "a code", "path": "an address", "body_digest": "a hash",
        "headers": "an address",
    },
    "accounts_organisation": {
        "country": "a code", "subdivision": "a code", "timezone": "a code", "language": "a code",
        "phone": "digits of A",
    },
    "accounts_person": {
        "password": "a hash", "languages": "codes", "language": "a code", "timezone": "a code", "phone": "digits of A",
        "portal_only": "codes",
    },
    "selfhelp_deflection": {"source": "a code"},
}  # fmt: skip
STAFF_ROLES = {
    "engineer": "engineer",
    "colleague": "engineer",
    "senior": "senior_engineer",
    "lead": "team_lead",
    "manager": "duty_manager",
    "operator": "operator",
    "account_manager": "account_manager",
    "other_account_manager": "account_manager",
}
ADMINS = {
    "admin": ("global_admin",),
    "second_admin": ("global_admin",),
    "exchange_admin": ("exchange_admin",),
    "sharepoint_admin": ("sharepoint_admin",),
    "reader": ("reader",),
    "user": (),
}
HOURS = {str(day): [["08:30", "17:30"]] for day in range(5)}


def prepare(world: World) -> None:
    """The support staff, and partners: one of A alone, one that A let go, one of B alone."""
    for name, role in STAFF_ROLES.items():
        world.staff[name] = factories.make_staff(role, name=f"Staff {name}", password=factories.PASSWORD)
    for name in ("partner", "former", "elsewhere"):
        world.partners[name] = factories.make_partner(f"{name}-partner")
        world.partner_admins[name] = factories.make_person(world.partners[name], "global_admin", name=f"Of {name}")


def furnish(world: World, tenant: Tenant) -> None:
    """One tenant's people and particulars."""
    organisation, mark = tenant.organisation, tenant.mark
    tenant.knows("organisation", organisation.slug, NAME)
    tenant.knows("organisation_id", organisation.pk, NAME)
    for name, roles in ADMINS.items():
        person = factories.make_person(
            organisation,
            *roles,
            name=tenant.says(PEOPLE, name),
            email=f"{tenant.says(PEOPLE, name, joint='.')}@example.com",
            phone=f"+886 {tenant.first_id + 500 + len(tenant.people)}",
            password=factories.PASSWORD,
        )
        tenant.people[name] = person
        tenant.knows(f"{name}_id", person.pk, PEOPLE)
        tenant.knows(f"{name}_email", person.email, PEOPLE)
    reference = tenant.says(ORGANISATION, "subscription", joint="-")
    factories.make_subscription(organisation, reference=reference)
    tenant.knows("subscription", reference, ORGANISATION)
    other = tenant.says(ORGANISATION, "second", joint="-")
    factories.make_subscription(organisation, "business_basic", reference=other)
    tenant.knows("other_subscription", other, ORGANISATION)
    choices = Choices(
        timezone="Asia/Taipei",
        windows=HOURS,
        country="TW",
        own_days=(OwnDay(date(2031, 5, 4), tenant.says(ORGANISATION, "moving day")),),
    )
    note = tenant.says(ORGANISATION, "the hours of winter")
    change_calendar(slug=organisation.slug, choices=choices, actor=tenant.actor("admin"), note=note)
    partners = ("partner", "former") if mark == "a" else ("elsewhere", "former")
    for partner in partners:
        granted = grant_delegation(
            partner_slug=world.partners[partner].slug,
            duties=["service_support_admin"],
            expires_at=clock.now() + timedelta(days=90),
            actor=tenant.actor("admin"),
        )
        tenant.knows("delegation", granted.pk, ORGANISATION) if partner != "former" else None
    token, _ = factories.make_token(tenant.people["admin"], name=tenant.says(PRIVATE, "a program"))
    tenant.knows("token", token.pk, PRIVATE)
    uid, _, key = reset_link(tenant.people["admin"]).rstrip("/").rpartition("/")[2].partition("-")
    tenant.knows("reset_uid", uid, PRIVATE)
    tenant.knows("reset_key", key, PRIVATE)


def let_go(world: World) -> None:
    """A ends the delegation of its former partner, whose people keep their sessions and tokens."""
    ended = Delegation.objects.filter(customer=world.a.organisation, partner=world.partners["former"])
    ended.update(ended_at=clock.now())


def admit(world: World) -> None:
    """Everybody who may come to the door, with what each may learn of tenant A."""
    a, b, partners = world.a, world.b, world.partners
    insider = frozenset({NAME, PEOPLE, ORGANISATION})
    customer = insider | {REQUEST}
    at_desk = EVERYTHING - {PRIVATE}

    def partner_person(name: str) -> Person:
        return factories.make_person(partners[name], "global_admin", name=f"Of the {name} partner")

    _let_in(world, "anonymous")
    for name in ("admin", "reader", "user", "exchange_admin"):
        _let_in(world, f"{name}_of_b", b.people[name])
    _let_in(world, "former_partner", partner_person("former"), acting_for=a.organisation)
    _let_in(world, "partner_elsewhere", partner_person("elsewhere"), acting_for=b.organisation)
    _let_in(world, "partner_at_home", partner_person("partner"), sees=frozenset({NAME}))
    _let_in(world, "account_manager_elsewhere", world.staff["other_account_manager"])
    _let_in(world, "operator", world.staff["operator"], sees=insider)
    _let_in(world, "partner", partner_person("partner"), acting_for=a.organisation, sees=customer)
    _let_in(world, "admin", a.people["admin"], sees=customer | {PRIVATE})
    _let_in(world, "second_admin", a.people["second_admin"], sees=customer)
    _let_in(world, "reader", a.people["reader"], sees=customer)
    _let_in(world, "sharepoint_admin", a.people["sharepoint_admin"], sees=insider)
    _let_in(world, "user", a.people["user"], sees=frozenset({NAME, PEOPLE}))
    _let_in(
        world,
        "without_scope",
        a.people["admin"],
        sees=frozenset({NAME, PEOPLE}),
        scopes=("operations:read",),
        api_only=True,
    )
    for name in ("engineer", "senior", "lead", "manager", "account_manager"):
        _let_in(world, name, world.staff[name], sees=at_desk)


def _let_in(
    world: World,
    name: str,
    person: Person | None = None,
    *,
    acting_for: Organisation | None = None,
    sees: frozenset[str] = frozenset(),
    scopes: tuple[str, ...] = (),
    api_only: bool = False,
) -> None:
    token = session = ""
    if person is not None:
        given = scopes or tuple(SCOPES)
        _, token = factories.make_token(
            person, *given, organisation=acting_for or person.organisation, name=f"The program of {name}"
        )
        client = Client()
        client.force_login(person)
        kept = client.session
        assert kept[SESSION_KEY]
        kept[SECOND_FACTOR] = True  # who has one has shown it
        kept[SEEN] = int(time.time()) + A_LONG_RUN  # so that no page of the matrix notes the use of its session
        if acting_for is not None:
            kept[ACTING_FOR] = acting_for.pk
        kept.save()
        session = str(kept.session_key)
    world.callers[name] = Caller(name, person, sees, acting_for, scopes, token, session, api_only)
