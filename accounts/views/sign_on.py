"""The page on which an organisation decides how its people sign in: domains and single sign-on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import keyset, permissions, selectors
from accounts.edges import problem_for
from accounts.errors import (
    InvalidSignOn,
    SignOnChanged,
    SignOnIsOn,
    SignOnNotReady,
    SignOnNotSet,
)
from accounts.forms.sign_on import DomainForm, MappingForm, ProofForm, SignOnForm
from accounts.labels import role_label
from accounts.models import MailDomain, SingleSignOn
from accounts.selectors import domains, sign_on
from accounts.services import sign_on_settings as services
from accounts.signing_in.domain_names import shown
from accounts.views.base import PersonView
from accounts.views.recent import RecentView

IDENTITIES_SHOWN = 20


class SignOnPage(PersonView):
    """A page about signing in to the organisation acted for, for its global admins."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever may."""
        if request.user.is_authenticated:
            permissions.require(self.actor, "manage_sign_in")
        return super().dispatch(request, *args, **kwargs)

    def sign_on(self) -> SingleSignOn | None:
        """The settings as they stand, if there are any."""
        try:
            return sign_on.settings_of(self.actor)
        except SignOnNotSet:
            return None

    def back(self, fragment: str = "single-sign-on") -> HttpResponse:
        """Lead back to the page."""
        return HttpResponseRedirect(f"{reverse('accounts:sign_on')}#{fragment}")


class SignOnView(SignOnPage):
    """Domains and single sign-on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        return sign_on_page(self)


class SaveSettingsView(RecentView, SignOnPage):
    """Keep the settings of single sign-on."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save them, or show the form again with what was typed (but the secret, which browsers shall not keep)."""
        form = SignOnForm(request.POST, has_secret=self.sign_on() is not None)
        if not form.is_valid() or not self._save(form):
            return sign_on_page(self, sign_on_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("The settings are saved."))
        return self.back()

    def _save(self, form: SignOnForm) -> bool:
        try:
            services.save_settings(wanted=form.wanted(), version=form.cleaned_data["version"], actor=self.actor)
        except InvalidSignOn as refusal:
            form.add_error(refusal.field, problem_for(refusal).detail)
        except (SignOnIsOn, SignOnChanged) as refusal:
            form.add_error(None, problem_for(refusal).detail)
        return not form.errors


class SwitchView(RecentView, SignOnPage):
    """Switch single sign-on on or off; settings of another issuer count for nothing before."""

    def post(self, request: HttpRequest, to: str) -> HttpResponse:
        """Do what the address says."""
        try:
            if to == "on":
                services.switch_on(actor=self.actor)
                messages.success(request, _("Single sign-on is on."))
            else:
                services.switch_off(actor=self.actor)
                messages.success(request, _("Single sign-on is off. Whoever had come in through it is signed out."))
        except (SignOnNotReady, SignOnNotSet) as refusal:
            messages.error(request, problem_for(refusal).detail)
        return self.back()


class MapRoleView(RecentView, SignOnPage):
    """Give a role to a value of the claim."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Map it, or show the form again."""
        form = MappingForm(request.POST)
        if not form.is_valid() or not self._map(form):
            return sign_on_page(self, mapping_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("Whoever has this value gets the role at their next sign-in."))
        return self.back("roles")

    def _map(self, form: MappingForm) -> bool:
        try:
            services.map_role(**form.cleaned_data, actor=self.actor)
        except (InvalidSignOn, SignOnNotSet) as refusal:
            form.add_error("value", problem_for(refusal).detail)
        return not form.errors


class UnmapRoleView(SignOnPage):
    """End a mapping."""

    def post(self, request: HttpRequest, mapping_id: int) -> HttpResponse:
        """Remove it."""
        services.unmap_role(mapping_id=mapping_id, actor=self.actor)
        messages.success(
            request, _("The mapping is removed. Who has the role by it alone loses it at their next sign-in.")
        )
        return self.back("roles")


class ReleaseIdentityView(SignOnPage):
    """Forget who a person is to the issuer."""

    def post(self, request: HttpRequest, identity_id: int) -> HttpResponse:
        """Release them."""
        services.release_identity(identity_id=identity_id, actor=self.actor)
        messages.success(request, _("Their next sign-in binds them anew."))
        return self.back("identities")


def sign_on_page(view: SignOnPage, *, status: int = HTTPStatus.OK, **refused: forms.Form) -> HttpResponse:
    """The page as it stands, with a form that was refused in place of the fresh one."""
    stands = view.sign_on()
    fresh: dict[str, Any] = {
        "domain_form": DomainForm(),
        "sign_on_form": SignOnForm.of(stands),
        "mapping_form": MappingForm(),
    }
    found = list(domains.domains_of(view.actor))
    context = {
        "organisation": selectors.organisation_of(view.actor),
        "domains": [_row(domain) for domain in found],
        "has_domain": any(domain.confirmed_at for domain in found),
        **fresh,
        **refused,
        **(_standing(view, stands) if stands else {}),
    }
    return view.render("accounts/sign_on/page.html", context, status=status)


def _standing(view: SignOnPage, stands: SingleSignOn) -> dict[str, Any]:
    mappings = list(sign_on.mappings_of(stands))
    return {
        "sign_on": stands,
        "issuer_host": str(urlsplit(stands.issuer).netloc),
        "redirect_uri": sign_on.redirect_uri(stands),
        "mappings": [{"row": each, "role": role_label(each.role)} for each in mappings],
        **_identities(view, stands),
    }


def _identities(view: SignOnPage, stands: SingleSignOn) -> dict[str, Any]:
    rows, order = sign_on.identities_of(stands), ["-used_at", "-pk"]
    found = keyset.page_or_first(rows, order=order, cursor=view.request.GET.get("before"), size=IDENTITIES_SHOWN)
    return {"identities": found.rows, "next_url": _at(found.next), "previous_url": _at(found.previous)}


def _at(cursor: str | None) -> str:
    return f"?{urlencode({'before': cursor})}#identities" if cursor else ""


def _row(domain: MailDomain) -> dict[str, Any]:
    return {
        "row": domain,
        "name": shown(domain.name),
        "confirmed": domain.confirmed_at is not None,
        "form": ProofForm(auto_id=f"id_%s_{domain.pk}", domain=shown(domain.name)),
    }
