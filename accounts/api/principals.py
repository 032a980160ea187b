"""Operations on service principals and their tokens; for global admins."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import people_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.people import READ, WRITE
from accounts.api.people_serializers import NothingInput, PrincipalInput, PrincipalOutput, PrincipalRolesInput
from accounts.api.schema import lists
from accounts.api.serializers import IssuedTokenOutput, TokenInput, TokenOutput
from accounts.errors import TokenNotFound
from accounts.idempotency import Answer
from accounts.models import ApiToken
from accounts.selectors import directory
from accounts.services import principals, tokens

ACTS = ("manage_principals",)


class PrincipalsView(ApiView):
    """Service principals."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}

    @lists(PrincipalOutput)
    def get(self, request: Request) -> Response:
        """List the service principals of the organisation by name, those that have ended too."""
        self.read_query()
        return self.answer_page(directory.principals_of(self.actor).order_by(*directory.BY_NAME), PrincipalOutput)

    @extend_schema(request=PrincipalInput, responses={201: PrincipalOutput}, examples=examples.PRINCIPAL)
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a service principal. It belongs to the organisation, whoever leaves; give it tokens to act with."""
        made = principals.create_principal(actor=self.actor, **self.read(PrincipalInput))
        address = reverse("api-service-principal", kwargs={"principal_id": made.pk})
        return answer(PrincipalOutput(made).data, status=201, location=address)


class PrincipalView(ApiView):
    """One service principal."""

    required_scopes = {"GET": READ}
    acts = {"GET": ACTS}

    @extend_schema(responses=PrincipalOutput)
    def get(self, request: Request, principal_id: int) -> Response:
        """Tell its roles, and whether it has ended."""
        self.read_query()
        return answer(PrincipalOutput(directory.principal_of(self.actor, principal_id)).data)


class ActOnPrincipalView(ApiView):
    """An act on one service principal."""

    versioned = False
    required_scopes = {"POST": WRITE}
    acts = {"POST": ACTS}

    def check_replay(self, stored: Answer) -> None:
        """The principal must still be theirs."""
        directory.principal_of(self.actor, self.kwargs["principal_id"])


class PrincipalRolesView(ActOnPrincipalView):
    """The roles of one service principal."""

    asks_proof = ("POST",)

    @extend_schema(request=PrincipalRolesInput, responses=PrincipalOutput)
    @idempotent
    def post(self, request: Request, principal_id: int) -> Response:
        """Let it hold exactly these roles, from its next call on."""
        given = self.read(PrincipalRolesInput)
        changed = principals.change_principal(principal_id=principal_id, actor=self.actor, **given)
        return answer(PrincipalOutput(changed).data)


class EndPrincipalView(ActOnPrincipalView):
    """The end of a service principal."""

    @extend_schema(request=NothingInput, responses=PrincipalOutput)
    @idempotent
    def post(self, request: Request, principal_id: int) -> Response:
        """End it with all its tokens, for good; the next call with one of them is refused."""
        self.read(NothingInput)
        ended = principals.end_principal(principal_id=principal_id, actor=self.actor)
        return answer(PrincipalOutput(ended).data)


class PrincipalTokensView(ApiView):
    """The tokens of one service principal."""

    versioned = False
    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ACTS, "POST": ACTS}
    asks_proof = ("POST",)

    @lists(TokenOutput)
    def get(self, request: Request, principal_id: int) -> Response:
        """List its tokens that are not revoked, the newest first."""
        self.read_query()
        principal = directory.principal_of(self.actor, principal_id)
        held = directory.tokens_of_principal(principal).select_related("organisation")
        return self.answer_page(held, TokenOutput)

    @extend_schema(request=TokenInput, responses={201: IssuedTokenOutput}, examples=examples.PRINCIPAL_TOKEN)
    @idempotent
    def post(self, request: Request, principal_id: int) -> Response:
        """Make a token for it, with no more scopes and time than the token of this call has itself.

        Its secret is in this answer and nowhere else; a replayed answer has null in its place.
        """
        within = request.auth if isinstance(request.auth, ApiToken) else None
        issued = principals.issue_principal_token(
            principal_id=principal_id, actor=self.actor, within=within, **self.read(TokenInput)
        )
        data = {**TokenOutput(issued.token).data, "secret": issued.secret}
        address = reverse(
            "api-service-principal-token", kwargs={"principal_id": principal_id, "token_id": issued.token.pk}
        )
        return answer(data, status=201, version=tokens.VERSION, location=address)

    def check_replay(self, stored: Answer) -> None:
        """The principal must still be theirs."""
        directory.principal_of(self.actor, self.kwargs["principal_id"])

    def to_store(self, data: Any) -> Any:
        """Keep no secrets."""
        return {**data, "secret": None}


class PrincipalTokenView(ApiView):
    """One token of a service principal."""

    required_scopes = {"GET": READ, "DELETE": WRITE}
    acts = {"GET": ACTS, "DELETE": ACTS}

    @extend_schema(responses=TokenOutput)
    def get(self, request: Request, principal_id: int, token_id: int) -> Response:
        """Tell what the token may do and when it was last used."""
        self.read_query()
        principal = directory.principal_of(self.actor, principal_id)
        held = directory.tokens_of_principal(principal).select_related("organisation")
        token = held.filter(pk=token_id).first()
        if token is None:
            raise TokenNotFound
        return answer(TokenOutput(token).data, version=tokens.VERSION)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, principal_id: int, token_id: int) -> Response:
        """Revoke the token. The next call with it is refused."""
        principals.revoke_principal_token(
            principal_id=principal_id, token_id=token_id, actor=self.actor, version=self.version_required()
        )
        return Response(status=204)
