"""What is answered about requests."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.schema import included
from accounts.api.serializers import InstantField
from sla.vocabulary import TIERS
from tickets.api.serializers.assessing import (
    AssessmentOutput,
    CommitmentOutput,
    PastCommitmentOutput,
    PromiseOutput,
    assessment_data,
)
from tickets.api.serializers.conversation import MessageOutput
from tickets.api.serializers.disputes import DisputeOutput, SeverityDecisionOutput
from tickets.api.serializers.incidents import IncidentReference
from tickets.api.serializers.shared import (
    KINDS,
    OptionalChoice,
    OptionalText,
    OrganisationReference,
    PersonOutput,
)
from tickets.catalogue import CATEGORIES, CONTACT_METHODS, IMPACT, REFERRALS, SCOPES
from tickets.lifecycle import Resolution, State
from tickets.selectors.lists import Listed
from tickets.selectors.overview import Overview
from tickets.selectors.prospects import SEVERITIES
from tickets.selectors.tags import tags_on

STATES = [state.value for state in State]
RESOLUTIONS = [each.value for each in Resolution]
SETTLE_BY = "By when the dispute of its severity that stands is to be settled; no promise."
DUE = "By when a response is promised; null once it was given."
CHANGED = "When what its customer can see of it last changed; never the same for two changes of a request."
BELONGS_TO = "The known incident that it belongs to; null for none."
ATTENTION = "When somebody owes something next; a promise only where `due_at` says so."


class PrimaryContactOutput(serializers.Serializer[Any]):
    """Whom engineers speak to (RO-2)."""

    name = serializers.CharField()
    email = serializers.EmailField()


class ImpactOutput(serializers.Serializer[Any]):
    """The impact answers; null where unknown."""

    service_state = OptionalChoice(IMPACT["service_state"])
    users_affected = OptionalChoice(IMPACT["users_affected"])
    business_impact = OptionalChoice(IMPACT["business_impact"])
    workaround = OptionalChoice(IMPACT["workaround"])
    deadline_at_risk = OptionalChoice(IMPACT["deadline_at_risk"])


class ContactOutput(serializers.Serializer[Any]):
    """How to reach the admin."""

    method = serializers.ChoiceField(CONTACT_METHODS, source="contact_method")
    language = serializers.CharField(help_text="BCP 47 tag")
    phone = OptionalText(source="contact_phone")
    timezone = serializers.CharField(source="contact_timezone", help_text="IANA name")
    country = serializers.CharField(source="contact_country", help_text="ISO 3166-1 alpha-2")
    translator = serializers.BooleanField(help_text="Whether a translator is to join calls.")
    callback_at = InstantField(allow_null=True)


class DeskOutput(serializers.Serializer[Any]):
    """What only support staff see."""

    team = OptionalText(source="team.code", default=None)
    attention_at = InstantField(source="queue_at", help_text=ATTENTION)
    senior_wanted_at = InstantField(allow_null=True, help_text="Since when a senior engineer is to take it.")
    scope = serializers.ChoiceField(SCOPES, help_text="As it stands; `assessment.scope` is what the portal said.")
    corrected_at = InstantField(allow_null=True, help_text="When scope, category or topic was last corrected.")
    dispute_due_at = InstantField(allow_null=True, help_text=SETTLE_BY)


class TaggedOutput(serializers.Serializer[Any]):
    """What shows the tags of a request to the desk, and nothing in their place to customers (P-5)."""

    tags = serializers.SerializerMethodField(
        help_text="Names; for support staff, whose tokens need the scope `queue:read`; else null."
    )

    def get_tags(self, shown: Listed | Overview) -> list[str] | None:
        """What it carries."""
        may_see = self.context["actor"].is_staff and self.context["internal"]
        return [tag.name for tag in tags_on(shown.row)] if may_see else None


class RequestLineOutput(TaggedOutput):
    """What every list shows of a request."""

    number = serializers.CharField(source="row.number")
    subject = serializers.CharField(source="row.subject")
    state = serializers.ChoiceField(STATES)
    severity = serializers.ChoiceField(SEVERITIES, source="row.severity")
    needs_confirmation = serializers.BooleanField(source="row.needs_confirmation")
    kind = serializers.ChoiceField(KINDS, source="row.kind")
    category = serializers.ChoiceField(list(CATEGORIES), source="row.category")
    service = OptionalText(source="row.service_code")
    language = serializers.CharField(source="row.language")
    organisation = OrganisationReference(source="row.organisation")
    assignee = PersonOutput(source="row.assignee", allow_null=True)
    incident = IncidentReference(source="row.incident", allow_null=True, help_text=BELONGS_TO)
    commitment = PromiseOutput(help_text="The newest one.")
    due_at = InstantField(source="row.due_at", allow_null=True, help_text=DUE)
    created_at = InstantField(source="row.created_at")
    changed_at = InstantField(source="row.changed_at", help_text=CHANGED)
    closed_at = InstantField(source="row.closed_at", allow_null=True)
    reopen_until = InstantField(allow_null=True, help_text="The last instant at which it can be reopened.")
    content_removed_at = InstantField(
        source="row.content_removed_at",
        allow_null=True,
        help_text="When what was written and attached was removed, long after it was archived.",
    )
    resolution = OptionalChoice(RESOLUTIONS, source="row.resolution")
    phone_missing = serializers.BooleanField(source="row.phone_missing")
    is_test = serializers.BooleanField(source="row.is_test")


class RequestSummaryOutput(RequestLineOutput):
    """A request as lists show it."""

    messages = included(MessageOutput, "Where `include` asks for them: the first ones, oldest first.")
    commitments = included(PastCommitmentOutput, "Where `include` asks for them: the first ones, newest first.")


class QueueEntryOutput(RequestLineOutput):
    """A request as the queue shows it."""

    attention_at = InstantField(source="row.queue_at", help_text=ATTENTION)
    team = OptionalText(source="row.team.code", default=None)
    contact_method = serializers.ChoiceField(CONTACT_METHODS, source="row.contact_method")
    callback_at = InstantField(source="row.callback_at", allow_null=True)
    translator = serializers.BooleanField(source="row.translator")
    escalated_at = InstantField(source="row.escalated_at", allow_null=True)
    senior_wanted_at = InstantField(source="row.senior_wanted_at", allow_null=True)
    dispute_due_at = InstantField(source="row.dispute_due_at", allow_null=True, help_text=SETTLE_BY)


class RequestOutput(TaggedOutput):
    """A whole request."""

    number = serializers.CharField(source="row.number")
    state = serializers.ChoiceField(STATES)
    severity = serializers.ChoiceField(SEVERITIES, source="row.severity")
    needs_confirmation = serializers.BooleanField(source="row.needs_confirmation", help_text="As in `assessment`.")
    subject = serializers.CharField(source="row.subject")
    description = serializers.CharField(help_text="Markdown as it was written.")
    kind = serializers.ChoiceField(KINDS, source="row.kind")
    category = serializers.ChoiceField(list(CATEGORIES), source="row.category")
    service = OptionalText(source="row.service_code")
    language = serializers.CharField(source="row.language", help_text="BCP 47 tag of the conversation.")
    topic = OptionalText(source="row.topic.code", default=None)
    subscription = OptionalText(source="row.subscription.reference", default=None)
    tier = serializers.ChoiceField(TIERS, source="row.tier")
    impact = ImpactOutput(source="row")
    problem_started_at = InstantField(source="row.problem_started_at", allow_null=True)
    assessment = serializers.SerializerMethodField()
    severity_decisions = SeverityDecisionOutput(
        source="decisions", many=True, help_text="Every assessment and change of the severity, oldest first."
    )
    dispute = DisputeOutput(allow_null=True, help_text="The newest dispute of the severity; null if there was none.")
    incident = IncidentReference(source="row.incident", allow_null=True, help_text=BELONGS_TO)
    commitment = CommitmentOutput(help_text="The newest one.")
    due_at = InstantField(source="row.due_at", allow_null=True, help_text=DUE)
    organisation = OrganisationReference(source="row.organisation")
    opened_by = PersonOutput(source="row.opened_by")
    primary_contact = PrimaryContactOutput(source="row.primary_contact")
    contact = ContactOutput(source="row")
    phone_missing = serializers.BooleanField(
        source="row.phone_missing", help_text="It is critical and has no phone number: add one to `contact`."
    )
    diagnostic_consent = serializers.BooleanField(source="row.diagnostic_consent")
    is_test = serializers.BooleanField(source="row.is_test")
    assignee = PersonOutput(source="row.assignee", allow_null=True)
    created_at = InstantField(source="row.created_at")
    changed_at = InstantField(source="row.changed_at", help_text=CHANGED)
    escalated_at = InstantField(
        source="row.escalated_at", allow_null=True, help_text="When its admins last escalated it, since it was opened."
    )
    responded_at = InstantField(source="row.responded_at", allow_null=True, help_text="First response of this cycle.")
    closed_at = InstantField(source="row.closed_at", allow_null=True)
    reopen_until = InstantField(allow_null=True, help_text="The last instant at which it can be reopened.")
    content_removed_at = InstantField(
        source="row.content_removed_at",
        allow_null=True,
        help_text="When what was written and attached was removed, long after it was archived.",
    )
    closes_at = InstantField(
        allow_null=True, help_text="When it will be closed unless its customer answers what support has asked."
    )
    resolution = OptionalChoice(RESOLUTIONS, source="row.resolution")
    referral = OptionalChoice(REFERRALS, source="row.referral")
    duplicate_of = OptionalText(help_text="Number of the original.")
    follow_up_of = OptionalText(help_text="Number of the archived request that this one goes on with.")
    may = serializers.ListField(
        child=serializers.CharField(), source="acts", help_text="What the caller's roles allow on it as it stands."
    )
    desk = serializers.SerializerMethodField(
        help_text="For support staff, whose tokens need the scope `queue:read`; else null."
    )
    messages = included(MessageOutput, "Where `include` asks for them: the first ones, oldest first.")
    commitments = included(PastCommitmentOutput, "Where `include` asks for them: the first ones, newest first.")

    @extend_schema_field(AssessmentOutput)
    def get_assessment(self, overview: Overview) -> Any:
        """The engine's verdict, and whether somebody is yet to confirm it."""
        data = assessment_data(overview.assessment, needs_confirmation=overview.row.needs_confirmation)
        return AssessmentOutput(data).data

    @extend_schema_field(DeskOutput(allow_null=True))
    def get_desk(self, overview: Overview) -> Any:
        """What customers do not see."""
        shown = self.context["actor"].is_staff and self.context["internal"]
        return DeskOutput(overview.row).data if shown else None
