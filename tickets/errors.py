"""What the app refuses to do, one class per refusal."""

from __future__ import annotations

from datetime import datetime


class TicketsError(Exception):
    """Base of all refusals of this app."""


class RequestNotFound(TicketsError):
    """There is no such request for this actor; another organisation's looks the same (P-5)."""


class IllegalTransition(TicketsError):
    """The act does not fit the state that the request is in."""

    def __init__(self, state: str, action: str) -> None:
        self.state, self.action = state, action
        super().__init__(f"{action} in {state}")


class EngagementNotFound(TicketsError):
    """There is no engagement of that number for this actor (P-5, EL-1)."""


class NoElevatedSupport(TicketsError):
    """The organisation has no elevated contract in force, which engagements need (EL-1)."""


class IllegalEngagementAct(TicketsError):
    """The act does not fit the state that the engagement is in (EL-1)."""

    def __init__(self, state: str, act: str) -> None:
        self.state, self.act = state, act
        super().__init__(f"{act} in {state}")


class InvalidEngagement(TicketsError):
    """A wish or plan that cannot be; `field` says where, `fault` what is wrong (EL-1)."""

    def __init__(self, field: str, fault: str) -> None:
        self.field, self.fault = field, fault
        super().__init__(f"{field}: {fault}")


class IncidentNotFound(TicketsError):
    """There is no incident of that number for this actor (P-5)."""


class IllegalIncidentAct(TicketsError):
    """An update names a state that does not follow the one that the incident is in."""

    def __init__(self, state: str, to: str) -> None:
        self.state, self.to = state, to
        super().__init__(f"{to} from {state}")


class InvalidIncident(TicketsError):
    """An incident that cannot be; `field` says where, `fault` what is wrong."""

    def __init__(self, field: str, fault: str) -> None:
        self.field, self.fault = field, fault
        super().__init__(f"{field}: {fault}")


class ReopenWindowClosed(TicketsError):
    """The 14 days are over (CH-4); a follow-up can be filed instead."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


class AlreadyTaken(TicketsError):
    """Another engineer took the request first."""


class NotFailed(TicketsError):
    """The timer or notice has not failed, or no longer: somebody else has seen to it."""


class FailureNotFound(NotFailed):
    """There is no such timer or notice, whether failed or not."""


class SeverityNotPermitted(TicketsError):
    """Only elevated support sets the severity (SE-5)."""


class SeverityByRequest(TicketsError):
    """An engineer has begun: elevated support asks for another severity, and no longer sets it (SE-5)."""


class SeverityNotDisputed(TicketsError):
    """Elevated support sets the severity itself until the first response; there is nothing to dispute (SE-5)."""


class SeverityDisputedAlready(TicketsError):
    """The severity was disputed before, since the request was opened (SE-5)."""


class SeverityAsItStands(TicketsError):
    """The severity that is asked for is the one that counts."""


class NoDispute(TicketsError):
    """No dispute stands: somebody settled it first, or nobody disputes the severity (SE-5)."""


class SeverityCapped(TicketsError):
    """The policy treats this kind of support as `cap` at most (settled point 7)."""

    def __init__(self, cap: str) -> None:
        self.cap = cap
        super().__init__(cap)


class ReasonRequired(TicketsError):
    """The act needs a reason in words."""


class InvalidResolution(TicketsError):
    """The resolution does not exist, is not for this person, or lacks its referral or its original."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class KindIsFixed(TicketsError):
    """A category of another kind of support, which has another promise, team and readers; `kind` is the request's."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


class NothingToCorrect(TicketsError):
    """Scope, category and topic are what they are to be."""


class UnknownChoice(TicketsError):
    """A code that the catalogue does not have; `field` names the input it came in."""

    def __init__(self, field: str, value: str) -> None:
        self.field, self.value = field, value
        super().__init__(f"{field}: {value}")


class TagNotFound(TicketsError):
    """The desk's list has no such tag."""


class UnknownTag(TicketsError):
    """A name that no tag on offer has; `field` names the input it came in."""

    def __init__(self, field: str, name: str) -> None:
        self.field, self.name = field, name
        super().__init__(f"{field}: {name}")


class TagExists(TicketsError):
    """Another tag has this name, in whatever case; it may be archived."""


class TagInUse(TicketsError):
    """Requests carry the tag: it can be archived, and not removed."""


class TooManyTags(TicketsError):
    """The desk's list is as long as it may be."""


class TooManyTagsOnRequest(TicketsError):
    """A request would carry more tags than it may."""


class SubscriptionRequired(TicketsError):
    """A technical or advisory request must name a subscription (it decides the tier)."""


class ElevatedRequired(TicketsError):
    """Advisory requests are for elevated support only (CH-1)."""


class InvalidText(TicketsError):
    """Text with characters that have no place in it, too long, or empty."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}")


class AttachmentRefused(TicketsError):
    """A file that is too large, empty, of a refused name, or one too many."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class AttachmentMismatch(AttachmentRefused):
    """A file whose name says one kind and whose content is another (`found`, empty where it is none we know)."""

    def __init__(self, said: str, found: str) -> None:
        self.said, self.found = said, found
        super().__init__("mismatch")


class AttachmentWaiting(TicketsError):
    """The file waits for its virus scan; until then only who sent it can have it back (409)."""


class AttachmentInfected(TicketsError):
    """A virus was found in the file, which is gone (410)."""


class AttachmentTooLarge(AttachmentRefused):
    """A file over the limit (413)."""


class StorageFull(TicketsError):
    """The organisation's room for attachments is used up (422)."""


class StorageUnavailable(TicketsError):
    """Files cannot be stored at the moment: the disk is full or away (503); everything else goes on (P-9)."""


class AttachmentNotFound(TicketsError):
    """There is no such attachment on this request for this actor (P-5)."""


class VersionMismatch(TicketsError):
    """The request changed since it was read (412); `current` is its version now."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(str(current))


class SurveyNotOpen(TicketsError):
    """Nothing is asked of this person about this request, or the time to answer is over (RO-4)."""


class SurveyAnswered(TicketsError):
    """The survey has its one answer already (RO-4)."""


class InvalidRating(TicketsError):
    """A rating is a whole number from 1 to 5."""


class EscalatedAlready(TicketsError):
    """It was escalated a short while ago; it can be again from `again_at`."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(again_at.isoformat())


class TranslatorAsked(TicketsError):
    """A translator is asked for or arranged already (LA-2)."""


class CallBackInThePast(TicketsError):
    """Nobody can be called back at an instant that is over (CH-3)."""


class CallBackTooFar(TicketsError):
    """A call back is asked for within the time that somebody plans ahead (CH-3)."""


class JoinInThePast(TicketsError):
    """A translator cannot be arranged for an instant that is over (LA-2)."""


class JoinTooFar(TicketsError):
    """A translator is arranged for a call that somebody plans, not for the far future (LA-2)."""


class NoTranslatorAsked(TicketsError):
    """Nobody asks for a translator, or one is not arranged yet (LA-2)."""


class AssigneeNotFound(TicketsError):
    """There is no such engineer who may have this request."""


class ExportNeedsOneChain(TicketsError):
    """An export that proves itself is of one organisation, or of the desk."""


class EndpointNotFound(TicketsError):
    """There is no such webhook endpoint for this actor (P-5)."""


class WebhookNotFound(TicketsError):
    """There is no such delivery to this endpoint (P-5)."""


class InvalidEndpoint(TicketsError):
    """Something about an endpoint cannot be: `fault` is `url`, `address` (of the URL) or `types`."""

    def __init__(self, fault: str) -> None:
        self.fault, self.field = fault, "types" if fault == "types" else "url"
        super().__init__(fault)


class TooManyEndpoints(TicketsError):
    """There are as many endpoints as there may be (409)."""


class EndpointOff(TicketsError):
    """Nothing is sent to an endpoint that is switched off (409)."""


class NotToBeSentAgain(TicketsError):
    """A delivery that is held after a restore goes out when an operator says so (409)."""


class InvalidReportRange(TicketsError):
    """The days of a report are out of order, too many, or too far away; `fault` says which."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault)


class ExportNotFound(TicketsError):
    """There is no such export of this actor (P-5)."""


class ExportBeyondReach(TicketsError):
    """The export holds more than its asker may read now (P-6)."""


class ExportNotReady(TicketsError):
    """The export has no file, not yet or not any more; `state` says which."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class ExportOver(TicketsError):
    """The export is not under way any more, so there is nothing to cancel."""


class ExportRoomFull(TicketsError):
    """The files of exports take up all the room that the organisation has for them."""


class ExportPartUnknown(TicketsError):
    """The part of the file that is asked for does not exist (416); `size` is the whole."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(str(size))
