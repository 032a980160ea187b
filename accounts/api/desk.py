"""Operations of support staff on organisations, subscriptions, elevated contracts and plans (RO-3)."""

from __future__ import annotations

import json

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, selectors
from accounts.api import desk_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.desk_serializers import (
    ContractInput,
    ContractOutput,
    ContractPatchInput,
    ListedPlanOutput,
    NewPlanInput,
    OrganisationInput,
    PurchaseInput,
    SubscriptionInput,
    SubscriptionPatchInput,
    WhenFilters,
)
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists, refusing
from accounts.api.serializers import (
    OrganisationOutput,
    OrganisationPatchInput,
    OwnOrganisationPatchInput,
    SubscriptionOutput,
)
from accounts.idempotency import Answer
from accounts.models import ElevatedContract, Organisation, Plan, Subscription
from accounts.particulars import Particulars
from accounts.scopes import READ_DESK, WRITE_DESK
from accounts.selectors import desk
from accounts.services import contracts, organisations, plans, subscriptions

READ = "organisation:read"
READERS = ("read_request", "read_organisation", "read_organisations")
MANAGE, CONTRACT, PLANS = ("manage_organisations",), ("manage_contracts",), ("manage_plans",)


class _OrganisationsView(ApiView):
    """An operation on organisations."""

    def told(self, organisation: Organisation, *, status: int = 200) -> Response:
        """The organisation as it stands."""
        location = reverse("api-organisation", args=[organisation.slug]) if status == 201 else ""
        data = OrganisationOutput(organisation).data
        return answer(data, status=status, version=organisation.version, location=location)

    def check_replay(self, stored: Answer) -> None:
        """Look the organisation of the address up again."""
        if "slug" in self.kwargs:
            selectors.visible_organisation(self.actor, self.kwargs["slug"], now=clock.now())


class OrganisationsView(_OrganisationsView):
    """Organisations."""

    required_scopes = {"GET": READ, "POST": WRITE_DESK}
    acts = {"GET": ("read_request", "read_organisations"), "POST": MANAGE}

    @lists(OrganisationOutput)
    def get(self, request: Request) -> Response:
        """List the organisation acted for; for support staff, all that they serve."""
        self.read_query()
        found = selectors.visible_organisations(self.actor, now=clock.now())
        return self.answer_page(found.order_by("slug"), OrganisationOutput)

    @extend_schema(request=OrganisationInput, responses={201: OrganisationOutput}, examples=examples.NEW_ORGANISATION)
    @idempotent
    def post(self, request: Request) -> Response:
        """Take in a customer or a partner, with the usual business hours of its country (support staff)."""
        given = self.read(OrganisationInput)
        slug = given.pop("slug")
        made = organisations.create_organisation(slug=slug, particulars=Particulars(**given), actor=self.actor)
        return self.told(made, status=201)


class OrganisationView(_OrganisationsView):
    """One organisation."""

    required_scopes = {"GET": READ, "PATCH": "organisation:write"}
    staff_scopes = {"PATCH": WRITE_DESK}
    acts = {"GET": ("read_request", "read_organisations"), "PATCH": ("edit_organisation", *MANAGE)}

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


class _ActOnOrganisationView(_OrganisationsView):
    """An act of support staff on one organisation."""

    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": MANAGE}


class CloseOrganisationView(_ActOnOrganisationView):
    """An organisation that leaves."""

    @extend_schema(request=NothingInput, responses=OrganisationOutput)
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Close it: its people, its partners and all tokens are refused from their next call on (support staff).

        Nothing of it is removed, and its open requests are finished by the desk.
        """
        self.read(NothingInput)
        return self.told(organisations.close_organisation(slug=slug, actor=self.actor, version=self.version_given()))


class ReopenOrganisationView(_ActOnOrganisationView):
    """An organisation that comes back."""

    @extend_schema(request=NothingInput, responses=OrganisationOutput)
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Let the people of a closed organisation in again, as they were (support staff)."""
        self.read(NothingInput)
        return self.told(organisations.reopen_organisation(slug=slug, actor=self.actor, version=self.version_given()))


class _SubscriptionsView(ApiView):
    """An operation on subscriptions."""

    def told(self, row: Subscription, *, status: int = 200) -> Response:
        """The subscription as it stands."""
        location = reverse("api-subscription", args=[row.reference]) if status == 201 else ""
        return answer(SubscriptionOutput(row).data, status=status, version=row.version, location=location)

    def find(self) -> Subscription:
        """The subscription of the address."""
        return desk.subscription(self.actor, self.kwargs["reference"], now=clock.now())

    def check_replay(self, stored: Answer) -> None:
        """Look the subscription of the address up again."""
        if "reference" in self.kwargs:
            self.find()


class SubscriptionsView(_SubscriptionsView):
    """Subscriptions."""

    required_scopes = {"GET": READ, "POST": WRITE_DESK}
    acts = {"GET": ("read_request", "read_organisations"), "POST": CONTRACT}

    @lists(SubscriptionOutput, filters=WhenFilters)
    def get(self, request: Request) -> Response:
        """List the running subscriptions of the organisation acted for; for support staff, of all that they serve."""
        filters = self.read_query(WhenFilters)
        slug, when = filters.get("organisation"), filters.get("when", selectors.RUNNING)
        found = selectors.visible_subscriptions(self.actor, now=clock.now(), slug=slug, when=when)
        return self.answer_page(found.order_by("reference"), SubscriptionOutput)

    @refusing(404)
    @extend_schema(request=SubscriptionInput, responses={201: SubscriptionOutput}, examples=examples.NEW_SUBSCRIPTION)
    @idempotent
    def post(self, request: Request) -> Response:
        """Let an organisation subscribe to a plan, paid or on trial (support staff). Its global admins are told."""
        given = {"trial": False, **self.read(SubscriptionInput)}
        slug = given.pop("organisation")
        return self.told(subscriptions.add_subscription(slug=slug, actor=self.actor, **given), status=201)


class SubscriptionView(_SubscriptionsView):
    """One subscription."""

    required_scopes = {"GET": READ, "PATCH": WRITE_DESK}
    acts = {"GET": ("read_request", "read_organisations"), "PATCH": CONTRACT}

    @extend_schema(responses=SubscriptionOutput)
    def get(self, request: Request, reference: str) -> Response:
        """Tell its plan, seats and time, whether it runs or not."""
        self.read_query()
        return self.told(self.find())

    @extend_schema(request=SubscriptionPatchInput, responses=SubscriptionOutput, examples=examples.CHANGE_SUBSCRIPTION)
    def patch(self, request: Request, reference: str) -> Response:
        """Change how many seats it has and when it ends, as long as it is not over (support staff)."""
        version, given = self.version_required(), self.read(SubscriptionPatchInput)
        return self.told(
            subscriptions.change_subscription(reference=reference, actor=self.actor, version=version, **given)
        )


class _ActOnSubscriptionView(_SubscriptionsView):
    """An act of support staff on one subscription."""

    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": CONTRACT}


class EndSubscriptionView(_ActOnSubscriptionView):
    """The end of a subscription."""

    @extend_schema(request=NothingInput, responses=SubscriptionOutput)
    @idempotent
    def post(self, request: Request, reference: str) -> Response:
        """End it now (support staff). One that has not begun goes altogether: the answer shows it as it was."""
        self.read(NothingInput)
        version = self.version_given()
        return self.told(subscriptions.end_subscription(reference=reference, actor=self.actor, version=version))

    def check_replay(self, stored: Answer) -> None:
        """The organisation must still be theirs; one that had not begun is gone."""
        selectors.visible_organisation(self.actor, json.loads(stored.body)["organisation"], now=clock.now())


class BuySubscriptionView(_ActOnSubscriptionView):
    """What follows a trial."""

    @extend_schema(request=PurchaseInput, responses={201: SubscriptionOutput}, examples=examples.BUY)
    @idempotent
    def post(self, request: Request, reference: str) -> Response:
        """End a trial now and begin the paid subscription that follows it (support staff)."""
        given, version = self.read(PurchaseInput), self.version_given()
        return self.told(
            subscriptions.buy_after_trial(reference=reference, actor=self.actor, version=version, **given), status=201
        )


class _ContractsView(ApiView):
    """An operation on elevated contracts."""

    def told(self, row: ElevatedContract, *, status: int = 200) -> Response:
        """The contract as it stands."""
        location = reverse("api-contract", args=[row.pk]) if status == 201 else ""
        return answer(ContractOutput(row).data, status=status, version=row.version, location=location)

    def find(self) -> ElevatedContract:
        """The contract of the address."""
        return selectors.visible_contract(self.actor, self.kwargs["contract_id"], now=clock.now())

    def check_replay(self, stored: Answer) -> None:
        """Look the contract of the address up again."""
        if "contract_id" in self.kwargs:
            self.find()


class ContractsView(_ContractsView):
    """Elevated contracts."""

    required_scopes = {"GET": READ, "POST": WRITE_DESK}
    staff_scopes = {"GET": READ_DESK}
    acts = {"GET": ("read_organisation", "read_organisations"), "POST": CONTRACT}

    @lists(ContractOutput, filters=WhenFilters)
    def get(self, request: Request) -> Response:
        """List the elevated contracts of the organisation acted for, or of all that the support staff serve (EL-1)."""
        filters = self.read_query(WhenFilters)
        slug, when = filters.get("organisation"), filters.get("when", selectors.ANY_TIME)
        found = selectors.visible_contracts(self.actor, now=clock.now(), slug=slug, when=when)
        return self.answer_page(found.order_by("-starts_at", "-id"), ContractOutput)

    @refusing(404)
    @extend_schema(request=ContractInput, responses={201: ContractOutput}, examples=examples.NEW_CONTRACT)
    @idempotent
    def post(self, request: Request) -> Response:
        """Give an organisation elevated support, one contract at a time (support staff, EL-1, SLA-5)."""
        given = self.read(ContractInput)
        slug, manager = given.pop("organisation"), given.pop("account_manager", None)
        made = contracts.add_contract(slug=slug, account_manager_id=manager, actor=self.actor, **given)
        return self.told(made, status=201)


class ContractView(_ContractsView):
    """One elevated contract."""

    required_scopes = {"GET": READ, "PATCH": WRITE_DESK}
    staff_scopes = {"GET": READ_DESK}
    acts = {"GET": ("read_organisation", "read_organisations"), "PATCH": CONTRACT}

    @extend_schema(responses=ContractOutput)
    def get(self, request: Request, contract_id: int) -> Response:
        """Tell its kind, its time, and who looks after the organisation."""
        self.read_query()
        return self.told(self.find())

    @extend_schema(request=ContractPatchInput, responses=ContractOutput, examples=examples.CHANGE_CONTRACT)
    def patch(self, request: Request, contract_id: int) -> Response:
        """Change who looks after the organisation and when the contract ends (support staff)."""
        version, given = self.version_required(), self.read(ContractPatchInput)
        if "account_manager" in given:
            given["account_manager_id"] = given.pop("account_manager")
        contracts.change_contract(
            slug=self.find().organisation.slug, contract_id=contract_id, actor=self.actor, version=version, **given
        )
        return self.told(self.find())


class EndContractView(_ContractsView):
    """The end of an elevated contract."""

    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": CONTRACT}

    @extend_schema(request=NothingInput, responses=ContractOutput)
    @idempotent
    def post(self, request: Request, contract_id: int) -> Response:
        """End elevated support now (support staff). A contract that has not begun goes; promises made under it stay."""
        self.read(NothingInput)
        row, version = self.find(), self.version_given()
        ended = contracts.end_contract(
            slug=row.organisation.slug, contract_id=contract_id, actor=self.actor, version=version
        )
        row.ends_at, row.version = ended.ends_at, ended.version
        return self.told(row)

    def check_replay(self, stored: Answer) -> None:
        """The organisation must still be theirs; a contract that had not begun is gone."""
        selectors.visible_organisation(self.actor, json.loads(stored.body)["organisation"], now=clock.now())


class _PlansView(ApiView):
    """An operation on plans, which everybody may read."""

    def told(self, plan: Plan, *, status: int = 200) -> Response:
        """The plan as it stands."""
        location = reverse("api-plan", args=[plan.code]) if status == 201 else ""
        return answer(ListedPlanOutput(plan).data, status=status, location=location)

    def check_replay(self, stored: Answer) -> None:
        """Look the plan of the address up again."""
        if "code" in self.kwargs:
            selectors.plan_called(self.kwargs["code"])


class PlansView(_PlansView):
    """Plans."""

    required_scopes = {"GET": READ, "POST": WRITE_DESK}
    acts = {"POST": PLANS}

    @lists(ListedPlanOutput)
    def get(self, request: Request) -> Response:
        """List every plan with the tier that decides its response times."""
        self.read_query()
        return self.answer_page(selectors.plans().order_by("code"), ListedPlanOutput)

    @extend_schema(request=NewPlanInput, responses={201: ListedPlanOutput}, examples=examples.NEW_PLAN)
    @idempotent
    def post(self, request: Request) -> Response:
        """Offer one plan more (support staff). Its code and its tier never change (SLA-1)."""
        return self.told(plans.add_plan(actor=self.actor, **self.read(NewPlanInput)), status=201)


class PlanView(_PlansView):
    """One plan."""

    required_scopes = {"GET": READ}

    @extend_schema(responses=ListedPlanOutput)
    def get(self, request: Request, code: str) -> Response:
        """Tell its names, its tier, and whether it is still on offer."""
        self.read_query()
        return self.told(selectors.plan_called(code))


class _ActOnPlanView(_PlansView):
    """An act of support staff on one plan."""

    versioned = False
    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": PLANS}


class RetirePlanView(_ActOnPlanView):
    """A plan that goes."""

    @extend_schema(request=NothingInput, responses=ListedPlanOutput)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Offer it no longer (support staff). Subscriptions to it run on, and keep its tier."""
        self.read(NothingInput)
        return self.told(plans.retire_plan(code=code, actor=self.actor))


class OfferPlanView(_ActOnPlanView):
    """A plan that comes back."""

    @extend_schema(request=NothingInput, responses=ListedPlanOutput)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Offer a retired plan again (support staff)."""
        self.read(NothingInput)
        return self.told(plans.offer_plan_again(code=code, actor=self.actor))
