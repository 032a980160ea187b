"""The page of a person's notices, and the tab that shows staff who was told what."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from accounts import clock
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import Delivery, Person, RoleGrant
from tests import factories
from tests.tickets import making
from tests.tickets.test_budgets import cost_of
from tests.tickets.test_letters import ABOUT_REQUESTS
from tickets.models import ServiceRequest
from tickets.notice_wording import NOTICES
from tickets.selectors.notices import told_of_those_acted_for
from tickets.services.conversation import add_internal_note, reply_publicly
from tickets.services.relay import relay_all

INBOX = "/api/v1/me/inbox/"


def text_of(answer):
    """What a page says."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def person(admin):
    return Person.objects.get(pk=admin.person_id)


@pytest.fixture
def filed(admin):
    return making.filed(admin)


@pytest.fixture
def staff(db):
    return factories.browser_of(factories.make_staff("team_lead"))


def tell(filed, person, notice="request_assigned", *, times=1):
    about = About(filed.organisation_id, filed.number)
    for _ in range(times):
        event = record_event(notice, about=about, at=clock.now())
        send_notice(event, Notice(notice, [person], {"severity": "A"}), about=about)


def tab(filed):
    return f"/requests/{filed.number}/?tab=notices"


# ── What the portal has told a person ───────────────────────────────────────────────────────────────────────────────


def test_neighbouring_notices_of_one_request_stand_together_newest_first(filed, admin, person, engineer):
    reply_publicly(number=filed.number, actor=engineer, body="We are\non <b>it</b>.")
    another = making.filed(admin)

    page = factories.browser_of(person).get("/notices/")

    groups = page.context["groups"]
    assert [group.request.number for group in groups] == [another.number, filed.number]
    assert [told.delivery.notice for told in groups[1].notices] == ["reply_posted", "request_filed"]
    assert [told.headline for told in groups[1].notices] == ["Support answered", "We received your request"]
    html = page.content.decode()
    assert "We are<br>on &lt;b&gt;it&lt;/b&gt;." in html
    assert html.count(">New<") == 3


def test_internal_notes_are_quoted_to_nobody(filed, person, engineer):
    """P-5"""
    note = add_internal_note(number=filed.number, actor=engineer, body="A secret.")
    about = About(filed.organisation_id, filed.number)
    event = record_event("reply_posted", about=about, at=clock.now())
    send_notice(event, Notice("reply_posted", [person], {"message": note.pk}), about=about)

    assert "A secret." not in factories.browser_of(person).get("/notices/").content.decode()


def test_a_notice_that_hangs_on_no_request_stands_there_too(filed, staff):
    """What the bell counts can be read."""
    manager = factories.make_staff("duty_manager")
    event = record_event("nobody_on_duty", about=About(), at=clock.now())
    send_notice(event, Notice("nobody_on_duty", [manager], {"role": "duty_manager"}), about=About())

    page = factories.browser_of(manager).get("/notices/")

    assert "Nobody is on duty as duty manager" in text_of(page)
    assert "/staff/rota/" in page.content.decode()


def test_reading_all_leaves_nothing_new(filed, person):
    browser = factories.browser_of(person)
    assert "New" in text_of(browser.get("/notices/"))

    browser.post("/notices/")

    assert ">New<" not in browser.get("/notices/").content.decode()


def test_a_page_of_notices_costs_the_same_with_and_without_quotations(filed, person, engineer):
    """STYLE section 5; the messages that are quoted take one query for all."""
    browser = factories.browser_of(person)
    before = cost_of(browser, "/notices/")
    for number in range(5):
        reply_publicly(number=filed.number, actor=engineer, body=f"Step {number}.")

    assert cost_of(browser, "/notices/") == before + 1


# ── Who was told what ───────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_see_who_was_told_what_by_which_way_and_what_became_of_it(filed, person, staff):
    """P-9: an operator can answer "did they get it?"."""
    tell(filed, person, times=17)
    relay_all()
    rows = list(Delivery.objects.filter(person=person, channel="mail", state="sent").order_by("id"))
    for row, state in zip(rows, ("failed", "cancelled", "held"), strict=False):
        row.state, row.delivered_at, row.last_error = state, None, "SMTPRecipientsRefused 550"
        row.save()
    late = {"state": "pending", "attempts": 3, "last_error": "server away: TimeoutError", "delivered_at": None}
    Delivery.objects.filter(pk=rows[3].pk).update(**late)
    Delivery.objects.filter(pk=rows[4].pk).update(state="pending", delivered_at=None)

    said = text_of(staff.get(tab(filed)))

    for words in (
        f"Assigned to {person.name}",
        "Sent",
        "Failed SMTPRecipientsRefused 550",
        "Not sent",
        "Held since a restore",
        "Tried 3 times, next:",
        "server away: TimeoutError",
        "On its way",
        "In the next digest:",
        "Not read yet",
    ):
        assert words in said
    assert person.email not in said


def test_a_notice_without_a_mail_says_so(filed, person, staff):
    Person.objects.filter(pk=person.pk).update(portal_only=["assignment"])
    person.refresh_from_db()
    tell(filed, person)

    assert "No mail: by choice, or no confirmed address" in text_of(staff.get(tab(filed)))


def test_a_page_that_ends_between_a_mail_and_its_copy_still_shows_both(filed, person, staff):
    """An operator who reads that there was no mail must be able to rely on it."""
    Person.objects.filter(pk=person.pk).update(portal_only=["assignment"])
    person.refresh_from_db()
    tell(filed, person)
    person.portal_only = []
    tell(filed, person, times=40)
    tell(filed, factories.make_person(filed.organisation, "reader"))
    Delivery.objects.filter(number=filed.number).order_by("-pk").first().delete()  # one row alone: the pairs shift

    first = staff.get(tab(filed))
    older = staff.get(f"{tab(filed)}&cursor={first.context['next']}")

    without_mail = [
        line for page in (first, older) for line in page.context["tellings"] if "No mail" in line.mail.words
    ]
    assert len(without_mail) == 1


def test_a_notice_in_a_digest_shows_how_the_digest_went(filed, person, staff):
    tell(filed, person, times=16)
    relay_all()
    waiting = Delivery.objects.filter(state="digested")
    waiting.update(next_attempt_at=clock.now() - timedelta(seconds=1))
    relay_all()

    assert "In a digest: Sent" in text_of(staff.get(tab(filed)))


def test_customers_have_no_such_tab(filed, person):
    """P-5: whom else the desk tells is not theirs to know."""
    page = factories.browser_of(person).get(tab(filed))

    assert "tellings" not in page.context
    assert "Who was told what" not in page.content.decode()


def test_the_tab_costs_the_same_for_one_notice_and_for_a_hundred_and_shows_fifty(filed, person, staff):
    """STYLE section 5"""
    costs = set()
    for amount in (1, 24, 75):
        tell(filed, person, times=amount)
        costs.add(cost_of(staff, tab(filed)))

    assert len(costs) == 1
    page = staff.get(tab(filed))
    assert len(page.context["tellings"]) == 25  # each by mail and in the portal
    older = staff.get(f"{tab(filed)}&cursor={page.context['next']}")
    assert len(older.context["tellings"]) == 25
    assert staff.get(f"{tab(filed)}&cursor=rubbish").status_code == 200


def test_every_notice_about_a_request_has_a_name():
    assert {
        *ABOUT_REQUESTS,
        "survey_asked",
        "engagement_news",
        "export_ready",
        "export_failed",
        "incident_news",
    } == set(NOTICES)


# ── The same for programs ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_program_reads_the_notices_of_its_person_and_marks_them_as_read(filed, person, engineer):
    """P-6: what the page shows, without what people wrote"""
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")
    api = factories.api_of(person)

    told = api.get(INBOX).json()["results"]
    assert [(row["notice"], row["number"], row["read_at"]) for row in told][:1] == [
        ("reply_posted", filed.number, None)
    ]
    assert all(row["headline"] for row in told)
    assert "We are on it." not in str(told)
    marked, again = (api.post(f"{INBOX}read/", {}).json() for _ in range(2))
    assert (marked, again) == ({"marked": len(told)}, {"marked": 0})
    assert all(row["read_at"] for row in api.get(INBOX).json()["results"])
    reply_publicly(number=filed.number, actor=engineer, body="Done.")
    new = api.get(INBOX, {"unread": "true"}).json()["results"]
    assert [(row["notice"], row["read_at"]) for row in new] == [("reply_posted", None)]
    assert len(api.get(INBOX, {"unread": "false"}).json()["results"]) == len(told) + 1
    assert api.get(INBOX, {"unread": "perhaps"}).json()["errors"][0]["parameter"] == "unread"
    RoleGrant.objects.filter(person=person).update(role="sharepoint_admin")
    assert api.get(INBOX).json()["results"] == []
    assert factories.api_of(person, "requests:read").post(f"{INBOX}read/", {}).status_code == 403


def test_a_token_that_acts_for_a_customer_is_told_of_that_customer_alone(organisation):
    """PA-1"""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    agent = factories.make_person(partner, "global_admin")
    for house in (organisation, partner):
        event = record_event("organisation_changed", about=About(organisation_id=house.pk), at=clock.now())
        send_notice(
            event, Notice("invitation_accepted", [agent], {"person": agent.pk}), about=About(organisation_id=house.pk)
        )

    rows = [each.organisation_id for each in Delivery.objects.filter(person=agent, channel="portal").order_by("id")]
    assert rows == [organisation.pk, partner.pk]
    for customer, house in ((organisation, organisation), (None, partner)):
        deliveries = list(Delivery.objects.filter(person=agent, channel="portal"))
        told = told_of_those_acted_for(agent, factories.actor(agent, customer=customer), deliveries)
        assert [each.delivery.organisation_id for each in told] == [house.pk]


def told_about(filed: ServiceRequest) -> str:
    """Where programs of the desk read who was told what."""
    return f"/api/v1/service-requests/{filed.number}/notices/"


def test_a_program_of_the_desk_reads_who_was_told_what(filed, person):
    """P-9: mail and copy of one notice by their event, and how far the mail has come"""
    tell(filed, person)
    api = factories.api_of(factories.make_staff("engineer"))
    relay_all()
    Delivery.objects.filter(number=filed.number, channel="portal").update(read_at=clock.now())
    failed = Delivery.objects.filter(number=filed.number, channel="mail").earliest("pk")
    Delivery.objects.filter(pk=failed.pk).update(state="failed", last_error="550", attempts=8, delivered_at=None)

    told = api.get(told_about(filed)).json()["results"]

    assert [each["id"] for each in told] == sorted((each["id"] for each in told), reverse=True)
    newest = {each["channel"]: each for each in told if each["event"] == told[0]["event"]}
    assert set(newest) == {"mail", "portal"}
    mail, copy = newest["mail"], newest["portal"]
    assert (mail["notice"], mail["person"]) == ("request_assigned", {"id": person.pk, "name": person.name})
    assert mail["text"] == str(NOTICES["request_assigned"])
    assert (mail["mail"]["state"], mail["mail"]["next_attempt_at"], mail["read_at"]) == ("sent", None, None)
    assert mail["mail"]["delivered_at"]
    assert (copy["mail"], bool(copy["read_at"])) == (None, True)
    [lost] = [each["mail"] for each in told if each["id"] == failed.pk]
    assert (lost["state"], lost["attempts"], lost["error"], lost["next_attempt_at"]) == ("failed", 8, "550", None)
    assert person.email not in str(told)


def test_a_program_is_told_of_the_digest_that_took_a_mails_place(filed, person):
    tell(filed, person, times=16)
    relay_all()
    api = factories.api_of(factories.make_staff("engineer"))
    waits = [each for each in api.get(told_about(filed)).json()["results"] if each["mail"] and not each["digest"]]
    waits = [each["mail"] for each in waits if each["mail"]["state"] == "digested"]
    assert waits
    assert all(each["next_attempt_at"] for each in waits)

    Delivery.objects.filter(state="digested").update(next_attempt_at=clock.now() - timedelta(seconds=1))
    relay_all()

    told = api.get(told_about(filed)).json()["results"]
    digests = {each["digest"]["state"] for each in told if each["mail"] and each["mail"]["state"] == "digested"}
    assert digests == {"sent"}
    assert not any(each["mail"]["next_attempt_at"] for each in told if each["digest"])


def test_who_was_told_what_is_for_the_desk_with_the_scope_of_its_queue(filed, person):
    """P-5, P-6: as the page is; webhooks are not among it"""
    engineer, stranger = factories.make_staff("engineer"), factories.make_staff("billing_specialist")
    asked = {
        "customer": factories.api_of(person),
        "narrow": factories.api_of(engineer, "requests:read"),
        "of another kind of support": factories.api_of(stranger),
    }

    codes = {who: api.get(told_about(filed)).json()["code"] for who, api in asked.items()}

    assert codes == {
        "customer": "not-permitted",
        "narrow": "scope-missing",
        "of another kind of support": "request-not-found",
    }
    assert factories.api_of(engineer, "queue:read").get(told_about(filed)).status_code == 200
