"""Reviewing, publishing, catching up and discarding a policy draft (SLA-1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now

from accounts.permissions import require
from sla.errors import PolicyDraftChanged, PolicyInvalid, PolicyNotReviewed, PolicyVersionTaken
from tickets.errors import InvalidText
from tickets.selectors.policies import Draft, draft_of
from tickets.services import policies
from tickets.views.base import RequestsView, refusal
from tickets.views.policy_drafts import DraftView, address, posted_version
from tickets.views.policy_pictures import picture_of


class ReviewView(DraftView):
    """What is wrong or what differs, and what it would have changed in the last 30 days."""

    tab = "review"

    def context(self, draft: Draft) -> dict[str, Any]:
        """The differences, and the comparison if it was made."""
        if draft.problems:
            return {"typed_as_text": True}
        what_if = draft.what_if
        return {
            "differences": draft.differences,
            "what_if": what_if,
            "picture": picture_of(what_if) if what_if else None,
        }

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Compare the draft with the version in force over the last 30 days."""
        try:
            policies.review_draft(actor=self.actor, draft_id=draft_id, version=posted_version(request))
        except PolicyDraftChanged:
            self.stale = True
            return self.page(draft_of(self.actor, draft_id), status=HTTPStatus.CONFLICT)
        except PolicyInvalid as error:
            messages.error(request, refusal(error).detail)
        return HttpResponseRedirect(address(self.tab, draft_id) + "#what-if")


class PublishView(DraftView):
    """The last look before a draft counts, and what makes it count."""

    tab = "publish"

    def context(self, draft: Draft) -> dict[str, Any]:
        """The numbers that were reviewed."""
        return {
            "differences": len(draft.differences),
            "what_if": draft.what_if,
            "number": (draft.document or {}).get("version"),
        }

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Put the draft in force, or say why not; nothing has changed then."""
        try:
            published = policies.publish_draft(
                actor=self.actor, draft_id=draft_id, version=posted_version(request), label=self.person.name
            )
        except (PolicyDraftChanged, PolicyNotReviewed, PolicyVersionTaken, PolicyInvalid) as error:
            words = refusal(error)
            messages.error(request, words.detail)
            return self.page(draft_of(self.actor, draft_id), status=words.status)
        messages.success(request, _now("Version %(version)d is in force.") % {"version": published.version})
        return HttpResponseRedirect(reverse("tickets:policy", args=[published.version]))


class CatchUpView(RequestsView):
    """Set a draft upon the version in force now."""

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Give it the next number, to be reviewed again."""
        try:
            policies.catch_up_draft(actor=self.actor, draft_id=draft_id, version=posted_version(request))
        except (PolicyDraftChanged, PolicyInvalid) as error:
            messages.error(request, refusal(error).detail)
        return HttpResponseRedirect(address("review", draft_id))


class RenameView(RequestsView):
    """Call a draft otherwise."""

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Do it, or say why not, and lead back to the table."""
        name, version = request.POST.get("name", ""), posted_version(request)
        try:
            policies.rename_draft(actor=self.actor, draft_id=draft_id, version=version, name=name)
        except (PolicyDraftChanged, InvalidText) as error:
            messages.error(request, refusal(error).detail)
        else:
            messages.success(request, _now("The draft has another name."))
        return HttpResponseRedirect(address("table", draft_id))


class DiscardView(RequestsView):
    """Throw a draft away."""

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Do it, and lead back to the list."""
        require(self.actor, "publish_policy")
        try:
            policies.discard_draft(actor=self.actor, draft_id=draft_id, version=posted_version(request))
        except PolicyDraftChanged as error:
            messages.error(request, refusal(error).detail)
            return HttpResponseRedirect(address("table", draft_id))
        messages.success(request, _now("The draft is gone."))
        return HttpResponseRedirect(reverse("tickets:policies"))
