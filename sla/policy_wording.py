"""Policies in words: the cells of the table, the places of a document, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from sla.commitments import Availability, Cell
from sla.errors import AvailabilityInvalid, TargetInvalid
from sla.ladder import DEFAULT_LADDER, LadderStep, Recipient
from sla.policy import differences
from sla.policy_editing import under
from sla.wording import availability_text, recipient_text, target_text

KIND_NAMES: dict[str, Promise] = {
    "technical": gettext_lazy("Technical support"),
    "presales": gettext_lazy("Pre-sales"),
    "billing": gettext_lazy("Billing and subscriptions"),
    "advisory": gettext_lazy("Advisory"),
}
TIER_NAMES: dict[str, Promise] = {
    "business": gettext_lazy("Business"),
    "enterprise": gettext_lazy("Enterprise"),
    "frontline": gettext_lazy("Frontline"),
    "elevated": gettext_lazy("Elevated"),
}
DAY_NAMES: dict[str, Promise] = {
    "0": gettext_lazy("Monday"),
    "1": gettext_lazy("Tuesday"),
    "2": gettext_lazy("Wednesday"),
    "3": gettext_lazy("Thursday"),
    "4": gettext_lazy("Friday"),
    "5": gettext_lazy("Saturday"),
    "6": gettext_lazy("Sunday"),
}
PART_NAMES: dict[str, Promise] = {
    "calendars": gettext_lazy("calendar"),
    "regions": gettext_lazy("region"),
    "max_severity": gettext_lazy("highest severity"),
    "ladders": gettext_lazy("escalation"),
    "rules": gettext_lazy("response table"),
    "availability": gettext_lazy("availability"),
    "target": gettext_lazy("target"),
    "timezone": gettext_lazy("time zone"),
    "windows": gettext_lazy("open windows"),
    "holidays": gettext_lazy("holidays"),
    "version": gettext_lazy("version"),
    "note": gettext_lazy("note"),
}


def place_text(path: str) -> str:
    """Return the place of a value in words, as in "Technical support · Enterprise · B · target"."""
    first, *parts = path.split(".")
    words = [capfirst(_part(first)) if first in PART_NAMES else first] if first != "rules" else []
    days = DAY_NAMES if first == "calendars" else {}
    for part in parts:
        if first == "ladders" and part.isdigit():
            words.append(_("step %(number)d") % {"number": int(part) + 1})
        elif part != "windows":
            words.append(_part(part, days))
    return " · ".join(filter(None, words)) or _("the document")


def _part(part: str, days: Mapping[str, Promise] = MappingProxyType({})) -> str:
    for names in (KIND_NAMES, TIER_NAMES, days, PART_NAMES):
        if part in names:
            return str(names[part])
    return part


def difference_lines(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a new document changes, as places and changes in words; a cell of the table is one line (SLA-1)."""
    lines: dict[str, str] = {}
    for difference in differences(old, new):
        first, *keys = difference.path.split(".")
        if first == "rules" and len(keys) == 4:
            place = ".".join(("rules", *keys[:3]))
            before, after = (cell_value_text(under(document, "rules", *keys[:3])) for document in (old, new))
        else:
            place = difference.path
            before, after = (value_text(place, value) for value in (difference.before, difference.after))
        if before != after:
            lines[place] = _("%(before)s → %(after)s") % {"before": before, "after": after}
    return [(place_text(place), change) for place, change in lines.items()]


def cell_value_text(cell: object) -> str:
    """Return what a cell of a document promises, as in "within 1 hour, around the clock, every day"."""
    if not isinstance(cell, Mapping):
        return pgettext("a cell of the response table", "left out")
    availability, target = cell.get("availability"), cell.get("target")
    return pgettext("a cell of the response table", "%(target)s, %(availability)s") % {
        "target": target_value_text(availability, target),
        "availability": availability_value_text(availability),
    }


def value_text(path: str, value: object) -> str:
    """Return one value of a document in words, as it stands where it has none; a ladder left out is the default."""
    first, _dot, rest = path.partition(".")
    if value is None and first == "ladders" and rest.count(".") == 1:
        return steps_text(DEFAULT_LADDER)
    if value is None:
        return pgettext("a value of a document", "nothing")
    if first == "ladders" and isinstance(value, list):
        return ladder_text(value)
    if first == "regions" or rest.endswith(".availability"):
        return availability_value_text(value)
    if isinstance(value, list) and ".windows." in path:
        return _list("–".join(map(str, window)) for window in value if isinstance(window, list)) or _("closed")
    if isinstance(value, list):
        return _list(map(str, value)) or pgettext("a list of a document", "none")
    return str(value)


def availability_value_text(value: object) -> str:
    """Return an availability of a document in words."""
    try:
        return availability_text(Availability.parse(value))
    except AvailabilityInvalid:
        return str(value)


def target_value_text(availability: object, target: object) -> str:
    """Return a target of a document in words, which depend on its availability."""
    try:
        return target_text(Cell.parse(availability=availability, target=target))
    except (AvailabilityInvalid, TargetInvalid):
        return str(target)


def ladder_text(steps: Sequence[Any]) -> str:
    """Return the steps of a document's ladder, as in "50 %: the team lead; 100 %: the duty manager"."""
    return pgettext("between items of a list", "; ").join(_step_text(step) for step in steps)


def _step_text(step: Any) -> str:
    if not isinstance(step, Mapping):
        return str(step)
    to = step.get("to")
    recipients = to if isinstance(to, list) else [to]
    names = [recipient_text(Recipient(each)) if each in list(Recipient) else str(each) for each in recipients]
    return _("%(percent)s %%: %(recipients)s") % {
        "percent": str(step.get("at")).rstrip(" %"),
        "recipients": _list(names),
    }


def _list(items: Iterable[str]) -> str:
    return pgettext("between items of a list", ", ").join(items)


def steps_text(steps: Sequence[LadderStep]) -> str:
    """Return the steps of a ladder that was read."""
    return ladder_text([{"at": step.percent, "to": list(step.recipients)} for step in steps])
