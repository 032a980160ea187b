"""How support staff invite: the first global admin of a customer, and colleagues of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.edges import problem_for
from accounts.errors import AlreadyMember, InvitationWaiting, OrganisationClosed, TooMany
from accounts.forms.people import InvitationForm
from accounts.forms.staff import StaffInvitationForm
from accounts.services import invitations
from accounts.views.base import ActView
from accounts.views.desk_organisation import DeskView, page_of
from accounts.views.recent import RecentView


class InviteAdminView(RecentView, DeskView):
    """Invite somebody to be global admin of a customer."""

    act = "manage_organisations"
    asked_on = ("POST",)

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Offer the form."""
        language = "zh-hant" if self.organisation.language.lower().startswith("zh") else "en"
        return self._draw(self._form(initial={"language": language}))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Invite, or show the form again with what was typed."""
        form = self._form(request.POST)
        if form.is_valid() and invited(form, lambda data: self._invite(slug, data)):
            messages.success(request, _("The invitation is on its way. It can be accepted for 72 hours."))
            return HttpResponseRedirect(page_of(self.organisation))
        return self._draw(form)

    def _form(self, *args: Any, **kwargs: Any) -> InvitationForm:
        form = InvitationForm(*args, **kwargs)
        del form.fields["roles"]
        return form

    def _invite(self, slug: str, data: dict[str, Any]) -> None:
        invitations.invite_admin(slug=slug, actor=self.actor, **data)

    def _draw(self, form: InvitationForm) -> HttpResponse:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        context = {"form": form, "organisation": self.organisation, "back_url": page_of(self.organisation)}
        return self.draw("accounts/desk/invite.html", context, here=_("Invite a global admin"), status=status)


class InviteStaffView(RecentView, ActView):
    """Invite a colleague."""

    act = "manage_staff"
    asked_on = ("POST",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the form."""
        return self._draw(self._form(initial={"language": self.actor.language}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invite, or show the form again with what was typed."""
        form = self._form(request.POST)
        if form.is_valid() and invited(form, lambda data: invitations.invite_staff(actor=self.actor, **data)):
            messages.success(request, _("The invitation is on its way. It can be accepted for 72 hours."))
            return HttpResponseRedirect(reverse("accounts:staff") + "#invitations")
        return self._draw(form)

    def _form(self, *args: Any, **kwargs: Any) -> StaffInvitationForm:
        appoints = permissions.may(self.actor, "appoint_operators")
        return StaffInvitationForm(*args, appoints=appoints, **kwargs)

    def _draw(self, form: StaffInvitationForm) -> HttpResponse:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        staff_url = reverse("accounts:staff")
        trail = [{"label": _("Staff"), "url": staff_url}, {"label": _("Invite a colleague")}]
        context = {"form": form, "breadcrumbs": trail, "back_url": staff_url}
        return self.render("accounts/desk/invite.html", context, status=status)


def invited(form: forms.Form, invite: Any) -> bool:
    """Invite, or say in the form why not."""
    try:
        invite(form.cleaned_data)
    except (AlreadyMember, InvitationWaiting) as refusal:
        form.add_error("email", problem_for(refusal).detail)
    except (TooMany, OrganisationClosed) as refusal:
        form.add_error(None, problem_for(refusal).detail)
    return form.is_valid()
