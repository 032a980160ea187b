"""Incidents of services: who sees them, who hears of them, and what they leave alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.errors import NotPermitted
from accounts.models import Delivery, Event, Organisation, Person, RoleGrant
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets import incidents as rules
from tickets.errors import (
    IllegalIncidentAct,
    IllegalTransition,
    IncidentNotFound,
    InvalidIncident,
    RequestNotFound,
    VersionMismatch,
)
from tickets.incidents import IncidentState
from tickets.models import Commitment, Incident, IncidentUpdate, ServiceRequest, Timer
from tickets.numbers import LARGEST_OF_YEAR, incident_number_of
from tickets.selectors import incidents as selectors
from tickets.services import incidents as services
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import reply_publicly
from tickets.services.incident_links import link_incident
from tickets.services.incidents import Declaration
from tickets.services.relay import relay_all
from tickets.services.sweeping import sweep

HOUR = timedelta(hours=1)
NEWS = "A queue of the transport is full; we drain it."


@pytest.fixture
def lead(db: None) -> Actor:
    return factories.actor(factories.make_staff("team_lead"))


def declared(lead: Actor, *, now: datetime | None = None, **changes: Any) -> Incident:
    usual: dict[str, Any] = {
        "title": "Mail is down",
        "services": ["exchange_online"],
        "impact": "outage",
        "body": "We are looking for the cause.",
    }
    return services.declare_incident(declaration=Declaration(**{**usual, **changes}), actor=lead, now=now)


def told(incident: Incident) -> set[int]:
    """Whoever has a notice about it."""
    rows = Delivery.objects.filter(notice="incident_news", context__incident=incident.number)
    return {person for person in rows.values_list("person", flat=True) if person}


def admin_of(organisation: Organisation, *roles: str) -> Actor:
    return factories.actor(factories.make_person(organisation, *(roles or ("global_admin",))))


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", IncidentState)
@pytest.mark.parametrize("to", IncidentState)
def test_an_update_leads_wherever_the_table_says(state, to):
    """What is resolved is written on once more, or investigated again; everything else is open to every state."""
    lawful = state != "resolved" or to in ("resolved", "investigating")
    if lawful:
        assert rules.advance(state, to) == to
    else:
        with pytest.raises(IllegalIncidentAct):
            rules.advance(state, to)


@pytest.mark.parametrize(
    ("plans", "services_", "country", "concerned"),
    [
        ({"office_365_e3"}, ["exchange_online"], "TW", True),
        ({"a_plan_of_tomorrow"}, ["exchange_online"], "TW", True),
        ({"sharepoint_online_plan_1"}, ["exchange_online"], "TW", False),
        ({"sharepoint_online_plan_1"}, ["exchange_online", "sharepoint_online"], "TW", True),
        ({"sharepoint_online_plan_1", "exchange_online_kiosk"}, ["exchange_online"], "TW", True),
        ({"sharepoint_online_plan_1"}, ["identity"], "TW", True),
        ({"business_basic"}, ["microsoft_365_apps"], "TW", False),
        ({"office_365_e3"}, ["exchange_online"], "JP", False),
        (set(), ["identity"], "TW", False),
    ],
)
def test_an_incident_concerns_whoever_pays_for_what_it_touches_where_it_does(plans, services_, country, concerned):
    """P-5: in plain values, and the same for the database below"""
    found = rules.concerns(services=services_, countries=["TW"], plans=plans, country=country)

    assert found is concerned


def test_every_plan_that_lacks_a_service_is_one_that_there_is(db):
    from accounts.models import Plan
    from tickets.models import Service

    assert set(rules.SERVICES_OF_PLAN) <= set(Plan.objects.values_list("code", flat=True))
    named = rules.OF_EVERYBODY.union(*rules.SERVICES_OF_PLAN.values())
    assert named == set(Service.objects.values_list("code", flat=True))


def test_no_two_incidents_of_a_year_share_a_number():
    """A permutation, and no measure of how many there are"""
    numbers = {incident_number_of(position, year=2026, key="k") for position in range(LARGEST_OF_YEAR)}

    assert len(numbers) == LARGEST_OF_YEAR
    assert all(len(number) == 14 and number.startswith("INC-2026-") for number in numbers)
    assert incident_number_of(0, year=2027, key="k")[9:] != incident_number_of(0, year=2026, key="k")[9:]


# ── Who sees it ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("plan", ["office_365_e3", "sharepoint_online_plan_1"])
@pytest.mark.parametrize("countries", [[], ["TW"], ["JP"]])
def test_a_customer_sees_what_concerns_them_and_nothing_else(lead, plan, countries):
    """P-5: list, banner and page decide alike"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation, plan)
    reader = admin_of(organisation, "reader")
    incident = declared(lead, countries=countries)
    concerned = plan == "office_365_e3" and countries != ["JP"]

    now = incident.declared_at
    assert selectors.visible_incidents(reader, now=now).exists() is concerned
    assert bool(selectors.known_incidents(reader, now=now)) is concerned
    assert bool(selectors.known_incidents(reader, now=now, service="exchange_online")) is concerned
    assert not selectors.known_incidents(reader, now=now, service="domains")
    if not concerned:
        with pytest.raises(IncidentNotFound):
            selectors.incident_of(reader, incident.number, now=now)


def test_what_a_subscription_no_longer_contains_is_nobodys(lead, admin, organisation):
    """P-6, P-4: by the instant, to the microsecond"""
    incident = declared(lead)
    end = incident.declared_at + HOUR
    organisation.subscriptions.update(ends_at=end)

    before, after = (selectors.visible_incidents(admin, now=end + timedelta(microseconds=step)) for step in (-1, 0))
    assert (before.exists(), after.exists()) == (True, False)


def test_end_users_see_none(lead, organisation):
    """SH-2"""
    user = factories.actor(factories.make_person(organisation))
    incident = declared(lead)

    assert not selectors.visible_incidents(user, now=incident.declared_at).exists()
    assert selectors.known_incidents(user, now=incident.declared_at) == []


def test_a_request_that_belongs_to_it_shows_it_and_no_other_customers_request_ever(lead, engineer):
    """P-5: an incident that is not of their services, linked all the same; the linked list passes the gate"""
    admins = []
    for _ in range(2):
        organisation = factories.make_organisation()
        factories.make_subscription(organisation, "sharepoint_online_plan_1")
        admins.append(admin_of(organisation))
    ours, theirs = (making.filed(admin, now=MONDAY) for admin in admins)
    incident = declared(lead, now=MONDAY)
    link_incident(number=ours.number, incident_number=incident.number, actor=engineer, now=MONDAY + HOUR)

    assert selectors.known_incidents(admins[0], now=MONDAY + HOUR) == [incident]
    assert list(selectors.linked_requests(admins[0], incident)) == [ours]
    assert selectors.known_incidents(admins[1], now=MONDAY + HOUR) == []
    link_incident(number=theirs.number, incident_number=incident.number, actor=engineer, now=MONDAY + HOUR)
    assert list(selectors.linked_requests(admins[1], incident)) == [theirs]
    assert list(selectors.linked_requests(engineer, incident)) == [theirs, ours]


def test_notes_of_the_desk_stay_with_the_desk(lead, admin, engineer):
    """P-5, the second gate"""
    incident = declared(lead)
    services.note_on_incident(number=incident.number, body="The cable was cut.", actor=lead)

    assert [row.internal for row in selectors.updates_of(engineer, incident)] == [False, True]
    assert [row.internal for row in selectors.updates_of(admin, incident)] == [False]
    assert [row.internal for row in selectors.updates_of(engineer, incident, internal=False)] == [False]
    assert selectors.with_last_words(Incident.objects.all()).get().last_words == "We are looking for the cause."
    assert told(incident) == set()


def test_looking_for_what_is_known_costs_one_query_while_nothing_is_the_matter(lead, admin):
    """STYLE section 5: and the same for one incident as for ten"""
    costs = []
    for amount in (0, 1, 9):
        for _ in range(amount):
            incident = declared(lead)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            selectors.known_incidents(admin, now=datetime.now(UTC))
        costs.append(len(queries))
    assert costs == [1, 3, 3]
    assert incident


# ── What the desk does ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_incident_goes_its_way_and_comes_back(lead):
    """P-10"""
    incident = declared(lead, now=MONDAY, started_at=MONDAY - HOUR)
    number = incident.number
    for hours, state in enumerate(("identified", "monitoring", "resolved", "investigating"), start=1):
        services.update_incident(number=number, body=NEWS, state=state, actor=lead, now=MONDAY + hours * HOUR)
        incident.refresh_from_db()
        assert incident.resolved_at == (MONDAY + 3 * HOUR if state == "resolved" else None)
    over = MONDAY + 4 * HOUR
    services.update_incident(
        number=number, body=NEWS, state="resolved", resolved_at=over, actor=lead, now=MONDAY + 5 * HOUR
    )
    services.update_incident(number=number, body="How it came about: …", actor=lead, now=MONDAY + 9 * HOUR)

    incident.refresh_from_db()
    assert (incident.state, incident.resolved_at, incident.version) == ("resolved", over, 7)
    kinds = Event.objects.filter(data__incident=number).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "incident_declared", "incident_updated", "incident_updated", "incident_resolved", "incident_updated",
        "incident_resolved", "incident_updated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"services": []}, "services"),
        ({"services": ["exchange_online", "teleport"]}, "services"),
        ({"impact": "catastrophe"}, "impact"),
        ({"state": "resolved"}, "state"),
        ({"started_at": MONDAY + timedelta(microseconds=1)}, "started_at"),
        ({"countries": ["Taiwan"]}, "countries"),
    ],
)
def test_what_cannot_be_an_incident_is_refused_by_field(lead, changes, field):
    with pytest.raises(InvalidIncident) as refusal:
        declared(lead, now=MONDAY, **changes)

    assert refusal.value.field == field
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"state": "resolved", "resolved_at": MONDAY + HOUR + timedelta(microseconds=1)}, "future"),
        ({"state": "resolved", "resolved_at": MONDAY - timedelta(microseconds=1)}, "out_of_order"),
        ({"state": "monitoring", "resolved_at": MONDAY + HOUR}, "not_resolved"),
        ({"state": "gone"}, "unknown_choice"),
    ],
)
def test_an_end_that_cannot_be_is_refused(lead, given, fault):
    """Both sides: at the very now, and at the very beginning, it can"""
    incident = declared(lead, now=MONDAY)
    with pytest.raises(InvalidIncident) as refusal:
        services.update_incident(number=incident.number, body=NEWS, actor=lead, now=MONDAY + HOUR, **given)
    assert refusal.value.fault == fault
    for at in (MONDAY + HOUR, MONDAY):
        update = services.update_incident(
            number=incident.number, body=NEWS, state="resolved", resolved_at=at, actor=lead, now=MONDAY + HOUR
        )
        assert update.incident.resolved_at == at


def test_particulars_are_put_right_on_record_and_only_where_they_differ(lead):
    """P-10"""
    incident = declared(lead, now=MONDAY)
    change = {"impact": "degradation", "services": ["sharepoint_online", "exchange_online"], "title": "Slow"}
    changed = services.change_incident(number=incident.number, changes=change, actor=lead, version=1)
    again = services.change_incident(number=incident.number, changes=change, actor=lead)

    assert (changed.services, again.version) == (["exchange_online", "sharepoint_online"], 2)
    event = Event.objects.get(kind="incident_changed")
    assert event.data["fields"] == ["impact", "services", "title"]
    assert (event.data["from"]["impact"], event.data["to"]["impact"], "title" in event.data["to"]) == (
        "outage", "degradation", False,
    )  # fmt: skip
    with pytest.raises(VersionMismatch):
        services.update_incident(number=incident.number, body=NEWS, actor=lead, version=1)


def test_what_must_never_be_false_is_held_by_the_database(lead):
    incident = declared(lead)
    for lie in (
        {"state": "resolved"},
        {"resolved_at": incident.started_at},
        {"services": []},
        {"number": "2026-00012"},
        {"impact": "none"},
        {"started_at": incident.declared_at + HOUR},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.update(**lie)


def test_engineers_link_and_customers_read(lead, admin, engineer, open_request):
    """RO-1, RO-3: who may do what is the table's; the services ask it"""
    incident = declared(lead)
    for actor in (admin, engineer):
        with pytest.raises(NotPermitted):
            declared(actor)
        with pytest.raises(NotPermitted):
            services.update_incident(number=incident.number, body=NEWS, actor=actor)
    with pytest.raises(NotPermitted):
        link_incident(number=open_request.number, incident_number=incident.number, actor=admin)
    with pytest.raises(NotPermitted):
        services.follow_incident(number=incident.number, following=True, actor=engineer)


# ── Requests that belong to it ──────────────────────────────────────────────────────────────────────────────────────


def standing(request: ServiceRequest) -> list[Any]:
    """All that an incident must leave alone."""
    row = ServiceRequest.objects.get(pk=request.pk)
    promises = Commitment.objects.filter(request=row).order_by("id").values()
    timers = Timer.objects.filter(request=row).order_by("id").values()
    return [row.state, row.severity, row.due_at, row.queue_at, row.responded_at, list(promises), list(timers)]


def test_neither_linking_nor_news_answers_a_request_or_moves_its_promise(lead, engineer, open_request):
    """SLA-1: an initial response is a support engineer's on this request; a notice is none"""
    before = standing(open_request)
    incident = declared(lead, now=MONDAY)
    for at, act in enumerate((incident.number, None, incident.number), start=1):
        link_incident(
            number=open_request.number, incident_number=act, actor=engineer, now=MONDAY + timedelta(minutes=at)
        )
    for at, state in ((10, "identified"), (20, "resolved")):
        services.update_incident(
            number=incident.number, body=NEWS, state=state, actor=lead, now=MONDAY + timedelta(minutes=at)
        )

    assert standing(open_request) == before
    sweep(now=open_request.due_at + timedelta(minutes=1))
    assert Commitment.objects.get(request=open_request).breached_at == open_request.due_at


def test_a_response_on_the_request_keeps_the_promise_of_a_linked_one(lead, engineer, open_request):
    """SLA-1, the neighbour"""
    incident = declared(lead, now=MONDAY)
    link_incident(number=open_request.number, incident_number=incident.number, actor=engineer, now=MONDAY)
    reply_publicly(number=open_request.number, actor=engineer, body="We know.", now=MONDAY + HOUR)

    assert Commitment.objects.get(request=open_request).responded_at == MONDAY + HOUR


def test_a_request_belongs_to_one_incident_and_its_contact_is_told_once(lead, engineer, open_request, admin):
    """P-10, P-2"""
    first, second = declared(lead), declared(lead)
    for number in (first.number, first.number, second.number, None, None):
        linked = link_incident(number=open_request.number, incident_number=number, actor=engineer)

    assert (linked.incident, linked.version) == (None, 4)
    events = Event.objects.filter(number=open_request.number, kind__startswith="incident_").order_by("id")
    assert [(event.kind, event.data["from"], event.data["to"]) for event in events] == [
        ("incident_linked", None, first.number),
        ("incident_linked", first.number, second.number),
        ("incident_unlinked", second.number, None),
    ]
    notices = Delivery.objects.filter(notice="incident_linked", channel="mail", person=admin.person_id)
    assert notices.count() == 2


def test_what_is_closed_or_out_of_reach_is_not_linked(lead, closed_request):
    """RO-1, CH-4"""
    incident = declared(lead)
    engineer, billing = (factories.actor(factories.make_staff(role)) for role in ("engineer", "billing_specialist"))
    with pytest.raises(IllegalTransition):
        link_incident(number=closed_request.number, incident_number=incident.number, actor=engineer)
    with pytest.raises(RequestNotFound):
        link_incident(number=closed_request.number, incident_number=incident.number, actor=billing)


def test_an_incident_that_is_none_links_nothing(engineer, open_request):
    with pytest.raises(IncidentNotFound):
        link_incident(number=open_request.number, incident_number="INC-2026-00001", actor=engineer)


def test_candidates_are_open_requests_about_its_services_since_about_it_began(lead, engineer, admin, open_request):
    """At 3 a.m.: one page of what most likely belongs to it"""
    at = MONDAY + selectors.NOTICED_BEFORE
    found, late = declared(lead, now=at), declared(lead, now=at + timedelta(microseconds=1))
    elsewhere = declared(lead, now=MONDAY, services=["sharepoint_online"])
    abroad = declared(lead, now=MONDAY, countries=["JP"])

    assert [list(selectors.candidates(engineer, each)) for each in (found, late, elsewhere, abroad)] == [
        [open_request], [], [], [],
    ]  # fmt: skip
    link_incident(number=open_request.number, incident_number=found.number, actor=engineer, now=at)
    assert list(selectors.candidates(engineer, found)) == []


# ── Who hears of it ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_update_reaches_contacts_and_followers_once_each(lead, engineer, admin, organisation, open_request):
    """P-2: however many of their requests belong to it; whoever neither follows nor waits hears nothing"""
    follower, other = admin_of(organisation, "reader"), admin_of(organisation, "reader")
    second = making.filed(admin)
    incident = declared(lead)
    for row in (open_request, second):
        link_incident(number=row.number, incident_number=incident.number, actor=engineer)
    services.follow_incident(number=incident.number, following=True, actor=follower)
    mail.outbox.clear()
    relay_all()
    mail.outbox.clear()

    services.update_incident(number=incident.number, body=NEWS, state="identified", actor=lead)
    relay_all()

    assert told(incident) == {admin.person_id, follower.person_id}
    assert len(mail.outbox) == 2
    assert other.person_id not in told(incident)
    texts = {message.to[0]: message.body for message in mail.outbox}
    mine = texts[Person.objects.get(pk=admin.person_id).email]
    assert NEWS in mine
    assert open_request.number in mine
    assert second.number in mine
    assert f"/incidents/{incident.number}/" in mine


def test_telling_many_organisations_costs_no_more_queries_than_telling_few(lead, engineer, organisation):
    """P-2: an outage is of hundreds of customers, and the update is written while a lead waits"""
    incident = declared(lead)

    def update() -> tuple[int, int]:
        before = Delivery.objects.count()
        with CaptureQueriesContext(connection) as queries:
            services.update_incident(number=incident.number, body=NEWS, actor=lead)
        return len(queries), Delivery.objects.count() - before

    costs = []
    for more in (1, 4):
        for n in range(more):
            customer = factories.make_organisation(f"customer-{more}-{n}")
            factories.make_subscription(customer)
            request = making.filed(admin_of(customer))
            link_incident(number=request.number, incident_number=incident.number, actor=engineer)
        costs.append(update())
    assert costs == [(costs[0][0], 2), (costs[0][0], 10)]


def test_who_unfollows_hears_nothing_though_a_request_of_theirs_belongs_to_it(lead, engineer, admin, open_request):
    incident = declared(lead)
    link_incident(number=open_request.number, incident_number=incident.number, actor=engineer)
    assert selectors.follows(admin, incident)
    services.follow_incident(number=incident.number, following=False, actor=admin)
    services.follow_incident(number=incident.number, following=False, actor=admin)

    services.update_incident(number=incident.number, body=NEWS, actor=lead)

    assert told(incident) == set()
    assert not selectors.follows(admin, incident)
    assert list(Event.objects.filter(kind__endswith="followed").values_list("kind", flat=True)) == [
        "incident_unfollowed"
    ]


def test_a_mail_that_waits_is_not_sent_to_who_may_no_longer_read_it(lead, organisation):
    """P-6: role taken, subscription over, or followed no longer, between writing and sending"""
    people = [admin_of(organisation, "reader") for _ in range(3)]
    incident = declared(lead)
    for reader in people:
        services.follow_incident(number=incident.number, following=True, actor=reader)
    services.update_incident(number=incident.number, body=NEWS, actor=lead)
    assert len(told(incident)) == 3

    RoleGrant.objects.filter(person=people[0].person_id).delete()
    services.follow_incident(number=incident.number, following=False, actor=people[1])
    mail.outbox.clear()
    relay_all()

    kept = Person.objects.get(pk=people[2].person_id).email
    assert [message.to for message in mail.outbox if NEWS in message.body] == [[kept]]


def test_for_a_contact_who_left_the_admins_hear(lead, engineer, organisation, admin, open_request):
    """RO-2, P-6"""
    incident = declared(lead)
    link_incident(number=open_request.number, incident_number=incident.number, actor=engineer)
    caretaker = admin_of(organisation, "service_support_admin")
    Person.objects.filter(pk=admin.person_id).update(is_active=False)

    services.update_incident(number=incident.number, body=NEWS, actor=lead)

    assert told(incident) == {caretaker.person_id}


def test_a_partner_follows_for_the_customer_as_long_as_it_acts_for_them(lead, organisation):
    """PA-1, P-6"""
    partner = factories.make_partner()
    delegation = factories.make_delegation(organisation, partner)
    person = factories.make_person(partner, "global_admin")
    acting = factories.actor(person, customer=organisation)
    incident = declared(lead)
    services.follow_incident(number=incident.number, following=True, actor=acting)
    services.update_incident(number=incident.number, body=NEWS, actor=lead)
    assert told(incident) == {person.pk}

    Delivery.objects.all().delete()
    delegation.ended_at = incident.declared_at
    delegation.save()
    services.update_incident(number=incident.number, body=NEWS, actor=lead)
    assert told(incident) == set()


def test_once_a_linked_request_is_archived_its_contact_hears_no_more(lead, engineer, admin, open_request):
    """CH-4, P-4: both sides of the boundary"""
    incident = declared(lead, now=MONDAY)
    link_incident(number=open_request.number, incident_number=incident.number, actor=engineer, now=MONDAY)
    ending = Ending("solved", "It flows.")
    close_request(number=open_request.number, actor=engineer, ending=ending, now=MONDAY + HOUR)
    last = MONDAY + HOUR + timedelta(days=14)

    services.update_incident(number=incident.number, body=NEWS, actor=lead, now=last + timedelta(microseconds=1))
    assert told(incident) == set()
    services.update_incident(number=incident.number, body=NEWS, actor=lead, now=last)
    assert told(incident) == {admin.person_id}


def test_a_thousand_readers_cost_few_queries(lead, engineer, organisation):
    """One update for an outage of many: rows are written together"""
    incident = declared(lead)
    costs = []
    for _ in range(2):
        for _ in range(5):
            services.follow_incident(number=incident.number, following=True, actor=admin_of(organisation, "reader"))
        with CaptureQueriesContext(connection) as queries:
            services.update_incident(number=incident.number, body=NEWS, actor=lead)
        costs.append(len(queries))

    assert costs[0] == costs[1]
    assert IncidentUpdate.objects.count() == 3
