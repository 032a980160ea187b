"""Tables of service requests and what hangs on them."""

from tickets.models.catalogue import Service, Topic
from tickets.models.conversation import Attachment, Message, MessageKind
from tickets.models.promises import Commitment, SeverityDecision
from tickets.models.requests import ServiceRequest
from tickets.models.timers import SweepHeartbeat, Timer, TimerKind, TimerState

__all__ = [
    "Attachment",
    "Commitment",
    "Message",
    "MessageKind",
    "Service",
    "ServiceRequest",
    "SeverityDecision",
    "SweepHeartbeat",
    "Timer",
    "TimerKind",
    "TimerState",
    "Topic",
]
