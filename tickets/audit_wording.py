"""The audit trail in words for people: what each kind of event is called, and what it changed from and to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

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
            "signed_in": pgettext_lazy("an event", "Signed in"),
            "signed_out": _("Signed out"),
            "sign_in_failed": _("Sign-in failed"),
            "password_changed": _("Password changed"),
            "password_reset_requested": _("Link for a new password asked for"),
            "second_factor_added": _("Second factor added"),
            "second_factor_failed": _("Second factor not given"),
            "second_factor_guessed": _("Too many guesses of a second factor"),
            "second_factor_removed": _("Second factor removed"),
            "second_factor_renamed": _("Second factor renamed"),
            "second_factors_reset": _("Second factors reset"),
            "recovery_codes_made": _("Recovery codes made"),
            "recovery_code_used": _("Recovery code used"),
            "sessions_ended": _("Sessions ended"),
            "mail_change_requested": _("Another mail address asked for"),
            "mail_change_confirmed": _("Another mail address confirmed"),
            "mail_change_cancelled": _("Another mail address called off"),
            "mail_changed": _("Mail address changed"),
            "mail_address_confirmed": _("Mail address confirmed"),
            "single_sign_on_changed": _("Settings of single sign-on changed"),
            "single_sign_on_tested": _("Single sign-on tested"),
            "single_sign_on_switched_on": _("Single sign-on switched on"),
            "single_sign_on_switched_off": _("Single sign-on switched off"),
            "role_mapped": _("Role mapped to a claim"),
            "role_unmapped": _("Mapping of a role to a claim ended"),
            "identity_bound": _("Person bound to an identity of the issuer"),
            "identity_released": _("Person released from an identity of the issuer"),
            "sign_on_refused": _("Sign-in through the issuer refused"),
        },
    ),
    "people": (
        _("People and roles"),
        {
            "role_given": _("Role given"),
            "role_taken": _("Role taken"),
            "person_invited": _("Somebody was invited"),
            "invitation_resent": _("Invitation sent again"),
            "invitation_withdrawn": _("Invitation withdrawn"),
            "invitation_accepted": _("Invitation accepted"),
            "person_deactivated": _("Account closed"),
            "person_reactivated": _("Account opened again"),
            "role_kept": _("Last global admin kept in spite of the claims"),
            "person_created": _("Account made at the first sign-in"),
            "profile_changed": _("Profile changed"),
            "person_erased": _("Person erased"),
            "personal_data_exported": _("Own data downloaded"),
        },
    ),
    "partners": (
        _("Partners"),
        {
            "delegation_asked": _("Partner asked to be appointed"),
            "delegation_ask_granted": _("Partner's ask granted"),
            "delegation_ask_declined": _("Partner's ask declined"),
            "delegation_ask_withdrawn": _("Partner's ask withdrawn"),
            "delegation_ask_lapsed": _("Partner's ask lapsed"),
            "delegates_assigned": _("Partner's people chosen"),
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
            "principal_created": _("Service principal made"),
            "principal_ended": _("Service principal ended"),
        },
    ),
    "webhooks": (
        _("Webhooks"),
        {
            "webhook_added": _("Webhook endpoint made"),
            "webhook_changed": _("Webhook endpoint changed"),
            "webhook_secret_rotated": _("Secret of a webhook endpoint exchanged"),
            "webhook_switched_on": _("Webhook endpoint switched on"),
            "webhook_switched_off": _("Webhook endpoint switched off"),
            "webhook_removed": _("Webhook endpoint removed"),
            "webhook_tested": _("Webhook endpoint tested"),
            "webhooks_sent_again": _("Webhooks sent again"),
        },
    ),
    "organisation": (
        _("Organisation"),
        {
            "calendar_opened": _("Business hours set up"),
            "calendar_changed": _("Business hours changed"),
            "calendar_renewed": _("Business hours prolonged by a year"),
            "organisation_created": _("Organisation created"),
            "organisation_changed": _("Organisation changed"),
            "organisation_closed": _("Organisation closed"),
            "organisation_reopened": _("Organisation reopened"),
            "subscription_added": _("Subscription added"),
            "subscription_altered": _("Subscription changed"),
            "trial_turned_paid": _("Trial turned into a paid subscription"),
            "subscription_ended": _("Subscription ended"),
            "contract_added": _("Contract of elevated support added"),
            "contract_altered": _("Contract of elevated support changed"),
            "contract_ended": _("Contract of elevated support ended"),
            "domain_added": _("Mail domain added"),
            "domain_proof_asked": _("Proof of a mail domain asked for"),
            "domain_confirmed": _("Mail domain confirmed"),
            "domain_removed": _("Mail domain removed"),
        },
    ),
    "requests": (_("Service requests"), dict(wording.EVENTS)),
    "engagements": (
        _("Engagements"),
        {
            "engagement_requested": _("Engagement asked for"),
            "engagement_written_on": _("Wrote on an engagement"),
            "engagement_planned": _("Engagement planned"),
            "engagement_begun": _("Engagement begun"),
            "engagement_completed": _("Engagement completed"),
            "engagement_called_off": _("Engagement called off"),
            "engagement_request_linked": _("Request linked to an engagement"),
            "engagement_content_removed": _("What was written on an engagement was removed"),
        },
    ),
    "incidents": (
        _("Incidents"),
        {
            "incident_declared": _("Incident declared"),
            "incident_updated": _("News on an incident"),
            "incident_resolved": _("Incident resolved"),
            "incident_noted": _("Note on an incident"),
            "incident_changed": _("Particulars of an incident changed"),
            "incident_followed": _("Incident followed"),
            "incident_unfollowed": _("Incident followed no longer"),
        },
    ),
    "exports": (
        _("Exports"),
        {
            "export_asked": _("Export asked for"),
            "export_ready": _("Export ready"),
            "export_failed": _("Export came to nothing"),
            "export_cancelled": _("Export cancelled"),
            "export_downloaded": _("Export downloaded"),
            "export_expired": _("Export past its time"),
            "export_removed": _("Export removed"),
        },
    ),
    "desk": (
        _("Support desk"),
        {
            "operator_made": _("Operator made by a command"),
            "staff_role_given": _("Role of support staff given"),
            "staff_role_taken": _("Role of support staff taken"),
            "staff_deactivated": _("Account of support staff closed"),
            "staff_reactivated": _("Account of support staff opened again"),
            "staff_team_changed": _("Team of support staff changed"),
            "staff_skills_changed": _("Skills or working hours changed"),
            "team_added": _("Team added"),
            "team_changed": _("Team changed"),
            "team_retired": _("Team retired"),
            "team_brought_back": _("Team brought back"),
            "duty_pattern_added": _("Weekly duty added"),
            "duty_pattern_ended": _("Weekly duty ended"),
            "duty_rota_extended": _("Duty rota filled in ahead"),
            "duty_shift_added": _("Shift added"),
            "duty_shift_removed": _("Shift removed"),
            "duty_shift_taken_over": _("Shift taken over"),
            "nobody_on_duty": _("Nobody was on duty"),
            "tag_added": _("Tag added"),
            "tag_changed": _("Tag changed"),
            "tag_removed": _("Tag removed"),
            "plan_added": _("Plan added"),
            "plan_retired": _("Plan retired"),
            "plan_offered_again": _("Plan offered again"),
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


def event_words(kind: str) -> str:
    """The name of a kind of event, in the active language."""
    return str(KINDS.get(kind, kind))


FOR_STAFF = ("desk", "operations")  # groups
INTERNAL = frozenset(  # kinds of other groups that customers never see
    {
        "delivery_given_up",
        "delivery_retried",
        "escalation_step",
        "internal_note_added",
        "request_assigned",
        "request_released",
        "request_tagged",
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
    "export": _("Export"),
    "rows": _("Rows"),
    "impact": _("Impact"),
    "incident": _("Incident"),
    "incident_state": _("State"),
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
    "scope": _("Scope"),
    "scopes": _("Scopes"),
    "sequence": _("Record"),
    "severity": _("Severity"),
    "started_at": _("Start"),
    "starts_at": _("Start"),
    "state": _("State"),
    "subscription": _("Subscription"),
    "tier": _("Tier"),
    "timezone": _("Time zone"),
    "topic": _("Topic"),
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
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TABLES: dict[str, Mapping[str, Any]] = {
    "role": ROLES,
    "roles": ROLES,
    "duties": ROLES,
    "tier": TIERS,
    "state": STATES,
    "incident_state": wording.INCIDENT_STATES,
    "impact": wording.INCIDENT_IMPACTS,
    "severity": wording.SEVERITIES,
    "resolution": wording.RESOLUTIONS,
    "category": wording.CATEGORIES,
    "scope": wording.SCOPES,
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
    now: datetime = LONG_AGO  # an instant of another year is told with its year


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
    whose = _whose(event)
    each = {name: value for name, value in event.data.items() if _is_change(value)}
    data = {name: value for name, value in event.data.items() if name not in each}
    changed = _changes(event, names, whose)
    changed += [
        _changed(name, value["from"], value["to"], names, whose) for name, value in each.items() if name in FIELDS
    ]
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
    return [_changed(name, before.get(name), after.get(name), names, whose) for name in fields]


def _is_change(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"from", "to"}


def _changed(name: str, before: Any, after: Any, names: Names, whose: int | None) -> Fact:
    now, then = (_value(name, value, names, whose) or str(NOTHING) for value in (after, before))
    return Fact(str(FIELDS[name]), now, then)


# What changed where an event has two plain values.
_FIELD_OF = {
    "incident_linked": "incident",
    "incident_unlinked": "incident",
    "incident_updated": "incident_state",
    "incident_resolved": "incident_state",
    "severity_changed": "severity",
    "severity_confirmed": "severity",
    "severity_disputed": "severity",
    "commitment_made": "severity",
    "category_corrected": "category",
    "duty_shift_taken_over": "person",
    "request_taken": "assignee",
    "request_assigned": "assignee",
    "request_released": "assignee",
    "scope_corrected": "scope",
    "topic_corrected": "topic",
    "role_given": "roles",
    "role_taken": "roles",
    "calendar_opened": "version",
    "calendar_changed": "version",
    "calendar_renewed": "version",
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
    if name == "reason":
        return str(wording.ESCALATION_REASONS.get(str(value), ""))
    return _word(name, value)


def _word(name: str, value: Any) -> str:
    return str(_TABLES.get(name, {}).get(str(value), value))


def _instant(value: str, names: Names) -> str:
    try:
        at = datetime.fromisoformat(value)
        return instant_text(at, timezone=str(zone_or_utc(names.timezone)), now=names.now)
    except ValueError:
        return value


def personal_in(event: Event) -> set[tuple[int | None, str]]:
    """The salted hashes among what an event changed, with whose they are."""
    whose = _whose(event)
    ends = [event.data.get("from"), event.data.get("to"), event.data]
    return {(whose, str(end[name])) for end in ends if isinstance(end, dict) for name in PERSONAL if end.get(name)}
