"""Operations on the invitations that the support staff answer for: of colleagues, and of people of customers (RO-3).

Who is invited is decided on pages alone, with a fresh proof of who invites.
"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.colleague_serializers import DeskInvitationFilters, DeskInvitationOutput
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists, refusing
from accounts.idempotency import Answer
from accounts.models import Invitation
from accounts.scopes import READ_DESK, WRITE_DESK
from accounts.selectors import directory
from accounts.services import invitations

ACTS = ("manage_staff", "manage_organisations")


class DeskInvitationsView(ApiView):
    """The invitations that wait."""

    required_scopes = {"GET": READ_DESK}
    acts = {"GET": ACTS}

    @refusing(404)
    @lists(DeskInvitationOutput, filters=DeskInvitationFilters)
    def get(self, request: Request) -> Response:
        """List the invitations to the support staff, or those to a customer, the newest first.

        Colleagues are invited by team leads and operators, people of customers by duty managers too.
        """
        slug, now = self.read_query(DeskInvitationFilters).get("organisation", ""), clock.now()
        found = directory.invitations_for_desk(self.actor, slug, now=now).order_by("-pk")
        return self.answer_page(found, DeskInvitationOutput, now=now)


class DeskInvitationView(ApiView):
    """One invitation that waits."""

    required_scopes = {"GET": READ_DESK, "DELETE": WRITE_DESK}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=DeskInvitationOutput)
    def get(self, request: Request, invitation_id: int) -> Response:
        """Tell how an invitation stands."""
        self.read_query()
        return _told(directory.invitation_for_desk(self.actor, invitation_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Withdraw an invitation. Its link works no more."""
        version = self.version_required()
        directory.invitation_for_desk(self.actor, invitation_id)
        invitations.withdraw_invitation(invitation_id=invitation_id, actor=self.actor, version=version)
        return Response(status=204)


class ResendDeskInvitationView(ApiView):
    """The mail of an invitation."""

    versioned = False
    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": ACTS}

    @extend_schema(request=NothingInput, responses=DeskInvitationOutput)
    @idempotent
    def post(self, request: Request, invitation_id: int) -> Response:
        """Send a new link, for 72 hours from now; the former one dies, and you answer for it from now on."""
        self.read(NothingInput)
        directory.invitation_for_desk(self.actor, invitation_id)
        return _told(invitations.resend_invitation(invitation_id=invitation_id, actor=self.actor))

    def check_replay(self, stored: Answer) -> None:
        """The invitation must still wait."""
        directory.invitation_for_desk(self.actor, self.kwargs["invitation_id"])


def _told(invitation: Invitation) -> Response:
    data = DeskInvitationOutput(invitation, context={"now": clock.now()}).data
    return answer(data, version=invitation.round)
