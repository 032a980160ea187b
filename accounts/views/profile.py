"""A person's own page: who they are, and the tokens of their programs."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import clock, permissions, selectors
from accounts.edges import problem_for
from accounts.errors import TokenNotFound
from accounts.forms import NoticesForm, ProfileForm, TokenForm
from accounts.labels import role_label
from accounts.services import preferences, tokens
from accounts.services.tokens import IssuedToken
from accounts.views.base import PersonView


class ProfileView(PersonView):
    """Show and change what a person says about themselves."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the profile."""
        return profile_page(self)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it."""
        form = ProfileForm(request.POST, now=timezone.now())
        if not form.is_valid():
            return profile_page(self, form=form)
        person = preferences.change_profile(person_id=self.person.pk, **form.cleaned_data)
        translation.activate(person.language)
        messages.success(request, _("Your profile is saved."))
        return HttpResponseRedirect(reverse("accounts:profile"))


class NoticesByMailView(PersonView):
    """Choose which notices come by mail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back to the profile: this address takes forms only."""
        return HttpResponseRedirect(reverse("accounts:profile") + "#notices")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the choice."""
        form = NoticesForm(request.POST, is_staff=self.person.is_staff)
        if not form.is_valid():
            return profile_page(self, notices_form=form)
        preferences.choose_notices(person_id=self.person.pk, by_mail=form.cleaned_data["by_mail"])
        messages.success(request, _("Your choice is saved. It counts for notices from now on."))
        return HttpResponseRedirect(reverse("accounts:profile") + "#notices")


class IssueTokenView(PersonView):
    """Make an API token and show its secret, this once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back to the profile: this address takes forms only."""
        return HttpResponseRedirect(reverse("accounts:profile"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it; the answer is the page itself, since the secret must not be stored for a later one."""
        form = TokenForm(request.POST)
        if not form.is_valid():
            return profile_page(self, token_form=form)
        issued = tokens.issue_token(
            actor=self.actor,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(now=clock.now()),
        )
        return profile_page(self, issued=issued, status=HTTPStatus.CREATED)


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
        return HttpResponseRedirect(reverse("accounts:profile") + "#tokens")


def profile_page(
    view: PersonView,
    *,
    form: ProfileForm | None = None,
    notices_form: NoticesForm | None = None,
    token_form: TokenForm | None = None,
    issued: IssuedToken | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Draw the profile with whichever form needs another look."""
    now = timezone.now()
    context: dict[str, Any] = {
        "form": form or ProfileForm.of(view.person, now=now),
        "notices_form": notices_form or NoticesForm.of(view.person),
        "roles": [role_label(role) for role in view.person.role_names],
        "now": now,
        **_tokens(view, token_form=token_form, issued=issued, now=now),
    }
    return view.render("accounts/profile.html", context, status=status)


def _tokens(
    view: PersonView, *, token_form: TokenForm | None, issued: IssuedToken | None, now: datetime
) -> dict[str, Any]:
    if not permissions.may(view.actor, "manage_tokens"):
        return {"may_have_tokens": False}
    return {
        "may_have_tokens": True,
        "token_form": token_form or TokenForm(),
        "tokens": list(selectors.tokens_of(view.actor).select_related("organisation")),
        "issued": issued,
    }
