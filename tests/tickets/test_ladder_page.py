"""The ladder on the engineers' page, and what admins read of it on theirs."""

import pytest

from accounts import clock
from accounts.models import Person
from tests import factories
from tests.tickets import making
from tests.tickets.test_budgets import ENGINEER, REQUEST, cost_of
from tickets.models import Timer
from tickets.services.conversation import add_customer_message, ask_customer, reply_publicly


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
    """The address of a request's page."""
    return f"/requests/{request.number}/{tail}"


def text_of(response):
    """What a page says."""
    return response.content.decode()


def test_both_sides_read_when_a_silent_customers_request_will_be_closed(filed, customer, staff, admin, engineer):
    """DESIGN: always announced beforehand; what the desk does inside is no business of the customer's."""
    ask_customer(number=filed.number, actor=engineer, body="Since when?")

    assert "it will be closed on" in text_of(staff.get(page_of(filed)))
    assert "this request will be closed on" in text_of(customer.get(page_of(filed)))
    add_customer_message(number=filed.number, actor=admin, body="Since nine.")

    assert "will be closed on" not in text_of(customer.get(page_of(filed)))


def test_the_ladder_tells_what_comes_what_was_and_why_not(filed, staff, engineer):
    """DESIGN, timers and escalation"""
    reply_publicly(number=filed.number, actor=engineer, body="We are on it.")

    text = text_of(staff.get(page_of(filed, "?tab=history")))

    for words in (
        "Public update due",
        "reminder 2",
        "the team lead",
        "Critical and not taken",
        "the request was answered",
    ):
        assert words in text


def test_a_long_ladder_is_cut_to_its_latest_steps(filed, staff):
    """STYLE section 5: the page stays as long as a page."""
    step = Timer.objects.filter(kind="response").first()
    for generation in range(100, 160):
        fields = {"organisation": filed.organisation, "request": filed, "kind": "update_due", "step": "1"}
        instants = {"due_at": step.due_at, "next_attempt_at": step.due_at, "settled_at": step.due_at}
        Timer.objects.create(**fields, **instants, generation=generation, state="cancelled", cause="updated")

    text = text_of(staff.get(page_of(filed, "?tab=history")))

    assert text.count("Public update due") <= 40
    assert "Older steps are left out here" in text
    assert "75 %" in text


def test_a_request_that_waits_for_its_customer_costs_one_query_more(filed, customer, staff, engineer):
    """STYLE section 5: the instant of its closing. For the desk, tags and the incidents that go on come on top."""
    ask_customer(number=filed.number, actor=engineer, body="Since when?")

    assert cost_of(customer, page_of(filed)) <= REQUEST + 1
    assert cost_of(staff, page_of(filed)) <= ENGINEER + 2


def test_a_contract_that_has_ended_offers_no_severity_of_ones_own(organisation, admin):
    """SE-5: what was promised under it stays promised."""
    contract = factories.make_elevated_contract(organisation)
    elevated = making.filed(admin, severity="B")
    browser = factories.browser_of(Person.objects.get(pk=admin.person_id))
    assert "Change severity" in text_of(browser.get(page_of(elevated)))

    contract.ends_at = clock.now()
    contract.save()

    assert "Change severity" not in text_of(browser.get(page_of(elevated)))
    assert elevated.tier == "elevated"


def test_programs_read_when_a_silent_customers_request_will_be_closed(filed, admin, engineer):
    """DESIGN: always announced beforehand."""
    api = factories.api_of(Person.objects.get(pk=admin.person_id))
    address = f"/api/v1/service-requests/{filed.number}/"
    assert api.get(address).json()["closes_at"] is None

    ask_customer(number=filed.number, actor=engineer, body="Since when?")

    close = Timer.objects.get(kind="waiting_close")
    assert api.get(address).json()["closes_at"] == close.due_at.isoformat().replace("+00:00", "Z")
