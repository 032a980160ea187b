"""Whose matter a request is (SC-1 … SC-5): a verdict beside the severity, which it never lowers."""

from dataclasses import dataclass

from severity.reading import Finding, Reading

IN_SCOPE = "in_scope"


@dataclass(frozen=True, slots=True)
class Boundary:
    """One kind of matter beyond technical support; self-help keeps the referral under the code of the scope."""

    scope: str
    rule: str
    threshold: float


BOUNDARIES: tuple[Boundary, ...] = (
    Boundary("customer_network", "SC-1", 0.6),
    Boundary("third_party", "SC-2", 0.6),
    Boundary("scripting", "SC-3", 0.6),
    Boundary("volume_licensing", "SC-4", 0.6),
    Boundary("developer", "SC-5", 0.6),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The scope, its referral code (None in scope), how sure, and the findings it rests on."""

    scope: str
    referral: str | None
    confidence: float
    findings: tuple[Finding, ...]


def judge(reading: Reading) -> Verdict:
    """Return the boundary that the words cross most clearly, or `in_scope` (SC-6: shown, never refused)."""
    signals = {boundary: reading.signal(f"scope.{boundary.scope}") for boundary in BOUNDARIES}
    best = max(BOUNDARIES, key=lambda boundary: signals[boundary] - boundary.threshold)
    margin = signals[best] - best.threshold
    if margin < 0:
        return Verdict(IN_SCOPE, None, round(0.55 + 0.75 * min(0.6, -margin), 3), ())
    findings = tuple(reading.found(f"scope.{best.scope}"))
    return Verdict(best.scope, best.scope, round(0.55 + min(0.4, margin), 3), findings)
