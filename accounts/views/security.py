"""The page of a person's security: password, second factors, recovery codes, mail address, sessions."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts import clock, selectors
from accounts.edges import problem_for
from accounts.errors import MailChangeOver, SessionNotFound, TooMany
from accounts.forms.security import AddressForm, KeyForm
from accounts.models import MailChange, MailChangeLink, PersonSession
from accounts.services import mail_addresses, sessions
from accounts.signing_in import factors
from accounts.signing_in.devices import device_of
from accounts.views.base import PersonView
from accounts.views.recent import RecentView


class SecurityView(PersonView):
    """Show everything that keeps an account safe."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw it."""
        return page(self)


class EndSessionView(PersonView):
    """End one of one's own sessions."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """End it; one that has ended by itself is no mistake worth a page of its own."""
        try:
            sessions.end_session(person=self.person, public_id=public_id)
        except SessionNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            messages.success(request, _("That device has to sign in again."))
        return HttpResponseRedirect(reverse("accounts:security") + "#sessions")


class EndOtherSessionsView(PersonView):
    """End all of one's own sessions but this one."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End them."""
        ended = sessions.end_other_sessions(person=self.person, but=request.session.session_key)
        told = ngettext(
            "%(count)d other device has to sign in again.", "%(count)d other devices have to sign in again.", ended
        )
        messages.success(request, told % {"count": ended})
        return HttpResponseRedirect(reverse("accounts:security") + "#sessions")


class ChangeAddressView(RecentView):
    """Ask for another mail address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page with the form."""
        return HttpResponseRedirect(reverse("accounts:security") + "#address")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Send both links; the same answer whoever has the new address."""
        form = AddressForm(request.POST, person=self.person)
        if not form.is_valid():
            return page(self, address_form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            mail_addresses.request_mail_change(person=self.person, email=form.cleaned_data["email"])
        except TooMany as refusal:
            form.add_error("email", problem_for(refusal).detail)
            answer = page(self, address_form=form, status=HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers["Retry-After"] = str(refusal.retry_after)
            return answer
        messages.success(
            request,
            _("We have sent a link to both addresses. Open both to finish the change.")
            if self.person.email_confirmed_at
            else _("We have sent a link to that address. Open it to finish."),
        )
        return HttpResponseRedirect(reverse("accounts:security") + "#address")


class CancelAddressView(PersonView):
    """Give up a change of the mail address."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Cancel it."""
        if mail_addresses.cancel_mail_change(person_id=self.person.pk):
            messages.success(request, _("Your mail address stays as it is. The links no longer work."))
        return HttpResponseRedirect(reverse("accounts:security") + "#address")


@method_decorator(csrf_exempt, name="dispatch")
class ConfirmAddressView(View):
    """What the link in a mail opens: GET shows it and changes nothing, since mail scanners follow links.

    Exempt from the CSRF check on purpose: the secret in the address is all the authority there is, so that no cookie
    could be misused; and a page with `no-referrer` sends `Origin: null`, which the check would refuse.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the secret out of the Referer of whatever is opened next."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Ask."""
        return self._page(mail_addresses.linked_change(key))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Confirm."""
        with suppress(MailChangeOver):  # the page says so, from what is stored
            mail_addresses.confirm_mail_change(key=key)
        return self._page(mail_addresses.linked_change(key))

    def _page(self, link: MailChangeLink | None) -> HttpResponse:
        change = link.change if link else None
        stage = _stage(link, change)
        gone = HTTPStatus.NOT_FOUND if link is None else HTTPStatus.GONE
        chosen = settings.LANGUAGE_COOKIE_NAME in self.request.COOKIES
        with nullcontext() if change is None or chosen else translation.override(change.person.language):
            context = {"change": change, "stage": stage, "side": link.side if link else "", "last": _is_last(link)}
            status = gone if stage == "over" else HTTPStatus.OK
            return render(self.request, "accounts/security/confirm_address.html", context, status=status)


def _is_last(link: MailChangeLink | None) -> bool:
    """Whether the other side needs no confirmation any more."""
    other = "old" if link and link.side == "new" else "new"
    return bool(link and getattr(link.change, f"{other}_confirmed_at"))


def _stage(link: MailChangeLink | None, change: MailChange | None) -> str:
    """What the page says: `ask`, `waiting` for the other side, `done`, or `over`."""
    if link is None or change is None:
        return "over"
    if change.done_at:
        return "done"
    if not mail_addresses.is_open(change, now=clock.now()) or not change.person.is_active:
        return "over"
    return "waiting" if getattr(change, f"{link.side}_confirmed_at") else "ask"


def page(view: PersonView, *, address_form: AddressForm | None = None, status: int = HTTPStatus.OK) -> HttpResponse:
    """Draw the page of security, with whichever form needs another look."""
    now = timezone.now()
    standing = factors.standing_of(view.person)
    change = mail_addresses.open_change(view.person, now=now)
    context = {
        "standing": standing,
        "must_have": factors.must_have(view.person),
        "only_one": len(standing.factors) == 1,
        "key_form": KeyForm(),
        "sessions": [_shown(row, view.request) for row in selectors.sessions_of(view.person, now=now)],
        "change": change,
        "address_form": address_form or AddressForm(person=view.person),
        "now": now,
    }
    return view.render("accounts/security/page.html", context, status=status)


def _shown(row: PersonSession, request: HttpRequest) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "device": device_of(row.user_agent),
        "address": row.address,
        "began_at": row.began_at,
        "seen_at": row.seen_at,
        "is_this": row.session_key == request.session.session_key,
    }
