"""What somebody may ask of the audit trail, on a page: filters that say what is wrong with them, and lose nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField
from accounts.pseudonyms import pseudonym
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from tickets.audit_wording import FOR_STAFF, GROUPS, INTERNAL
from tickets.span_form import SpanForm

ALL_OF = "all:"  # before the name of a group of kinds
NUMBER = r"SR-[0-9]{9}"
PERSONAL = frozenset({"actor", "address"})
FORMATS = ("csv", "ndjson")
ACTED_BY = (
    ("", _("Anybody")),
    (trail.OWN, _("People of the organisation")),
    (trail.PARTNERS, _("Partners, on its behalf")),
    (trail.SUPPORT, _("Support staff")),
    (trail.PORTAL, _("The portal itself")),
)
RECORDS = (
    ("", _("All records")),
    (trail.CUSTOMERS, _("What customers see too")),
    (trail.INTERNAL, _("The desk's own")),
)


def kind_choices(*, for_staff: bool) -> list[Any]:
    """Every kind of event that the reader can meet, below its group, and each group as a whole."""
    groups = [
        (label, [(f"{ALL_OF}{group}", _("All of these")), *_offered(kinds, for_staff=for_staff)])
        for group, (label, kinds) in GROUPS.items()
        if for_staff or group not in FOR_STAFF
    ]
    return [("", _("Anything")), *groups]


def _offered(kinds: dict[str, Any], *, for_staff: bool) -> list[tuple[str, Any]]:
    return [(kind, words) for kind, words in kinds.items() if for_staff or kind not in INTERNAL]


def kinds_meant(chosen: str) -> Collection[str]:
    """The kinds of a group, or the one kind that was chosen."""
    group = chosen.removeprefix(ALL_OF)
    if chosen.startswith(ALL_OF):
        return tuple(GROUPS[group][1])
    return (chosen,) if chosen else ()


class AuditForm(SpanForm):
    """The filters of the organisation's page; days are the reader's own, from midnight to midnight."""

    for_staff = False

    kind = forms.ChoiceField(label=_("What happened"), required=False)
    actor = LineField(
        label=_("Who"), required=False, widget=forms.TextInput(attrs={"placeholder": _("Name or mail address")})
    )
    acted_by = forms.ChoiceField(label=_("Acting as"), choices=ACTED_BY, required=False)
    number = forms.RegexField(
        NUMBER,
        label=_("Request"),
        required=False,
        error_messages={"invalid": _("Write the number as in SR-123456789.")},
        widget=forms.TextInput(attrs={"placeholder": "SR-…"}),
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    address = forms.GenericIPAddressField(
        label=_("From address"), required=False, widget=forms.TextInput(attrs={"placeholder": "192.0.2.1"})
    )
    request_id = LineField(
        label=_("Request id"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": _("From a page or a log")}),
    )

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, zone=zone, **options)
        self.fields["kind"].choices = kind_choices(for_staff=self.for_staff)  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        """What is asked for; of a form with faults, what is sound of it."""
        data = {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}
        since, until = data.pop("since", None), data.pop("until", None)
        kind = data.pop("kind", "")
        return Wanted(
            kinds=kinds_meant(kind),
            since=self.midnight(since) if since else None,
            until=self.midnight(until + timedelta(days=1)) if until else None,
            told=self._told(),
            **data,
        )

    def _told(self) -> dict[str, str]:
        """The filters as an event may hold them: codes and days, and salted hashes for who and from where."""
        typed = {name: str(value) for name, value in getattr(self, "cleaned_data", {}).items() if value}
        return {name: pseudonym(value) if name in PERSONAL else value for name, value in typed.items()}


class StaffAuditForm(AuditForm):
    """The filters of the desk's page."""

    for_staff = True

    organisation = forms.SlugField(
        label=_("Organisation"), required=False, widget=forms.TextInput(attrs={"placeholder": _("Its short name")})
    )
    records = forms.ChoiceField(label=_("Records"), choices=RECORDS, required=False)

    field_order = ("organisation", "records", "kind", "actor", "acted_by", "number", "since", "until", "address")
