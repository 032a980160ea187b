"""Refusals of `tickets`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.wording import OUTGOING_FAULTS, text_fault
from sla.wording import instant_text
from support_portal.problems.row import FieldFault, Problem, Words, at, retry_after
from tickets import errors
from tickets.lifecycle import OPEN, Action, State
from tickets.wording import ENGAGEMENT_FAULTS, INCIDENT_FAULTS

OUT_OF_STATE: dict[State, Words] = {
    State.ARCHIVED: _("The request is archived and can only be read. File a follow-up that refers to it."),
    State.CLOSED: _("The request is closed. Reopen it first, or file a follow-up if that is no longer possible."),
}
STILL_OPEN = _("The request is still open. Write a message on it instead.")
ENDPOINT_FAULTS: dict[str, Words] = {
    "url": OUTGOING_FAULTS["url"],
    "address": OUTGOING_FAULTS["address"],
    "types": _("Choose at least one type of event, of those that there are."),
}
OTHER_STATE = _("This does not fit the state that the request is in. Read it again to see what can be done now.")

RESOLUTION_FAULTS: dict[str, tuple[str, Words]] = {
    "unknown": ("#/resolution", _("Choose a resolution that exists and that you may give.")),
    "referral": ("#/referral", _("Out of scope needs one of the referrals, and no other resolution has one.")),
    "original": ("#/duplicate_of", _("A duplicate needs the number of another request of the same organisation.")),
}
FILE_FAULTS: dict[str, Words] = {
    "empty": _("The file is empty. Choose another one."),
    "name": _("Give the file a plain name, without invisible or control characters."),
    "count": _("A message can have 10 files. Send the others with another message."),
    "size": _("A file can have 25 MiB. Split or compress it."),
    "pixels": _("A picture can have 40 megapixels. Make it smaller, or cut out what matters."),
}

REPORT_FAULTS: dict[str, Words] = {
    "out_of_order": _("The last day comes before the first. Exchange them."),
    "too_long": _("A report spans 366 days at most. Choose fewer."),
    "out_of_range": _("Choose days between the years 1971 and 9000."),
}
NO_FILE = _("Nothing came of the export. Ask for another one.")
EXPORT_STATES_TOLD: dict[str, Words] = {
    "queued": _("The export waits for its turn. Look again in a few seconds."),
    "running": _("The export is being written. Look again in a few seconds."),
    "expired": _("The file was removed when its time was over. Ask for another export."),
}


def out_of_state(error: errors.IllegalTransition) -> str:
    """Say what can be done in this state instead."""
    state = State(error.state)
    if state in OPEN and error.action == Action.REOPEN:
        return str(STILL_OPEN)
    return str(OUT_OF_STATE.get(state, OTHER_STATE))


def window_closed(error: errors.ReopenWindowClosed) -> str:
    """Tell until when it could be reopened, in the active time zone (CH-4)."""
    until = instant_text(error.until, timezone=timezone.get_current_timezone_name(), seconds=True)
    return _now("It could be reopened until %(until)s. File a follow-up that refers to it instead.") % {"until": until}


def _severity_capped(error: errors.SeverityCapped) -> str:
    return _now("The policy treats this kind of support as %(cap)s at most. Choose that or a lower severity.") % {
        "cap": error.cap
    }


def escalate_again(error: errors.EscalatedAlready) -> str:
    """Tell from when it can be escalated again, in the active time zone."""
    again = instant_text(error.again_at, timezone=timezone.get_current_timezone_name())
    return _now("Those who can help have been told. It can be escalated again from %(again)s.") % {"again": again}


def resolution_faults(error: errors.InvalidResolution) -> list[FieldFault]:
    """Name the field that is wrong."""
    place, words = RESOLUTION_FAULTS.get(error.problem, RESOLUTION_FAULTS["unknown"])
    return [FieldFault(place, error.problem, str(words))]


def resolution_detail(error: errors.InvalidResolution) -> str:
    """Say what the resolution lacks."""
    return resolution_faults(error)[0].detail


def file_detail(error: errors.AttachmentRefused) -> str:
    """Say why this file was refused."""
    return str(FILE_FAULTS.get(error.problem, _("This file cannot be accepted. Choose another one.")))


def mismatch_detail(error: errors.AttachmentMismatch) -> str:
    """Say what the name promises and what the file is."""
    said, found = error.said or _now("no kind of file"), error.found
    if not found:
        return _now("By its name the file is %(said)s, but its content is not. Attach the original.") % {"said": said}
    return _now("By its name the file is %(said)s, by its content %(found)s. Rename it, and attach it again.") % {
        "said": said,
        "found": found,
    }


def _pointer(field: str) -> str:
    return "#/" + field.replace(".", "/")


ANOTHER_ADMIN = _("Give the mail address of an admin of the organisation.")
CHOICE_FAULTS = {
    "contact.person": ANOTHER_ADMIN,
    "primary_contact": ANOTHER_ADMIN,
    "message": _("Give the id of a message of yours on this request."),
    "topic": _("Choose a topic that the catalogue has for this category and service."),
}


def _choice_fault(error: errors.UnknownChoice) -> list[FieldFault]:
    words = CHOICE_FAULTS.get(error.field, _("This is not one of the choices."))
    return [FieldFault(_pointer(error.field), "unknown_choice", str(words))]


def _text_fault(error: errors.InvalidText) -> list[FieldFault]:
    return [FieldFault(_pointer(error.field), error.problem, text_fault(error.problem))]


def _unknown_tag(error: errors.UnknownTag) -> str:
    return _now("No tag on offer is called “%(name)s”. Choose one of the list, or ask a team lead for it.") % {
        "name": error.name[:60]
    }


def _newer(error: Any) -> dict[str, str]:
    return {"ETag": f'"{error.current}"'}


TICKETS: dict[type[BaseException], Problem] = {
    errors.RequestNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "request-not-found",
        _("There is no such request"),
        _("No request that you may see has this number. Check the number and the organisation that you act for."),
    ),
    errors.IllegalTransition: Problem(
        HTTPStatus.CONFLICT,
        "illegal-transition",
        _("The request is not in the right state for that"),
        out_of_state,
        extra=lambda error: {"state": str(error.state), "action": str(error.action)},
    ),
    errors.EngagementNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "engagement-not-found",
        _("There is no such engagement"),
        _("No engagement that you may see has this number. Check the number and the organisation that you act for."),
    ),
    errors.NoElevatedSupport: Problem(
        HTTPStatus.FORBIDDEN,
        "no-elevated-support",
        _("This needs elevated support"),
        _(
            "Engagements are part of Premier, Professional Direct and migration services. File a pre-sales request to "
            "hear more."
        ),
    ),
    errors.IllegalEngagementAct: Problem(
        HTTPStatus.CONFLICT,
        "illegal-engagement-act",
        _("The engagement is not in the right state for that"),
        _("Look at how it stands now. What has ended stays as it is; ask for another engagement instead."),
        extra=lambda error: {"state": error.state, "act": error.act},
    ),
    errors.InvalidEngagement: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-engagement",
        _("This cannot be an engagement"),
        lambda error: str(ENGAGEMENT_FAULTS[error.fault]),
        faults=lambda error: [FieldFault(_pointer(error.field), error.fault, str(ENGAGEMENT_FAULTS[error.fault]))],
    ),
    errors.IncidentNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "incident-not-found",
        _("There is no such incident"),
        _("No incident that you may see has this number. Check the number and the organisation that you act for."),
    ),
    errors.IllegalIncidentAct: Problem(
        HTTPStatus.CONFLICT,
        "illegal-incident-act",
        _("The incident is not in the right state for that"),
        _("Look at how it stands now. What is resolved stays so, or is investigated again."),
        extra=lambda error: {"state": error.state, "to": error.to},
    ),
    errors.InvalidIncident: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-incident",
        _("This cannot be an incident"),
        lambda error: str(INCIDENT_FAULTS[error.fault]),
        faults=lambda error: [FieldFault(_pointer(error.field), error.fault, str(INCIDENT_FAULTS[error.fault]))],
    ),
    errors.ReopenWindowClosed: Problem(
        HTTPStatus.CONFLICT,
        "reopen-window-closed",
        _("The request can no longer be reopened"),
        window_closed,
        extra=lambda error: {"reopen_until": error.until.isoformat().replace("+00:00", "Z")},
    ),
    errors.AlreadyTaken: Problem(
        HTTPStatus.CONFLICT,
        "already-taken",
        _("Somebody else took it first"),
        _("Another engineer has the request now. Read it again, or take the next one from the queue."),
    ),
    errors.NotFailed: Problem(
        HTTPStatus.CONFLICT,
        "not-failed",
        _("It has not failed"),
        _("Somebody else has seen to it meanwhile. List what failed to see how it stands."),
    ),
    errors.FailureNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "failure-not-found",
        _("There is no such timer or notice"),
        _("It was never there, or it was removed in time. List what failed to see what there is."),
    ),
    errors.SeverityNotPermitted: Problem(
        HTTPStatus.FORBIDDEN,
        "severity-not-permitted",
        _("You may not set the severity"),
        _("Only elevated support sets the severity itself. Leave it out when you file, and dispute it afterwards."),
        faults=at("#/severity", "not_permitted", _("Only elevated support sets it.")),
    ),
    errors.SeverityByRequest: Problem(
        HTTPStatus.CONFLICT,
        "severity-by-request",
        _("An engineer has begun"),
        _("From the first response on another severity is asked for, and no longer set. Dispute the severity instead."),
    ),
    errors.SeverityNotDisputed: Problem(
        HTTPStatus.CONFLICT,
        "severity-not-disputed",
        _("You can set the severity yourself"),
        _("No engineer has begun yet, and your support lets you set the severity. Change it instead of disputing it."),
    ),
    errors.SeverityDisputedAlready: Problem(
        HTTPStatus.CONFLICT,
        "severity-disputed-already",
        _("The severity was disputed already"),
        _("It can be disputed once from opening to closing. Write a message, or escalate, if something has changed."),
    ),
    errors.SeverityAsItStands: Problem(
        HTTPStatus.CONFLICT,
        "severity-as-it-stands",
        _("That is the severity already"),
        _("Choose another severity than the one that counts now."),
        faults=at("#/severity", "as_it_stands", _("Choose another severity.")),
    ),
    errors.NoDispute: Problem(
        HTTPStatus.CONFLICT,
        "no-dispute",
        _("No dispute stands"),
        _("Somebody has settled it meanwhile, or nobody disputes the severity. Read the request again."),
    ),
    errors.SeverityCapped: Problem(
        HTTPStatus.CONFLICT, "severity-capped", _("The severity is capped"), _severity_capped
    ),
    errors.ReasonRequired: Problem(
        HTTPStatus.BAD_REQUEST,
        "reason-required",
        _("A reason is missing"),
        _("Say in a few words why; the reason is kept with the change."),
        faults=at("#/reason", "required", _("Give a reason.")),
    ),
    errors.InvalidResolution: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-resolution",
        _("The request cannot be closed like this"),
        resolution_detail,
        faults=resolution_faults,
    ),
    errors.KindIsFixed: Problem(
        HTTPStatus.CONFLICT,
        "kind-is-fixed",
        _("That belongs to another kind of support"),
        _(
            "Another kind of support has other response times, another team and other readers. Tell the customer to "
            "file it there, and close this request."
        ),
        faults=at("#/category", "other_kind", _("Choose a category of the same kind of support.")),
        extra=lambda error: {"kind": error.kind},
    ),
    errors.NothingToCorrect: Problem(
        HTTPStatus.CONFLICT,
        "nothing-to-correct",
        _("Nothing would be corrected"),
        _("Scope, category and topic are already so. Choose another one, or add an internal note instead."),
    ),
    errors.UnknownChoice: Problem(
        HTTPStatus.BAD_REQUEST,
        "unknown-choice",
        _("There is no such choice"),
        _("The field named in errors takes only what is on offer to you, such as the codes of the catalogue."),
        faults=_choice_fault,
    ),
    errors.TagNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "tag-not-found",
        _("There is no such tag"),
        _("List the tags to see which there are."),
    ),
    errors.UnknownTag: Problem(
        HTTPStatus.BAD_REQUEST,
        "unknown-tag",
        _("There is no such tag"),
        _unknown_tag,
        faults=lambda error: [FieldFault(_pointer(error.field), "unknown_choice", _unknown_tag(error))],
    ),
    errors.TagExists: Problem(
        HTTPStatus.CONFLICT,
        "tag-exists",
        _("There is such a tag already"),
        _("Another tag has this name, maybe in other case, maybe archived. Use that one, or choose another name."),
    ),
    errors.TagInUse: Problem(
        HTTPStatus.CONFLICT,
        "tag-in-use",
        _("Requests carry this tag"),
        _("Archive it instead: no request is given it any more, and those that carry it keep it."),
    ),
    errors.TooManyTags: Problem(
        HTTPStatus.CONFLICT,
        "too-many-tags",
        _("There are too many tags"),
        _("There are 300 on offer, which is as many as there may be. Archive one that is not needed any more."),
    ),
    errors.TooManyTagsOnRequest: Problem(
        HTTPStatus.CONFLICT,
        "too-many-tags-on-request",
        _("The request has too many tags"),
        _("A request carries 20 tags at most. Take one off first."),
    ),
    errors.SubscriptionRequired: Problem(
        HTTPStatus.BAD_REQUEST,
        "subscription-required",
        _("The subscription is missing"),
        _("Name the subscription that the request is about; it decides by when an engineer answers."),
        faults=at("#/subscription", "required", _("Name a subscription.")),
    ),
    errors.ElevatedRequired: Problem(
        HTTPStatus.FORBIDDEN,
        "elevated-required",
        _("Advisory support comes with elevated support"),
        _("The organisation has no elevated support contract. File a technical request with your question instead."),
        faults=at("#/category", "not_permitted", _("Choose another category.")),
    ),
    errors.InvalidText: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-text",
        _("A text cannot be accepted"),
        lambda error: text_fault(error.problem),
        faults=_text_fault,
    ),
    errors.AttachmentRefused: Problem(
        HTTPStatus.BAD_REQUEST,
        "attachment-refused",
        _("The file was not accepted"),
        file_detail,
        faults=lambda error: [FieldFault("#/file", error.problem, file_detail(error))],
        extra=lambda error: {"reason": error.problem},
    ),
    errors.AttachmentMismatch: Problem(
        HTTPStatus.BAD_REQUEST,
        "attachment-mismatch",
        _("The file is not what its name says"),
        mismatch_detail,
        faults=lambda error: [FieldFault("#/file", error.problem, mismatch_detail(error))],
        extra=lambda error: {"reason": error.problem},
    ),
    errors.AttachmentWaiting: Problem(
        HTTPStatus.CONFLICT,
        "attachment-waiting",
        _("The file is being scanned for viruses"),
        _("It can be downloaded once that is done, usually within a minute."),
        headers=retry_after(30),
    ),
    errors.AttachmentInfected: Problem(
        HTTPStatus.GONE,
        "attachment-infected",
        _("A virus was found in this file"),
        _("The file was removed. Ask who sent it to scan their computer, and to send a clean copy."),
    ),
    errors.AttachmentTooLarge: Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "attachment-too-large",
        _("The file is too large"),
        FILE_FAULTS["size"],
        faults=at("#/file", "size", FILE_FAULTS["size"]),
    ),
    errors.StorageFull: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "storage-full",
        _("There is no room left for files"),
        _("The organisation's 5 GiB for attachments are used up. Send a link, or ask support for more room."),
    ),
    errors.StorageUnavailable: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "storage-unavailable",
        _("Files cannot be stored at the moment"),
        _("The file was not kept; everything else was. Try to attach it again in a few minutes."),
        headers=retry_after(60),
    ),
    errors.AttachmentNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "attachment-not-found",
        _("There is no such file"),
        _("The request has no file by this address, or you may not see it."),
    ),
    errors.VersionMismatch: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-mismatch",
        _("It has changed since you read it"),
        _("Read it again, look at what changed, and repeat your change with the new ETag."),
        extra=lambda error: {"current_version": error.current},
        headers=_newer,
    ),
    errors.SurveyNotOpen: Problem(
        HTTPStatus.CONFLICT,
        "survey-not-open",
        _("There is nothing to answer"),
        _("You are asked once after a request was closed, and can answer for 14 days. This survey is not open to you."),
    ),
    errors.SurveyAnswered: Problem(
        HTTPStatus.CONFLICT,
        "survey-answered",
        _("This has been answered already"),
        _("Thank you; the answer was kept, and there is nothing more to do."),
    ),
    errors.InvalidRating: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-rating",
        _("There is no such rating"),
        _("Give a whole number from 1 (bad) to 5 (very good)."),
        faults=at("#/rating", "invalid_choice", _("Give a whole number from 1 to 5.")),
    ),
    errors.EscalatedAlready: Problem(
        HTTPStatus.CONFLICT,
        "escalated-already",
        _("It was escalated a short while ago"),
        escalate_again,
        extra=lambda error: {"again_at": error.again_at.isoformat().replace("+00:00", "Z")},
    ),
    errors.TranslatorAsked: Problem(
        HTTPStatus.CONFLICT,
        "translator-asked",
        _("A translator is asked for already"),
        _("Call that one off first, then ask for another."),
    ),
    errors.CallBackInThePast: Problem(
        HTTPStatus.BAD_REQUEST,
        "call-back-in-the-past",
        _("The time of the call is over"),
        _("Give a time that is still to come."),
        faults=at("#/contact/callback_at", "past", _("Give a time that is still to come.")),
    ),
    errors.CallBackTooFar: Problem(
        HTTPStatus.BAD_REQUEST,
        "call-back-too-far",
        _("The time of the call is too far ahead"),
        _("Choose a time from now on, at most 90 days ahead."),
        faults=at("#/contact/callback_at", "too_far", _("Choose a time from now on, at most 90 days ahead.")),
    ),
    errors.JoinInThePast: Problem(
        HTTPStatus.BAD_REQUEST,
        "join-in-the-past",
        _("The time of the call is over"),
        _("Give a time that is still to come."),
        faults=at("#/join_at", "past", _("Give a time that is still to come.")),
    ),
    errors.JoinTooFar: Problem(
        HTTPStatus.BAD_REQUEST,
        "join-too-far",
        _("The time of the call is too far ahead"),
        _("Choose a time from now on, at most 90 days ahead."),
        faults=at("#/join_at", "too_far", _("Choose a time from now on, at most 90 days ahead.")),
    ),
    errors.NoTranslatorAsked: Problem(
        HTTPStatus.CONFLICT,
        "no-translator-asked",
        _("There is no translator to do that with"),
        _("Read the request again: nobody asks for a translator, or none is arranged yet."),
    ),
    errors.AssigneeNotFound: Problem(
        HTTPStatus.BAD_REQUEST,
        "assignee-not-found",
        _("There is no such engineer"),
        _("Choose an active engineer whose kind of support covers this request."),
        faults=at("#/assignee", "not_found", _("There is no such engineer.")),
    ),
    errors.ExportNeedsOneChain: Problem(
        HTTPStatus.BAD_REQUEST,
        "export-needs-one-chain",
        _("Choose whose records to export"),
        _("An export that proves itself is of one organisation, or of the desk. Choose one, or export as CSV."),
    ),
    errors.EndpointNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "endpoint-not-found",
        _("There is no such endpoint"),
        _("List the endpoints to see which there are."),
    ),
    errors.WebhookNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "webhook-not-found",
        _("There is no such delivery"),
        _("List the deliveries of the endpoint to see which there are; old ones are removed in time."),
    ),
    errors.InvalidEndpoint: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-endpoint",
        _("The endpoint cannot be used like this"),
        lambda error: str(ENDPOINT_FAULTS[error.fault]),
        faults=lambda error: [FieldFault(f"#/{error.field}", "invalid", str(ENDPOINT_FAULTS[error.fault]))],
    ),
    errors.TooManyEndpoints: Problem(
        HTTPStatus.CONFLICT,
        "too-many-endpoints",
        _("There are too many endpoints"),
        _("There are 20, which is as many as there may be. Remove one that is not needed any more."),
    ),
    errors.EndpointOff: Problem(
        HTTPStatus.CONFLICT,
        "endpoint-off",
        _("The endpoint is switched off"),
        _("Switch it on first; then send again what it has missed."),
    ),
    errors.NotToBeSentAgain: Problem(
        HTTPStatus.CONFLICT,
        "not-to-be-sent-again",
        _("This delivery cannot be sent again"),
        _("It is held after a restore of the portal. An operator decides whether it goes out."),
    ),
    errors.InvalidReportRange: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-report-range",
        _("There is no report of these days"),
        lambda error: str(REPORT_FAULTS[error.fault]),
    ),
    errors.ExportNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "export-not-found",
        _("There is no such export"),
        _("You have asked for no export of this id, for the organisation that you act for. It may have been removed."),
    ),
    errors.ExportNotReady: Problem(
        HTTPStatus.CONFLICT,
        "export-not-ready",
        _("There is no file to download"),
        lambda error: str(EXPORT_STATES_TOLD.get(error.state, NO_FILE)),
        extra=lambda error: {"state": str(error.state)},
    ),
    errors.ExportBeyondReach: Problem(
        HTTPStatus.FORBIDDEN,
        "export-beyond-reach",
        _("The export holds more than you may read now"),
        _("What you may read has become less since the export began. Remove it, and ask for another one."),
    ),
    errors.ExportOver: Problem(
        HTTPStatus.CONFLICT,
        "export-over",
        _("The export is not under way any more"),
        _("There is nothing to cancel. Remove the export if you do not need it."),
    ),
    errors.ExportRoomFull: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "export-room-full",
        _("There is no room left for exports"),
        _("Remove exports that you do not need any more, or wait until they expire, 48 hours after they were ready."),
    ),
    errors.ExportPartUnknown: Problem(
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
        "export-part-unknown",
        _("The file has no such part"),
        _("Ask for a part within the size of the file, or for the whole."),
        headers=lambda error: {"Content-Range": f"bytes */{error.size}"},
    ),
}
