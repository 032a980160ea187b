"""Operations on the people of an organisation and on invitations (RO-1); for global admins."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.api import people_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.people_serializers import (
    InvitationInput,
    InvitationOutput,
    MemberOutput,
    NothingInput,
    PeopleFilters,
    RolesInput,
)
from accounts.api.schema import lists
from accounts.idempotency import Answer
from accounts.models import Invitation
from accounts.selectors import directory
from accounts.selectors.directory import Sought
from accounts.services import invitations, people
from accounts.services.people import GLOBAL_ADMIN

READ, WRITE = "people:read", "people:write"
ACTS = ("manage_people",)


class PeopleView(ApiView):
    """The people of the organisation acted for."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}

    @lists(MemberOutput, filters=PeopleFilters)
    def get(self, request: Request) -> Response:
        """List people by name, those with a closed account too unless `active` says otherwise."""
        given = self.read_query(PeopleFilters)
        sought = Sought(words=given.get("q", ""), role=given.get("role", ""), active=given.get("active"))
        found = directory.people_sought(self.actor, sought)
        return self.answer_page(found.order_by(*directory.BY_NAME), MemberOutput)


class PersonView(ApiView):
    """One person."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}

    @extend_schema(responses=MemberOutput)
    def get(self, request: Request, person_id: int) -> Response:
        """Tell who it is, which roles they hold, and whether their account is open."""
        self.read_query()
        return answer(MemberOutput(directory.person_of(self.actor, person_id)).data)


class ActOnPersonView(ApiView):
    """An act on one person."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}

    def check_replay(self, stored: Answer) -> None:
        """The person must still be theirs."""
        directory.person_of(self.actor, self.kwargs["person_id"])


class RolesView(ActOnPersonView):
    """The roles of one person."""

    versioned = False

    @extend_schema(request=RolesInput, responses=MemberOutput, examples=examples.ROLES)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Let the person hold exactly these roles, from their next request on; they are told by mail.

        The last global admin stays one (`last-global-admin`). Giving up managing people oneself needs `confirm_self`.
        """
        given = self.read(RolesInput)
        if GLOBAL_ADMIN in given["roles"]:
            self.ask_proof()
        person = people.change_roles(
            person_id=person_id, roles=given["roles"], even_mine=given.get("confirm_self", False), actor=self.actor
        )
        return answer(MemberOutput(person).data)


class ReactivateView(ActOnPersonView):
    """A closed account."""

    versioned = False

    @extend_schema(request=NothingInput, responses=MemberOutput)
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        """Open the account again with the roles it had; its owner is told by mail how to choose a new password."""
        self.read(NothingInput)
        people.reactivate_person(person_id=person_id, actor=self.actor)
        return answer(MemberOutput(directory.person_of(self.actor, person_id)).data)


class InvitationsView(ApiView):
    """Invitations that wait."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}

    @lists(InvitationOutput)
    def get(self, request: Request) -> Response:
        """List the invitations that were neither accepted nor withdrawn, the newest first."""
        self.read_query()
        return self.answer_page(directory.invitations_of(self.actor), InvitationOutput, now=clock.now())

    @extend_schema(request=InvitationInput, responses={201: InvitationOutput}, examples=examples.INVITE)
    @idempotent
    def post(self, request: Request) -> Response:
        """Invite somebody by mail, with the roles that they shall hold. The link works once, for 72 hours.

        Whether the address has an account elsewhere is not told. At most three mails an hour go to an address; past
        that the answer is the same.
        """
        given = self.read(InvitationInput)
        if GLOBAL_ADMIN in given["roles"]:
            self.ask_proof()
        made = invitations.invite_person(actor=self.actor, **given)
        address = reverse("api-invitation", kwargs={"invitation_id": made.pk})
        return _told(made, status=201, location=address)


class InvitationView(ApiView):
    """One invitation that waits."""

    required_scopes = {"GET": READ, "DELETE": WRITE}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=InvitationOutput)
    def get(self, request: Request, invitation_id: int) -> Response:
        """Tell how the invitation stands."""
        self.read_query()
        return _told(directory.invitation_of(self.actor, invitation_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Withdraw the invitation. Its link works no more."""
        version = self.version_required()
        invitations.withdraw_invitation(invitation_id=invitation_id, actor=self.actor, version=version)
        return Response(status=204)


class ResendInvitationView(ApiView):
    """The mail of an invitation."""

    versioned = False
    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}

    @extend_schema(request=NothingInput, responses=InvitationOutput)
    @idempotent
    def post(self, request: Request, invitation_id: int) -> Response:
        """Send a new link, for 72 hours from now; the former one dies."""
        self.read(NothingInput)
        return _told(invitations.resend_invitation(invitation_id=invitation_id, actor=self.actor))

    def check_replay(self, stored: Answer) -> None:
        """The invitation must still wait."""
        directory.invitation_of(self.actor, self.kwargs["invitation_id"])


def _told(invitation: Invitation, *, status: int = 200, location: str = "") -> Response:
    data = InvitationOutput(invitation, context={"now": clock.now()}).data
    return answer(data, status=status, version=invitation.round, location=location)
