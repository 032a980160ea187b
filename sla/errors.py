"""What `sla/` refuses, one class per refusal; texts for people are made in `wording`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

LONGEST_SHOWN = 60


def shown(value: object) -> str:
    """Return a foreign value short enough to repeat in a message."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


class SlaError(Exception):
    """Anything that the rules of calendars, policies and commitments refuse."""


class InstantOutOfRange(SlaError):
    """An instant, or the answer to it, lies outside the years for which local time can be told."""


class AvailabilityInvalid(SlaError):
    """A text that names no availability."""


class TargetInvalid(SlaError):
    """A text that names no response target."""


class CalendarUnknown(SlaError):
    """A rule names a calendar that its policy does not bring."""


class CellUnknown(SlaError):
    """No policy has a cell for this kind of support, tier and severity."""


class PolicyVersionUnknown(SlaError):
    """No policy was ever published under this version."""


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """One thing that is wrong in a document: where, a code that `wording` has a sentence for, and its values."""

    path: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def below(self, parent: str) -> "PolicyProblem":
        """Return the same problem as seen from the document that holds this one under `parent`."""
        return replace(self, path=".".join(part for part in (parent, self.path) if part))

    def __str__(self) -> str:
        """Return a line for logs: path, code and values."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.path or 'document'}: {self.code}" + (f" ({values})" if values else "")


class DocumentInvalid(SlaError):
    """A document was checked whole and refused; `problems` holds all that is wrong with it."""

    def __init__(self, problems: Sequence[PolicyProblem]) -> None:
        """Keep the problems, and their log lines as the message."""
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class CalendarInvalid(DocumentInvalid):
    """A calendar document was refused."""


class PolicyInvalid(DocumentInvalid):
    """A policy document was refused; it changes nothing."""


class PolicyVersionTaken(SlaError):
    """A policy must be published under a version above the newest one."""

    def __init__(self, *, version: int, newest: int) -> None:
        """Keep the version that was asked for and the newest one there is."""
        self.version, self.newest = version, newest
        super().__init__(f"version {version} is not above the newest version {newest}")


class PolicyDraftUnknown(SlaError):
    """There is no such draft, or no longer."""


class PolicyDraftChanged(SlaError):
    """Somebody else has changed what was read (412); `current` is its version now."""

    def __init__(self, current: int) -> None:
        """Keep the version that there is now."""
        self.current = current
        super().__init__(f"the draft has version {current}")


class PolicyDraftUnreadable(SlaError):
    """The text of a draft is no object of JSON, so that no part of it can be changed (409)."""


class PolicyNotReviewed(SlaError):
    """A draft is published only as it was shown with its consequences."""
