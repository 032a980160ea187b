"""Operations on organisations, plans, subscriptions and tokens."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, selectors
from accounts.api import desk_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.schema import lists
from accounts.api.serializers import (
    IssuedTokenOutput,
    OrganisationOutput,
    OrganisationPatchInput,
    OwnOrganisationPatchInput,
    PlanOutput,
    SubscriptionFilters,
    SubscriptionOutput,
    TokenInput,
    TokenOutput,
)
from accounts.models import ApiToken, Organisation
from accounts.scopes import WRITE_DESK
from accounts.services import organisations, tokens


class OrganisationsView(ApiView):
    """Organisations."""

    required_scopes = {"GET": "organisation:read"}
    acts = {"GET": ("read_request", "read_organisations")}

    @lists(OrganisationOutput)
    def get(self, request: Request) -> Response:
        """List the organisation acted for; for support staff, all that they serve."""
        self.read_query()
        organisations = selectors.visible_organisations(self.actor, now=clock.now())
        return self.answer_page(organisations.order_by("slug"), OrganisationOutput)


class OrganisationView(ApiView):
    """One organisation."""

    required_scopes = {"GET": "organisation:read", "PATCH": "organisation:write"}
    staff_scopes = {"PATCH": WRITE_DESK}
    acts = {"GET": ("read_request", "read_organisations"), "PATCH": ("edit_organisation", "manage_organisations")}

    @extend_schema(responses=OrganisationOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Return the organisation acted for; for support staff, one that they serve (P-5)."""
        self.read_query()
        return self.told(selectors.visible_organisation(self.actor, slug, now=clock.now()))

    @extend_schema(request=OrganisationPatchInput, responses=OrganisationOutput, examples=examples.CHANGE_ORGANISATION)
    def patch(self, request: Request, slug: str) -> Response:
        """Change how to reach the organisation, in which language and on which clocks.

        What contracts name (`name`, `country`, `subdivision`, `is_partner`) only support staff can change. Business
        hours have an address of their own, and no promise moves.
        """
        version = self.version_required()
        if self.actor.is_staff:
            given = self.read(OrganisationPatchInput)
            return self.told(
                organisations.change_organisation(slug=slug, changes=given, actor=self.actor, version=version)
            )
        selectors.visible_organisation(self.actor, slug, now=clock.now())  # theirs is the one that changes
        given = self.read(OwnOrganisationPatchInput)
        return self.told(organisations.change_own_particulars(actor=self.actor, version=version, **given))

    def told(self, organisation: Organisation) -> Response:
        """The organisation as it stands."""
        return answer(OrganisationOutput(organisation).data, version=organisation.version)


class SubscriptionsView(ApiView):
    """Subscriptions."""

    required_scopes = {"GET": "organisation:read"}
    acts = {"GET": ("read_request",)}

    @lists(SubscriptionOutput, filters=SubscriptionFilters)
    def get(self, request: Request) -> Response:
        """List the running subscriptions of the organisation acted for; for support staff, of all that they serve."""
        filters = self.read_query(SubscriptionFilters)
        subscriptions = selectors.visible_subscriptions(self.actor, now=clock.now(), slug=filters.get("organisation"))
        return self.answer_page(subscriptions.order_by("reference"), SubscriptionOutput)


class PlansView(ApiView):
    """Plans."""

    required_scopes = {"GET": "organisation:read"}

    @lists(PlanOutput)
    def get(self, request: Request) -> Response:
        """List every plan with the tier that decides its response times."""
        self.read_query()
        return self.answer_page(selectors.plans().order_by("code"), PlanOutput)


class TokensView(ApiView):
    """The caller's API tokens."""

    required_scopes = {"GET": "tokens:read", "POST": "tokens:write"}
    acts = {"GET": ("manage_tokens",), "POST": ("manage_tokens",)}

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
        return answer(TokenOutput(selectors.token_of(self.actor, token_id)).data, version=tokens.VERSION)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke the token. The next call with it is refused."""
        tokens.revoke_token(actor=self.actor, token_id=token_id, version=self.version_required())
        return Response(status=204)
