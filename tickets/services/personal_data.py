"""What is kept about a person, for that person: read in parts, so that a long life fits through a small memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import F, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.models import (
    ApiToken,
    DelegationAsk,
    Delivery,
    Event,
    KnownBrowser,
    MailChange,
    Person,
    PersonalValue,
    PersonSession,
    RoleGrant,
    SignOnIdentity,
)
from accounts.transactions import service
from tickets.models import (
    Attachment,
    Correction,
    Engagement,
    EngagementEntry,
    Escalation,
    Export,
    Incident,
    IncidentFollow,
    IncidentUpdate,
    Message,
    ServiceRequest,
    SeverityDecision,
    SeverityDispute,
    Survey,
    TranslatorRequest,
)

EXPORTS_AN_HOUR = 5  # RELIABILITY.md section 3
PORTION = 500  # rows at a time


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of data: its name in the file, what people call it, and the columns of a person's rows.

    `by` is the column that names the person; `also` are columns of other tables, by their names in the file.
    """

    name: str
    label: Promise
    model: type[Model]
    by: str
    facts: str
    also: Mapping[str, F] = field(default_factory=dict)

    def of(self, person_id: int) -> Iterator[dict[str, Any]]:
        """The rows, a portion at a time."""
        own = self.model._default_manager.filter(**{self.by: person_id}).order_by("pk")
        rows: Iterator[dict[str, Any]] = own.values(*self.facts.split(), **self.also).iterator(chunk_size=PORTION)
        return rows


@service
def record_export(*, person: Person, now: datetime | None = None) -> None:
    """Put on record that somebody takes their data with them, five times an hour at most. Raises TooMany."""
    assert now
    limits.count(f"personal_data:{person.pk}", limit=EXPORTS_AN_HOUR, per=timedelta(hours=1), now=now)
    about = About(organisation_id=person.organisation_id)
    record_event("personal_data_exported", about=about, at=now, actor=Actor(person_id=person.pk))


PROFILE = "email name phone language languages timezone portal_only is_staff joined_at email_confirmed_at last_login"
TOKENS = "name prefix scopes created_at expires_at last_used_at revoked_at"
BROWSERS = "first_seen_at last_seen_at address user_agent"
REQUESTS = "number subject created_at contact_phone contact_timezone contact_country"
BELONGING = {"organisation_name": F("organisation__name"), "team_code": F("team__code")}
ENGAGEMENTS = "number kind subject place wished_from wished_until requested_at"
ASKS = "addressed_to duties reason wished_until asked_at"
FOLLOWS = "following changed_at"
ON_INCIDENT = {"number": F("incident__number")}
ON_IT = {"number": F("engagement__number")}
ON_REQUEST = {"number": F("request__number")}
PARTS: tuple[Part, ...] = (
    Part("profile", _("Profile"), Person, "pk", PROFILE, BELONGING),
    Part("roles", _("Roles"), RoleGrant, "person", "role granted_at"),
    Part("sessions", _("Sessions"), PersonSession, "person", "began_at seen_at address user_agent"),
    Part("browsers", _("Browsers that you signed in from"), KnownBrowser, "person", BROWSERS),
    Part("second_factors", _("Second factors"), Authenticator, "user", "type created_at last_used_at"),
    Part("mail_changes", _("Changes of the mail address"), MailChange, "person", "new_email requested_at done_at"),
    Part("tokens", _("API tokens"), ApiToken, "person", TOKENS),
    Part("trail_values", _("Clear forms beside the audit trail"), PersonalValue, "person", "kind value kept_at"),
    Part("acts", _("What you did"), Event, "actor", "kind number at via"),
    Part("requests", _("Requests that you filed"), ServiceRequest, "opened_by", REQUESTS),
    Part("messages", _("Messages that you wrote"), Message, "author", "kind at body", ON_REQUEST),
    Part("files", _("Files that you attached"), Attachment, "uploaded_by", "name size uploaded_at", ON_REQUEST),
    Part("exports", _("Exports that you asked for"), Export, "requested_by", "kind file_format filters asked_at state"),
    Part("escalations", _("Escalations"), Escalation, "asked_by", "at reason justification", ON_REQUEST),
    Part("disputes", _("Disputed severities"), SeverityDispute, "asked_by", "at asked statement", ON_REQUEST),
    Part(
        "settled_disputes",
        _("Disputes that you settled"),
        SeverityDispute,
        "settled_by",
        "settled_at state reason",
        ON_REQUEST,
    ),
    Part("decisions", _("Severities that you decided"), SeverityDecision, "actor", "at severity reason", ON_REQUEST),
    Part("corrections", _("Corrections"), Correction, "actor", "at what note", ON_REQUEST),
    Part(
        "translators",
        _("Translators that you asked for"),
        TranslatorRequest,
        "requested_by",
        "requested_at language wish",
        ON_REQUEST,
    ),
    Part("surveys", _("Surveys that you answered"), Survey, "answered_by", "answered_at rating comment", ON_REQUEST),
    Part("engagements", _("Engagements that you asked for"), Engagement, "requested_by", ENGAGEMENTS),
    Part("engagement_entries", _("What you wrote on engagements"), EngagementEntry, "author", "at what body", ON_IT),
    Part("incidents", _("Incidents that you declared"), Incident, "declared_by", "number title declared_at"),
    Part("incident_updates", _("What you wrote on incidents"), IncidentUpdate, "author", "at body", ON_INCIDENT),
    Part("incident_follows", _("Incidents that you follow"), IncidentFollow, "person", FOLLOWS, ON_INCIDENT),
    Part("delegation_asks", _("Delegations that you asked for"), DelegationAsk, "asked_by", ASKS),
    Part("sign_on", _("Linked sign-ins"), SignOnIdentity, "person", "issuer subject bound_at used_at"),
    Part("notices", _("Notices"), Delivery, "person", "notice number channel state created_at delivered_at read_at"),
)
