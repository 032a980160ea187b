"""Pages of webhook endpoints, of an organisation and of the desk."""

from datetime import timedelta

import pytest

from accounts.models import Delivery, WebhookEndpoint
from accounts.outgoing import Answer
from tests import factories
from tests.tickets import making
from tests.tickets.test_budgets import cost_of
from tickets.services import webhook_outbox
from tickets.services.endpoints import create_endpoint, send_test
from tickets.services.webhook_outbox import Outcome

PAGE, DESK = "/organisation/webhooks/", "/staff/webhooks/"
FORM = {"url": "https://hooks.example.com/x?key=1", "description": "Our tracker", "types": ["request.created"]}


@pytest.fixture
def person(organisation):
    return factories.make_person(organisation, "global_admin")


@pytest.fixture
def browser(person):
    return factories.browser_of(person)


@pytest.fixture
def endpoint(person):
    actor = factories.actor(person)
    return create_endpoint(url=FORM["url"], types=["request.created"], actor=actor).endpoint


def settle(status, body=b""):
    """Let a receiver answer what is on its way."""
    for delivery in webhook_outbox.claim(50, failing=50):
        webhook_outbox.settle(delivery, Outcome(timedelta(milliseconds=80), Answer(status, {}, body)))


def text(answer):
    return answer.content.decode()


def test_an_endpoint_is_made_and_its_secret_shown_this_once(browser):
    made = browser.post(PAGE, FORM)
    endpoint = WebhookEndpoint.objects.get()

    assert made.status_code == 201
    assert 'value="whsec_' in text(made)
    again = browser.get(f"{PAGE}{endpoint.pk}/")
    assert "whsec_" not in text(again)
    assert "Our tracker" in text(browser.get(PAGE))
    assert "key=1" not in text(browser.get(PAGE))  # the list shows the host alone


def test_bad_input_loses_nothing_that_was_typed(browser):
    refused = browser.post(PAGE, {**FORM, "url": "http://hooks.example.com/"})

    assert refused.status_code == 400
    assert "Our tracker" in text(refused)
    assert "begins with https://" in text(refused)
    assert browser.post(PAGE, {**FORM, "types": []}).status_code == 400
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_by_the_version_that_was_read(browser, endpoint):
    page = f"{PAGE}{endpoint.pk}/"

    assert browser.post(page, {**FORM, "version": "1", "types": ["request.closed"]}).status_code == 302
    stale = browser.post(page, {**FORM, "version": "1", "description": "Mine"})

    endpoint.refresh_from_db()
    assert (endpoint.types, endpoint.description) == (["request.closed"], "Our tracker")
    assert (stale.status_code, "Mine" in text(stale)) == (400, True)


def test_the_acts_of_the_page(browser, endpoint, admin):
    page = f"{PAGE}{endpoint.pk}/"
    assert browser.post(f"{page}test/").status_code == 302
    settle(500, b"<script>canary()</script>")
    shown = text(browser.get(page))
    assert "HTTP 500" in shown
    assert "Failing" in shown
    delivery = Delivery.objects.get(channel="webhook")
    detail = text(browser.get(f"{page}deliveries/{delivery.pk}/"))
    assert "&lt;script&gt;canary()" in detail
    assert "<script>canary" not in detail

    assert "1 delivery is sent again." in text(browser.post(f"{page}again/", {"hours": "24"}, follow=True))
    assert "It is sent again." in text(browser.post(f"{page}deliveries/{delivery.pk}/", follow=True))
    assert 'value="whsec_' in text(browser.post(f"{page}rotate/"))
    assert "is switched off" in text(browser.post(f"{page}off/", follow=True))
    assert "Switch it on first" in text(browser.post(f"{page}test/", follow=True))
    assert "is switched on" in text(browser.post(f"{page}on/", follow=True))
    assert "is removed" in text(browser.post(f"{page}remove/", follow=True))
    assert browser.get(page).status_code == 404
    assert browser.post(f"{page}explode/").status_code == 404


def test_whom_the_pages_are_for(endpoint, organisation):
    """P-5, RO-1"""
    lead = factories.browser_of(factories.make_staff("team_lead"))
    engineer = factories.browser_of(factories.make_staff("engineer"))
    reader = factories.browser_of(factories.make_person(organisation, "reader"))
    helper = factories.browser_of(factories.make_person(organisation, "service_support_admin"))
    stranger = factories.browser_of(factories.make_person(factories.make_organisation(), "global_admin"))

    one = f"{PAGE}{endpoint.pk}/"
    assert [who.get(one).status_code for who in (helper, reader, stranger, lead)] == [200, 403, 404, 403]
    assert [who.get(DESK).status_code for who in (lead, engineer, helper)] == [200, 403, 403]
    assert lead.get(f"{DESK}{endpoint.pk}/").status_code == 404


def test_the_desk_has_its_own(admin):
    lead = factories.browser_of(factories.make_staff("team_lead"))

    assert lead.post(DESK, FORM).status_code == 201
    making.filed(admin)
    endpoint = WebhookEndpoint.objects.get()

    assert "A request is filed" in text(lead.get(f"{DESK}{endpoint.pk}/"))
    assert endpoint.organisation_id is None


def test_the_log_is_narrowed_and_costs_the_same_however_long(browser, endpoint, person, settings):
    """STYLE section 5"""
    settings.RATE_LIMIT_FACTOR = 100
    page, costs = f"{PAGE}{endpoint.pk}/", set()
    for amount in (1, 24):
        for _ in range(amount):
            send_test(endpoint_id=endpoint.pk, actor=factories.actor(person))
        settle(200)
        costs.add(cost_of(browser, page))

    assert len(costs) == 1
    assert "No deliveries here" in text(browser.get(f"{page}?state=failed"))
    assert "Test event" in text(browser.get(f"{page}?state=sent"))


def test_the_mail_about_an_endpoint_that_was_switched_off_leads_to_its_page(browser, endpoint, person, mailoutbox):
    """P-6: and says nothing any more once it is on again"""
    from tickets.services.relay import relay_all

    send_test(endpoint_id=endpoint.pk, actor=factories.actor(person))
    settle(410)
    relay_all()

    (mail,) = mailoutbox
    assert mail.subject == "The webhook to hooks.example.com was switched off"
    assert f"/organisation/webhooks/{endpoint.pk}/" in mail.body
    assert "key=1" not in mail.body
