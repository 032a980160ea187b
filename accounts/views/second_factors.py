"""Pages on which people set up their second factors, and one act for somebody who has lost theirs."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Any

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.edges import problem_for
from accounts.errors import AccountsError, FactorExists, FactorNotFound, TooMany, WrongCode
from accounts.forms.security import AppForm, KeyForm, credential_of
from accounts.services import second_factors, sessions
from accounts.signing_in import ciphers, factors, proofs, totp, webauthn
from accounts.views.base import PersonView, back
from accounts.views.limited import too_many
from accounts.views.recent import RecentView, key_question, show_factor, wrong_code

NEW_SECRET, WANTED = "new_app_secret", "wanted_before_second_factor"


def security_page() -> str:
    """The address of the page on which all of this begins and ends."""
    return reverse("accounts:security")


class GateView(PersonView):
    """What somebody opens who must have shown a second factor: where to show it, or to set one up."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for it, and keep where they wanted to go."""
        wanted = request.GET.get("next", "/")
        ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
        request.session[WANTED] = wanted if ours else "/"
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Take a code or a key."""
        try:
            show_factor(request, self.person)
        except WrongCode:
            return self._page(wrong=wrong_code())
        except TooMany as refusal:
            return too_many(request, refusal)
        proofs.show_second_factor(request)
        return HttpResponseRedirect(request.session.pop(WANTED, "/"))

    def _page(self, *, wrong: str = "") -> HttpResponseBase:
        if not proofs.lacks_second_factor(self.request):
            return HttpResponseRedirect(self.request.session.pop(WANTED, "/"))
        context = {
            "standing": factors.standing_of(self.person),
            "key_question": key_question(self.request, self.person),
            "wrong": wrong,
        }
        return self.render("accounts/security/gate.html", context)


class AddAppView(RecentView):
    """Set up an authenticator app: scan, and type its first code."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the picture to scan."""
        if factors.standing_of(self.person).app:
            return HttpResponseRedirect(security_page())
        return self._page(AppForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the app, if it shows the right code."""
        form = AppForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        code = "".join(form.cleaned_data["code"].split())
        try:
            codes = second_factors.add_app(person_id=self.person.pk, secret=self._secret(), code=code)
        except WrongCode:
            form.add_error("code", wrong_code())
            return self._page(form)
        except FactorExists as refusal:
            messages.error(request, problem_for(refusal).detail)
            return HttpResponseRedirect(security_page())
        request.session.pop(NEW_SECRET, None)
        return set_up(self, codes, done=_("Your authenticator app is set up."))

    def _page(self, form: AppForm) -> HttpResponse:
        secret = self._secret()
        url = get_adapter().build_totp_url(self.person, secret)
        picture = base64.b64encode(get_adapter().build_totp_svg(url).encode()).decode()
        context = {
            "form": form,
            "url": url,
            "picture": f"data:image/svg+xml;base64,{picture}",
            "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
            "is_gate": proofs.lacks_second_factor(self.request),
        }
        return self.render("accounts/security/add_app.html", context)

    def _secret(self) -> str:
        """The secret that is being set up; the same on every look, so that one scan is enough."""
        kept = self.request.session.get(NEW_SECRET)
        if kept is None:
            kept = self.request.session[NEW_SECRET] = ciphers.encrypt(totp.new_secret())
        return ciphers.decrypt(kept)


class AddKeyView(RecentView):
    """Set up a security key, or the passkey of a device."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for a name, and the browser for a key."""
        return self._page(KeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the key that the browser made."""
        form = KeyForm(request.POST)
        answer, state = credential_of(request.POST.get("credential", "")), proofs.take_asked(request)
        if not form.is_valid():
            return self._page(form)
        try:
            codes = second_factors.add_key(
                person_id=self.person.pk, name=form.cleaned_data["name"], answer=answer, state=state
            )
        except WrongCode:
            form.add_error(None, _("The browser did not hand over a new key. Please try again."))
            return self._page(form)
        return set_up(self, codes, done=_("Your key is set up."))

    def _page(self, form: KeyForm) -> HttpResponse:
        ceremony = webauthn.begin_registration(self.person, factors.credentials_of(self.person.pk))
        proofs.ask_key(self.request, ceremony.state)
        context = {
            "form": form,
            "key_question": ceremony.question,
            "is_gate": proofs.lacks_second_factor(self.request),
        }
        return self.render("accounts/security/add_key.html", context)


class RenameKeyView(RecentView):
    """Call a key something else."""

    def post(self, request: HttpRequest, factor_id: int) -> HttpResponse:
        """Rename it."""
        form = KeyForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["name"])))
            return HttpResponseRedirect(security_page())
        name = form.cleaned_data["name"]
        return _told(
            self,
            lambda: second_factors.rename_key(person_id=self.person.pk, factor_id=factor_id, name=name),
            done=_("The key has its new name."),
        )


class RemoveFactorView(RecentView):
    """Remove an app or a key."""

    def post(self, request: HttpRequest, factor_id: int) -> HttpResponse:
        """Remove it; without any the other sessions end, which may have been opened with it."""
        return _told(self, lambda: self._remove(factor_id), done=_("It is removed. We have told you by mail."))

    def _remove(self, factor_id: int) -> None:
        if second_factors.remove_factor(person_id=self.person.pk, factor_id=factor_id):
            proofs.forget_second_factor(self.request)
            sessions.end_other_sessions(person=self.person, but=self.request.session.session_key)


class RecoveryCodesView(RecentView):
    """Make new recovery codes and show them, this once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back: this address takes forms only."""
        return HttpResponseRedirect(security_page())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make them; the answer is the page itself, since they must not be stored for a later one."""
        try:
            codes = second_factors.make_recovery_codes(person_id=self.person.pk)
        except FactorNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
            return HttpResponseRedirect(security_page())
        return codes_page(self, codes)


class ResetFactorsView(RecentView):
    """Help somebody who has lost their second factors and their recovery codes."""

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Remove them all; whom the actor does not care for is whom there is not (P-5)."""
        try:
            person = second_factors.reset_second_factors(person_id=person_id, actor=self.actor)
        except FactorNotFound as refusal:
            messages.error(request, problem_for(refusal).detail)
        else:
            told = _("%(name)s signs in without a second factor now, and has been told by mail.")
            messages.success(request, told % {"name": person.name})
        return HttpResponseRedirect(back(request))


def set_up(view: PersonView, codes: list[str], *, done: str) -> HttpResponse:
    """After a new factor: the session has shown it, and with the first one come the recovery codes."""
    proofs.show_second_factor(view.request)
    messages.success(view.request, done)
    if codes:
        return codes_page(view, codes)
    return HttpResponseRedirect(view.request.session.pop(WANTED, security_page()))


def codes_page(view: PersonView, codes: list[str]) -> HttpResponse:
    """The recovery codes, to read, to print and to save."""
    text = "".join(f"{code}\r\n" for code in codes)
    context = {
        "codes": codes,
        "file": f"data:text/plain;base64,{base64.b64encode(text.encode()).decode()}",
        "next": view.request.session.pop(WANTED, security_page()),
    }
    return view.render("accounts/security/codes.html", context, status=HTTPStatus.CREATED)


def _told(view: PersonView, act: Any, *, done: str) -> HttpResponse:
    """Do it, and say on the page of security what became of it."""
    try:
        act()
    except AccountsError as refusal:
        messages.error(view.request, problem_for(refusal).detail)
    else:
        messages.success(view.request, done)
    return HttpResponseRedirect(security_page())
