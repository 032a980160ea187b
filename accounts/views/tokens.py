"""The tokens of a person's own programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.edges import problem_for
from accounts.errors import TokenNotFound
from accounts.forms import TokenForm
from accounts.services import tokens
from accounts.views.base import PersonView
from accounts.views.recent import RecentView


class TokensView(RecentView):
    """List a person's API tokens; make one, and show its secret this once."""

    asked_on = ("POST",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the tokens."""
        permissions.require(self.actor, "manage_tokens")
        return self._draw()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one; the answer is the page itself, since the secret must not be stored for a later one."""
        permissions.require(self.actor, "manage_tokens")
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self._draw(token_form=form)
        issued = tokens.issue_token(
            actor=self.actor,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(now=clock.now()),
        )
        return self._draw(issued=issued, status=HTTPStatus.CREATED)

    def _draw(self, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        held = list(selectors.tokens_of(self.actor).select_related("organisation"))
        shown = {"tokens": held, "token_form": TokenForm(), "now": timezone.now(), **context}
        return self.render("accounts/profile/tokens.html", shown, status=status)


class RevokeTokenView(PersonView):
    """End an API token."""

    def post(self, request: HttpRequest, token_id: int) -> HttpResponse:
        """Revoke it; one that is gone already is no mistake worth a page of its own."""
        try:
            tokens.revoke_token(actor=self.actor, token_id=token_id)
        except TokenNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The token is revoked. Programs that use it are refused from now on."))
        return HttpResponseRedirect(reverse("accounts:tokens"))
