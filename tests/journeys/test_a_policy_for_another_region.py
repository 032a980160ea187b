"""A desk of another region gets its own promises by a document alone, without a change of the code."""

import copy
import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from sla.policy import DEFAULT_POLICY
from sla.vocabulary import KINDS, TIERS
from tests import factories

pytestmark = pytest.mark.django_db

TAIPEI = ZoneInfo("Asia/Taipei")
FORMS = {
    "technical": {"category": "technical.configuration", "service": "exchange_online"},
    "billing": {"category": "billing"},
    "presales": {"category": "presales"},
}
IMPACTS = {
    "A": {"service_state": "down", "users_affected": "all_users", "business_impact": "severe"},
    "B": {"service_state": "degraded", "users_affected": "multiple_users", "business_impact": "moderate"},
    "C": {"service_state": "available", "users_affected": "single_user", "business_impact": "minimal"},
}
WORDS = {
    "A": ("Nobody can send mail", "Since this morning no user can send or receive mail."),
    "B": ("The Send button in Outlook is garbled", "The Send button in Outlook is garbled for one user, who needs it."),
    "C": ("How to set a password that never expires", "How do I set a user password so that it never expires?"),
}


def regional_document():
    """B within one business day, C within three, staffed 09:00–24:00 every day in Taipei, billing at most B."""
    document = copy.deepcopy(dict(DEFAULT_POLICY))
    document |= {"version": 2, "note": "The desk in Taipei", "max_severity": {"billing": "B"}}
    windows = {str(day): [["09:00", "24:00"]] for day in range(7)}
    document["calendars"] = {"taipei": {"timezone": "Asia/Taipei", "windows": windows, "holidays": []}}
    desk = {"B": "day+1", "C": "day+3"}
    for kind in KINDS:
        for tier in TIERS:
            column = document["rules"][kind][tier]
            column["A"] = {"availability": "always", "target": "PT1H"}
            column |= {severity: {"availability": "calendar:taipei", "target": desk[severity]} for severity in desk}
            if kind == "billing":
                del column["A"]
    return document


@pytest.fixture
def customer(tmp_path):
    """An organisation in New York with an Enterprise plan, once the document is in force."""
    file = tmp_path / "region.json"
    file.write_text(json.dumps(regional_document()), encoding="utf-8")
    call_command("publish_policy", str(file))
    organisation = factories.make_organisation(timezone="America/New_York", country="US")
    subscription = factories.make_subscription(organisation)
    return factories.make_person(organisation, "global_admin"), subscription


def file_over_the_api(customer, kind, severity):
    person, subscription = customer
    subject, description = WORDS[severity]
    body = {
        **FORMS[kind],
        "subject": subject,
        "description": description,
        "subscription": subscription.reference,
        "impact": IMPACTS[severity],
        "contact": {"phone": "+1 212 555 0100"},
    }
    answer = factories.api_of(person).post("/api/v1/service-requests/", body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def end_of_day(received_at, days):
    """The midnight that ends the day so many days after the one of receipt, in Taipei."""
    day: date = received_at.astimezone(TAIPEI).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), TAIPEI).astimezone(UTC)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("severity", "days"), [("B", 1), ("C", 3)])
def test_b_is_promised_within_one_business_day_and_c_within_three(customer, kind, severity, days):
    """SLA-1, SLA-4: day+N in a named calendar."""
    told = file_over_the_api(customer, kind, severity)

    commitment = told["commitment"]
    received_at = datetime.fromisoformat(commitment["received_at"])
    assert told["severity"] == severity
    assert (commitment["availability"], commitment["target"]) == ("calendar:taipei", f"day+{days}")
    assert commitment["policy_version"] == 2
    assert datetime.fromisoformat(commitment["due_at"]) == end_of_day(received_at, days)


@pytest.mark.parametrize(("kind", "counts_as", "target"), [("technical", "A", "PT1H"), ("billing", "B", "day+1")])
def test_what_is_assessed_a_counts_as_b_for_billing(customer, kind, counts_as, target):
    """Settled point 7"""
    told = file_over_the_api(customer, kind, "A")

    assert told["assessment"]["severity"] == "A"
    assert (told["severity"], told["commitment"]["target"]) == (counts_as, target)
