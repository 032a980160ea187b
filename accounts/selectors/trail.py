"""Reading the audit trail: whose events somebody may read, narrowed by what they ask for, newest first (P-10, P-5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts import permissions
from accounts.actors import Actor
from accounts.audit import personal_values
from accounts.errors import OrganisationNotFound
from accounts.models import DESK, Delegation, Event, HeadSubscription, Organisation, Person
from accounts.pseudonyms import pseudonym

ORDER = ("-recorded_at", "-id")
OWN, PARTNERS, SUPPORT, PORTAL = "own", "partners", "support", "portal"
ACTED_BY = (OWN, PARTNERS, SUPPORT, PORTAL)
CUSTOMERS, INTERNAL = "customers", "desk"
RELATED = ("actor", "on_behalf_of", "organisation", "seal")
NAMED_BY_ID = ("person", "assignee", "primary_contact")  # keys of `data` that hold people
MOST_NAMESAKES = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to narrow the trail to; empty means everything. `organisation` and `records` are for support staff."""

    kinds: Collection[str] = ()
    actor: str = ""  # a mail address, a name or an id
    acted_by: str = ""
    number: str = ""
    request_id: str = ""
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None  # exclusive
    organisation: str = ""
    records: str = ""  # CUSTOMERS or INTERNAL
    told: Mapping[str, str] = field(default_factory=dict)  # as it was typed, for the record of an export

    @property
    def narrows(self) -> bool:
        """Whether anything but the time is asked for."""
        return bool(self.kinds or self.actor or self.acted_by or self.number or self.request_id or self.address)


def visible_events(actor: Actor) -> QuerySet[Event]:
    """The events that the actor may read: of their own organisation and not internal, or all of them for staff.

    Raises NotPermitted.
    """
    permissions.require(actor, "read_audit")
    if actor.is_staff:
        return Event.objects.all()
    if actor.organisation_id is None or actor.on_behalf_of_id is not None:
        raise OrganisationNotFound
    return Event.objects.filter(organisation=actor.organisation_id, internal=False)


def narrowing(actor: Actor, wanted: Wanted) -> Q:
    """The condition of what is wanted, on events; raises OrganisationNotFound for staff who name one that is not."""
    found = Q()
    if wanted.kinds:
        found &= Q(kind__in=sorted(wanted.kinds))
    if wanted.number:
        found &= Q(number=wanted.number)
    if wanted.request_id:
        found &= Q(request_id=wanted.request_id)
    if wanted.address:
        found &= Q(address=pseudonym(wanted.address)) & _addresses_shown_to(actor)
    if wanted.since:
        found &= Q(recorded_at__gte=wanted.since)
    if wanted.until:
        found &= Q(recorded_at__lt=wanted.until)
    if wanted.actor:
        found &= Q(actor__in=_people(actor, wanted.actor))
    if wanted.acted_by:
        found &= _acted_by(wanted.acted_by)
    return found & _of_staff(wanted) if actor.is_staff else found


def trail(actor: Actor, wanted: Wanted) -> QuerySet[Event]:
    """The events that the actor may read and asks for, with what a page shows of each. Raises as those two do."""
    return visible_events(actor).filter(narrowing(actor, wanted)).select_related(*RELATED)


def chain_wanted(actor: Actor, wanted: Wanted) -> int | None:
    """The chain that lies under what is wanted; None where staff ask for more than one."""
    if not actor.is_staff:
        return actor.organisation_id
    if wanted.records == INTERNAL:
        return DESK
    if wanted.records == CUSTOMERS and wanted.organisation:
        return Organisation.objects.get(slug=wanted.organisation).pk
    return None


def of_chain(chain: int) -> Q:
    """The condition on events of being in this chain, as the trigger decides it that queues them."""
    if chain == DESK:
        return Q(internal=True) | Q(organisation=None)
    return Q(internal=False, organisation=chain)


def name_of_chain(chain: int) -> str:
    """What exports and mails call a chain."""
    return "desk" if chain == DESK else Organisation.objects.values_list("slug", flat=True).get(pk=chain)


def shows_address(event: Event, actor: Actor) -> bool:
    """Whether the reader may know from where it was done; customers never learn where support staff sit."""
    return actor.is_staff or not (event.actor and event.actor.is_staff)


def addresses_of(events: Iterable[Event], actor: Actor) -> dict[int, str]:
    """The clear addresses by event, as far as the reader may know them and nobody has had them erased."""
    shown = [event for event in events if event.address and shows_address(event, actor)]
    clear = personal_values.clear_forms((event.actor_id, event.address) for event in shown)
    return {event.pk: clear.get((event.actor_id, event.address), "") for event in shown}


def people_named(events: Iterable[Event]) -> dict[int, str]:
    """The names of the people that the events are about, by id, in one query."""
    ids = {each for event in events for each in _ids_in(event.data)}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def organisations_named(events: Iterable[Event]) -> dict[int, str]:
    """The names of the partners that the events are about, by id, in one query."""
    ids = {event.data["partner"] for event in events if isinstance(event.data.get("partner"), int)}
    return dict(Organisation.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def subscribed_to_head(actor: Actor, chain: int) -> bool:
    """Whether the actor is mailed the head of this chain each day."""
    subscriptions = HeadSubscription.objects.filter(person=actor.person_id, organisation=chain or None)
    return subscriptions.exists()


def _ids_in(data: Mapping[str, object]) -> set[int]:
    parts = [data, *(part for end in ("from", "to") if isinstance(part := data.get(end), dict))]
    return {part[key] for part in parts for key in NAMED_BY_ID if isinstance(part.get(key), int)}


def _of_staff(wanted: Wanted) -> Q:
    found = Q()
    if wanted.organisation:
        organisation = Organisation.objects.filter(slug=wanted.organisation).values_list("pk", flat=True).first()
        if organisation is None:
            raise OrganisationNotFound
        found &= Q(organisation=organisation)
    if wanted.records == INTERNAL:
        found &= of_chain(DESK)
    elif wanted.records == CUSTOMERS:
        found &= Q(internal=False, organisation__isnull=False)
    return found


def _acted_by(who: str) -> Q:
    if who == PARTNERS:
        return Q(on_behalf_of__isnull=False)
    if who == SUPPORT:
        return Q(actor__is_staff=True)
    if who == PORTAL:
        return Q(actor=None)
    return Q(actor__is_staff=False, on_behalf_of=None)


def _addresses_shown_to(actor: Actor) -> Q:
    return Q() if actor.is_staff else Q(actor=None) | Q(actor__is_staff=False)


def _people(actor: Actor, sought: str) -> list[int]:
    """Ids of whoever is sought: by id, by mail address (customers know their own people's only), or by name."""
    if sought.isascii() and sought.isdigit():
        return [int(sought)] if len(sought) < 10 else []
    if "@" in sought:
        people = Person.objects.filter(email=sought.lower())
        return list((people if actor.is_staff else people.filter(_known_to(actor))).values_list("pk", flat=True))
    people = Person.objects.filter(name__icontains=sought)
    if not actor.is_staff:
        people = people.filter(_known_to(actor) | Q(is_staff=True))
    return list(people.order_by("pk").values_list("pk", flat=True)[:MOST_NAMESAKES])


def _known_to(actor: Actor) -> Q:
    """People of the organisation, and those of partners it has ever appointed."""
    appointed = Delegation.objects.filter(customer=actor.organisation_id).values("partner")
    return Q(organisation=actor.organisation_id) | Q(organisation__in=appointed)
