"""Whose matter a request is (SC-1 … SC-5): a verdict beside the severity, which it never lowers."""

from dataclasses import dataclass

from severity import evidence
from severity.evidence import Evidence
from severity.linear import Answers
from severity.questions import SCOPES

IN_SCOPE = "in_scope"
RULES = {
    "customer_network": "SC-1",
    "third_party": "SC-2",
    "scripting": "SC-3",
    "volume_licensing": "SC-4",
    "developer": "SC-5",
}
REFERRED_FROM = 0.5  # A referral has to be likelier than not; else the request is taken as ours.


@dataclass(frozen=True, slots=True)
class ScopeVerdict:
    """Whose matter it is, where it is referred to (a code; None in scope), how sure, and why (SC-6)."""

    scope: str
    referral: str | None
    confidence: float
    evidence: tuple[Evidence, ...]


def judge(answers: Answers) -> ScopeVerdict:
    """Return the boundary that the words cross, or `in_scope` (SC-6: shown, never refused)."""
    shares = answers.shares([f"scope.{scope}" for scope in SCOPES])
    best = max(RULES, key=lambda scope: shares[f"scope.{scope}"])
    share = shares[f"scope.{best}"]
    if share < REFERRED_FROM:
        return ScopeVerdict(IN_SCOPE, None, round(shares["scope.in_scope"], 3), ())
    return ScopeVerdict(best, best, round(share, 3), evidence.of_scope(answers, best, rule=RULES[best]))
