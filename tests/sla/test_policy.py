"""The default policy, cell by cell, and what a policy answers."""

import json
from pathlib import Path

import pytest

import sla
from sla.errors import CellUnknown
from sla.ladder import DEFAULT_LADDER, LadderStep, Recipient
from sla.policy import DEFAULT_POLICY, Difference, Policy, differences
from sla.vocabulary import SEVERITIES, TIERS

DEFAULT = Policy.from_document(DEFAULT_POLICY)
DATA_FILE = Path(sla.__file__).parent / "data" / "default_policy.json"


def promised(kind, tier, severity, policy=DEFAULT, country=None):
    cell = policy.cell(kind=kind, tier=tier, severity=severity, country=country)
    return str(cell.availability), str(cell.target)


def test_business_a_is_answered_around_the_clock_within_one_hour():
    """SLA-1"""
    assert promised("technical", "business", "A") == ("always", "PT1H")


def test_business_b_is_worked_on_in_business_hours_without_commitment():
    """SLA-1, SLA-6"""
    assert promised("technical", "business", "B") == ("business_hours", "none")


def test_business_c_is_worked_on_in_business_hours_without_commitment():
    """SLA-1, SLA-6"""
    assert promised("technical", "business", "C") == ("business_hours", "none")


def test_enterprise_a_is_answered_around_the_clock_within_one_hour():
    """SLA-1"""
    assert promised("technical", "enterprise", "A") == ("always", "PT1H")


def test_enterprise_b_is_answered_around_the_clock_by_the_next_day():
    """SLA-1"""
    assert promised("technical", "enterprise", "B") == ("always", "next_day")


def test_enterprise_c_is_worked_on_around_the_clock_without_commitment():
    """SLA-1, SLA-6"""
    assert promised("technical", "enterprise", "C") == ("always", "none")


def test_frontline_a_is_answered_around_the_clock_within_one_hour():
    """SLA-1"""
    assert promised("technical", "frontline", "A") == ("always", "PT1H")


def test_frontline_b_is_answered_around_the_clock_by_the_next_day():
    """SLA-1"""
    assert promised("technical", "frontline", "B") == ("always", "next_day")


def test_frontline_c_is_worked_on_around_the_clock_without_commitment():
    """SLA-1, SLA-6"""
    assert promised("technical", "frontline", "C") == ("always", "none")


def test_elevated_a_is_answered_around_the_clock_within_one_hour():
    """SLA-1, SLA-5, EL-1"""
    assert promised("technical", "elevated", "A") == ("always", "PT1H")


def test_elevated_b_is_answered_around_the_clock_within_two_hours():
    """SLA-1, SLA-5, EL-1"""
    assert promised("technical", "elevated", "B") == ("always", "PT2H")


def test_elevated_c_is_answered_around_the_clock_within_four_hours():
    """SLA-1, SLA-5, EL-1"""
    assert promised("technical", "elevated", "C") == ("always", "PT4H")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("kind", ["presales", "billing"])
def test_presales_and_billing_have_business_hours_and_no_commitment_in_every_tier(kind, tier, severity):
    """BI-2, PS-1, settled point 7"""
    assert promised(kind, tier, severity) == ("business_hours", "none")


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("tier", TIERS)
def test_advisory_support_is_promised_as_technical(tier, severity):
    """Settled point 7"""
    assert promised("advisory", tier, severity) == promised("technical", tier, severity)


def test_the_data_of_the_first_migration_is_the_default_policy():
    """SLA-1: a migration imports nothing of ours, so the table is in both."""
    assert json.loads(DATA_FILE.read_text(encoding="utf-8")) == DEFAULT_POLICY


@pytest.mark.parametrize("wrong", [{"kind": "sales"}, {"tier": "gold"}, {"severity": "D"}])
def test_a_cell_that_no_policy_has_is_refused(wrong):
    with pytest.raises(CellUnknown):
        DEFAULT.cell(**{"kind": "technical", "tier": "business", "severity": "A", **wrong})


CALENDAR = {"timezone": "Europe/Paris", "windows": {"0": [["09:00", "18:00"]]}, "holidays": []}


def test_a_region_has_its_own_hours_in_place_of_around_the_clock():
    """SLA-4, settled point 7"""
    document = {**DEFAULT_POLICY, "calendars": {"paris": CALENDAR}, "regions": {"FR": "calendar:paris"}}
    policy = Policy.from_document(document)

    assert promised("technical", "enterprise", "B", policy, country="FR") == ("calendar:paris", "next_day")
    assert promised("technical", "enterprise", "B", policy, country="DE") == ("always", "next_day")
    assert promised("technical", "enterprise", "B", policy) == ("always", "next_day")
    assert promised("technical", "business", "B", policy, country="FR") == ("business_hours", "none")


def test_a_severity_above_the_cap_of_its_kind_counts_as_the_cap():
    """Settled point 7: cells above the cap are left out."""
    only_c = {tier: {"C": {"availability": "business_hours", "target": "day+2"}} for tier in TIERS}
    document = {
        **DEFAULT_POLICY,
        "rules": {**DEFAULT_POLICY["rules"], "billing": only_c},
        "max_severity": {"billing": "C"},
    }
    policy = Policy.from_document(document)

    assert policy.counted_severity(kind="billing", severity="A") == "C"
    assert policy.counted_severity(kind="technical", severity="A") == "A"
    assert promised("billing", "business", "A", policy) == ("business_hours", "day+2")


def test_a_ladder_of_its_own_takes_the_place_of_the_default_in_its_cell_alone():
    """Settled point 7"""
    steps = [
        {"at": "200%", "to": ["account_manager", "duty_manager"]},
        {"at": 30, "to": "team_lead"},
        {"at": 30, "to": ["duty_manager"]},
    ]
    policy = Policy.from_document({**DEFAULT_POLICY, "ladders": {"elevated": {"A": steps}}})

    assert policy.ladder(tier="elevated", severity="A") == (
        LadderStep(30, (Recipient.TEAM_LEAD, Recipient.DUTY_MANAGER)),
        LadderStep(200, (Recipient.ACCOUNT_MANAGER, Recipient.DUTY_MANAGER)),
    )
    assert policy.ladder(tier="elevated", severity="B") == DEFAULT_LADDER


def test_what_a_new_document_changes_is_listed_cell_by_cell():
    """SLA-1"""
    elevated = {**DEFAULT_POLICY["rules"]["technical"]["elevated"]}
    elevated["B"] = {"availability": "always", "target": "PT90M"}
    technical = {**DEFAULT_POLICY["rules"]["technical"], "elevated": elevated}
    new = {
        **DEFAULT_POLICY,
        "version": 2,
        "note": "Faster",
        "rules": {**DEFAULT_POLICY["rules"], "technical": technical},
        "regions": {"FR": "business_hours"},
    }

    assert differences(DEFAULT_POLICY, new) == (
        Difference(path="rules.technical.elevated.B.target", before="PT2H", after="PT90M"),
        Difference(path="regions.FR", before=None, after="business_hours"),
    )
    assert differences(new, new) == ()
