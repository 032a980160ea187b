"""Reads of organisations and people, always for somebody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.actors import Actor
from accounts.errors import (
    CalendarVersionNotFound,
    ContractNotFound,
    DelegationAskNotFound,
    DelegationNotFound,
    OrganisationNotFound,
    PlanNotFound,
    SubscriptionNotFound,
    TokenNotFound,
)
from accounts.models import (
    ApiToken,
    CalendarVersion,
    Delegation,
    DelegationAsk,
    DelegationAskState,
    DelegationAssignment,
    Delivery,
    DomainState,
    ElevatedContract,
    Event,
    MailDomain,
    Organisation,
    Person,
    PersonSession,
    Plan,
    RoleGrant,
    Subscription,
)
from accounts.permissions import ACTS, DELEGABLE_ROLES, may
from accounts.versions import version_from

WHEN = RUNNING, _COMING, _PAST, ANY_TIME = ("running", "coming", "past", "any")  # what runs, will, did, or all of it
WARN_DAYS = (30, 7)  # PA-1: both sides hear that often before a delegation runs out
WARNED_FROM = timedelta(days=max(WARN_DAYS))


def actor_for(person: Person, *, now: datetime, customer_id: int | None = None) -> Actor:
    """The person as an actor: staff, an admin of their own organisation, or a partner for `customer_id` (PA-1).

    `person` comes from `Person.objects.with_roles()`. Raises OrganisationNotFound for a customer they may not act for.
    """
    try:
        return actors_for(person, now=now, customers=[customer_id])[customer_id]
    except KeyError:
        raise OrganisationNotFound from None


def actors_for(person: Person, *, now: datetime, customers: Collection[int | None]) -> dict[int | None, Actor]:
    """The same for several customers, in one query at most; those that the person may not act for are left out."""
    as_they_are = Actor(
        person_id=person.pk,
        roles=frozenset(person.role_names),
        organisation_id=person.organisation_id,
        is_staff=person.is_staff,
        language=person.language,
        timezone=person.timezone,
    )
    if person.is_staff:
        return dict.fromkeys(customers, as_they_are)
    own = {None, person.organisation_id}
    found = {customer: as_they_are for customer in customers if customer in own}
    others = [customer for customer in customers if customer not in own]
    if not (others and as_they_are.roles):
        return found
    for delegation in customers_of(person, now=now).filter(customer__in=others).order_by("pk"):
        customer = delegation.customer_id
        under = replace(as_they_are, organisation_id=customer, on_behalf_of_id=customer, delegation_id=delegation.pk)
        found.setdefault(customer, replace(under, roles=duties_under(delegation)))
    return found


def live_delegations(*, now: datetime) -> QuerySet[Delegation]:
    """Delegations that count at `now`: granted, not ended, not expired, both organisations open (PA-1)."""
    counting = Delegation.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now), expires_at__gte=now)
    return counting.filter(customer__is_active=True, partner__is_active=True).select_related("customer")


def customers_of(person: Person, *, now: datetime) -> QuerySet[Delegation]:
    """The customers that a partner's person may act for, by name (PA-1)."""
    return customers_held(person, now=now).filter(Q(for_everybody=True) | Q(own_duties__isnull=False))


def customers_held(person: Person, *, now: datetime) -> QuerySet[Delegation]:
    """The customers of the person's organisation, by name, each with `own_duties`: those the person is assigned."""
    assigned = DelegationAssignment.objects.filter(delegation=OuterRef("pk"), person=person.pk)
    held = live_delegations(now=now).filter(partner=person.organisation_id)
    own = Subquery(assigned.values("duties"))
    return held.annotate(own_duties=own).order_by("customer__name", "pk")  # type: ignore[no-redef]


def duties_under(delegation: Delegation) -> frozenset[str]:
    """The duties in which a person acts under a delegation of `customers_of`: never more than were delegated (PA-1)."""
    granted = frozenset(delegation.duties) & frozenset(DELEGABLE_ROLES)
    return granted if delegation.for_everybody else granted & frozenset(delegation.own_duties or ())


def organisation_of(actor: Actor) -> Organisation:
    """The organisation acted for."""
    try:
        return Organisation.objects.get(pk=actor.organisation_id or 0)
    except Organisation.DoesNotExist:
        raise OrganisationNotFound from None


def admins_of(organisation_id: int) -> QuerySet[Person]:
    """The active people of an organisation who hold an admin role, by name (SH-2); a reader is none."""
    holding = RoleGrant.objects.filter(person=OuterRef("pk")).exclude(role="reader")
    people = Person.objects.with_roles().filter(Exists(holding), organisation=organisation_id, is_active=True)
    return people.filter(is_service=False).order_by("name", "pk")


def people_of(actor: Actor) -> QuerySet[Person]:
    """Everybody of the organisation acted for, by name."""
    people = Person.objects.with_roles().filter(organisation=actor.organisation_id or 0, is_service=False)
    return people.order_by("name", "pk")


def subscriptions_of(actor: Actor, *, now: datetime) -> QuerySet[Subscription]:
    """The running subscriptions of the organisation acted for (CH-2)."""
    return running_subscriptions(actor.organisation_id, now=now)


def running_subscriptions(organisation_id: int | None, *, now: datetime) -> QuerySet[Subscription]:
    """The subscriptions of an organisation that run at `now`."""
    running = all_running_subscriptions(now=now).filter(organisation=organisation_id)
    return running.select_related("plan").order_by("trial", "pk")


def all_running_subscriptions(*, now: datetime) -> QuerySet[Subscription]:
    """The subscriptions of every organisation that run at `now`."""
    return Subscription.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)


def subscription_of(actor: Actor, reference: str, *, now: datetime) -> Subscription:
    """One running subscription by its reference, or SubscriptionNotFound."""
    try:
        return subscriptions_of(actor, now=now).get(reference=reference)
    except Subscription.DoesNotExist:
        raise SubscriptionNotFound from None


def visible_organisations(actor: Actor, *, now: datetime) -> QuerySet[Organisation]:
    """The organisations whose particulars the actor may read: their own, or those that support staff serve (P-5)."""
    if not actor.is_staff:
        return Organisation.objects.filter(pk=actor.organisation_id or 0)
    if actor.roles & ACTS["read_organisations"] - {"account_manager"}:
        return Organisation.objects.all()
    contracts = ElevatedContract.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), account_manager=actor.person_id)
    return Organisation.objects.filter(pk__in=contracts.filter(starts_at__lte=now).values("organisation"))


def organisations_called(actor: Actor, sought: str, *, now: datetime) -> QuerySet[Organisation]:
    """The visible organisations with this in their name or short name; all of them for an empty search (P-5)."""
    called = Q(name__icontains=sought) | Q(slug__icontains=sought)
    return visible_organisations(actor, now=now).filter(called if sought else Q())


def visible_organisation(actor: Actor, slug: str, *, now: datetime) -> Organisation:
    """One organisation whose particulars the actor may read, or OrganisationNotFound (P-5)."""
    try:
        return visible_organisations(actor, now=now).get(slug=slug)
    except Organisation.DoesNotExist:
        raise OrganisationNotFound from None


def visible_subscriptions(
    actor: Actor, *, now: datetime, slug: str | None = None, when: str = RUNNING
) -> QuerySet[Subscription]:
    """The subscriptions of visible organisations, or of the one called `slug`: that run, or `when` else (P-5)."""
    organisations = visible_organisations(actor, now=now)
    if slug is not None:
        organisations = organisations.filter(slug=slug)
    rows = Subscription.objects.filter(_in_time(now)[when], organisation__in=organisations)
    return rows.select_related("plan", "organisation")


def visible_contracts(
    actor: Actor, *, now: datetime, slug: str | None = None, when: str = ANY_TIME
) -> QuerySet[ElevatedContract]:
    """The elevated contracts of visible organisations, or of the one called `slug` (P-5, EL-1)."""
    organisations = visible_organisations(actor, now=now)
    if slug is not None:
        organisations = organisations.filter(slug=slug)
    rows = ElevatedContract.objects.filter(_in_time(now)[when], organisation__in=organisations)
    return rows.select_related("account_manager", "organisation")


def visible_contract(actor: Actor, contract_id: int, *, now: datetime) -> ElevatedContract:
    """One of them, or ContractNotFound (P-5)."""
    found = visible_contracts(actor, now=now).filter(pk=contract_id).first()
    if found is None:
        raise ContractNotFound
    return found


def _in_time(now: datetime) -> dict[str, Q]:
    """What runs at an instant, is to come, is over, or all of it."""
    return {
        RUNNING: Q(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now),
        _COMING: Q(starts_at__gt=now),
        _PAST: Q(ends_at__lte=now),
        ANY_TIME: Q(),
    }


def plans() -> QuerySet[Plan]:
    """Every plan that is or was on offer."""
    return Plan.objects.all()


def plan_called(code: str) -> Plan:
    """One of them, or PlanNotFound."""
    found = plans().filter(code=code).first()
    if found is None:
        raise PlanNotFound
    return found


def elevated_contract_of(organisation_id: int, *, now: datetime) -> ElevatedContract | None:
    """The elevated contract in force, if any (SLA-5)."""
    return elevated_contracts(now=now).filter(organisation=organisation_id).order_by("-starts_at", "-pk").first()


def calendar_of(organisation_id: int) -> CalendarVersion:
    """The calendar version in force; every organisation has one from its first day."""
    return CalendarVersion.objects.filter(organisation=organisation_id).latest("version")


def calendar_version_of(organisation_id: int, version: int) -> CalendarVersion:
    """One version of an organisation's calendar, or CalendarVersionNotFound."""
    try:
        return calendars_of(organisation_id).get(version=version)
    except CalendarVersion.DoesNotExist:
        raise CalendarVersionNotFound from None


def calendars_of(organisation_id: int) -> QuerySet[CalendarVersion]:
    """Every calendar version of an organisation, with who made it."""
    return CalendarVersion.objects.filter(organisation=organisation_id).select_related("created_by")


def calendars_to_renew(*, until: int) -> QuerySet[CalendarVersion, int]:
    """Ids of the open organisations whose calendar in force wants the holidays of the years up to `until`."""
    newer = CalendarVersion.objects.filter(organisation=OuterRef("organisation"), version__gt=OuterRef("version"))
    short = Q(covers_until__lt=until) | Q(covers_until=None, document__holidays__0__isnull=False)
    in_force = CalendarVersion.objects.filter(~Exists(newer), short, renews=True, organisation__is_active=True)
    return in_force.order_by("organisation").values_list("organisation", flat=True)


def standing_of(organisation_id: int, *, now: datetime) -> tuple[CalendarVersion, bool]:
    """The calendar version in force, and whether there is elevated support (SLA-5), in one query."""
    elevated = Exists(elevated_contracts(now=now).filter(organisation=OuterRef("organisation")))
    versions = CalendarVersion.objects.filter(organisation=organisation_id).annotate(is_elevated=elevated)
    latest = versions.latest("version")
    return latest, latest.is_elevated


def elevated_contracts(*, now: datetime | Now) -> QuerySet[ElevatedContract]:
    """Every elevated contract in force at `now` (EL-1)."""
    return ElevatedContract.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)


def notices_for(person_id: int) -> QuerySet[Delivery]:
    """What the portal tells a person, newest first."""
    return Delivery.objects.filter(person=person_id, channel=Delivery.Channel.PORTAL).select_related("event")


def unread_notices(person_id: int, *, most: int = 99) -> int:
    """How many notices a person has not read, counted to `most` only."""
    return Delivery.objects.filter(person=person_id, channel=Delivery.Channel.PORTAL, read_at=None)[:most].count()


def tokens_of(actor: Actor) -> QuerySet[ApiToken]:
    """The person's own tokens that are not revoked, newest first."""
    return ApiToken.objects.filter(person=actor.person_id, revoked_at=None).order_by("-created_at", "-pk")


def token_of(actor: Actor, token_id: int) -> ApiToken:
    """One of the person's own tokens, or TokenNotFound (P-5)."""
    token = tokens_of(actor).select_related("organisation").filter(pk=token_id).first()
    if token is None:
        raise TokenNotFound
    return token


def staff_with_roles(*roles: str, team_id: int | None = None) -> QuerySet[Person]:
    """Active support staff who hold one of these roles, of one team if given."""
    staff = Person.objects.filter(is_staff=True, is_active=True, role_grants__role__in=roles)
    return (staff.filter(team=team_id) if team_id else staff).distinct().order_by("pk")


def expired_delegations(*, now: datetime) -> QuerySet[Delegation]:
    """Delegations past their last day that nobody has ended yet (PA-1)."""
    return Delegation.objects.filter(ended_at=None, expires_at__lt=now, granted_at__lt=F("expires_at"))


def delegations_to_warn_of(*, now: datetime) -> QuerySet[Delegation]:
    """Live delegations within 30 or 7 days of their end whose sides have not been warned of that yet (PA-1)."""
    near = Q()
    for days in WARN_DAYS:
        ahead = timedelta(days=days)
        not_yet = Q(warned_days=None) | Q(warned_days__gt=days)
        near |= not_yet & Q(expires_at__lte=now + ahead, expires_at__gt=F("granted_at") + ahead)
    running = Delegation.objects.filter(ended_at=None, expires_at__gte=now, expires_at__lte=now + WARNED_FROM)
    return running.filter(near, customer__is_active=True, partner__is_active=True)


def global_admins_of(organisation_id: int) -> QuerySet[Person]:
    """The active global admins of an organisation, who decide about its people and partners."""
    holding = RoleGrant.objects.filter(person=OuterRef("pk"), role="global_admin")
    people = Person.objects.filter(Exists(holding), organisation=organisation_id, is_active=True, is_service=False)
    return people.order_by("pk")


def people_acting_under(delegation: Delegation) -> QuerySet[Person]:
    """The partner's people whom a delegation concerns: its global admins, and who has acted under it."""
    acted = Event.objects.filter(delegation=delegation.pk)
    leading = Q(role_grants__role="global_admin") | Q(pk__in=acted.values("actor"))
    people = Person.objects.filter(leading, role_grants__isnull=False, organisation=delegation.partner_id)
    return people.filter(is_active=True, is_service=False).distinct().order_by("pk")


def delegates_to_be(actor: Actor) -> QuerySet[Person]:
    """The people whom the actor's organisation, a partner, can let act for a customer: they hold a role there."""
    return people_of(actor).filter(Exists(RoleGrant.objects.filter(person=OuterRef("pk"))), is_active=True)


def visible_delegations(actor: Actor) -> QuerySet[Delegation]:
    """The delegations that the organisation granted or holds, over ones too; on behalf of a customer, the one (P-5)."""
    both = Delegation.objects.select_related("customer", "partner", "granted_by")
    both = both.prefetch_related("assignments__person")
    if actor.on_behalf_of_id is not None:
        return both.filter(pk=actor.delegation_id or 0)
    granted, held = Q(customer=actor.organisation_id or 0), Q(partner=actor.organisation_id or 0)
    if may(actor, "assign_delegates"):
        return both.filter(granted | held)
    named = DelegationAssignment.objects.filter(person=actor.person_id or 0).values("delegation")
    return both.filter(granted | (held & (Q(for_everybody=True) | Q(pk__in=named))))


def visible_delegation(actor: Actor, delegation_id: int) -> Delegation:
    """One delegation that the organisation granted or holds, or DelegationNotFound (P-5)."""
    try:
        return visible_delegations(actor).get(pk=delegation_id)
    except Delegation.DoesNotExist:
        raise DelegationNotFound from None


def sees_delegates(actor: Actor, delegation: Delegation) -> bool:
    """Whether the actor may see who acts under a delegation: they lead the partner that holds it."""
    return delegation.partner_id == actor.organisation_id and may(actor, "assign_delegates")


def delegation_version(actor: Actor, delegation: Delegation) -> int:
    """The version of a delegation as this actor sees it; the customer's is not touched by whom the partner names."""
    named = delegation.assignments.all() if sees_delegates(actor, delegation) else ()
    people = sorted((row.person_id, sorted(row.duties)) for row in named)
    return version_from(delegation.ended_at, delegation.for_everybody, people)


def ask_version(ask: DelegationAsk, *, now: datetime) -> int:
    """The version of an ask: what has come of it at `now`, the same to both sides."""
    return version_from(state_of_ask(ask, now=now), ask.answer)


def over(delegations: QuerySet[Delegation], *, now: datetime) -> QuerySet[Delegation]:
    """Those of them that no longer count at `now`."""
    return delegations.filter(Q(ended_at__lte=now) | Q(expires_at__lt=now))


def is_over(delegation: Delegation, *, now: datetime) -> bool:
    """Whether it no longer counts at `now`, swept or not (P-4)."""
    return delegation.expires_at < now or (delegation.ended_at is not None and delegation.ended_at <= now)


def granted_delegation(actor: Actor, delegation_id: int) -> Delegation:
    """One delegation that the organisation granted, or DelegationNotFound (P-5)."""
    found = visible_delegation(actor, delegation_id)
    if found.customer_id != actor.organisation_id or actor.on_behalf_of_id is not None:
        raise DelegationNotFound
    return found


def visible_ask(actor: Actor, ask_id: int) -> DelegationAsk:
    """One ask that the organisation made or received, or DelegationAskNotFound (P-5)."""
    ask = asks_made(actor).filter(pk=ask_id).first() or asks_received(actor).filter(pk=ask_id).first()
    if ask is None:
        raise DelegationAskNotFound
    return ask


def events_under(delegation: Delegation) -> QuerySet[Event]:
    """What the partner's people did under a delegation, by an index over it (PA-1, P-10)."""
    done = Event.objects.filter(delegation=delegation.pk, internal=False)
    return done.select_related("actor")


def customer_addressed(address: str) -> Organisation | None:
    """The open organisation by its short name, or by a mail domain that it has proved to be its own (PA-1)."""
    proved = MailDomain.objects.filter(state=DomainState.CONFIRMED, name=address)
    return Organisation.objects.filter(
        Q(slug=address) | Q(pk__in=proved.values("organisation")), is_active=True
    ).first()


def asks_made(actor: Actor) -> QuerySet[DelegationAsk]:
    """What the actor's organisation asked customers for; nobody asks on behalf of a customer."""
    own = actor.organisation_id if actor.on_behalf_of_id is None else None
    return DelegationAsk.objects.filter(partner=own or 0).select_related("partner", "asked_by", "delegation__customer")


def asks_received(actor: Actor) -> QuerySet[DelegationAsk]:
    """What partners ask the actor's organisation for."""
    own = actor.organisation_id if actor.on_behalf_of_id is None else None
    return DelegationAsk.objects.filter(customer=own or 0).select_related("partner", "asked_by", "settled_by")


def open_asks(asks: QuerySet[DelegationAsk], *, now: datetime) -> QuerySet[DelegationAsk]:
    """Those of them that are open at `now`, swept or not (P-4)."""
    return asks.filter(state=DelegationAskState.OPEN, lapses_at__gte=now)


def state_of_ask(ask: DelegationAsk, *, now: datetime) -> str:
    """The state that counts at `now`: open through the last instant, whatever the column says (P-4)."""
    is_over = ask.state == DelegationAskState.OPEN and ask.lapses_at < now
    return DelegationAskState.LAPSED.value if is_over else ask.state


def askers_of(ask: DelegationAsk) -> QuerySet[Person]:
    """Whoever asked, as long as they are of the partner and hold a role there."""
    return Person.objects.filter(
        Exists(RoleGrant.objects.filter(person=OuterRef("pk"))),
        pk=ask.asked_by_id,
        organisation=ask.partner_id,
        is_active=True,
    )


def delegations_granted_by(organisation_id: int, *, now: datetime) -> QuerySet[Delegation]:
    """The delegations of a customer that count at `now`, by partner (PA-1)."""
    granted = live_delegations(now=now).filter(customer=organisation_id)
    return granted.select_related("partner", "granted_by").order_by("partner__name", "pk")


def sessions_of(person: Person, *, now: datetime) -> QuerySet[PersonSession]:
    """The person's sessions that are still open, the last used first."""
    return PersonSession.objects.filter(person=person, expire_date__gt=now).order_by("-seen_at", "session_key")
