"""Refusals of the smaller apps: `sla` and `selfhelp`."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from selfhelp import errors as selfhelp
from sla import errors as sla
from support_portal.problems.row import FieldFault, Problem


def document_faults(error: sla.DocumentInvalid) -> list[FieldFault]:
    """Every thing that is wrong in a document, at its place."""
    return [
        FieldFault("#/" + problem.path.replace(".", "/") if problem.path else "#", problem.code, str(problem))
        for problem in error.problems
    ]


def _version_taken(error: sla.PolicyVersionTaken) -> str:
    return _now("The newest version is %(newest)d. Give the policy a higher number than that.") % {
        "newest": error.newest
    }


POLICY_HELP = _("Correct every cell named in errors. Nothing has been published.")

RULES: dict[type[BaseException], Problem] = {
    sla.InstantOutOfRange: Problem(
        HTTPStatus.BAD_REQUEST,
        "instant-out-of-range",
        _("The instant is too far away"),
        _("Give an instant between the years 1970 and 9000."),
    ),
    sla.AvailabilityInvalid: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-availability",
        _("There is no such availability"),
        _("Write always, business_hours, or calendar: and the name of a calendar."),
    ),
    sla.TargetInvalid: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-target",
        _("There is no such response target"),
        _("Write a duration such as PT1H, a number of days such as day+1, or none."),
    ),
    sla.CalendarUnknown: Problem(
        HTTPStatus.BAD_REQUEST,
        "unknown-calendar",
        _("There is no such calendar"),
        _("Add the calendar to the policy, or name one that is there."),
    ),
    sla.CellUnknown: Problem(
        HTTPStatus.CONFLICT,
        "no-such-policy-cell",
        _("The policy promises nothing for this"),
        _("The policy in force has no line for this kind of support, tier and severity. Tell support about it."),
    ),
    sla.PolicyVersionUnknown: Problem(
        HTTPStatus.NOT_FOUND,
        "policy-version-not-found",
        _("There is no such policy version"),
        _("No policy was published under this number."),
    ),
    sla.DocumentInvalid: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-document",
        _("The document is not right"),
        _("Correct what is named in errors. Nothing has been changed."),
        faults=document_faults,
    ),
    sla.CalendarInvalid: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-calendar",
        _("The calendar is not right"),
        _("Correct what is named in errors. Nothing has been changed."),
        faults=document_faults,
    ),
    sla.PolicyInvalid: Problem(
        HTTPStatus.BAD_REQUEST, "invalid-policy", _("The policy is not right"), POLICY_HELP, faults=document_faults
    ),
    sla.PolicyVersionTaken: Problem(
        HTTPStatus.CONFLICT, "policy-version-taken", _("The policy version is taken"), _version_taken
    ),
    sla.PolicyDraftUnknown: Problem(
        HTTPStatus.NOT_FOUND,
        "policy-draft-not-found",
        _("There is no such draft"),
        _("It may have been published or discarded. The page of policies lists what there is."),
    ),
    sla.PolicyDraftChanged: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-mismatch",
        _("It has changed since you read it"),
        _("Somebody else saved this draft since you opened it. Look at it as it is now, then make your change again."),
        extra=lambda error: {"current_version": error.current},
        headers=lambda error: {"ETag": f'"{error.current}"'},
    ),
    sla.PolicyDraftUnreadable: Problem(
        HTTPStatus.CONFLICT,
        "policy-draft-unreadable",
        _("The text is no document"),
        _("No part of it can be changed while the text is no JSON object. Replace the text as a whole."),
    ),
    sla.PolicyNotReviewed: Problem(
        HTTPStatus.CONFLICT,
        "policy-not-reviewed",
        _("The draft has not been reviewed as it is"),
        _("Compute what it would have changed, look at that, and then publish."),
    ),
    selfhelp.ArticleNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "article-not-found",
        _("There is no such article"),
        _("It may have been withdrawn. Search the articles for what you need."),
    ),
    selfhelp.UnknownReferral: Problem(
        HTTPStatus.BAD_REQUEST,
        "unknown-referral",
        _("There is no such referral"),
        _("Choose one of the referrals of the catalogue."),
    ),
}
