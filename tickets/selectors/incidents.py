"""Reads of incidents, always for somebody: support staff all of them, customers those that concern them (P-5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.permissions import may
from tickets.errors import IncidentNotFound
from tickets.incidents import concerns, services_of
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import Incident, IncidentFollow, IncidentUpdate, ServiceRequest
from tickets.models.incidents import OPEN_INCIDENTS
from tickets.models.requests import OPEN_STATES
from tickets.selectors.visibility import visible_requests

MOST_OPEN = 50  # that pages and previews look at
NOTICED_BEFORE = timedelta(days=1)  # customers notice some things before the desk knows when they began


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which incidents concern a customer: the plans that they subscribe to, and their country."""

    plans: frozenset[str] = frozenset()
    country: str = ""

    def is_concerned_by(self, incident: Incident) -> bool:
        """Whether the incident touches a service that they pay for, where they are."""
        return concerns(
            services=incident.services, countries=incident.countries, plans=self.plans, country=self.country
        )


def visible_incidents(actor: Actor, *, now: datetime, standing: Standing | None = None) -> QuerySet[Incident]:
    """The incidents that exist for this actor, open or over (P-5).

    For customers: of a service that a running subscription contains, in their country, or with a request of theirs that
    belongs to it. `standing` is theirs, where it has been asked for.
    """
    if not may(actor, "read_incidents"):
        return Incident.objects.none()
    if actor.is_staff:
        return Incident.objects.all()
    linked = Exists(visible_requests(actor).filter(incident=OuterRef("pk")))
    return Incident.objects.filter(linked | _concerning(standing or standing_of(actor.organisation_id, now=now)))


def incident_of(actor: Actor, number: str, *, now: datetime) -> Incident:
    """One incident, or IncidentNotFound (P-5)."""
    try:
        return visible_incidents(actor, now=now).get(number=number)
    except Incident.DoesNotExist:
        raise IncidentNotFound(number) from None


def narrowed(
    incidents: QuerySet[Incident], *, is_open: bool | None = None, states: Collection[str] = (), service: str = ""
) -> QuerySet[Incident]:
    """Those that pass every filter; what is left out narrows nothing."""
    if is_open is not None:
        still_open = Q(state__in=OPEN_INCIDENTS)
        incidents = incidents.filter(still_open if is_open else ~still_open)
    if states:
        incidents = incidents.filter(state__in=sorted(states))
    return incidents.filter(services__contains=[service]) if service else incidents


def with_last_words(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """The same, each with the text of its last public update as `last_words`."""
    public = IncidentUpdate.objects.filter(incident=OuterRef("pk"), internal=False).order_by("-id")
    return incidents.annotate(last_words=Subquery(public.values("body")[:1]))


def known_incidents(actor: Actor, *, now: datetime, service: str = "") -> list[Incident]:
    """The open incidents that this actor should know of, newest first, of one service if it is named.

    One query as long as nothing is the matter anywhere; two more for customers when something is.
    """
    if not may(actor, "read_incidents"):
        return []
    rows = narrowed(Incident.objects.all(), is_open=True, service=service)
    found = list(with_last_words(rows).order_by("-id")[:MOST_OPEN])
    if not found or actor.is_staff:
        return found
    standing = standing_of(actor.organisation_id, now=now)
    linked = set(visible_requests(actor).filter(incident__in=found).values_list("incident", flat=True))
    return [row for row in found if row.pk in linked or standing.is_concerned_by(row)]


def updates_of(actor: Actor, incident: Incident, *, internal: bool = True) -> QuerySet[IncidentUpdate]:
    """What was said about it, oldest first; internal notes pass a second gate, which `internal` can close.

    They are for who works on requests or declares incidents: an account manager's reach ends with their customers.
    """
    rows = IncidentUpdate.objects.filter(incident=incident).select_related("author").order_by("id")
    theirs = may(actor, "link_incident") or may(actor, "declare_incident")
    return rows if internal and theirs else rows.filter(internal=False)


def linked_requests(actor: Actor, incident: Incident) -> QuerySet[ServiceRequest]:
    """The requests that belong to an incident, as far as the actor may see them (P-5)."""
    rows = visible_requests(actor).filter(incident=incident)
    return rows.select_related("organisation", "service", "assignee").order_by("-id")


def candidates(actor: Actor, incident: Incident) -> QuerySet[ServiceRequest]:
    """Open requests about its services, filed since about it began, that belong to no incident yet; newest first."""
    rows = visible_requests(actor).filter(
        state__in=OPEN_STATES,
        incident=None,
        service__code__in=incident.services,
        created_at__gte=incident.started_at - NOTICED_BEFORE,
    )
    if incident.countries:
        rows = rows.filter(organisation__country__in=incident.countries)
    return rows.select_related("organisation", "service", "assignee").order_by("-created_at", "-id")


def follows(actor: Actor, incident: Incident) -> bool:
    """Whether the actor hears of its updates: by choice, or as the contact of a request that belongs to it."""
    mine = IncidentFollow.objects.filter(
        incident=incident, person=actor.person_id or 0, organisation=actor.organisation_id or 0
    )
    chosen = mine.values_list("following", flat=True).first()
    if chosen is not None:
        return chosen
    return visible_requests(actor).filter(incident=incident, primary_contact=actor.person_id or 0).exists()


def standing_of(organisation_id: int | None, *, now: datetime) -> Standing:
    """What decides which incidents concern one customer, in one query."""
    return standings_of([organisation_id or 0], now=now).get(organisation_id or 0, Standing())


def standings_of(organisations: Iterable[int], *, now: datetime) -> dict[int, Standing]:
    """The same of several customers; those without a running subscription are left out."""
    rows: Sequence[tuple[int, str, str]] = list(
        accounts.all_running_subscriptions(now=now)
        .filter(organisation__in=list(organisations))
        .values_list("organisation_id", "plan__code", "organisation__country")
    )
    found: dict[int, Standing] = {}
    for organisation, plan, country in rows:
        known = found.get(organisation)
        found[organisation] = Standing((known.plans if known else frozenset()) | {plan}, country)
    return found


def concerned_of(organisations: Collection[int], incident: Incident, *, now: datetime) -> set[int]:
    """Those of these organisations that an incident concerns: they pay for what it touches, or have a request of it.

    Only requests that can still be worked on count, as for the mails about it. In two queries.
    """
    standings = standings_of(organisations, now=now)
    paying = {organisation for organisation, each in standings.items() if each.is_concerned_by(incident)}
    linked = requests_going_on(incident, now=now).filter(organisation__in=list(organisations))
    return paying | set(linked.order_by().values_list("organisation", flat=True).distinct())


def requests_going_on(incident: Incident, *, now: datetime) -> QuerySet[ServiceRequest]:
    """The requests of anybody that belong to an incident and are not archived; nothing that a person may be shown."""
    going_on = Q(closed_at=None) | Q(closed_at__gte=now - REOPEN_WINDOW)
    return ServiceRequest.objects.filter(going_on, incident=incident)


def _concerning(standing: Standing) -> Q:
    """The same decision as `Standing.is_concerned_by`, for the database."""
    theirs = services_of(standing.plans)
    near = Q(countries=[]) | Q(countries__contains=[standing.country])
    return near if theirs is None else near & Q(services__overlap=sorted(theirs))
