"""The audit trail in words for people: what each kind of event is called, and what it changed from and to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.labels import ROLES, TIERS
from accounts.models import Event
from accounts.timezones import zone_or_utc
from sla.wording import instant_text
from tickets import wording

# Kinds by what they are about, as the pages offer them; a test finds a kind that is missing here.
GROUPS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sign_in": (
        _("Signing in"),
        {
            "signed_in": _("Signed in"),
            "signed_out": _("Signed out"),
            "sign_in_failed": _("Sign-in failed"),
            "password_changed": _("Password changed"),
            "password_reset_requested": _("Link for a new password asked for"),
        },
    ),
    "people": (
        _("People and roles"),
        {
            "role_given": _("Role given"),
            "role_taken": _("Role taken"),
            "profile_changed": _("Profile changed"),
        },
    ),
    "partners": (
        _("Partners"),
        {
            "delegation_granted": _("Partner appointed"),
            "delegation_ended": _("Delegation ended"),
            "delegation_expired": _("Delegation ran out"),
            "delegation_expiring": _("Warned that a delegation runs out"),
            "acting_started": _("Began to act for the customer"),
            "acting_stopped": _("Stopped acting for the customer"),
        },
    ),
    "tokens": (
        _("API tokens"),
        {
            "token_issued": _("API token made"),
            "token_revoked": _("API token revoked"),
        },
    ),
    "organisation": (
        _("Organisation"),
        {
            "calendar_opened": _("Business hours set up"),
            "calendar_changed": _("Business hours changed"),
            "calendar_renewed": _("Business hours prolonged by a year"),
            "domain_added": _("Mail domain added"),
            "domain_proof_asked": _("Proof of a mail domain asked for"),
            "domain_confirmed": _("Mail domain confirmed"),
            "domain_removed": _("Mail domain removed"),
        },
    ),
    "requests": (_("Service requests"), dict(wording.EVENTS)),
    "desk": (
        _("Support desk"),
        {
            "duty_pattern_added": _("Weekly duty added"),
            "duty_pattern_ended": _("Weekly duty ended"),
            "duty_rota_extended": _("Duty rota filled in ahead"),
            "duty_shift_added": _("Shift added"),
            "duty_shift_removed": _("Shift removed"),
            "duty_shift_taken_over": _("Shift taken over"),
            "nobody_on_duty": _("Nobody was on duty"),
            "policy_published": _("Support policy published"),
            "policy_draft_started": _("Draft of a policy started"),
            "policy_draft_saved": _("Draft of a policy saved"),
            "policy_draft_reviewed": _("Draft of a policy reviewed"),
            "policy_draft_discarded": _("Draft of a policy discarded"),
        },
    ),
    "operations": (
        _("Operations"),
        {
            "notices_digested": _("Several notices told in one mail"),
            "deliveries_retried": _("Failed notices sent again"),
            "held_after_restore": _("Work held after a restore"),
            "held_released": _("Held work released"),
            "held_dropped": _("Held work dropped"),
        },
    ),
    "self_help": (_("Self-help"), {"self_help_judged": _("A help article was judged")}),
    "audit": (
        _("Audit trail"),
        {
            "audit_exported": _("Audit trail exported"),
            "audit_head_mailed": _("Head of the audit trail mailed"),
            "audit_head_subscribed": _("Daily mail of the head subscribed to"),
            "audit_head_unsubscribed": _("Daily mail of the head ended"),
        },
    ),
}
KINDS: dict[str, Any] = {kind: words for _name, kinds in GROUPS.values() for kind, words in kinds.items()}
FOR_STAFF = ("desk", "operations")  # groups
INTERNAL = frozenset(  # kinds of other groups that customers never see
    {
        "delivery_given_up",
        "delivery_retried",
        "escalation_step",
        "internal_note_added",
        "request_assigned",
        "request_released",
        "request_taken",
        "scope_corrected",
        "senior_engineer_wanted",
        "timer_retried",
    }
)
WAYS: dict[str, Any] = {
    "page": _("On a page"),
    "token": _("With an API token"),
    "command": _("By a command on the server"),
    "sweep": _("By the clock"),
    "task": _("By the clock"),
}
FIELDS: dict[str, Any] = {
    "actor": _("Person"),
    "address": _("Address"),
    "assignee": _("Assignee"),
    "category": _("Category"),
    "contact_country": _("Country"),
    "contact_method": _("Way of contact"),
    "contact_phone": _("Phone number"),
    "contact_timezone": _("Time zone"),
    "callback_at": _("Call back"),
    "count": _("Number"),
    "days": _("Days"),
    "due_at": _("Due"),
    "duties": _("Duties"),
    "email": _("Mail address"),
    "ends_at": _("End"),
    "expires_at": _("Ends on"),
    "file_format": _("Format"),
    "is_active": _("Active"),
    "language": _("Language"),
    "name": _("Name"),
    "number": _("Request"),
    "outcome": _("Outcome"),
    "partner": _("Partner"),
    "person": _("Person"),
    "phone": _("Phone number"),
    "phone_missing": _("Phone number missing"),
    "portal_only": _("Notices without mail"),
    "primary_contact": _("Primary contact"),
    "reason": _("Reason"),
    "resolution": _("Resolution"),
    "role": _("Role"),
    "roles": _("Roles"),
    "scopes": _("Scopes"),
    "sequence": _("Record"),
    "severity": _("Severity"),
    "starts_at": _("Start"),
    "state": _("State"),
    "subscription": _("Subscription"),
    "tier": _("Tier"),
    "timezone": _("Time zone"),
    "translator": _("Translator"),
    "version": _("Version"),
}
STATES: dict[str, Any] = {
    "awaiting_response": _("Awaiting a response"),
    "in_progress": _("In progress"),
    "awaiting_customer": _("Waiting for the customer"),
    "closed": _("Closed"),
    "archived": _("Archived"),
}
PERSONAL = frozenset({"name", "phone", "email", "contact_phone", "address"})  # events hold their salted hashes
PEOPLE = frozenset({"person", "assignee", "primary_contact"})
ERASED = _("erased")
NOTHING = _("none")
_TABLES: dict[str, Mapping[str, Any]] = {
    "role": ROLES,
    "roles": ROLES,
    "duties": ROLES,
    "tier": TIERS,
    "state": STATES,
    "severity": wording.SEVERITIES,
    "resolution": wording.RESOLUTIONS,
    "category": wording.CATEGORIES,
    "outcome": wording.DISPUTE_STATES,
    "reason": wording.ESCALATION_REASONS,
    "contact_method": wording.CONTACT_METHODS,
    "language": {**wording.LANGUAGE_NAMES, "zh-hant": wording.LANGUAGE_NAMES["zh-Hant"]},
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and salted hashes stand for, as far as somebody still knows; read for a whole page at once."""

    people: Mapping[int, str] = field(default_factory=dict)
    organisations: Mapping[int, str] = field(default_factory=dict)
    clear: Mapping[tuple[int | None, str], str] = field(default_factory=dict)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Fact:
    """One particular of an event in words; `before` is None where nothing changed."""

    label: str
    value: str
    before: str | None = None


def kind_words(kind: str) -> str:
    """What a kind of event is called; a kind from a version to come is told by its code."""
    return str(KINDS.get(kind, kind))


def way_words(via: str) -> str:
    """Which way something came, in words; nothing where nobody said."""
    way, _colon, rest = via.partition(":")
    words = str(WAYS.get(way, via))
    return pgettext("a way and which one", "%(way)s (%(which)s)") % {"way": words, "which": rest} if rest else words


def facts_of(event: Event, names: Names) -> list[Fact]:
    """What an event tells, in words: what it changed from and to first, and then what else is readable of it."""
    data, whose = event.data, _whose(event)
    changed = _changes(event, names, whose)
    told = [name for name in data if name in FIELDS and name not in ("from", "to")]
    said = {fact.label for fact in changed}
    facts = [Fact(str(FIELDS[name]), _value(name, data[name], names, whose)) for name in told]
    return changed + [fact for fact in facts if fact.value and fact.label not in said]


def _changes(event: Event, names: Names, whose: int | None) -> list[Fact]:
    data = event.data
    if "from" not in data or "to" not in data:
        return []
    before, after = data["from"], data["to"]
    if isinstance(before, dict) or isinstance(after, dict):
        before, after = before or {}, after or {}
        fields = [name for name in {**before, **after} if name in FIELDS]
    else:
        name = _FIELD_OF.get(event.kind, "state")
        before, after, fields = {name: before}, {name: after}, [name]
    return [
        Fact(str(FIELDS[name]), *(_value(name, end.get(name), names, whose) or str(NOTHING) for end in (after, before)))
        for name in fields
    ]


# What changed where an event has two plain values.
_FIELD_OF = {
    "severity_changed": "severity",
    "severity_confirmed": "severity",
    "severity_disputed": "severity",
    "commitment_made": "severity",
    "category_corrected": "category",
    "duty_shift_taken_over": "person",
    "request_taken": "assignee",
    "request_assigned": "assignee",
    "request_released": "assignee",
    "scope_corrected": "reason",
    "topic_corrected": "category",
}


def _whose(event: Event) -> int | None:
    person = event.data.get("person")
    return person if isinstance(person, int) else event.actor_id


def _value(name: str, value: Any, names: Names, whose: int | None) -> str:
    if value is None or value == "" or value == []:
        return ""
    if name in PERSONAL:
        return names.clear.get((whose, str(value))) or str(ERASED)
    if name in PEOPLE and isinstance(value, int):
        return names.people.get(value, str(value))
    if name == "partner" and isinstance(value, int):
        return names.organisations.get(value, str(value))
    if isinstance(value, bool):
        return _now("Yes") if value else _now("No")
    if isinstance(value, list):
        return pgettext("between items of a list", ", ").join(_word(name, each) for each in value)
    if name.endswith("_at") and isinstance(value, str):
        return _instant(value, names)
    return _word(name, value)


def _word(name: str, value: Any) -> str:
    return str(_TABLES.get(name, {}).get(str(value), value))


def _instant(value: str, names: Names) -> str:
    try:
        return instant_text(datetime.fromisoformat(value), timezone=str(zone_or_utc(names.timezone)))
    except ValueError:
        return value


def personal_in(event: Event) -> set[tuple[int | None, str]]:
    """The salted hashes among what an event changed, with whose they are."""
    whose = _whose(event)
    ends = [event.data.get("from"), event.data.get("to"), event.data]
    return {(whose, str(end[name])) for end in ends if isinstance(end, dict) for name in PERSONAL if end.get(name)}
