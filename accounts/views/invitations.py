"""Inviting people, and the page behind the secret link of an invitation."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts import clock, permissions
from accounts.edges import problem_for
from accounts.errors import (
    AccountsError,
    AddressTaken,
    AlreadyMember,
    InvitationExpired,
    InvitationNotFound,
    InvitationWaiting,
    TooMany,
)
from accounts.forms.people import AcceptForm, InvitationForm
from accounts.labels import OUR_STAFF, role_label
from accounts.models import Invitation, Organisation
from accounts.selectors import directory
from accounts.selectors.directory import Standing
from accounts.services import invitations
from accounts.unguessable import digest_of
from accounts.views.base import PersonView, back
from accounts.views.organisation import OrganisationPage
from accounts.views.recent import RecentForGlobalAdmin


class InviteView(RecentForGlobalAdmin, OrganisationPage):
    """Invite somebody."""

    def find(self) -> Organisation:
        """The organisation, for whoever decides about its people."""
        permissions.require(self.actor, "manage_people")
        return super().find()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the form."""
        organisation = self.find()
        return self._draw(organisation, InvitationForm(initial={"language": _language_of(organisation)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invite, or show the form again with what was typed."""
        organisation, form = self.find(), InvitationForm(request.POST)
        if not form.is_valid():
            return self._draw(organisation, form, status=HTTPStatus.BAD_REQUEST)
        try:
            invitations.invite_person(actor=self.actor, **form.cleaned_data)
        except (AlreadyMember, InvitationWaiting, TooMany) as refusal:
            words = problem_for(refusal)
            form.add_error(None if isinstance(refusal, TooMany) else "email", words.detail)
            return self._draw(organisation, form, status=words.status)
        messages.success(request, _("The invitation is on its way. It can be accepted for 72 hours."))
        return HttpResponseRedirect(_waiting())

    def _draw(self, organisation: Organisation, form: InvitationForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        return self.render(
            "accounts/organisation/invite.html", {"organisation": organisation, "form": form}, status=status
        )


class ResendView(PersonView):
    """Send an invitation anew."""

    def post(self, request: HttpRequest, invitation_id: int) -> HttpResponse:
        """Send it."""
        try:
            invitations.resend_invitation(invitation_id=invitation_id, actor=self.actor)
        except InvitationNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The invitation is on its way. It can be accepted for 72 hours."))
        return HttpResponseRedirect(back(request, _waiting()))


class WithdrawView(PersonView):
    """Take an invitation back."""

    def post(self, request: HttpRequest, invitation_id: int) -> HttpResponse:
        """Withdraw it."""
        try:
            invitations.withdraw_invitation(invitation_id=invitation_id, actor=self.actor)
        except InvitationNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("The invitation is withdrawn. Its link works no more."))
        return HttpResponseRedirect(back(request, _waiting()))


@method_decorator(csrf_exempt, name="dispatch")
class AcceptView(View):
    """The invitation behind the secret of a mail: GET shows it and changes nothing, POST accepts it once.

    Exempt from the CSRF check on purpose: the secret in the address is all the authority there is, so that no cookie
    could be misused; and a page with `no-referrer` sends `Origin: null`, which the check would refuse. It signs nobody
    in, since that would be a session which somebody else's form could begin.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the secret out of the Referer of whatever is opened next."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Draw the form, or say whom to ask."""
        found = self._find(key)
        if found is None:
            return self._page(None, status=HTTPStatus.NOT_FOUND)
        if directory.standing_of(found, now=clock.now()) != Standing.WAITING:
            return self._page(found, status=HTTPStatus.GONE)
        return self._page(found, form=AcceptForm(email=found.email, initial={"name": found.name}))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Make the account, or show the form again."""
        found = self._find(key)
        if found is None:
            return self._page(None, status=HTTPStatus.NOT_FOUND)
        with self._language(found):
            form = AcceptForm(request.POST, email=found.email)
            valid = form.is_valid()
        if not valid:
            return self._page(found, form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            invitations.accept_invitation(
                key=key, name=form.cleaned_data["name"], password=form.cleaned_data["password1"]
            )
        except InvitationNotFound:
            return self._page(None, status=HTTPStatus.NOT_FOUND)
        except (InvitationExpired, AddressTaken) as refusal:
            return self._page(found, refusal=refusal, status=problem_for(refusal).status)
        return self._page(found, accepted=True)

    def _find(self, key: str) -> Invitation | None:
        try:
            return directory.invitation_behind(digest_of(key))
        except InvitationNotFound:
            return None

    def _page(
        self,
        invitation: Invitation | None,
        *,
        form: AcceptForm | None = None,
        refusal: AccountsError | None = None,
        accepted: bool = False,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        with self._language(invitation):
            context = {
                "invitation": invitation,
                "roles": [role_label(role) for role in invitation.roles] if invitation else [],
                "host": _host_of(invitation),
                "form": form,
                "taken": isinstance(refusal, AddressTaken),
                "accepted": accepted,
            }
            return render(self.request, "account/invitation.html", context, status=status)

    def _language(self, invitation: Invitation | None) -> AbstractContextManager[Any]:
        """The language of the mail, unless the visitor has chosen one here."""
        if invitation is None or settings.LANGUAGE_COOKIE_NAME in self.request.COOKIES:
            return nullcontext()
        return translation.override(invitation.language)


def _host_of(invitation: Invitation | None) -> str:
    """To whom one is invited."""
    if invitation is None:
        return ""
    return invitation.organisation.name if invitation.organisation else str(OUR_STAFF)


def _language_of(organisation: Organisation) -> str:
    return "zh-hant" if organisation.language.lower().startswith("zh") else "en"


def _waiting() -> str:
    return reverse("accounts:people") + "#invitations"
