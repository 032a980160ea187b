"""Pages of incidents: what customers see before they file, and what the desk does at three in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Event, Organisation, Person
from tests import factories
from tests.tickets import making
from tickets.models import Commitment, Incident, IncidentUpdate, ServiceRequest
from tickets.services.incident_links import link_incident
from tickets.services.incidents import Declaration, declare_incident, note_on_incident, update_incident

WORDS = "We look for the **cause**."


@pytest.fixture
def person(organisation: Organisation) -> Person:
    return factories.make_person(organisation, "global_admin", timezone="Asia/Taipei")


@pytest.fixture
def customer(person: Person) -> Client:
    return factories.browser_of(person)


@pytest.fixture
def leading(db: None) -> Person:
    return factories.make_staff("team_lead", "engineer", timezone="Europe/Berlin")


@pytest.fixture
def desk(leading: Person) -> Client:
    return factories.browser_of(leading)


@pytest.fixture
def incident(leading: Person) -> Incident:
    told = Declaration("Mail <is> down", ["exchange_online"], "outage", WORDS)
    return declare_incident(declaration=told, actor=factories.actor(leading))


def text(response: Any) -> str:
    return unescape(response.content.decode())


def drawn(desk: Client, here: str, name: str, **changes: Any) -> dict[str, Any]:
    """What a form of the page sends, with some of it typed otherwise."""
    shown = desk.get(here)
    boxes = shown.context["forms"][name]
    typed = {box.html_name: box.value() for box in boxes}
    typed["version"] = shown.context["incident"].version
    typed |= {f"{boxes.prefix}-{field}": value for field, value in changes.items()}
    start = typed.get(f"{boxes.prefix}-started_at")
    written = {f"{boxes.prefix}-started_at": f"{start:%Y-%m-%dT%H:%M}"} if isinstance(start, datetime) else {}
    return {field: value for field, value in {**typed, **written}.items() if value is not None}


def form(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Mail is down", "impact": "outage", "services": ["exchange_online"], "state": "investigating",
        "body": WORDS, "countries": "", "started_at": "", **changes,
    }  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/requests/", "/requests/new/", "/incidents/"])
def test_a_customer_sees_at_once_what_is_known(customer, incident, address):
    """CH-3, SH-1: on the first page, above their requests, and while they file"""
    page = text(customer.get(address))

    assert "Mail <is> down" in page
    assert "Mail <is> down" not in customer.get(address).content.decode(), "it is escaped"
    assert address == "/incidents/" or "We look for the cause." in page, "as plain text"


def test_whom_it_does_not_concern_sees_nothing_of_it(incident):
    """P-5"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation, "sharepoint_online_plan_1")
    browser = factories.browser_of(factories.make_person(organisation, "global_admin"))

    for address in ("/", "/requests/", "/requests/new/", "/incidents/"):
        assert incident.number not in browser.get(address).content.decode()
    for part in ("", "follow/"):
        assert browser.get(f"/incidents/{incident.number}/{part}").status_code in (302, 404)
    assert browser.get(f"/incidents/{incident.number}/").status_code == 404
    assert browser.post(f"/incidents/{incident.number}/follow/").status_code == 404


def test_the_preview_tells_of_the_chosen_service_and_files_all_the_same(customer, incident, organisation):
    """SH-1: known of this service, not of another; the words that are read aloud say so"""
    fields = {
        "category": "technical.configuration", "subject": "Nobody can send mail", "description": "Since this morning.",
        "subscription": organisation.subscriptions.get().reference, "contact_timezone": "Asia/Taipei",
        "contact_language": "en", "contact_method": "email",
    }  # fmt: skip
    ours, other = (
        text(customer.post("/requests/new/preview/", {**fields, "service": service}, headers={"HX-Request": "true"}))
        for service in ("exchange_online", "sharepoint_online")
    )

    assert incident.number in ours
    assert "A known incident may be the cause." in ours
    assert incident.number not in other
    assert customer.post("/requests/new/", {**fields, "service": "exchange_online"}).status_code == 302


def test_a_customer_follows_on_the_page_and_reads_no_notes(customer, incident, leading):
    """P-5, the second gate"""
    note_on_incident(number=incident.number, body="The cable was cut.", actor=factories.actor(leading))
    here = f"/incidents/{incident.number}/"
    assert "Stop following" not in text(customer.get(here))
    assert "You are told of every update by mail." in text(customer.post(f"{here}follow/", follow=True))
    page = text(customer.post(f"{here}unfollow/", follow=True))

    assert "You are told of no further update." in page
    assert "The cable was cut." not in page
    assert leading.name not in page
    assert customer.post(f"{here}update/", {"update-body": "x", "update-state": "resolved"}).status_code == 403
    assert customer.post(f"{here}link/", {"number": "SR-000000001"}).status_code == 403


def test_the_desk_declares_tells_and_resolves(desk, customer):
    """On the clock of the one who writes; what is wrong comes back with all that was typed"""
    wrong = desk.post("/incidents/new/", form(services=[], started_at="2099-01-01T00:00", countries="Taiwan"))
    assert wrong.status_code == 400
    assert WORDS in text(wrong)
    assert "Taiwan" in text(wrong)
    assert desk.post("/incidents/new/", form(started_at="2099-01-01T00:00")).status_code == 400
    assert not Incident.objects.exists()
    made = desk.post("/incidents/new/", form(started_at="2026-01-10T09:30", countries="tw, jp"))
    incident = Incident.objects.get()
    assert made["Location"] == f"/incidents/{incident.number}/"
    assert (incident.started_at.isoformat(), incident.countries) == ("2026-01-10T08:30:00+00:00", ["JP", "TW"])

    here = made["Location"]
    empty = desk.post(f"{here}update/", {"version": 1, "update-body": "", "update-state": "identified"})
    assert (empty.status_code, IncidentUpdate.objects.count()) == (400, 1)
    early = {"version": 1, "update-body": "Over.", "update-state": "resolved", "update-resolved_at": "2026-01-10T09:29"}
    refused = desk.post(f"{here}update/", early)
    assert refused.status_code == 400
    assert "Let it end after it began." in text(refused)
    desk.post(f"{here}note/", {"note-body": "The cable."})
    desk.post(f"{here}update/", {**early, "update-resolved_at": "2026-01-10T11:00"})
    change = {f"change-{name}": value for name, value in form(title="Mail was down", countries="").items()}
    desk.post(f"{here}change/", {"version": 2, **change})

    incident.refresh_from_db()
    assert (incident.state, incident.resolved_at.isoformat()) == ("resolved", "2026-01-10T10:00:00+00:00")
    assert (incident.title, incident.countries, incident.started_at.hour) == ("Mail was down", [], 8)
    assert "Mail was down" in text(customer.get("/incidents/?over=1"))
    assert "Mail was down" not in text(customer.get("/"))
    assert desk.post(f"{here}dance/").status_code == 404


def test_two_clicks_declare_one_incident(desk):
    """P-2: and what was typed otherwise after going back is asked about, rather than lost or declared unasked"""
    first = form(key=desk.get("/incidents/new/").context["form"]["key"].value())
    made = [desk.post("/incidents/new/", typed) for typed in (first, first)]

    assert [answer.status_code for answer in made] == [302, 302]
    assert made[0]["Location"] == made[1]["Location"]
    changed = desk.post("/incidents/new/", {**first, "title": "Calendars are down"})
    assert changed.status_code == 409
    assert "Calendars are down" in text(changed)
    assert changed.context["form"]["key"].value() != first["key"]
    assert Incident.objects.count() == Event.objects.filter(kind="incident_declared").count() == 1
    desk.post("/incidents/new/", {**first, "key": changed.context["form"]["key"].value()})
    assert Incident.objects.count() == 2


def test_a_form_that_lay_open_takes_nothing_back_and_loses_nothing(desk, incident, leading):
    """P-4: what a colleague resolved is not opened again by the next update, nor sent twice by two clicks"""
    here = f"/incidents/{incident.number}/"
    news = drawn(desk, here, "update", body="We still look.")
    change = drawn(desk, here, "change", title="Mail and calendars are down")
    assert f'name="version" value="{incident.version}"' in text(desk.get(here))
    update_incident(number=incident.number, body="It is over.", state="resolved", actor=factories.actor(leading))

    for act, typed, words in (("update", news, "We still look."), ("change", change, "Mail and calendars are down")):
        refused = desk.post(f"{here}{act}/", typed)
        assert (refused.status_code, refused.context["incident"].version) == (412, 2)
        assert "Somebody else has changed this since you opened it." in text(refused)
        assert words in text(refused)
    incident.refresh_from_db()
    assert (incident.state, incident.title, incident.updates.count()) == ("resolved", "Mail <is> down", 2)

    again = drawn(desk, here, "update", body="How it came about.")
    assert [desk.post(f"{here}update/", again).status_code for _ in range(2)] == [302, 412]
    assert incident.updates.count() == 3


@pytest.mark.parametrize("started_at", ["2025-10-26T00:30:42Z", "2025-10-26T01:30:42Z"])
def test_another_title_leaves_the_beginning_where_it_was(desk, leading, started_at):
    """To the second, and within the hour that the clocks of the writer show twice"""
    began = datetime.fromisoformat(started_at)
    told = Declaration("Mail is down", ["exchange_online"], "outage", WORDS, started_at=began, countries=["TW"])
    number = declare_incident(declaration=told, actor=factories.actor(leading)).number
    here = f"/incidents/{number}/"
    assert desk.post(f"{here}change/", drawn(desk, here, "change", title="Mail was down")).status_code == 302

    incident = Incident.objects.get()
    assert (incident.title, incident.started_at, incident.countries) == ("Mail was down", began, ["TW"])
    assert Event.objects.get(kind="incident_changed").data["fields"] == ["title"]
    desk.post(f"{here}change/", drawn(desk, here, "change", started_at="2025-10-25T10:00"))
    assert Incident.objects.get().started_at == datetime(2025, 10, 25, 8, tzinfo=UTC)


def test_what_belongs_to_it_no_more_is_neither_closed_nor_unlinked_with_it(desk, leading, person, incident):
    """RO-3: a colleague found another cause while the page lay open"""
    told = Declaration("Sites are slow", ["sharepoint_online"], "degradation", WORDS)
    other = declare_incident(declaration=told, actor=factories.actor(leading))
    ours, moved = (making.filed(factories.actor(person)).number for _ in range(2))
    for number, to in ((ours, incident), (moved, other)):
        link_incident(number=number, incident_number=to.number, actor=factories.actor(leading))
    here = f"/incidents/{incident.number}/"
    closing = {"number": [ours, moved], "linked-resolution": "solved", "linked-message": "It works again."}

    unlinked = desk.post(f"{here}unlink/", {"number": [moved]}, follow=True)
    closed = desk.post(f"{here}close/", closing, follow=True)

    for page in (unlinked, closed):
        assert f"{moved} does not belong to this incident" in text(page)
    assert "Done for 1 request." in text(closed)
    stands = {row.number: (row.state, row.incident) for row in ServiceRequest.objects.select_related("incident")}
    assert stands == {ours: ("closed", incident), moved: ("awaiting_response", other)}


def test_many_requests_are_linked_unlinked_and_closed_on_one_page(desk, person, incident):
    """RO-3: each by itself, and what is refused says why; closing is an engineer's act with words of its own"""
    admin, here = factories.actor(person), f"/incidents/{incident.number}/"
    first, second, third = (making.filed(admin).number for _ in range(3))
    page = desk.get(here)
    assert {row.number for row in page.context["candidates"]} == {first, second, third}
    nothing = desk.post(f"{here}link/", {"link-others": ""})
    assert nothing.status_code == 400
    linked = desk.post(
        f"{here}link/", {"number": [first, second], "link-others": f"{third}, SR-999999999"}, follow=True
    )

    assert "Done for 3 requests." in text(linked)
    assert "SR-999999999 · " in text(linked)
    assert {row.number for row in linked.context["linked"]} == {first, second, third}
    assert not linked.context["candidates"]
    desk.post(f"{here}unlink/", {"number": [third]})
    assert ServiceRequest.objects.filter(incident=incident).count() == 2
    assert Commitment.objects.filter(responded_at=None).count() == 3
    closing = {"number": [first], "linked-resolution": "solved", "linked-message": "It works again."}
    desk.post(f"{here}close/", closing)
    states = dict(ServiceRequest.objects.values_list("number", "state"))
    assert (states[first], states[second]) == ("closed", "awaiting_response")


def test_one_request_is_linked_on_its_own_page_and_shows_it_to_both_sides(desk, customer, person, incident):
    """RO-3, SLA-1: and the response time runs on"""
    number = making.filed(factories.actor(person)).number
    here = f"/requests/{number}/"
    assert "Link to an incident" in text(desk.get(here))
    assert "Link to an incident" not in text(customer.get(here))
    desk.post(f"{here}incident/", {"incident-incident": incident.number})

    for browser in (desk, customer):
        page = text(browser.get(here))
        assert "Part of a known incident" in page
        assert "We look for the cause." in page
    assert "An engineer answers your request all the same." in text(customer.get(here))
    assert incident.number in text(desk.get("/queue/"))
    assert f"incident {incident.number}" in " ".join(
        text(customer.get("/requests/")).replace('<span class="mono">', "").replace("</span>", "").split()
    )
    assert desk.post(f"{here}incident/", {"incident-incident": "INC-2026-1"}).status_code == 400
    desk.post(f"{here}incident/", {"incident-incident": ""})
    assert ServiceRequest.objects.get().incident is None
    assert Commitment.objects.get().responded_at is None


def test_engineers_link_and_declare_nothing_and_account_managers_read(person, incident):
    """RO-1, RO-3"""
    engineer, manager = (factories.browser_of(factories.make_staff(role)) for role in ("engineer", "account_manager"))
    note_on_incident(number=incident.number, body="The cable.", actor=factories.actor(factories.make_staff("operator")))
    here = f"/incidents/{incident.number}/"
    making.filed(factories.actor(person))

    assert set(engineer.get(here).context["forms"]) == {"link", "close"}
    assert engineer.get("/incidents/new/").status_code == 403
    assert "The cable." in text(engineer.get(here))
    shown = manager.get(here)
    assert (shown.context["forms"], shown.context["candidates"]) == ({}, [])
    assert "The cable." not in text(shown)


def test_another_customers_request_never_shows(desk, leading, incident, person):
    """P-5: on the page of an incident that both see"""
    other = factories.make_organisation()
    factories.make_subscription(other)
    theirs = factories.make_person(other, "global_admin")
    for each in (person, theirs):
        number = making.filed(factories.actor(each), subject=f"Of {each.pk}").number
        link_incident(number=number, incident_number=incident.number, actor=factories.actor(leading))

    page = text(factories.browser_of(theirs).get(f"/incidents/{incident.number}/"))
    assert f"Of {theirs.pk}" in page
    assert f"Of {person.pk}" not in page
    assert f"Of {person.pk}" in text(desk.get(f"/incidents/{incident.number}/"))


def test_the_audit_trail_tells_it_in_words(desk, incident, leading):
    """P-10"""
    update_incident(number=incident.number, body="Known.", state="identified", actor=factories.actor(leading))
    page = text(desk.get("/staff/audit/"))

    assert "Incident declared" in page
    assert "News on an incident" in page
    assert "Cause identified" in page
    assert Event.objects.filter(organisation=None, kind__startswith="incident_").count() == 2
    assert timedelta(0) <= incident.declared_at - incident.started_at


def test_lists_and_the_queue_are_narrowed_to_an_incident_and_a_customer(customer, desk, incident, organisation):
    """P-5: by links of the incident's page and by the form; each goes with one click, and the views keep it"""
    mine = making.filed(factories.actor(Person.objects.get(organisation=organisation)))
    other = making.filed(factories.actor(Person.objects.get(organisation=organisation)))
    engineer = factories.actor(factories.make_staff("engineer"))
    link_incident(number=mine.number, incident_number=incident.number, actor=engineer)
    here = f"incident={incident.number}"

    for browser in (customer, desk):
        assert f"/requests/?folder=all&incident={incident.number}" in text(
            browser.get(f"/incidents/{incident.number}/")
        )
        shown = text(browser.get(f"/requests/?folder=all&{here}"))
        assert (mine.number in shown, other.number in shown) == (True, False)
        assert f'<option value="{incident.number}" selected>' in shown
        assert browser.get("/requests/?incident=INC-2000-99999").status_code == 404
    assert f"/queue/?{here}" in text(desk.get(f"/incidents/{incident.number}/"))
    queue = desk.get(f"/queue/?{here}&organisation={organisation.slug}")
    assert [row["request"].number for row in queue.context["rows"]] == [mine.number]
    assert all(here in tab["url"] and organisation.slug in tab["url"] for tab in queue.context["tabs"])
    assert queue.context["chips"]["without_incident"] == f"?organisation={organisation.slug}"
    assert "No organisation is called so." in text(desk.get("/queue/?organisation=nobody"))


def test_of_several_organisations_that_are_called_so_the_list_asks_for_more(desk):
    for slug in ("twin-1", "twin-2"):
        factories.make_organisation(slug)

    assert "Several organisations are called so." in text(desk.get("/requests/?organisation=twin"))


def test_an_export_of_an_incident_is_asked_for_on_the_page(customer, incident):
    asked = {"kind": "requests", "file_format": "csv", "folder": ""}

    refused = customer.post("/organisation/exports/", {**asked, "incident": "INC-2000-99999"})
    assert (refused.status_code, "incident" in refused.context["form"].errors) == (404, True)
    assert customer.post("/organisation/exports/", {**asked, "incident": incident.number.lower()}).status_code == 303


def test_two_clicks_write_one_note_and_other_words_are_another_note(desk, incident):
    """P-2"""
    here = f"/incidents/{incident.number}/"
    typed = drawn(desk, here, "note", body="The cable.")

    answers = [desk.post(f"{here}note/", typed) for _ in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    other = desk.post(f"{here}note/", {**typed, "note-body": "The other cable."})
    assert (other.status_code, "This form was sent already." in text(other)) == (409, True)
    again = other.context["forms"]["note"]
    sent = {box.html_name: box.value() for box in again}
    assert desk.post(f"{here}note/", sent).status_code == 302
    notes = IncidentUpdate.objects.filter(internal=True).order_by("id").values_list("body", flat=True)
    assert [*notes] == ["The cable.", "The other cable."]
