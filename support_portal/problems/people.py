"""Refusals about the people of an organisation, invitations and service principals."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from accounts import errors
from support_portal.problems.row import Problem, at

NOT_THERE = _("It does not exist, or you may not see it. Check the address and whom you act for.")

PEOPLE: dict[type[BaseException], Problem] = {
    errors.RolesChanged: Problem(
        HTTPStatus.CONFLICT,
        "roles-changed",
        _("The roles have changed since you read them"),
        _("Somebody else has changed this person’s roles. Nothing was changed; look at them again."),
    ),
    errors.ConfirmYourself: Problem(
        HTTPStatus.CONFLICT,
        "confirm-yourself",
        _("This is your own account"),
        _("You would take these rights from yourself. Confirm that you mean it; over the API with confirm_self."),
    ),
    errors.AlreadyMember: Problem(
        HTTPStatus.CONFLICT,
        "already-member",
        _("This person is in your organisation already"),
        _("Somebody of your organisation has this mail address. Change their roles, or open their account again."),
        faults=at("#/email", "taken", _("Somebody of your organisation has this mail address.")),
    ),
    errors.InvitationWaiting: Problem(
        HTTPStatus.CONFLICT,
        "invitation-waiting",
        _("An invitation is waiting already"),
        _("This mail address is invited already. Send that invitation again, or withdraw it first."),
        faults=at("#/email", "taken", _("This mail address is invited already.")),
    ),
    errors.InvitationNotFound: Problem(
        HTTPStatus.NOT_FOUND, "invitation-not-found", _("There is no such invitation"), NOT_THERE
    ),
    errors.InvitationChanged: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-mismatch",
        _("It has changed since you read it"),
        _("Read it again, look at what changed, and repeat your change with the new ETag."),
        extra=lambda error: {"current_version": error.current},
        headers=lambda error: {"ETag": f'"{error.current}"'},
    ),
    errors.InvitationExpired: Problem(
        HTTPStatus.GONE,
        "invitation-expired",
        _("The invitation has run out"),
        _("Ask a global admin of the organisation to send it again."),
    ),
    errors.AddressTaken: Problem(
        HTTPStatus.CONFLICT,
        "address-taken",
        _("This mail address has an account"),
        _("An account belongs to one organisation. Sign in with it, or ask to be invited at another address."),
    ),
    errors.PrincipalNotFound: Problem(
        HTTPStatus.NOT_FOUND, "service-principal-not-found", _("There is no such service principal"), NOT_THERE
    ),
    errors.PrincipalClosed: Problem(
        HTTPStatus.CONFLICT,
        "service-principal-ended",
        _("The service principal has ended"),
        _("It cannot be used or changed any more. Make another one."),
    ),
}
