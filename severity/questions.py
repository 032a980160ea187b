"""What the model is asked of a text, in one place for those who train it and those who ask."""

from enum import StrEnum

from severity.decision import Breadth


class Matter(StrEnum):
    """What sort of matter a request is, apart from how grave the trouble is."""

    PLAIN = "plain"
    MINOR = "minor"
    TRIVIAL = "trivial"
    PURCHASE = "purchase"


MATTERS = tuple(Matter)
SCOPES = ("in_scope", "customer_network", "third_party", "scripting", "volume_licensing", "developer")
CATEGORIES = ("technical.install_setup", "technical.configuration", "technical.advisory", "presales", "billing")


def breadth_of(*, several: bool) -> Breadth:
    """Return the breadth as words tell it: of several people, or of one."""
    return Breadth.MULTIPLE if several else Breadth.SINGLE
