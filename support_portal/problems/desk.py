"""Refusals about what support staff keep: organisations, subscriptions, contracts, plans."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from accounts import errors
from accounts.wording import PARTICULARS_FAULTS, text_fault
from support_portal.problems.accounts import NOT_THERE
from support_portal.problems.row import FieldFault, Problem, at


def _particulars_fault(error: errors.InvalidParticulars) -> str:
    known = PARTICULARS_FAULTS.get(error.fault)
    return str(known) if known else text_fault(error.fault)


def _particulars_faults(error: errors.InvalidParticulars) -> list[FieldFault]:
    return [FieldFault(f"#/{error.field.replace('.', '/')}", error.fault, _particulars_fault(error))]


DESK: dict[type[BaseException], Problem] = {
    errors.InvalidParticulars: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-particulars",
        _("Something is not right"),
        _particulars_fault,
        faults=_particulars_faults,
    ),
    errors.NameTaken: Problem(
        HTTPStatus.CONFLICT,
        "name-taken",
        _("The short name is taken"),
        _("Another one has this short name, perhaps one that is closed. Choose another."),
    ),
    errors.RecordChanged: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-mismatch",
        _("It has changed since you read it"),
        _("Read it again, look at what changed, and repeat your change with the new ETag."),
        extra=lambda error: {"current_version": error.current},
        headers=lambda error: {"ETag": f'"{error.current}"'},
    ),
    errors.OrganisationClosed: Problem(
        HTTPStatus.CONFLICT,
        "organisation-closed",
        _("The organisation is closed"),
        _("Open it again first, if it shall be served."),
    ),
    errors.PartnerHasCustomers: Problem(
        HTTPStatus.CONFLICT,
        "partner-has-customers",
        _("Customers have appointed this partner"),
        _("It remains a partner until the last customer has ended the delegation."),
    ),
    errors.PlanNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "plan-not-found",
        _("There is no such plan on offer"),
        _("Choose a plan that is on offer, and for a trial one that can be tried; /api/v1/plans/ lists them."),
        faults=at("#/plan", "not_found", _("No plan on offer has this code, or it cannot be tried.")),
    ),
    errors.TeamNotFound: Problem(HTTPStatus.NOT_FOUND, "team-not-found", _("There is no such team"), NOT_THERE),
    errors.OwnAccount: Problem(
        HTTPStatus.FORBIDDEN,
        "own-account",
        _("Not for yourself"),
        _("Nobody changes their own roles or closes their own account. Ask a colleague who may."),
    ),
    errors.LastOfRole: Problem(
        HTTPStatus.CONFLICT,
        "last-of-role",
        _("Somebody must remain who can manage the staff"),
        _("This is the last one who holds the role. Give it to somebody else first."),
    ),
    errors.ContractNotFound: Problem(
        HTTPStatus.NOT_FOUND, "contract-not-found", _("There is no such contract"), NOT_THERE
    ),
    errors.ContractOverlaps: Problem(
        HTTPStatus.CONFLICT,
        "contract-overlaps",
        _("There is another contract in that time"),
        _("An organisation has one elevated contract at a time. End the other one first, or choose other days."),
    ),
}
