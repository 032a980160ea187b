"""Operations on the caller's own tokens."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.schema import lists
from accounts.api.serializers import IssuedTokenOutput, TokenInput, TokenOutput
from accounts.models import ApiToken
from accounts.services import tokens


class TokensView(ApiView):
    """The caller's API tokens."""

    required_scopes = {"GET": "tokens:read", "POST": "tokens:write"}
    acts = {"GET": ("manage_tokens",), "POST": ("manage_tokens",)}
    asks_proof = ("POST",)

    @lists(TokenOutput)
    def get(self, request: Request) -> Response:
        """List the caller's tokens that are not revoked, the newest first."""
        self.read_query()
        mine = selectors.tokens_of(self.actor).select_related("organisation")
        return self.answer_page(mine, TokenOutput)

    @extend_schema(request=TokenInput, responses={201: IssuedTokenOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a token. Its secret is in this answer and nowhere else; a replayed answer has null in its place."""
        within = request.auth if isinstance(request.auth, ApiToken) else None
        issued = tokens.issue_token(actor=self.actor, within=within, **self.read(TokenInput))
        data = {**TokenOutput(issued.token).data, "secret": issued.secret}
        address = reverse("api-token", kwargs={"token_id": issued.token.pk})
        return answer(data, status=201, version=tokens.VERSION, location=address)

    def to_store(self, data: Any) -> Any:
        """Keep no secrets."""
        return {**data, "secret": None}


class TokenView(ApiView):
    """One of the caller's API tokens."""

    required_scopes = {"GET": "tokens:read", "DELETE": "tokens:write"}
    acts = {"GET": ("manage_tokens",), "DELETE": ("manage_tokens",)}

    @extend_schema(responses=TokenOutput)
    def get(self, request: Request, token_id: int) -> Response:
        """Tell what the token may do and when it was last used."""
        self.read_query()
        return answer(TokenOutput(selectors.token_of(self.actor, token_id)).data, version=tokens.VERSION)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke the token. The next call with it is refused."""
        tokens.revoke_token(actor=self.actor, token_id=token_id, version=self.version_required())
        return Response(status=204)
