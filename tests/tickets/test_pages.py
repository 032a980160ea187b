"""The pages of requests: what each reader sees, and what the forms on them do."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from accounts.models import Delivery, Event, Person, RoleGrant
from support_portal.templatetags.portal_ui import icon
from tests import factories
from tests.tickets import making
from tickets.filing import Contact
from tickets.lifecycle import State
from tickets.models import Attachment, Commitment, Message, ServiceRequest
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_internal_note, reply_publicly
from tickets.services.sweeping import sweep
from tickets.views import presenting

KEY = "a-key-of-the-form-1"


@pytest.fixture
def filed(admin):
    """A request of severity A, filed just now."""
    return making.filed(admin)


@pytest.fixture
def customer(admin):
    """The admin's browser."""
    return factories.browser_of(Person.objects.get(pk=admin.person_id))


@pytest.fixture
def staff(engineer):
    """The engineer's browser."""
    return factories.browser_of(Person.objects.get(pk=engineer.person_id))


def page_of(request, tail=""):
    """The address of a request's page, or of an act on it."""
    return f"/requests/{request.number}/{tail}"


def text_of(response):
    """What a page says."""
    return response.content.decode()


def test_the_admins_page_shows_promise_reasons_and_conversation(filed, customer):
    """CH-3, SE-1, SLA-1"""
    text = text_of(customer.get(page_of(filed)))

    for words in (filed.number, "Since this morning no user can send", "around the clock", "within 1 hour", "Why this"):
        assert words in text
    assert "data-countdown" in text


def test_no_commitment_is_said_plainly(admin, customer):
    """SLA-6"""
    question = making.filed(admin, severity="C")

    text = text_of(customer.get(page_of(question)))

    assert "No committed response time" in text
    assert "data-countdown" not in text


def test_internal_notes_and_ladder_are_on_the_engineers_page_only(filed, customer, staff, engineer):
    """RELIABILITY, tenant gate"""
    add_internal_note(number=filed.number, actor=engineer, body="Note for us.")

    assert "Note for us." in text_of(staff.get(page_of(filed)))
    assert "Response escalation" in text_of(staff.get(page_of(filed, "?tab=history")))
    for tail in ("", "?tab=history"):
        text = text_of(customer.get(page_of(filed, tail)))
        assert "Note for us." not in text
        assert "Response escalation" not in text


def test_what_people_write_is_markdown_without_html(filed, customer, engineer):
    """P-7"""
    reply_publicly(
        number=filed.number, actor=engineer, body="**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
    )

    text = text_of(customer.get(page_of(filed)))

    assert "<strong>Bold</strong>" in text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text


def test_a_stranger_and_an_end_user_meet_the_same_page_as_for_no_request(filed, organisation):
    """P-5, RO-1, SH-2"""
    stranger = factories.browser_of(factories.make_person(factories.make_organisation(), "global_admin"))
    end_user = factories.browser_of(factories.make_person(organisation))

    for browser in (stranger, end_user):
        theirs, missing = browser.get(page_of(filed)), browser.get("/requests/SR-000000000/")
        assert (theirs.status_code, missing.status_code) == (404, 404)
        assert len(theirs.content) == len(missing.content)


def test_other_digits_in_a_number_are_no_request(customer):
    """RELIABILITY, API: unusual digits are 404"""
    assert customer.get("/requests/SR-١٢٣٤٥٦٧٨٩/").status_code == 404


def test_the_whole_work_on_a_request_by_forms(filed, customer, staff):
    """DESIGN, life of a request: take, ask, answer, close, reopen, each an ordinary form post."""
    posts = [
        (staff, "take/", {}, State.AWAITING_RESPONSE),
        (staff, "reply/", {"key": KEY + "2", "kind": "question", "body": "Which build?"}, State.AWAITING_CUSTOMER),
        (customer, "message/", {"key": KEY + "3", "body": "16.0"}, State.IN_PROGRESS),
        (staff, "note/", {"note-key": KEY + "4", "note-body": "Old build."}, State.IN_PROGRESS),
        (staff, "severity/", {"severity-severity": "B", "severity-reason": "One site."}, State.IN_PROGRESS),
        (staff, "close/", {"close-resolution": "solved", "close-message": "Update it."}, State.CLOSED),
        (customer, "reopen/", {"reopen-reason": "Not solved."}, State.AWAITING_RESPONSE),
        (customer, "close/", {"close-resolution": "withdrawn"}, State.CLOSED),
    ]
    for browser, tail, fields, state in posts:
        response = browser.post(page_of(filed, tail), fields)
        assert response.status_code == 302, (tail, text_of(response))
        assert browser.get(response["Location"]).status_code == 200
        assert ServiceRequest.objects.get().state == state, tail
    assert ServiceRequest.objects.get().severity == "B"


def test_a_missing_phone_number_is_added_on_the_page(admin, customer):
    """Settled point 10: and the request to give one goes away."""
    asked = making.filed(admin, contact=Contact())
    assert "Please give us a phone number" in text_of(customer.get(page_of(asked)))

    fields = {"contact-method": "phone", "contact-phone": "+886 2 5550 0199", "contact-translator": "on"}
    assert customer.post(page_of(asked, "contact/"), fields).status_code == 302

    request = ServiceRequest.objects.get()
    assert (request.contact_phone, request.phone_missing, request.translator) == ("+886 2 5550 0199", False, True)
    assert "Please give us a phone number" not in text_of(customer.get(page_of(asked)))


def test_a_form_sent_twice_says_it_once(filed, customer):
    """P-2"""
    for _ in range(2):
        customer.post(page_of(filed, "message/"), {"key": KEY, "body": "Once."})

    assert Message.objects.filter(body="Once.").count() == 1


def test_a_refused_form_keeps_what_was_typed_and_says_why(filed, admin, customer):
    """CH-4, bad input loses nothing"""
    close_request(number=filed.number, actor=admin, ending=Ending("solved"))

    response = customer.post(page_of(filed, "message/"), {"key": KEY, "body": "My long words."})

    assert response.status_code == 409
    assert "My long words." in text_of(response)


@pytest.mark.parametrize(
    ("tail", "fields", "words"),
    [
        ("reply/", {"key": KEY, "kind": "reply", "body": ""}, "This field is required"),
        ("close/", {"close-resolution": "out_of_scope", "close-message": "Not ours."}, "Choose whom"),
        ("close/", {"close-resolution": "duplicate", "close-message": "Twice."}, "Write the number"),
        ("severity/", {"severity-severity": "B", "severity-reason": ""}, "reason"),
    ],
)
def test_what_is_missing_is_named_beside_the_form(filed, staff, tail, fields, words):
    """Bad input gets a clear error that says what to do"""
    response = staff.post(page_of(filed, tail), fields)

    assert response.status_code in (400, 409, 422)
    assert words in text_of(response)
    assert ServiceRequest.objects.get().state == State.AWAITING_RESPONSE


def test_files_come_with_a_message_and_a_bad_one_does_not_take_it_along(filed, customer, settings, tmp_path):
    """RELIABILITY, attachments"""
    settings.MEDIA_ROOT = tmp_path
    files = [SimpleUploadedFile("trace.log", b"lines"), SimpleUploadedFile("nothing.txt", b"")]

    response = customer.post(page_of(filed, "message/"), {"key": KEY, "body": "See the trace.", "attachments": files})

    assert response.status_code == 302
    assert Message.objects.filter(body="See the trace.").count() == 1
    assert [file.name for file in Attachment.objects.all()] == ["trace.log"]
    assert "trace.log" in text_of(customer.get(page_of(filed)))


def test_a_customer_does_not_act_as_staff_by_posting(filed, customer):
    """RO-1, P-6"""
    for tail, fields in (("take/", {}), ("reply/", {"key": KEY, "kind": "reply", "body": "Hi"}), ("release/", {})):
        response = customer.post(page_of(filed, tail), fields)
        assert response.status_code == 403, tail
    assert not Event.objects.filter(kind__in=["request_taken", "reply_posted"]).exists()


def test_the_page_tells_the_last_instant_to_reopen_and_offers_a_follow_up_after_it(filed, admin, customer):
    """CH-4, P-4: with the sweep not run at all."""
    close_request(number=filed.number, actor=admin, ending=Ending("solved"))
    assert "Reopen" in text_of(customer.get(page_of(filed)))

    long_ago = clock.now() - timedelta(days=14, seconds=1)
    ServiceRequest.objects.update(closed_at=long_ago)
    text = text_of(customer.get(page_of(filed)))

    assert f"/requests/new/?follow_up_of={filed.number}" in text
    assert "reopen/" not in text
    assert customer.post(page_of(filed, "reopen/"), {"reopen-reason": "Please."}).status_code == 409
    assert ServiceRequest.objects.get().state == State.CLOSED


def test_home_shows_what_is_open_what_was_closed_and_the_phone_number(filed, admin, customer):
    """CH-3, CH-5"""
    other = making.filed(admin, severity="C")
    close_request(number=other.number, actor=admin, ending=Ending("solved"))

    text = text_of(customer.get("/"))

    for words in (filed.number, other.number, "+886", "Call support", "Can be reopened"):
        assert words in text


def test_a_reader_is_told_why_there_is_nothing_to_write_with(filed, customer, organisation):
    """RO-1"""
    reader = factories.browser_of(factories.make_person(organisation, "reader"))

    assert "You may read this request." in text_of(reader.get(page_of(filed)))
    assert "You may read this request." not in text_of(customer.get(page_of(filed)))


def test_the_home_of_a_partners_person_offers_their_customers(organisation):
    """PA-1: the first thing that they come for, until they act for one"""
    partner = factories.make_partner()
    browser = factories.browser_of(factories.make_person(partner, "service_support_admin"))
    assert "Act for them" not in text_of(browser.get("/"))
    factories.make_delegation(organisation, partner)

    home = text_of(browser.get("/"))
    acting = browser.post("/acting-for/", {"customer": organisation.pk}, follow=True)

    assert "Act for them" in home
    assert organisation.name in home
    assert "Act for them" not in text_of(acting)


def test_an_end_user_sees_admins_and_self_help_and_cannot_file(organisation, admin):
    """SH-2"""
    end_user = factories.browser_of(factories.make_person(organisation))

    home = text_of(end_user.get("/"))

    assert Person.objects.get(pk=admin.person_id).email in home
    assert "/requests/new/" not in home
    assert end_user.get("/queue/").status_code == 403
    assert end_user.get("/requests/new/").status_code == 403


def test_an_engineer_begins_with_the_queue(filed, staff):
    """Settled point 16"""
    response = staff.get("/", follow=True)

    assert response.redirect_chain == [("/queue/", 302)]
    assert filed.number in text_of(response)


def test_an_operator_who_has_no_queue_begins_with_operations(db):
    """RO-3"""
    response = factories.browser_of(factories.make_staff("operator")).get("/", follow=True)

    assert (response.status_code, response.redirect_chain) == (200, [("/staff/operations/", 302)])


def test_only_who_may_take_a_request_is_offered_it_in_the_queue(filed, organisation, staff):
    """RO-3: an account manager looks at the queue of their organisations, and takes nothing."""
    manager = factories.make_staff("account_manager")
    factories.make_elevated_contract(organisation, account_manager=manager)
    take = page_of(filed, "take/")

    queue_of_manager = text_of(factories.browser_of(manager).get("/queue/"))

    assert filed.number in queue_of_manager
    assert take not in queue_of_manager
    assert take in text_of(staff.get("/queue/"))


def test_notices_are_told_in_the_portal_and_marked_as_read(filed, customer, admin):
    """CH-3"""
    assert filed.number in text_of(customer.get("/notices/"))

    customer.post("/notices/")

    assert not Delivery.objects.filter(person=admin.person_id, channel="portal", read_at=None).exists()


def test_a_swept_breach_shows_to_both_sides(filed, customer, staff):
    """SLA-1, P-4"""
    sweep(now=filed.due_at + timedelta(seconds=5))

    assert "Response time missed" in text_of(customer.get(page_of(filed)))
    assert "commitment_breached" in {event.kind for event in Event.objects.all()}


def test_the_timeline_shows_the_newest_events_and_says_that_there_are_more(filed, customer, monkeypatch):
    """P-8: what a request gathers over months does not make its page long."""
    whole = text_of(customer.get(page_of(filed)))
    assert "Older entries are left out" not in whole
    assert "Request filed" in whole

    monkeypatch.setattr(presenting, "EVENTS_SHOWN", 1)

    cut = text_of(customer.get(page_of(filed)))
    assert "Older entries are left out" in cut
    assert "Request filed" not in cut


@pytest.mark.parametrize("name", sorted({*presenting.EVENT_ICONS.values()}))
def test_every_icon_of_the_timeline_exists(name):
    """A missing icon would take the whole page down."""
    assert "<svg" in icon(name)


def test_visitors_are_asked_to_sign_in(filed, client):
    """RO-1"""
    for path in ("/", "/requests/", "/queue/", page_of(filed), "/notices/", "/requests/new/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=")


def test_a_page_does_not_name_a_duplicate_that_its_reader_may_not_see(filed, organisation, admin, customer, engineer):
    """P-5: the admin of one service has no way to the request about another."""
    other = making.filed(admin, service="sharepoint_online")
    ending = Ending("duplicate", "Please follow it there.", duplicate_of=other.number)
    close_request(number=filed.number, actor=engineer, ending=ending)
    of_exchange = factories.browser_of(factories.make_person(organisation, "exchange_admin"))

    assert other.number in text_of(customer.get(page_of(filed)))
    assert other.number not in text_of(of_exchange.get(page_of(filed)))


def test_notices_of_what_somebody_may_no_longer_see_can_still_be_marked_as_read(filed, admin):
    """P-6"""
    person = Person.objects.get(pk=admin.person_id)
    RoleGrant.objects.filter(person=person).delete()

    text = text_of(factories.browser_of(person).get("/notices/"))

    assert filed.number not in text
    assert "Mark all as read" in text


def test_a_missed_promise_stops_counting_once_the_request_is_closed(filed, admin, customer):
    """SLA-1: nobody owes an answer to what its admins closed themselves."""
    ServiceRequest.objects.update(created_at=filed.created_at - timedelta(hours=2))
    Commitment.objects.update(due_at=filed.created_at - timedelta(hours=1))
    assert "overdue" in text_of(customer.get(page_of(filed)))

    close_request(number=filed.number, actor=admin, ending=Ending("withdrawn"))

    assert '<time class="countdown"' not in text_of(customer.get(page_of(filed)))


def test_a_refused_assignment_comes_back_with_everybody_who_may_have_the_request(filed, staff, engineer):
    """RO-3"""
    presales = factories.make_staff("presales_specialist")

    response = staff.post(page_of(filed, "assign/"), {"assignee": presales.pk})

    assert response.status_code != 302
    assert f'<option value="{engineer.person_id}"' in text_of(response)
