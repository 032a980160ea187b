"""Operations on delegations and on what partners ask for, of both sides (PA-1)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, selectors
from accounts.api import delegation_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.delegation_serializers import (
    GRANTED,
    HELD,
    ActOutput,
    AskFilters,
    AskInput,
    AskOutput,
    DeclineInput,
    DelegatesInput,
    DelegationFilters,
    DelegationInput,
    DelegationOutput,
    TermsInput,
)
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists, refusing
from accounts.idempotency import Answer
from accounts.models import Delegation, DelegationAsk
from accounts.services import delegates, delegation_asks, delegations

READ, WRITE = "delegations:read", "delegations:write"


class _DelegationView(ApiView):
    """An operation on delegations or asks."""

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What serializers ask of the call."""
        return {"actor": self.actor, "now": clock.now()}

    def told(self, delegation: Delegation, *, status: int = 200) -> Response:
        """The delegation as it stands."""
        location = reverse("api-delegation", args=[delegation.pk]) if status == 201 else ""
        row = selectors.visible_delegation(self.actor, delegation.pk)
        version, data = selectors.delegation_version(self.actor, row), DelegationOutput(row, context=self.shared).data
        return answer(data, status=status, version=version, location=location)

    def told_ask(self, ask: DelegationAsk, *, status: int = 200) -> Response:
        """The ask as it stands."""
        location = reverse("api-delegation-ask", args=[ask.pk]) if status == 201 else ""
        row = selectors.visible_ask(self.actor, ask.pk)
        version, data = selectors.ask_version(row, now=self.shared["now"]), AskOutput(row, context=self.shared).data
        return answer(data, status=status, version=version, location=location)

    def check_replay(self, stored: Answer) -> None:
        """Look the object of the address up again."""
        if "delegation_id" in self.kwargs:
            selectors.visible_delegation(self.actor, self.kwargs["delegation_id"])
        if "ask_id" in self.kwargs:
            selectors.visible_ask(self.actor, self.kwargs["ask_id"])


class DelegationsView(_DelegationView):
    """Delegations, granted to partners or held as one."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("read_organisation",), "POST": ("manage_delegations",)}

    @lists(DelegationOutput, filters=DelegationFilters)
    def get(self, request: Request) -> Response:
        """List the delegations of the organisation, those that are over too, the newest first.

        On behalf of a customer there is one, by which the caller acts.
        """
        filters = self.read_query(DelegationFilters)
        rows = selectors.visible_delegations(self.actor)
        if filters.get("side") == GRANTED:
            rows = rows.filter(customer=self.actor.organisation_id)
        if filters.get("side") == HELD:
            rows = rows.filter(partner=self.actor.organisation_id)
        if filters["in_force"] is not None:
            over = selectors.over(rows, now=self.shared["now"])
            rows = rows.exclude(pk__in=over.values("pk")) if filters["in_force"] else over
        return self.answer_page(rows.order_by("-id"), DelegationOutput, **self.shared)

    @refusing(404)
    @extend_schema(request=DelegationInput, responses={201: DelegationOutput}, examples=examples.GRANT)
    @idempotent
    def post(self, request: Request) -> Response:
        """Appoint a partner: its people may act for the organisation in these duties from now on (PA-1)."""
        given = self.read(DelegationInput)
        granted = delegations.grant_delegation(
            partner_slug=given["partner"], duties=given["duties"], expires_at=given["expires_at"], actor=self.actor
        )
        return self.told(granted, status=201)


class DelegationView(_DelegationView):
    """One delegation."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_organisation",)}

    @extend_schema(responses=DelegationOutput)
    def get(self, request: Request, delegation_id: int) -> Response:
        """Tell what was delegated to whom, and until when."""
        self.read_query()
        return self.told(selectors.visible_delegation(self.actor, delegation_id))


class EndDelegationView(_DelegationView):
    """The end of a delegation."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("manage_delegations",)}

    @extend_schema(request=NothingInput, responses=DelegationOutput, examples=examples.END)
    @idempotent
    def post(self, request: Request, delegation_id: int) -> Response:
        """End a delegation that the organisation granted. The partner's next call is refused (PA-1, P-6)."""
        self.read(NothingInput)
        version = self.version_given()
        return self.told(delegations.end_delegation(delegation_id=delegation_id, actor=self.actor, version=version))


class DelegatesView(_DelegationView):
    """Which of a partner's people act."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("assign_delegates",)}

    @extend_schema(request=DelegatesInput, responses=DelegationOutput, examples=examples.PEOPLE)
    @idempotent
    def post(self, request: Request, delegation_id: int) -> Response:
        """Say who of the partner acts for the customer, each in duties that were delegated; for the partner.

        It takes the place of what was said before, and counts from their next call.
        """
        people = self.read(DelegatesInput)["people"]
        which: Any = {"delegation_id": delegation_id, "actor": self.actor, "version": self.version_given()}
        if people is None:
            return self.told(delegates.let_everybody_act(**which))
        named = {each["person"]: each["duties"] for each in people}
        return self.told(delegates.assign_delegates(people=named, **which))


class ActsUnderView(_DelegationView):
    """What was done under a delegation."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("manage_delegations",)}

    @lists(ActOutput)
    def get(self, request: Request, delegation_id: int) -> Response:
        """List what the partner's people did under a delegation that the organisation granted, the newest first."""
        self.read_query()
        delegation = selectors.granted_delegation(self.actor, delegation_id)
        return self.answer_page(selectors.events_under(delegation).order_by("-id"), ActOutput)


class AsksView(_DelegationView):
    """What partners ask for."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("manage_delegations",), "POST": ("ask_for_delegation",)}

    @lists(AskOutput, filters=AskFilters)
    def get(self, request: Request) -> Response:
        """List what partners ask the organisation for, or with `side=made` what it asks customers for."""
        filters = self.read_query(AskFilters)
        rows = selectors.asks_made(self.actor) if filters["side"] == "made" else selectors.asks_received(self.actor)
        if filters["open"] is not None:
            is_open = selectors.open_asks(rows, now=self.shared["now"])
            rows = is_open if filters["open"] else rows.exclude(pk__in=is_open.values("pk"))
        return self.answer_page(rows.order_by("-id"), AskOutput, **self.shared)

    @extend_schema(request=AskInput, responses={201: AskOutput}, examples=examples.MAKE_ASK)
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask a customer for duties, as a partner (PA-1).

        The answer is the same whether there is such a customer or not; an ask that reaches nobody lapses after 30 days
        like one that nobody answers. Ten an hour, three a day to one customer.
        """
        return self.told_ask(delegation_asks.ask_for_delegation(actor=self.actor, **self.read(AskInput)), status=201)


class AskView(_DelegationView):
    """One ask."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("manage_delegations",)}

    @extend_schema(responses=AskOutput)
    def get(self, request: Request, ask_id: int) -> Response:
        """Tell what is asked for, and what came of it."""
        self.read_query()
        return self.told_ask(selectors.visible_ask(self.actor, ask_id))


class GrantAskView(_DelegationView):
    """An ask that is granted."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("manage_delegations",)}

    @extend_schema(request=TermsInput, responses={201: DelegationOutput}, examples=examples.GRANT_ASK)
    @idempotent
    def post(self, request: Request, ask_id: int) -> Response:
        """Grant what a partner asks for, or less of it: fewer duties, an earlier end (PA-1).

        A delegation that the partner holds gives way to the new one at the same instant.
        """
        version, terms = self.version_given(), self.read(TermsInput)
        granted = delegation_asks.grant_ask(ask_id=ask_id, actor=self.actor, version=version, **terms)
        return self.told(granted, status=201)


class DeclineAskView(_DelegationView):
    """An ask that is declined."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("manage_delegations",)}

    @extend_schema(request=DeclineInput, responses=AskOutput, examples=examples.DECLINE_ASK)
    @idempotent
    def post(self, request: Request, ask_id: int) -> Response:
        """Decline what a partner asks for; it reads the reason."""
        reason, version = self.read(DeclineInput)["reason"], self.version_given()
        return self.told_ask(
            delegation_asks.decline_ask(ask_id=ask_id, reason=reason, actor=self.actor, version=version)
        )


class WithdrawAskView(_DelegationView):
    """An ask that is taken back."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("ask_for_delegation",)}

    @extend_schema(request=NothingInput, responses=AskOutput, examples=examples.WITHDRAW_ASK)
    @idempotent
    def post(self, request: Request, ask_id: int) -> Response:
        """Withdraw an open ask of one's own."""
        self.read(NothingInput)
        version = self.version_given()
        return self.told_ask(delegation_asks.withdraw_ask(ask_id=ask_id, actor=self.actor, version=version))
