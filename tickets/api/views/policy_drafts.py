"""Policies in the making, for programs of those who may publish them (SLA-1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer, idempotent
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists, refusing
from accounts.idempotency import Answer
from accounts.keyset import Page
from accounts.models import Person
from accounts.scopes import WRITE_DESK
from tickets.api import policy_examples as examples
from tickets.api.serializers.policies import (
    PolicyDetailOutput,
    PolicyDraftDetailOutput,
    PolicyDraftInput,
    PolicyDraftOutput,
    PolicyDraftPatch,
)
from tickets.api.views.base import READ_QUEUE
from tickets.models import PolicyDraft
from tickets.selectors import policies as selectors
from tickets.selectors.policies import Draft
from tickets.services import policies as services

MAY = ("publish_policy",)


class _DraftsView(ApiView):
    """An operation on drafts."""

    def told(self, row: PolicyDraft, *, status: int = 200) -> Response:
        """A draft, and how it stands."""
        shown = PolicyDraftDetailOutput(Draft(row, row.text), context={"actor": self.actor}).data
        location = reverse("api-policy-draft", args=[row.pk]) if status == 201 else ""
        return answer(shown, status=status, version=row.version, location=location)

    def check_replay(self, stored: Answer) -> None:
        """The draft of the address must still be there."""
        if "draft_id" in self.kwargs:
            selectors.draft_of(self.actor, self.kwargs["draft_id"])


class _ActOnDraftView(_DraftsView):
    """An act on one draft."""

    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": MAY}

    def given(self, draft_id: int) -> dict[str, Any]:
        """What every such act is told."""
        self.read(NothingInput)
        return {"actor": self.actor, "draft_id": draft_id, "version": self.version_given()}


class PolicyDraftsView(_DraftsView):
    """Drafts of policies."""

    required_scopes = {"GET": READ_QUEUE, "POST": WRITE_DESK}
    acts = {"GET": MAY, "POST": MAY}

    @lists(PolicyDraftOutput)
    def get(self, request: Request) -> Response:
        """List the policies in the making, the one begun last first (leads)."""
        self.read_query()

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            found: Page[Any] = selectors.draft_page(self.actor, cursor=cursor, size=size)
            return replace(found, rows=[Draft(row, "") for row in found.rows])

        return self.answer_fetched(fetch, PolicyDraftOutput)

    @refusing(404)
    @extend_schema(request=PolicyDraftInput, responses={201: PolicyDraftDetailOutput}, examples=examples.START)
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin a draft with the document of a published policy, under the next number (leads)."""
        given = {"name": "", **self.read(PolicyDraftInput)}
        return self.told(services.start_draft(actor=self.actor, **given), status=201)


class PolicyDraftView(_DraftsView):
    """One draft."""

    required_scopes = {"GET": READ_QUEUE, "PATCH": WRITE_DESK, "DELETE": WRITE_DESK}
    acts = {"GET": MAY, "PATCH": MAY, "DELETE": MAY}

    @extend_schema(responses=PolicyDraftDetailOutput)
    def get(self, request: Request, draft_id: int) -> Response:
        """Return a draft: what is wrong with it, what it changes, and what it would have changed (leads)."""
        self.read_query()
        return self.told(selectors.draft_of(self.actor, draft_id).row)

    @extend_schema(request=PolicyDraftPatch, responses=PolicyDraftDetailOutput, examples=examples.CHANGE)
    def patch(self, request: Request, draft_id: int) -> Response:
        """Change parts of the document, replace its text, or call the draft otherwise (leads).

        What is not right is kept all the same and named in `problems`. Another document wants another comparison.
        """
        change: dict[str, Any] = {"actor": self.actor, "draft_id": draft_id, "version": self.version_required()}
        given = self.read(PolicyDraftPatch)
        if "name" in given:
            return self.told(services.rename_draft(name=given["name"], **change))
        if "text" in given:
            return self.told(services.save_draft(text=given["text"], **change))
        return self.told(services.patch_draft(patch=given["document"], **change))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, draft_id: int) -> Response:
        """Throw a draft away (leads)."""
        services.discard_draft(actor=self.actor, draft_id=draft_id, version=self.version_required())
        return Response(status=204)


class ReviewPolicyDraftView(_ActOnDraftView):
    """What a draft would have changed."""

    @extend_schema(request=NothingInput, responses=PolicyDraftDetailOutput, examples=examples.REVIEW)
    @idempotent
    def post(self, request: Request, draft_id: int) -> Response:
        """Compare a draft with the policy in force over the promises of the last 30 days (leads).

        Nothing is published without it. It is kept with the draft until this changes.
        """
        return self.told(services.review_draft(**self.given(draft_id)))


class CatchUpPolicyDraftView(_ActOnDraftView):
    """A draft that another version has overtaken."""

    @extend_schema(request=NothingInput, responses=PolicyDraftDetailOutput, examples=examples.CATCH_UP)
    @idempotent
    def post(self, request: Request, draft_id: int) -> Response:
        """Set a draft upon the policy in force now, under the next number; what it says otherwise stays (leads)."""
        return self.told(services.catch_up_draft(**self.given(draft_id)))


class PublishPolicyDraftView(_ActOnDraftView):
    """A draft that comes into force."""

    @extend_schema(request=NothingInput, responses={201: PolicyDetailOutput}, examples=examples.PUBLISH)
    @idempotent
    def post(self, request: Request, draft_id: int) -> Response:
        """Put a draft in force as it was compared, and throw the draft away (leads).

        It counts for what is promised from now on; earlier promises stay.
        """
        label = cast(Person, request.user).name
        published = services.publish_draft(label=label, **self.given(draft_id))
        location = reverse("api-policy", args=[published.version])
        return answer(PolicyDetailOutput(published).data, status=201, location=location)

    def check_replay(self, stored: Answer) -> None:
        """Nothing: the draft is gone since, and published policies stay."""
