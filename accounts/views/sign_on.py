"""The page on which an organisation decides how its people sign in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts import domains, permissions, selectors
from accounts.domain_names import shown
from accounts.models import MailDomain
from accounts.sign_on_forms import DomainForm, ProofForm
from accounts.views.base import PersonView


class SignOnPage(PersonView):
    """A page about signing in to the organisation acted for, for its global admins."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever may."""
        if request.user.is_authenticated:
            permissions.require(self.actor, "manage_sign_in")
        return super().dispatch(request, *args, **kwargs)


class SignOnView(SignOnPage):
    """Domains and single sign-on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return sign_on_page(self)


def sign_on_page(
    view: SignOnPage, *, domain_form: DomainForm | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page as it stands, with a form that was refused in place of the fresh one."""
    context = {
        "organisation": selectors.organisation_of(view.actor),
        "domains": [_row(domain) for domain in domains.domains_of(view.actor)],
        "domain_form": domain_form or DomainForm(),
    }
    return view.render("accounts/sign_on/page.html", context, status=status)


def _row(domain: MailDomain) -> dict[str, Any]:
    return {
        "row": domain,
        "name": shown(domain.name),
        "confirmed": domain.confirmed_at is not None,
        "form": ProofForm(auto_id=f"id_%s_{domain.pk}", domain=shown(domain.name)),
    }
