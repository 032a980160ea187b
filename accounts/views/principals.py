"""Service principals: what the organisation's programs act as, and the tokens they act with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock, keyset, permissions
from accounts.edges import problem_for
from accounts.errors import PrincipalClosed, TokenNotFound
from accounts.forms.people import PrincipalForm, PrincipalTokenForm
from accounts.labels import role_label
from accounts.models import Organisation, Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.selectors import directory
from accounts.services import principals
from accounts.views.organisation import OrganisationPage
from accounts.views.recent import RecentView

PAGE = 25


class PrincipalsView(OrganisationPage):
    """All of them, and a form for another."""

    def find(self) -> Organisation:
        """The organisation, for whoever looks after its programs."""
        permissions.require(self.actor, "manage_principals")
        return super().find()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return self._draw(self.find(), PrincipalForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one, and lead to it."""
        organisation, form = self.find(), PrincipalForm(request.POST)
        if not form.is_valid():
            return self._draw(organisation, form, status=HTTPStatus.BAD_REQUEST)
        made = principals.create_principal(actor=self.actor, **form.cleaned_data)
        messages.success(request, _("The service principal is made. Give it a token to act with."))
        return HttpResponseRedirect(reverse("accounts:principal", args=[made.pk]))

    def _draw(self, organisation: Organisation, form: PrincipalForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        page = self._page()
        context = {
            "organisation": organisation,
            "form": form,
            "principals": [{"row": row, "roles": _labels(row)} for row in page.rows],
            "page": page,
        }
        return self.render("accounts/organisation/principals.html", context, status=status)

    def _page(self) -> keyset.Page[Person]:
        rows, order = directory.principals_of(self.actor), directory.BY_NAME
        return keyset.page_or_first(rows, order=order, cursor=self.request.GET.get("cursor"), size=PAGE)


class PrincipalView(OrganisationPage):
    """One of them, with its tokens."""

    def get(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """Draw the page."""
        return self.draw(principal_id)

    def draw(self, principal_id: int, *, status: int = HTTPStatus.OK, **shown: Any) -> HttpResponse:
        """The page, with whichever form needs another look. Raises NotPermitted, PrincipalNotFound (P-5)."""
        permissions.require(self.actor, "manage_principals")
        principal = directory.principal_of(self.actor, principal_id)
        context = {
            "organisation": self.find(),
            "principal": principal,
            "roles": _labels(principal),
            "tokens": list(directory.tokens_of_principal(principal)),
            "now": timezone.now(),
            "roles_form": PrincipalForm(initial={"name": principal.name, "roles": list(principal.role_names)}),
            "token_form": PrincipalTokenForm(),
            **shown,
        }
        return self.render("accounts/organisation/principal.html", context, status=status)

    def back(self, principal_id: int) -> HttpResponse:
        """Lead to the page of the principal."""
        return HttpResponseRedirect(reverse("accounts:principal", args=[principal_id]))


class PrincipalRolesView(RecentView, PrincipalView):
    """The roles that its programs act in."""

    asked_on = ("POST",)

    def get(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """Lead to the principal: this address takes forms only."""
        return self.back(principal_id)

    def post(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """Change them."""
        permissions.require(self.actor, "manage_principals")
        principal = directory.principal_of(self.actor, principal_id)
        form = PrincipalForm({"name": principal.name, "roles": request.POST.getlist("roles")})
        if not form.is_valid():
            return self.draw(principal_id, roles_form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            principals.change_principal(principal_id=principal_id, roles=form.cleaned_data["roles"], actor=self.actor)
        except PrincipalClosed as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The roles are saved. They count from its next call."))
        return self.back(principal_id)


class IssueTokenView(RecentView, PrincipalView):
    """A token, whose secret is shown this once."""

    asked_on = ("POST",)

    def get(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """Lead to the principal: this address takes forms only."""
        return self.back(principal_id)

    def post(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """Make it; the answer is the page itself, since the secret must not be stored for a later one."""
        form = PrincipalTokenForm(request.POST)
        if not form.is_valid():
            return self.draw(principal_id, token_form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            issued = principals.issue_principal_token(
                principal_id=principal_id,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(now=clock.now()),
                actor=self.actor,
            )
        except PrincipalClosed as refusal:
            messages.error(request, problem_for(refusal).detail)
            return self.back(principal_id)
        return self.draw(principal_id, issued=issued, status=HTTPStatus.CREATED)


class RevokeTokenView(PrincipalView):
    """The end of one token."""

    def get(self, request: HttpRequest, principal_id: int, token_id: int = 0) -> HttpResponse:
        """Lead to the principal: this address takes forms only."""
        return self.back(principal_id)

    def post(self, request: HttpRequest, principal_id: int, token_id: int) -> HttpResponse:
        """Revoke it."""
        try:
            principals.revoke_principal_token(principal_id=principal_id, token_id=token_id, actor=self.actor)
        except TokenNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The token is revoked. Programs that use it are refused from now on."))
        return self.back(principal_id)


class EndPrincipalView(PrincipalView):
    """The end of a service principal, for good."""

    def get(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """Lead to the principal: this address takes forms only."""
        return self.back(principal_id)

    def post(self, request: HttpRequest, principal_id: int) -> HttpResponse:
        """End it."""
        principals.end_principal(principal_id=principal_id, actor=self.actor)
        messages.success(request, _("The service principal has ended. Programs that use its tokens are refused."))
        return self.back(principal_id)


def _labels(principal: Person) -> list[str]:
    return [role_label(role) for role in CUSTOMER_ROLES if role in set(principal.role_names)]
