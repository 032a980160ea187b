"""The page of filing: form, preview and the filing itself, with and without a script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Event, IdempotencyKey, Organisation, Person, RateCount, Subscription
from sla.wording import due_text
from tests import factories
from tests.factories import browser_of
from tests.tickets import making
from tests.tickets.test_timers import in_threads
from tickets.models import Attachment, Commitment, Message, ServiceRequest
from tickets.selectors.availability import Opening
from tickets.services.closing import Ending, close_request
from tickets.views.filing import SPOKEN
from tickets.views.previewing import language_line

NEW, PREVIEW = "/requests/new/", "/requests/new/preview/"
OUTAGE = {
    "category": "technical.configuration",
    "service": "exchange_online",
    "subject": "Nobody can send mail",
    "description": "Since this morning no user can send or receive mail.",
    "service_state": "down",
    "users_affected": "all_users",
    "contact_method": "email",
    "contact_language": "en",
    "contact_timezone": "Asia/Taipei",
    "contact_phone": "+886 2 5550 0100",
}
QUESTION = {
    "subject": "How to set a password that never expires",
    "description": "How do I set a user password so that it never expires?",
    "service_state": "available",
    "users_affected": "single_user",
}
PAYLOAD = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>{{ 7|add:7 }}"


@pytest.fixture
def person(organisation: Organisation) -> Person:
    """The customer's global admin, with a telephone."""
    return factories.make_person(organisation, "global_admin", timezone="Asia/Taipei", phone="+886 2 5550 0100")


@pytest.fixture
def client(person: Person) -> Client:
    """Their browser."""
    return browser_of(person)


@pytest.fixture
def subscription(organisation: Organisation) -> Subscription:
    return Subscription.objects.get(organisation=organisation)


@pytest.fixture
def form(subscription: Subscription) -> dict[str, Any]:
    """A form that is filled in: an A about mail."""
    return {**OUTAGE, "subscription": subscription.reference, "key": "the-key-of-this-very-form"}


def page_of(response: HttpResponse) -> str:
    """The page as it reads, spaces and line breaks aside."""
    return re.sub(r"\s+", " ", response.content.decode())


def words_of(response: HttpResponse) -> str:
    """The page without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page_of(response)))


def options_of(response: HttpResponse, name: str) -> list[str]:
    """The values that a field offers, in order."""
    page = page_of(response)
    select = re.search(rf'<select name="{name}".*?</select>', page)
    if select:
        return re.findall(r'<option value="([^"]*)"', select[0])
    return re.findall(rf'<input type="radio" name="{name}" value="([^"]*)"', page)


def value_of(response: HttpResponse, name: str) -> str:
    """What an input of the page holds."""
    found = re.search(rf'<input [^>]*name="{name}"[^>]*>', page_of(response))
    assert found, name
    held = re.search(r'value="([^"]*)"', found[0])
    return held[1] if held else ""


def chosen_in(response: HttpResponse, name: str) -> str:
    """The option of a drop-down that is selected, or the radio button that is pressed."""
    page = page_of(response)
    select = re.search(rf'<select name="{name}".*?</select>', page)
    if select:
        found = re.search(r'<option value="([^"]*)"[^>]*selected', select[0])
    else:
        found = re.search(rf'<input type="radio" name="{name}" value="([^"]*)"[^>]*checked', page)
    return found[1] if found else ""


def told(response: HttpResponse) -> list[str]:
    """What the next page says about what was just done."""
    return [str(message) for message in response.context["messages"]]


def queries_of(client: Client, data: dict[str, Any] | None = None, *, address: str = NEW, **headers: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        if data is None:
            client.get(address)
        else:
            client.post(address, data, **headers)
    return len(queries)


def preview_of(client: Client, **data: Any) -> HttpResponse:
    """The part that htmx gets."""
    return client.post(PREVIEW, data, headers={"HX-Request": "true"})


# Who may file, and about what -----------------------------------------------------------------------------------------


def test_an_admin_is_offered_every_kind_of_help_but_advice(client: Client) -> None:
    """CH-1, SE-5: advice and the severity come with elevated support."""
    page = client.get(NEW)

    assert options_of(page, "category") == [
        "technical.install_setup",
        "technical.configuration",
        "technical.advisory",
        "presales",
        "billing",
    ]
    assert options_of(page, "severity") == []
    assert options_of(page, "service")[0] == ""


def test_elevated_support_brings_advice_and_the_severity(client: Client, organisation: Organisation) -> None:
    """SE-5, EL-1"""
    factories.make_elevated_contract(organisation)

    page = client.get(NEW)

    assert "advisory" in options_of(page, "category")
    assert options_of(page, "severity") == ["", "A", "B", "C"]


def test_a_billing_admin_is_not_offered_a_severity_that_nobody_sets(organisation: Organisation) -> None:
    """SE-5, BI-2: elevated support covers technical and advisory requests"""
    factories.make_elevated_contract(organisation)

    assert options_of(browser_of(factories.make_person(organisation, "billing_admin")).get(NEW), "severity") == []


def test_the_admin_of_one_service_is_offered_that_one(organisation: Organisation) -> None:
    """RO-1"""
    page = browser_of(factories.make_person(organisation, "exchange_admin")).get(NEW)

    assert options_of(page, "category") == ["technical.install_setup", "technical.configuration", "technical.advisory"]
    assert options_of(page, "service") == ["exchange_online"]
    offered = options_of(page, "topic")
    assert "mail_flow" in offered
    assert not {"site_availability", "renew", "domain_setup"} & set(offered)


def test_the_admin_of_one_service_files_about_no_other(organisation: Organisation, form: dict[str, Any]) -> None:
    """RO-1: what the page does not offer is refused all the same, beside the field."""
    exchange = browser_of(factories.make_person(organisation, "exchange_admin"))

    refused = [exchange.post(NEW, {**form, "service": service}) for service in ("sharepoint_online", "")]

    for page in refused:
        assert page.status_code == 400
        assert "Choose one of the services that you look after." in words_of(page)
    assert not ServiceRequest.objects.exists()
    assert exchange.post(NEW, form).status_code == 302


def test_a_billing_admin_files_no_technical_request(organisation: Organisation, form: dict[str, Any]) -> None:
    """RO-1"""
    billing = browser_of(factories.make_person(organisation, "billing_admin"))

    page = billing.post(NEW, form)

    assert page.status_code == 400
    assert "Your roles do not include this kind of help." in words_of(page)
    assert options_of(page, "category") == ["presales", "billing"]


@pytest.mark.parametrize("address", [NEW, PREVIEW])
@pytest.mark.parametrize("roles", [(), ("reader",)])
def test_whoever_may_not_file_gets_no_form(
    organisation: Organisation, form: dict[str, Any], roles: tuple[str, ...], address: str
) -> None:
    """SH-2, RO-1"""
    client = browser_of(factories.make_person(organisation, *roles))

    assert client.get(NEW).status_code == 403
    assert client.post(address, form).status_code == 403
    assert not ServiceRequest.objects.exists()


def test_support_staff_file_nothing(db: None) -> None:
    """RO-3"""
    assert browser_of(factories.make_staff("engineer")).get(NEW).status_code == 403


@pytest.mark.parametrize("address", [NEW, PREVIEW])
def test_visitors_are_asked_to_sign_in(db: None, address: str) -> None:
    assert Client().post(address, {}).headers["Location"].startswith("/login/?next=")


def test_a_partner_files_for_the_customer(organisation: Organisation, form: dict[str, Any]) -> None:
    """PA-1: the customer's subscriptions, and the act is recorded as done on behalf of them."""
    partner = factories.make_partner()
    factories.make_delegation(organisation, partner)
    client = factories.browser_acting_for(organisation, factories.make_person(partner, "reader"))

    assert options_of(client.get(NEW), "subscription") == ["", form["subscription"]]
    assert client.post(NEW, form).status_code == 302

    assert ServiceRequest.objects.get().organisation == organisation
    assert Event.objects.get(kind="request_filed").on_behalf_of == organisation


# What is filled in beforehand -----------------------------------------------------------------------------------------


def test_what_the_portal_knows_is_filled_in(client: Client, subscription: Subscription) -> None:
    page = client.get(NEW)

    assert value_of(page, "contact_phone") == "+886 2 5550 0100"
    assert value_of(page, "contact_timezone") == "Asia/Taipei"
    assert chosen_in(page, "contact_language") == "en"
    assert chosen_in(page, "subscription") == subscription.reference
    assert chosen_in(page, "category") == ""
    assert len(value_of(page, "key")) >= 32


def test_of_several_subscriptions_none_is_chosen_beforehand(client: Client, organisation: Organisation) -> None:
    """SLA-1: it decides the tier, so the admin says which."""
    factories.make_subscription(organisation, "business_basic")

    page = client.get(NEW)

    assert chosen_in(page, "subscription") == ""
    assert len(options_of(page, "subscription")) == 3


@pytest.mark.parametrize(("wanted", "chosen"), [("presales", "presales"), ("advisory", ""), ("<b>", "")])
def test_a_link_may_choose_the_kind_of_help(client: Client, wanted: str, chosen: str) -> None:
    assert chosen_in(client.get(NEW, {"category": wanted}), "category") == chosen


def test_the_organisations_telephone_stands_in(organisation: Organisation) -> None:
    """Settled point 10"""
    Organisation.objects.filter(pk=organisation.pk).update(phone="+886 2 5550 0199")

    page = browser_of(factories.make_person(organisation, "global_admin", language="zh-hant")).get(NEW)

    assert value_of(page, "contact_phone") == "+886 2 5550 0199"
    assert chosen_in(page, "contact_language") == "zh-Hant"


def test_without_a_subscription_the_page_says_what_can_be_filed(db: None) -> None:
    """CH-2"""
    client = browser_of(factories.make_person(factories.make_organisation(), "global_admin"))

    assert "There is no running subscription" in words_of(client.get(NEW))


# Filing ---------------------------------------------------------------------------------------------------------------


def test_filing_leads_to_the_request_and_says_by_when_somebody_answers(client: Client, form: dict[str, Any]) -> None:
    """CH-3, SLA-1"""
    page = client.post(NEW, form, follow=True)

    filed = ServiceRequest.objects.get()
    assert page.redirect_chain == [(f"/requests/{filed.number}/", 302)]
    due = due_text(cell=SPOKEN, due_at=filed.due_at, timezone="Asia/Taipei", now=filed.created_at)
    assert told(page) == [f"Request {filed.number} is filed. An engineer answers {due}."]
    assert filed.due_at == filed.created_at + timedelta(hours=1)
    assert (filed.severity, filed.service_code, filed.contact_method) == ("A", "exchange_online", "email")
    assert Message.objects.get().body == form["description"]


def test_a_target_of_days_is_told_as_the_end_of_that_day(client: Client, form: dict[str, Any]) -> None:
    """SLA-1"""
    impaired = {**making.IMPAIRED, "service_state": "degraded", "users_affected": "single_user"}
    page = client.post(NEW, {**form, **impaired, "business_impact": "moderate"}, follow=True)

    day = ServiceRequest.objects.get().due_at.astimezone(ZoneInfo("Asia/Taipei")) - timedelta(days=1)
    assert told(page)[0].endswith(f"by the end of {day:%A}, {day.day} {day:%B}.")


def test_no_commitment_is_said_plainly(client: Client, form: dict[str, Any]) -> None:
    """SLA-6"""
    page = client.post(NEW, {**form, **QUESTION}, follow=True)

    assert ServiceRequest.objects.get().due_at is None
    assert "There is no committed response time" in told(page)[0]


def test_every_answer_of_the_form_is_kept(client: Client, form: dict[str, Any]) -> None:
    """CH-3, LA-2"""
    answers = {
        "topic": "mail_flow",
        "business_impact": "severe",
        "workaround": "no",
        "deadline_at_risk": "yes",
        "contact_method": "phone",
        "contact_language": "ja",
        "contact_timezone": "Tokyo",
        "translator": "on",
        "diagnostic_consent": "on",
    }
    client.post(NEW, {**form, **answers})

    filed = ServiceRequest.objects.select_related("topic").get()
    assert filed.topic is not None
    assert filed.topic.code == "mail_flow"
    assert (filed.business_impact, filed.workaround, filed.deadline_at_risk) == ("severe", "no", "yes")
    assert (filed.contact_method, filed.language, filed.contact_timezone) == ("phone", "ja", "Asia/Tokyo")
    assert filed.translator
    assert filed.diagnostic_consent


def test_a_topic_brings_its_service_along(client: Client, form: dict[str, Any]) -> None:
    """TE-3: without a script both lists are whole, and one answer is enough."""
    client.post(NEW, {**form, "service": "", "topic": "mail_flow"})

    assert ServiceRequest.objects.get().service_code == "exchange_online"


def test_buying_needs_no_subscription(client: Client, form: dict[str, Any]) -> None:
    """Settled point 7, BI-2"""
    client.post(NEW, {**form, **QUESTION, "category": "presales", "service": "", "subscription": ""})

    filed = ServiceRequest.objects.get()
    assert (filed.kind, filed.subscription, filed.due_at) == ("presales", None, None)


def test_a_technical_request_needs_one(client: Client, form: dict[str, Any]) -> None:
    """Settled point 7"""
    page = client.post(NEW, {**form, "subscription": ""})

    assert page.status_code == 400
    assert "Choose the subscription" in words_of(page)


def test_elevated_support_sets_the_severity(client: Client, organisation: Organisation, form: dict[str, Any]) -> None:
    """SE-5"""
    factories.make_elevated_contract(organisation)

    client.post(NEW, {**form, **QUESTION, "severity": "B"})

    filed = ServiceRequest.objects.get()
    assert filed.severity == "B"
    assert filed.due_at == filed.created_at + timedelta(hours=2)


def test_nobody_sets_the_severity_of_a_purchase(
    client: Client, organisation: Organisation, form: dict[str, Any]
) -> None:
    """BI-2: what was chosen before the kind of help changed is no obstacle."""
    factories.make_elevated_contract(organisation)

    assert (
        client.post(NEW, {**form, **QUESTION, "category": "billing", "service": "", "severity": "A"}).status_code == 302
    )
    assert ServiceRequest.objects.get().severity == "C"


def test_an_a_without_a_telephone_is_filed_and_the_number_asked_for(
    organisation: Organisation, form: dict[str, Any]
) -> None:
    """Settled point 10: nothing delays an A; the preview asked for the number, and the request's page does."""
    client = browser_of(factories.make_person(organisation, "global_admin"))

    page = client.post(NEW, {**form, "contact_phone": ""}, follow=True)

    assert ServiceRequest.objects.get().phone_missing
    assert "phone number" in words_of(page)


# What is wrong comes back with what was typed -------------------------------------------------------------------------


def test_what_is_wrong_comes_back_with_all_that_was_typed(client: Client, form: dict[str, Any]) -> None:
    typed = {**form, "subject": "", "contact_phone": "call <me>", "workaround": "no", "translator": "on"}

    page = client.post(NEW, typed)

    assert page.status_code == 400
    assert "Say in one line what it is about." in words_of(page)
    assert "Write it with digits" in words_of(page)
    assert 'href="#id_subject"' in page_of(page)
    assert form["description"] in page_of(page)
    assert chosen_in(page, "category") == form["category"]
    assert chosen_in(page, "service") == "exchange_online"
    assert chosen_in(page, "workaround") == "no"
    assert value_of(page, "contact_phone") == "call &lt;me&gt;"
    assert value_of(page, "key") == form["key"]
    assert re.search(r'name="translator"[^>]*checked', page_of(page))
    assert not ServiceRequest.objects.exists()


def test_files_must_be_chosen_again_and_the_page_says_so(client: Client, form: dict[str, Any]) -> None:
    file = SimpleUploadedFile("trace.txt", b"trace")

    page = client.post(NEW, {**form, "subject": "", "attachments": [file]})

    assert "Choose the files again" in words_of(page)


def test_the_preview_stays_beside_a_form_that_came_back(client: Client, form: dict[str, Any]) -> None:
    assert "Proposed severity" in words_of(client.post(NEW, {**form, "subject": ""}))


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"topic": "renew"}, 400, "Choose a topic of the kind of help and of the service above, or none."),
        ({"topic": "site_availability"}, 400, "Choose a topic of the kind of help and of the service above, or none."),
        ({"service": "no_such"}, 400, "This is not one of the choices."),
        ({"subscription": "another-customers"}, 404, "The organisation has no running subscription by this reference."),
        ({"severity": "A"}, 403, "Only elevated support sets the severity itself."),
        ({"category": "advisory"}, 403, "The organisation has no elevated support contract."),
        ({"follow_up_of": "SR-000000000"}, 404, "No request that you may see has this number."),
    ],
)
def test_what_the_service_refuses_stands_beside_its_field(
    client: Client, form: dict[str, Any], changes: dict[str, str], status: int, words: str
) -> None:
    """SE-5, CH-1, P-5: the edge checks form, the service decides."""
    page = client.post(NEW, {**form, **changes})

    assert page.status_code == status
    assert words in words_of(page).replace("&#x27;", "'")
    assert form["description"] in page_of(page)
    assert not ServiceRequest.objects.exists()


def test_another_customers_subscription_is_none(client: Client, form: dict[str, Any]) -> None:
    """P-5"""
    foreign = factories.make_subscription(factories.make_organisation())

    assert client.post(NEW, {**form, "subscription": foreign.reference}).status_code == 404
    assert not ServiceRequest.objects.exists()


def test_too_many_in_a_minute_lose_no_text(client: Client, form: dict[str, Any], settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 0

    page = client.post(NEW, form)

    assert page.status_code == 429
    assert form["description"] in page_of(page)


@pytest.mark.parametrize("field", ["subject", "description", "service", "topic", "subscription", "contact_timezone"])
@pytest.mark.parametrize("junk", ["\x00", "\ud800", "\u202e", "x" * 60_000, "'; DROP TABLE"])
def test_no_input_breaks_the_page(client: Client, form: dict[str, Any], field: str, junk: str) -> None:
    """P-8"""
    body = urlencode({**form, field: junk}, errors="surrogatepass")

    answers = [
        client.post(address, body, content_type="application/x-www-form-urlencoded") for address in (NEW, PREVIEW)
    ]

    assert answers[0].status_code < 500
    assert answers[1].status_code == 200


# Once -----------------------------------------------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_files_once(client: Client, form: dict[str, Any]) -> None:
    """P-2"""
    pages = [client.post(NEW, form, follow=True) for _ in range(2)]

    filed = ServiceRequest.objects.get()
    assert {page.redirect_chain[-1][0] for page in pages} == {f"/requests/{filed.number}/"}
    assert all(filed.number in told(page)[0] for page in pages)


def test_a_double_click_files_once(own_database: Any) -> None:
    """P-2: both clicks are answered with the same request."""
    organisation = factories.make_organisation()
    reference = factories.make_subscription(organisation).reference
    person = factories.make_person(organisation, "global_admin")
    clients = [browser_of(person) for _ in range(2)]
    form = {**OUTAGE, "subscription": reference, "key": "clicked-twice"}

    answers = in_threads(*[lambda client=client: client.post(NEW, form).headers["Location"] for client in clients])

    assert answers == [f"/requests/{ServiceRequest.objects.get().number}/"] * 2


def test_a_changed_form_with_the_same_key_is_asked_about_and_then_filed(client: Client, form: dict[str, Any]) -> None:
    """P-2: somebody went back to the form after filing and meant another request."""
    client.post(NEW, form)
    changed = {**form, "subject": "Nobody can receive mail either"}

    page = client.post(NEW, changed)

    assert page.status_code == 409
    assert "This form was filed already." in words_of(page)
    assert value_of(page, "subject") == changed["subject"]
    assert value_of(page, "key") != form["key"]
    assert client.post(NEW, {**changed, "key": value_of(page, "key")}).status_code == 302
    assert ServiceRequest.objects.count() == 2


@pytest.mark.parametrize("key", ["", "with a space", "k" * 65])
def test_a_form_without_a_usable_key_still_files(client: Client, form: dict[str, Any], key: str) -> None:
    """Nothing delays an A."""
    assert client.post(NEW, {**form, "key": key}).status_code == 302


# Files ----------------------------------------------------------------------------------------------------------------


def test_files_are_kept_with_the_first_message(client: Client, form: dict[str, Any]) -> None:
    files = [SimpleUploadedFile("trace.txt", b"trace"), SimpleUploadedFile("報告.csv", b"a,b")]

    client.post(NEW, {**form, "attachments": files})

    assert [(each.name, each.message) for each in Attachment.objects.order_by("id")] == [
        ("trace.txt", Message.objects.get()),
        ("報告.csv", Message.objects.get()),
    ]


def test_a_refused_file_is_named_and_the_request_stands(client: Client, form: dict[str, Any]) -> None:
    files = [SimpleUploadedFile("empty.txt", b""), SimpleUploadedFile("trace.txt", b"trace")]

    page = client.post(NEW, {**form, "attachments": files}, follow=True)

    assert ServiceRequest.objects.count() == 1
    assert Attachment.objects.get().name == "trace.txt"
    assert any("empty.txt was not attached: The file is empty." in message for message in told(page))


def test_a_second_click_stores_no_file_twice(client: Client, form: dict[str, Any]) -> None:
    """P-2"""
    for _ in range(2):
        client.post(NEW, {**form, "attachments": [SimpleUploadedFile("trace.txt", b"trace")]})

    assert Attachment.objects.count() == 1


# A call back ----------------------------------------------------------------------------------------------------------


def in_two_days(hour: int = 9) -> datetime:
    """A reading of the clock, the day after tomorrow."""
    return (clock.now() + timedelta(days=2)).replace(hour=hour, minute=30, second=0, microsecond=0, tzinfo=None)


def test_a_call_back_is_read_on_the_clock_of_the_chosen_zone(client: Client, form: dict[str, Any]) -> None:
    """CH-3, settled point 17"""
    wanted = in_two_days()
    call = {
        "contact_method": "callback",
        "callback_at": f"{wanted:%Y-%m-%dT%H:%M}",
        "contact_timezone": "Europe/Berlin",
    }

    client.post(NEW, {**form, **call})

    assert ServiceRequest.objects.get().callback_at == wanted.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize("method", ["email", "phone"])
def test_a_time_is_forgotten_where_no_call_back_is_asked_for(client: Client, form: dict[str, Any], method: str) -> None:
    client.post(NEW, {**form, "contact_method": method, "callback_at": "2001-01-01T09:00"})

    assert ServiceRequest.objects.get().callback_at is None


def test_a_call_back_may_be_as_soon_as_possible(client: Client, form: dict[str, Any]) -> None:
    client.post(NEW, {**form, "contact_method": "callback"})

    assert (ServiceRequest.objects.get().contact_method, ServiceRequest.objects.get().callback_at) == ("callback", None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2001-01-01T09:00", "Choose a time from now on"),
        ("9999-12-31T23:59", "Choose a time from now on"),
        ("0001-01-01T00:00", "Choose a time from now on"),
        ("tomorrow", "Write date and time as in 2026-11-24 09:30."),
        ("2026-11-24T09:30+02:00", "Write date and time as in 2026-11-24 09:30."),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_time_that_cannot_be_meant_is_asked_again(
    client: Client, form: dict[str, Any], typed: str, words: str, zone: str
) -> None:
    """P-8"""
    page = client.post(NEW, {**form, "contact_method": "callback", "callback_at": typed, "contact_timezone": zone})

    assert page.status_code == 400
    assert words in words_of(page)
    assert value_of(page, "callback_at") == typed


def test_a_time_that_the_clocks_skip_is_asked_again(client: Client, form: dict[str, Any], time_machine: Any) -> None:
    """In Berlin the clocks go from 02:00 to 03:00 on 28 March 2027."""
    now = datetime(2027, 3, 26, 9, 0, tzinfo=UTC)
    client.session.save()
    time_machine.move_to(now)
    fresh = browser_of(Person.objects.get(organisation__isnull=False))
    call = {"contact_method": "callback", "callback_at": "2027-03-28T02:30", "contact_timezone": "Europe/Berlin"}

    assert "The clocks skip this time there." in words_of(fresh.post(NEW, {**form, **call}))


# A follow-up ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def archived(person: Person) -> ServiceRequest:
    """A request that was closed a month ago."""
    then = clock.now() - timedelta(days=30)
    service_request = making.filed(factories.actor(person), now=then, topic="mail_flow")
    engineer = factories.actor(factories.make_staff("engineer"))
    return close_request(number=service_request.number, actor=engineer, ending=Ending("solved", "Done."), now=then)


def test_a_follow_up_begins_with_what_it_follows(
    client: Client, archived: ServiceRequest, form: dict[str, Any]
) -> None:
    """CH-4"""
    page = client.get(NEW, {"follow_up_of": archived.number})

    assert f'href="/requests/{archived.number}/"' in page_of(page)
    assert value_of(page, "subject") == "Follow-up: Nobody can send mail"
    assert value_of(page, "follow_up_of") == archived.number
    assert [chosen_in(page, name) for name in ("category", "service", "topic")] == [
        "technical.configuration",
        "exchange_online",
        "mail_flow",
    ]
    client.post(NEW, {**form, "follow_up_of": archived.number})
    assert ServiceRequest.objects.get(follow_up_of=archived).subject == form["subject"]


def test_a_form_that_came_back_still_follows(client: Client, archived: ServiceRequest, form: dict[str, Any]) -> None:
    """CH-4"""
    page = client.post(NEW, {**form, "subject": "", "follow_up_of": archived.number})

    assert value_of(page, "follow_up_of") == archived.number
    assert "It will be linked to the archived request" in words_of(page)


def test_what_can_be_reopened_is_not_followed_up(client: Client, person: Person) -> None:
    """CH-4"""
    open_request = making.filed(factories.actor(person))

    page = client.get(NEW, {"follow_up_of": open_request.number}, follow=True)

    assert page.redirect_chain[0][0] == f"/requests/{open_request.number}/"
    assert "not archived" in told(page)[0]


@pytest.mark.parametrize("number", ["SR-000000000", "SR-1", "\x00", "SR-٠٠٠٠٠٠٠٠٠"])
def test_a_follow_up_of_nothing_is_not_found(client: Client, number: str) -> None:
    """P-5, P-8"""
    assert client.get(NEW, {"follow_up_of": number}).status_code == 404


def test_a_follow_up_of_another_customers_request_is_not_found(client: Client) -> None:
    """P-5"""
    elsewhere = factories.make_organisation()
    factories.make_subscription(elsewhere)
    foreign = making.filed(factories.actor(factories.make_person(elsewhere, "global_admin")))

    assert client.get(NEW, {"follow_up_of": foreign.number}).status_code == 404


# The preview ----------------------------------------------------------------------------------------------------------


def test_a_preview_shows_severity_reason_and_promise(client: Client, form: dict[str, Any]) -> None:
    """SE-1, SE-2, SLA-1"""
    before = clock.now()

    words = words_of(preview_of(client, **form))

    assert "Critical" in words
    assert "Sure ·" in words
    assert "By the answers, all users are affected" in words
    assert "“Nobody” reads as everyone affected" in words.replace("&#x27;", "'")
    assert "It would be" in words
    assert f"{before.astimezone(ZoneInfo('Asia/Taipei')) + timedelta(hours=1):%A}" in words
    assert "(Asia/Taipei)" in words
    assert "Around the clock, every day" in words
    assert "Every hour counts, day and night" in words
    assert "Office 365 E3 · Enterprise" in words


def test_a_preview_is_in_the_admins_own_time(organisation: Organisation, form: dict[str, Any]) -> None:
    abroad = browser_of(factories.make_person(organisation, "global_admin", timezone="America/New_York"))

    assert "(America/New York)" in words_of(preview_of(abroad, **form))


def test_a_preview_says_plainly_that_nothing_is_promised(client: Client, form: dict[str, Any]) -> None:
    """SLA-6"""
    words = words_of(preview_of(client, **{**form, **QUESTION}))

    assert "No committed response time" in words
    assert "How this was computed" not in words


def test_a_preview_points_out_what_does_not_fit_together(client: Client, form: dict[str, Any]) -> None:
    """DESIGN, assessment; settled point 9: the higher candidate counts until a person has confirmed one."""
    words = words_of(preview_of(client, **{**form, "users_affected": "single_user", "service_state": "available"}))

    assert "This does not fit together" in words
    assert "to be confirmed" in words
    assert "Most likely it is" in words


def test_a_preview_shows_a_referral_with_its_reason_and_lets_file_all_the_same(
    client: Client, form: dict[str, Any]
) -> None:
    """SC-1, SC-6"""
    vpn = {"description": "Since this morning no user can reach mail: our firewall and our VPN drop the packets."}

    page = preview_of(client, **{**form, **vpn})

    words = words_of(page).replace("&#x27;", "'")
    assert "A problem of your own network" in words
    assert "points to the customer's own network" in words
    assert "You can file it all the same." in words
    assert 'rel="noopener noreferrer"' in page_of(page)
    client.post(NEW, {**form, **vpn})
    assert ServiceRequest.objects.get().scope == "customer_network"


def test_a_preview_is_announced_with_its_doubts(client: Client, form: dict[str, Any]) -> None:
    """SE-1, SC-6: whoever hears the page learns what others see."""
    against = {**form, "users_affected": "single_user", "subject": "Nobody in the company can send mail"}

    told, plain = (page_of(preview_of(client, **fields)) for fields in (against, form))

    assert "Your answers and your words do not fit together." in told
    assert "An engineer will confirm it." in told
    assert "do not fit together." not in plain
    keys = [re.search('data-announced-as="([^"]*)"', page) for page in (told, plain)]
    assert all(keys)
    assert keys[0][1] != keys[1][1]


def test_a_preview_suggests_self_help(client: Client, form: dict[str, Any]) -> None:
    """SH-1"""
    page = page_of(preview_of(client, **{**form, **QUESTION}))

    assert "This may help right away" in page
    assert re.search(r'<a href="/help/[a-z0-9-]+/\?from=new-request"[^>]*target="_blank"', page)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "An engineer who speaks English is available now."), ("de", "An engineer who speaks Deutsch is ")],
)
def test_a_preview_says_when_somebody_speaks_the_language(
    client: Client, form: dict[str, Any], language: str, words: str
) -> None:
    """LA-1"""
    assert words in words_of(preview_of(client, **{**form, "contact_language": language}))


def test_a_preview_of_a_purchase_says_when_somebody_answers_that(client: Client, form: dict[str, Any]) -> None:
    """PS-1, BI-1: in business hours, whenever technical support answers"""
    words = words_of(preview_of(client, **{**form, **QUESTION, "category": "billing", "service": ""}))

    assert "Pre-sales and billing answer " in words
    assert "Technical support answers" not in words


@pytest.mark.django_db
def test_who_answers_in_business_hours_only_is_not_available_before_them() -> None:
    """LA-1, BI-1: English is spoken around the clock, but not by those who look at bills"""
    sunday, monday = datetime(2026, 11, 29, 2, tzinfo=UTC), datetime(2026, 11, 30, 8, tzinfo=UTC)

    assert language_line("en", now=sunday)["opening"] == Opening(is_open=True, next_open_at=sunday)
    assert language_line("en", now=sunday, since=monday)["opening"] == Opening(is_open=False, next_open_at=monday)


def test_a_preview_asks_for_a_telephone_where_it_would_be_an_a(
    organisation: Organisation, form: dict[str, Any]
) -> None:
    """Settled point 10"""
    client = browser_of(factories.make_person(organisation, "global_admin"))

    assert "data-asks-phone" in page_of(preview_of(client, **{**form, "contact_phone": ""}))
    assert "data-asks-phone" not in page_of(preview_of(client, **form))
    assert "data-asks-phone" not in page_of(preview_of(client, **{**form, **QUESTION, "contact_phone": ""}))


def test_a_preview_shows_what_elevated_support_chose_and_what_we_would(
    client: Client, organisation: Organisation, form: dict[str, Any]
) -> None:
    """SE-5"""
    factories.make_elevated_contract(organisation)

    words = words_of(preview_of(client, **{**form, **QUESTION, "severity": "B"}))

    assert "Your severity" in words
    assert "We would propose C (non-critical):" in words
    assert "Elevated" in words


@pytest.mark.parametrize(
    "typed", [{}, {"category": "technical.configuration"}, {"contact_language": "ja"}, {"key": "k"}]
)
def test_a_preview_of_nothing_is_a_hint(client: Client, typed: dict[str, str]) -> None:
    page = preview_of(client, **typed)

    assert page.status_code == 200
    assert "Describe the problem, and we will show" in words_of(page)
    assert "is available now" in words_of(page) or "is next available" in words_of(page)


@pytest.mark.parametrize(
    "typed", [{"subject": "Mail"}, {"users_affected": "all_users"}, {"description": "郵件無法傳送"}]
)
def test_a_half_filled_form_is_previewed_about_the_first_subscription(client: Client, typed: dict[str, str]) -> None:
    """SE-1"""
    words = words_of(preview_of(client, **typed))

    assert "Proposed severity" in words
    assert "Assumed until you choose the subscription." in words


def test_a_half_filled_form_of_a_billing_admin_is_no_technical_request(organisation: Organisation) -> None:
    """BI-2"""
    billing = browser_of(factories.make_person(organisation, "billing_admin"))

    assert "No committed response time" in words_of(preview_of(billing, subject="The bill is wrong"))


def test_a_preview_of_what_may_not_be_filed_says_why(client: Client, form: dict[str, Any]) -> None:
    """CH-1"""
    page = preview_of(client, **{**form, "category": "advisory"})

    assert page.status_code == 200
    assert "The organisation has no elevated support contract." in words_of(page)


def test_a_preview_stores_nothing(client: Client, form: dict[str, Any]) -> None:
    """DESIGN, the API: nothing is stored."""
    for headers in ({"HX-Request": "true"}, {}):
        client.post(PREVIEW, form, headers=headers)

    stored = (ServiceRequest, Message, Commitment, Event, IdempotencyKey, RateCount)
    assert [model.objects.count() for model in stored] == [0] * len(stored)


def test_the_part_and_the_page_are_told_apart(client: Client, form: dict[str, Any]) -> None:
    """STYLE section 10"""
    part, page = preview_of(client, **form), client.post(PREVIEW, form)

    assert "<html" not in page_of(part)
    assert "<html" in page_of(page)
    assert all("HX-Request" in response.headers["Vary"] for response in (part, page))
    assert client.get(PREVIEW).headers["Location"] == NEW


def test_without_a_script_the_page_comes_back_with_preview_and_form(client: Client, form: dict[str, Any]) -> None:
    half = {**form, "subject": "", "translator": "on", "attachments": [SimpleUploadedFile("trace.txt", b"trace")]}

    page = client.post(PREVIEW, half)

    assert page.status_code == 200
    assert "Proposed severity" in words_of(page)
    assert "Some answers need another look" not in words_of(page)
    assert "Choose your files again" in words_of(page)
    assert form["description"] in page_of(page)
    assert value_of(page, "key") == form["key"]
    assert chosen_in(page, "users_affected") == "all_users"
    assert re.search(r'name="translator"[^>]*checked', page_of(page))


def test_what_people_write_is_shown_as_text(client: Client, form: dict[str, Any]) -> None:
    """P-7"""
    typed = {**form, "subject": f"Nobody {PAYLOAD}", "description": f"no user can send mail {PAYLOAD}", "key": PAYLOAD}

    pages = [
        preview_of(client, **typed),
        client.post(PREVIEW, typed),
        client.post(NEW, {**typed, "contact_phone": "x"}),
    ]

    for page in pages:
        assert "<img src=x" not in page_of(page)
        assert "<script>document" not in page_of(page)


def test_the_page_and_its_preview_cost_few_queries(client: Client, form: dict[str, Any]) -> None:
    """Constant numbers. Session and reader are two of them, the bell of a whole page is one, the phone line is one."""
    client.get(NEW)
    preview_of(client, **form)  # policy and word lists are read once per process

    assert queries_of(client) == 9
    assert queries_of(client, {**form, "topic": "mail_flow"}, address=PREVIEW, headers={"HX-Request": "true"}) == 11
    assert queries_of(client, form, address=PREVIEW) == 13


def test_filing_costs_few_queries(client: Client, form: dict[str, Any]) -> None:
    """Issue: aim for 20. Statements that open or close a savepoint carry no work and are not counted."""
    client.post(NEW, {**form, "key": "warms-up"})

    with CaptureQueriesContext(connection) as queries:
        client.post(NEW, form)

    working = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(working) <= 23
