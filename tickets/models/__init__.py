"""Tables of service requests and what hangs on them."""

from tickets.models.catalogue import Service, Topic
from tickets.models.conversation import Attachment, Message, MessageKind, Preview, Scan
from tickets.models.corrections import Correction
from tickets.models.disputes import DisputeState, SeverityDispute
from tickets.models.engagements import Engagement, EngagementEntry, EngagementRequest
from tickets.models.escalations import Escalation, EscalationReason
from tickets.models.exports import UNDER_WAY, Export, ExportFormat, ExportKind, ExportState
from tickets.models.holding import DatabaseIdentity
from tickets.models.incidents import Incident, IncidentFollow, IncidentUpdate
from tickets.models.policies import PolicyDraft
from tickets.models.promises import Commitment, SeverityDecision
from tickets.models.requests import ServiceRequest
from tickets.models.surveys import Survey, SurveyLink
from tickets.models.tags import RequestTag, Tag
from tickets.models.timers import UNSETTLED, SweepHeartbeat, Timer, TimerKind, TimerState
from tickets.models.translators import TranslatorRequest, TranslatorState

__all__ = [
    "UNDER_WAY",
    "UNSETTLED",
    "Attachment",
    "Commitment",
    "Correction",
    "DatabaseIdentity",
    "DisputeState",
    "Engagement",
    "EngagementEntry",
    "EngagementRequest",
    "Escalation",
    "EscalationReason",
    "Export",
    "ExportFormat",
    "ExportKind",
    "ExportState",
    "Incident",
    "IncidentFollow",
    "IncidentUpdate",
    "Message",
    "MessageKind",
    "PolicyDraft",
    "Preview",
    "RequestTag",
    "Scan",
    "Service",
    "ServiceRequest",
    "SeverityDecision",
    "SeverityDispute",
    "Survey",
    "SurveyLink",
    "SweepHeartbeat",
    "Tag",
    "Timer",
    "TimerKind",
    "TimerState",
    "Topic",
    "TranslatorRequest",
    "TranslatorState",
]
