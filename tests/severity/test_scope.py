"""The scope check (SC-1 … SC-6)."""

import json
from pathlib import Path

import pytest

from severity.assessment import Case, assess

UNSEEN = Path(__file__).parent / "unseen_cases.jsonl"
CASES = [
    ("Which ports does our firewall have to open?", "", "customer_network", "SC-1"),
    ("公司防火牆要開哪些連接埠?", "", "customer_network", "SC-1"),
    ("Salesforce add-in disappears", "The Salesforce add-in does not load in Outlook.", "third_party", "SC-2"),
    ("My macro stops with error 1004", "The VBA macro no longer runs.", "scripting", "SC-3"),
    ("Where are our volume licence keys?", "We need the MAK keys.", "volume_licensing", "SC-4"),
    ("大量授權的金鑰在哪裡?", "", "volume_licensing", "SC-4"),
    ("Graph API returns 403", "Our app gets 403 from Microsoft Graph.", "developer", "SC-5"),
    ("Shared mailbox missing", "The shared mailbox is missing in Outlook.", "in_scope", None),
]


@pytest.mark.parametrize(("subject", "body", "scope", "rule"), CASES)
def test_each_boundary_is_seen_with_its_rule_and_referral(subject, body, scope, rule):
    """SC-1 SC-2 SC-3 SC-4 SC-5"""
    verdict = assess(Case(subject=subject, description=body)).scope

    assert verdict.scope == scope
    assert verdict.referral == (None if scope == "in_scope" else scope)
    if rule:
        assert rule in {evidence.rule for evidence in verdict.evidence}


def test_scope_never_lowers_severity():
    """SC-1 SE-2: a plant without network is critical, whosever network it is."""
    assessed = assess(
        Case(subject="Plant without network", description="The whole plant has no network; production has stopped.")
    )

    assert assessed.severity == "A"
    assert assessed.scope.scope == "customer_network"


CRITICAL = [row for row in map(json.loads, UNSEEN.read_text(encoding="utf-8").splitlines()) if row["severity"] == "A"]


def test_critical_requests_in_scope_are_hardly_ever_referred_away():
    """SC-6: a referral never lowers a severity; even so it should not send somebody with an outage elsewhere."""
    ours = [row for row in CRITICAL if row["scope"] == "in_scope"]
    referred = [
        row["id"]
        for row in ours
        if assess(Case(row["subject"], row["body"], language=row["lang"])).scope.scope != "in_scope"
    ]

    assert len(referred) <= 0.03 * len(ours), referred
