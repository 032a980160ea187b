"""The words of SPEC.md that policies are written in."""

SEVERITIES = ("A", "B", "C")  # SE-2, SE-3, SE-4: gravest first
KINDS = ("technical", "presales", "billing", "advisory")  # CH-1
TIERS = ("business", "enterprise", "frontline", "elevated")  # the columns of SLA-1; also SLA-2, SLA-5


def is_above(severity: str, other: str) -> bool:
    """Tell whether a severity is graver than another; raises ValueError for what is none."""
    return SEVERITIES.index(severity) < SEVERITIES.index(other)
