"""Who takes part in the demo: customers with their calendars and contracts, partners, and the support staff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.contrib.auth.hashers import make_password

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.calendars.choices import YEARS_AHEAD
from accounts.models import CalendarVersion, ElevatedContract, Organisation, Person, Plan, RoleGrant, Subscription, Team
from accounts.services.delegation_asks import ask_for_delegation, grant_ask
from accounts.services.delegations import grant_delegation
from sla.business_time import BusinessCalendar
from tickets.demo.duty import make_rota
from tickets.demo.stories import read
from tickets.selectors.catalogue import services

PASSWORD = "open the demo door"  # noqa: S105  # everybody's, and on show: the demo holds nothing to protect
HISTORY = timedelta(days=62)  # how far back the requests go
CUSTOMER_FOR, STAFF_FOR, ELEVATED_FOR = timedelta(days=700), timedelta(days=900), timedelta(days=240)
TRIAL_LEFT = timedelta(days=12)
DESK_HOURS = {str(day): [["07:30", "19:30"]] for day in range(7)}  # the desk works on every day of the week
ASKED = "garance"  # a customer who granted what its partner asked for
WEEKDAYS = {str(day): [["09:00", "18:00"]] for day in range(5)}


@cache
def zone_of(name: str) -> ZoneInfo:
    """The time zone; kept, for zoneinfo itself forgets all but the last few and reads their files again."""
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Member:
    """One person as they act here; a partner's person is a member of each of its customers (PA-1)."""

    person: Person
    actor: Actor

    @property
    def speaks(self) -> frozenset[str]:
        """The languages of the person."""
        return frozenset(self.person.languages)

    @property
    def zone(self) -> ZoneInfo:
        """Where the person works."""
        return zone_of(self.person.timezone)


@dataclass
class House:
    """One customer, with everybody who may act for it."""

    organisation: Organisation
    document: Mapping[str, Any]
    subscriptions: list[Subscription]
    members: list[Member] = field(default_factory=list)
    partners: list[Member] = field(default_factory=list)

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The business hours of the customer."""
        return BusinessCalendar.from_document(self.document)

    @property
    def zone(self) -> ZoneInfo:
        """Where the customer is."""
        return zone_of(self.organisation.timezone)


@dataclass
class World:
    """Everybody, by slug and role."""

    houses: dict[str, House]
    staff: list[Member]

    def everybody(self) -> Iterator[Member]:
        """Each person once."""
        yield from self.staff
        for house in self.houses.values():
            yield from house.members


def make_world(*, now: datetime) -> World:
    """Store organisations and people as they were before the first request was filed."""
    password = make_password(PASSWORD)  # hashed once: slow on purpose, and the same for a hundred people
    staff = _make_staff(password, now=now)
    houses = {entry["code"]: _make_house(entry, staff, password, now=now) for entry in read("organisations")}
    _delegate(houses, now=now)
    members = _members(now=now)
    for house in houses.values():
        house.members = [member for member in members if member.actor.organisation_id == house.organisation.pk]
    _let_partners_act(houses, now=now)
    make_rota(staff, since=now - HISTORY - timedelta(days=7), now=now)
    return World(houses=houses, staff=[member for member in members if member.actor.is_staff])


def _make_staff(password: str, *, now: datetime) -> dict[str, Person]:
    teams = {team.code: team for team in Team.objects.all()}
    joined_at = now - STAFF_FOR
    known = [service.code for service in services()]
    people = [
        _person(
            entry,
            password,
            joined_at=joined_at,
            is_staff=True,
            team=teams.get(entry["team"] or ""),
            services=sorted({known[place % len(known)], known[(place + 1) % len(known)]}) if entry["team"] else [],
            working_hours=DESK_HOURS,
        )
        for place, entry in enumerate(read("staff"))
    ]
    return _store_people(people, read("staff"), joined_at=joined_at)


def _make_house(entry: Mapping[str, Any], staff: Mapping[str, Person], password: str, *, now: datetime) -> House:
    since = now - CUSTOMER_FOR
    organisation = Organisation.objects.create(
        slug=entry["code"],
        name=entry["name"],
        is_partner=entry["partner"],
        country=entry["country"],
        subdivision=entry["subdivision"],
        timezone=entry["timezone"],
        language=entry["language"],
        phone=entry["phone"],
        created_at=since,
    )
    document = calendar_document(entry, now=now)
    CalendarVersion.objects.create(
        organisation=organisation,
        version=1,
        document=document,
        country=entry["country"],
        subdivision=entry["subdivision"],
        covers_until=now.year + YEARS_AHEAD,
        created_at=since,
    )
    subscriptions = Subscription.objects.bulk_create(_subscriptions(organisation, entry, now=now))
    if entry["elevated"]:
        manager = entry["elevated"]["account_manager"]
        ElevatedContract.objects.create(
            organisation=organisation,
            kind=entry["elevated"]["kind"],
            account_manager=staff[manager] if manager else None,
            starts_at=now - ELEVATED_FOR,
        )
    zone = {"organisation": organisation, "timezone": entry["timezone"]}
    people = [_person({**zone, **person}, password, joined_at=since) for person in entry["people"]]
    _store_people(people, entry["people"], joined_at=since)
    return House(organisation=organisation, document=document, subscriptions=subscriptions)


def calendar_document(entry: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Business hours of an organisation with the public holidays of its country and region."""
    first, last = (now - HISTORY).year, now.year + YEARS_AHEAD
    days = holidays.country_holidays(
        entry["country"], subdiv=entry["subdivision"] or None, years=range(first, last + 1)
    )
    return {
        "timezone": entry["timezone"],
        "windows": entry["calendar"]["windows"] if entry["calendar"] else WEEKDAYS,
        "holidays": sorted(day.isoformat() for day in days),
    }


def _subscriptions(organisation: Organisation, entry: Mapping[str, Any], *, now: datetime) -> Iterator[Subscription]:
    plans = {plan.code: plan for plan in Plan.objects.all()}
    for row in entry["subscriptions"]:
        yield Subscription(
            reference=f"{entry['code']}-{row['plan'].replace('_', '-')}{'-trial' if row['trial'] else ''}",
            organisation=organisation,
            plan=plans[row["plan"]],
            trial=row["trial"],
            seats=row["seats"],
            starts_at=now - (HISTORY + TRIAL_LEFT if row["trial"] else CUSTOMER_FOR),
            ends_at=now + TRIAL_LEFT if row["trial"] else None,
        )


def _person(entry: Mapping[str, Any], password: str, *, joined_at: datetime, **more: Any) -> Person:
    return Person(
        email=entry["email"],
        password=password,
        name=entry["name"],
        organisation=entry.get("organisation"),
        languages=entry["languages"],
        language=entry["language"].lower(),
        timezone=entry["timezone"],
        phone=entry.get("phone", ""),
        email_confirmed_at=joined_at,
        joined_at=joined_at,
        **more,
    )


def _store_people(
    people: list[Person], entries: Iterable[Mapping[str, Any]], *, joined_at: datetime
) -> dict[str, Person]:
    stored = Person.objects.bulk_create(people)
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role=role, granted_at=joined_at)
        for person, entry in zip(stored, entries, strict=True)
        for role in entry["roles"]
    )
    return {person.email: person for person in stored}


def _delegate(houses: Mapping[str, House], *, now: datetime) -> None:
    """Let each customer appoint its partners, before the first request (PA-1)."""
    for entry in read("organisations"):
        for row in entry["delegations"]:
            people = Person.objects.with_roles().filter(organisation=houses[row["customer"]].organisation)
            admin = people.filter(role_grants__role="global_admin").order_by("pk")[0]
            if row["customer"] == ASKED:
                _grant_what_is_asked(entry["code"], row, admin, now=now)
                continue
            grant_delegation(
                partner_slug=entry["code"],
                duties=row["duties"],
                expires_at=now + timedelta(days=row["expires_in_days"]),
                actor=accounts.actor_for(admin, now=now),
                now=now - HISTORY,
            )


def _grant_what_is_asked(partner: str, row: Mapping[str, Any], admin: Person, *, now: datetime) -> None:
    """Let the partner ask this customer first, a day before."""
    people = Person.objects.with_roles().filter(organisation__slug=partner, role_grants__role="global_admin")
    until = now + timedelta(days=row["expires_in_days"])
    ask = ask_for_delegation(
        customer=row["customer"],
        duties=[*row["duties"], "billing_admin"],
        reason="We moved your mail last year, and would like to look after it.",
        wished_until=until,
        actor=accounts.actor_for(people.order_by("pk")[0], now=now),
        now=now - HISTORY - timedelta(days=1),
    )
    granting = accounts.actor_for(admin, now=now)
    grant_ask(ask_id=ask.pk, duties=row["duties"], expires_at=until, actor=granting, now=now - HISTORY)


def _members(*, now: datetime) -> list[Member]:
    people = Person.objects.with_roles().order_by("pk")
    return [Member(person, accounts.actor_for(person, now=now)) for person in people]


def _let_partners_act(houses: Mapping[str, House], *, now: datetime) -> None:
    """Add the partners' people to the customers that appointed them."""
    for entry in read("organisations"):
        own = [member for member in houses[entry["code"]].members if member.actor.roles]
        for row in entry["delegations"]:
            house = houses[row["customer"]]
            house.partners += [
                Member(member.person, accounts.actor_for(member.person, now=now, customer_id=house.organisation.pk))
                for member in own
            ]
