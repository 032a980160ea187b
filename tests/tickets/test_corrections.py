"""Correcting how a request was sorted: scope, category and topic; on record, and nothing else moves (SE-1, SC-6)."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.errors import NotPermitted
from accounts.models import Event, Person
from severity.assessment import Impact
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tests.tickets.test_budgets import cost_of
from tickets.errors import (
    IllegalTransition,
    InvalidText,
    KindIsFixed,
    NothingToCorrect,
    RequestNotFound,
    UnknownChoice,
    VersionMismatch,
)
from tickets.models import Commitment, Correction, Message, ServiceRequest, Timer
from tickets.services.closing import Ending, close_request
from tickets.services.corrections import NOTE_LIMIT, correct_request

LATER = MONDAY + timedelta(minutes=5)
HAS_TOPIC = {"category": "technical.configuration", "service": "identity", "topic": "single_sign_on"}


def corrected(service_request, actor, note="", **particulars):
    return correct_request(number=service_request.number, actor=actor, particulars=particulars, note=note, now=LATER)


def kept():
    return list(Correction.objects.order_by("id").values_list("what", "previous", "corrected", "note"))


def test_an_engineer_corrects_the_scope_and_says_why(open_request, engineer):
    """SC-6"""
    row = corrected(open_request, engineer, scope="third_party", note="An add-in of another vendor.")

    assert (row.scope, row.corrected_at) == ("third_party", LATER)
    assert kept() == [("scope", "in_scope", "third_party", "An add-in of another vendor.")]
    correction = Correction.objects.get()
    assert (correction.actor_id, correction.at, correction.organisation) == (
        engineer.person_id,
        LATER,
        open_request.organisation,
    )


@pytest.mark.parametrize("category", ["technical.install_setup", "technical.advisory"])
def test_an_engineer_corrects_the_category_within_the_kind_of_support(open_request, engineer, category):
    """SE-1"""
    assert corrected(open_request, engineer, category=category).category == category
    assert kept() == [("category", "technical.configuration", category, "")]


def test_each_particular_is_an_event_and_customers_do_not_read_of_the_scope(open_request, engineer):
    """P-10, SC-6"""
    corrected(open_request, engineer, scope="developer", category="technical.advisory", note="For the desk.")

    events = Event.objects.filter(number=open_request.number, kind__endswith="_corrected").order_by("id")
    assert list(events.values_list("kind", "internal", "data", "actor")) == [
        ("scope_corrected", True, {"from": "in_scope", "to": "developer"}, engineer.person_id),
        (
            "category_corrected",
            False,
            {"from": "technical.configuration", "to": "technical.advisory"},
            engineer.person_id,
        ),
    ]


def test_severity_promise_team_and_timers_stay(open_request, engineer):
    """SE-1: a correction says how a request is sorted, not how grave it is"""
    unmoved = ("severity", "needs_confirmation", "kind", "tier", "team_id", "service_id", "due_at", "queue_at", "state")
    before = ServiceRequest.objects.values(*unmoved).get()
    promises, timers = Commitment.objects.values(), Timer.objects.order_by("id").values()
    stood = (list(promises.all()), list(timers.all()))

    corrected(open_request, engineer, scope="scripting", category="technical.advisory")

    assert ServiceRequest.objects.values(*unmoved).get() == before
    assert (list(promises.all()), list(timers.all())) == stood


@pytest.mark.parametrize("category", ["billing", "presales", "advisory"])
def test_a_category_of_another_kind_of_support_is_refused(open_request, engineer, category):
    """SE-1: it has another promise, another team and other readers"""
    with pytest.raises(KindIsFixed) as refusal:
        corrected(open_request, engineer, scope="developer", category=category)

    assert refusal.value.kind == "technical"
    assert (kept(), ServiceRequest.objects.get().scope) == ([], "in_scope")


@pytest.mark.parametrize(
    "particulars", [{"scope": "friends"}, {"scope": ""}, {"category": "other"}, {"category": ""}, {"topic": "no_such"}]
)
def test_an_unknown_code_is_refused(open_request, engineer, particulars):
    with pytest.raises(UnknownChoice) as refusal:
        corrected(open_request, engineer, **particulars)

    assert refusal.value.field in particulars
    assert not kept()


@pytest.mark.parametrize(
    "particulars", [{}, {"scope": "in_scope"}, {"category": "technical.configuration", "topic": ""}]
)
def test_where_nothing_differs_nothing_is_recorded_and_a_note_is_not_lost_silently(open_request, engineer, particulars):
    with pytest.raises(NothingToCorrect):
        corrected(open_request, engineer, note="Somewhere else.", **particulars)

    assert not kept()
    assert ServiceRequest.objects.get().version == open_request.version


def test_a_topic_goes_with_the_category_that_has_it(admin, engineer):
    """TE-2"""
    row = making.filed(admin, now=MONDAY, **HAS_TOPIC)

    assert corrected(row, engineer, category="technical.advisory").topic is None
    assert kept() == [
        ("category", "technical.configuration", "technical.advisory", ""),
        ("topic", "single_sign_on", "", ""),
    ]


def test_a_topic_is_corrected_to_another_of_the_same_service(admin, engineer):
    """TE-2"""
    row = making.filed(admin, now=MONDAY, **HAS_TOPIC)

    assert corrected(row, engineer, topic="directory_sync").topic.code == "directory_sync"
    with pytest.raises(UnknownChoice):  # of SharePoint: those who look after it would see the request
        corrected(row, engineer, category="technical.install_setup", topic="external_users")
    assert len(kept()) == 1


@pytest.mark.parametrize(("limit", "fits"), [(NOTE_LIMIT, True), (NOTE_LIMIT + 1, False)])
def test_a_note_has_a_limit(open_request, engineer, limit, fits):
    if fits:
        corrected(open_request, engineer, scope="developer", note="x" * limit)
    else:
        with pytest.raises(InvalidText):
            corrected(open_request, engineer, scope="developer", note="x" * limit)
    assert bool(kept()) is fits


def test_a_closed_request_is_not_corrected(closed_request, engineer):
    with pytest.raises(IllegalTransition):
        correct_request(
            number=closed_request.number,
            actor=engineer,
            particulars={"scope": "developer"},
            now=closed_request.closed_at + timedelta(days=1),
        )
    assert not kept()


def test_customers_and_other_desks_correct_nothing(open_request, admin):
    """RO-1, P-5"""
    specialist = factories.actor(factories.make_staff("billing_specialist"))

    for actor, refusal in ((admin, NotPermitted), (specialist, RequestNotFound)):
        with pytest.raises(refusal):
            corrected(open_request, actor, scope="developer")
    assert not kept()


def test_whoever_read_another_version_reads_again(open_request, engineer):
    with pytest.raises(VersionMismatch):
        correct_request(
            number=open_request.number,
            actor=engineer,
            particulars={"scope": "developer"},
            version=open_request.version + 1,
            now=LATER,
        )
    assert not kept()


def test_closing_as_out_of_scope_corrects_the_scope_to_the_referral(open_request, engineer):
    """SC-6: who refers it has judged it"""
    ending = Ending("out_of_scope", "General support helps with scripts.", referral="scripting")

    close_request(number=open_request.number, actor=engineer, ending=ending, now=LATER)

    row = ServiceRequest.objects.get()
    assert (row.scope, row.referral, row.corrected_at) == ("scripting", "scripting", LATER)
    assert kept() == [("scope", "in_scope", "scripting", "")]


def test_closing_as_the_engine_saw_it_corrects_nothing(admin, engineer):
    """SC-6"""
    row = making.filed(
        admin,
        now=MONDAY,
        subject="VBA macro of ours stops",
        description="Our VBA macro in Excel stops with an error. How do we mend the script?",
        impact=Impact(),
    )
    assert row.scope == "scripting"

    close_request(
        number=row.number, actor=engineer, ending=Ending("out_of_scope", "See there.", referral="scripting"), now=LATER
    )

    assert (kept(), ServiceRequest.objects.get().corrected_at) == ([], None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_correction SET note = 'x'",
        "UPDATE tickets_correction SET note = ' '",
        "UPDATE tickets_correction SET note = '', corrected = 'scripting'",
        "UPDATE tickets_correction SET note = '', at = now()",
        "UPDATE tickets_correction SET corrected = 'scripting'",
        "DELETE FROM tickets_correction",
        "TRUNCATE tickets_correction",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_correction(open_request, engineer, statement):
    """P-10"""
    corrected(open_request, engineer, scope="developer", note="Ask Wei Chen.")
    before = list(Correction.objects.values())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing pending, which TRUNCATE would stumble over first

    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert list(Correction.objects.values()) == before


def test_a_note_can_be_blanked_and_the_rest_of_its_row_stays(open_request, engineer):
    """Settled point 13: what names people can be erased"""
    corrected(open_request, engineer, scope="developer", note="Ask Wei Chen.")
    (before,) = Correction.objects.values()

    Correction.objects.update(note="")

    assert list(Correction.objects.values()) == [{**before, "note": ""}]


def test_a_correction_belongs_to_the_tenant_of_its_request(open_request, engineer):
    """P-5"""
    corrected(open_request, engineer, scope="developer")
    row = Correction.objects.get()
    row.pk, row.organisation = None, factories.make_organisation()

    row.save()

    with pytest.raises(IntegrityError, match="correction_of_the_same_tenant"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def engineer_person(db):
    return factories.make_staff("engineer", name="Ravi Iyer")


def test_the_page_of_the_request_leads_to_the_form_and_shows_what_was_corrected(open_request, engineer_person):
    """SE-1"""
    browser = factories.browser_of(engineer_person)
    address = f"/requests/{open_request.number}/"
    assert f"{address}correct/" in browser.get(address).content.decode()
    form = browser.get(f"{address}correct/").content.decode()
    assert "technical.advisory" in form
    assert "billing" not in form.partition("<form")[2].partition("</form")[0]

    sent = {"scope": "developer", "category": "technical.advisory", "topic": "", "note": "Their own <b>app</b>."}
    page = browser.post(f"{address}correct/", sent, follow=True).content.decode()

    assert "The request is sorted anew." in page
    assert "Their own &lt;b&gt;app&lt;/b&gt;." in page
    assert "Programming on the platform" in page
    assert "Ravi Iyer" in page
    history = browser.get(f"{address}?tab=history").content.decode()
    assert "Scope corrected" in history
    assert "Category corrected" in history


def test_a_form_that_changes_nothing_comes_back_with_the_note(open_request, engineer_person):
    sent = {"scope": "in_scope", "category": "technical.configuration", "topic": "", "note": "Look here."}

    page = factories.browser_of(engineer_person).post(f"/requests/{open_request.number}/correct/", sent)

    assert (page.status_code, "Look here." in page.content.decode()) == (409, True)


def hidden(page):
    """What a page with the form sends along of what it showed."""
    return dict(re.findall(r'<input type="hidden" name="(initial-\w+)" value="([^"]*)"', page.content.decode()))


def test_a_form_that_lay_open_undoes_no_correction_of_a_colleague(open_request, engineer, engineer_person):
    """SE-1: what was left as it was shown is no choice"""
    browser, address = factories.browser_of(engineer_person), f"/requests/{open_request.number}/correct/"
    shown = hidden(browser.get(address))
    assert shown == {"initial-scope": "in_scope", "initial-category": "technical.configuration"}  # and no topic
    corrected(open_request, engineer, category="technical.advisory")

    sent = {"scope": "developer", "category": "technical.configuration", "topic": "", "note": "", **shown}
    assert browser.post(address, sent).status_code == 302

    row = ServiceRequest.objects.get()
    assert (row.scope, row.category) == ("developer", "technical.advisory")
    assert [each[:3] for each in kept()] == [
        ("category", "technical.configuration", "technical.advisory"),
        ("scope", "in_scope", "developer"),
    ]


def test_who_corrects_what_a_colleague_has_just_corrected_is_told_first(open_request, engineer, engineer_person):
    """SE-1: with what was typed; a second time it is meant"""
    browser, address = factories.browser_of(engineer_person), f"/requests/{open_request.number}/correct/"
    sent = {"scope": "developer", "category": "technical.configuration", "topic": "", "note": "Look here."}
    stale = {**sent, **hidden(browser.get(address))}
    corrected(open_request, engineer, scope="scripting")

    told = browser.post(address, stale)

    assert (told.status_code, ServiceRequest.objects.get().scope) == (400, "scripting")
    assert "Somebody has corrected this meanwhile, to: Scripts" in told.content.decode()
    assert "Look here." in told.content.decode()
    assert '<option value="developer" selected' in told.content.decode()
    assert browser.post(address, {**sent, **hidden(told)}).status_code == 302
    assert ServiceRequest.objects.get().scope == "developer"


@pytest.mark.parametrize(
    ("language", "before", "after"), [("en", "Single sign-on", "synchronisation"), ("zh-hant", "單一登入", "同步處理")]
)
def test_topics_are_told_by_their_names(admin, engineer, engineer_person, language, before, after):
    """TE-2: in the reader's language, to staff and to customers"""
    row = making.filed(admin, now=MONDAY, **HAS_TOPIC)
    corrected(row, engineer, topic="directory_sync")
    Person.objects.update(language=language)
    address = f"/requests/{row.number}/"

    shown = factories.browser_of(engineer_person).get(f"{address}?tab=history")
    theirs = factories.browser_of(Person.objects.get(pk=admin.person_id)).get(address)

    (line,) = shown.context["sorting"]["corrections"]
    assert before in line["previous"]
    assert after in line["corrected"]
    for page in (shown, theirs):
        details = [each["detail"] for each in page.context["timeline"]["events"]]
        assert f"{line['previous']} → {line['corrected']}" in details


def test_the_names_of_all_topics_cost_one_query_each_for_corrections_and_for_the_timeline(
    admin, engineer, engineer_person
):
    """STYLE section 5"""
    row = making.filed(admin, now=MONDAY, **HAS_TOPIC)
    browser, address = factories.browser_of(engineer_person), f"/requests/{row.number}/?tab=history"
    corrected(row, engineer, topic="directory_sync")
    once = cost_of(browser, address)

    for topic in ("", "single_sign_on", "directory_sync"):
        corrected(row, engineer, topic=topic)

    assert cost_of(browser, address) == once


def test_customers_see_a_corrected_category_and_nothing_of_scope_or_note(open_request, engineer, admin):
    """SC-6, P-5"""
    corrected(open_request, engineer, scope="developer", category="technical.advisory", note="For the desk.")
    person = factories.Person.objects.get(pk=admin.person_id)
    browser = factories.browser_of(person)

    page = browser.get(f"/requests/{open_request.number}/").content.decode()

    assert "Category corrected" in page
    assert "A how-to question" in page
    for hidden in ("Scope corrected", "For the desk.", "Programming on the platform", "/correct/"):
        assert hidden not in page
    assert browser.get(f"/requests/{open_request.number}/correct/").status_code == 403
    refused = browser.post(f"/requests/{open_request.number}/correct/", {"scope": "bogus"})
    assert refused.status_code == 403
    assert "Note for the desk" not in refused.content.decode()
    assert Message.objects.count() == 1


def test_a_request_of_one_category_has_its_scope_corrected_only(admin, engineer_person):
    """BI-1"""
    lead = factories.make_staff("team_lead")
    row = making.filed(admin, severity="C", category="billing", service="", subject="Our bill", description="Our bill?")

    page = factories.browser_of(lead).get(f"/requests/{row.number}/correct/").content.decode()

    assert 'name="scope"' in page
    assert 'name="category"' not in page
