"""Pages that touch the safety of an account: whoever has not signed in just now proves anew that it is they.

The form that asks carries along what was sent, so that nothing typed is lost, and goes to the same address: there is
no place to be led to from elsewhere. Who has a second factor shows it; a password alone would be a step back.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar, cast

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.errors import TooMany, WrongCode
from accounts.forms.security import credential_of
from accounts.middleware import see_other
from accounts.models import Person
from accounts.services import second_factors, sign_in
from accounts.services.people import GLOBAL_ADMIN
from accounts.signing_in import attempts, factors, proofs, webauthn
from accounts.signing_in.adapters import client_address
from accounts.signing_in.factors import Standing
from accounts.views.base import PersonView
from accounts.views.limited import too_many

PREFIX = "confirm"
NOT_CARRIED = ("csrfmiddlewaretoken", PREFIX, f"{PREFIX}_password", f"{PREFIX}_code", f"{PREFIX}_credential")
AGAIN = ("read", "send")  # what follows: the page is read anew, or what was sent is done
log = structlog.get_logger(__name__)


class RecentView(PersonView):
    """A page that is opened by whoever has just signed in, or proves anew that it is they."""

    asked_on: ClassVar[tuple[str, ...]] = ("GET", "POST")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask first where it is needed."""
        asked = ask_first(request) if self.needs_proof() else None
        return asked or super().dispatch(request, *args, **kwargs)

    def needs_proof(self) -> bool:
        """Whether what is asked for touches the safety of an account."""
        return self.request.method in self.asked_on


class RecentForGlobalAdmin(RecentView):
    """A form that gives roles: whoever gives the one above all others proves anew that it is they."""

    def needs_proof(self) -> bool:
        """Whether a global admin comes of it."""
        return self.request.method == "POST" and GLOBAL_ADMIN in self.request.POST.getlist("roles")


def ask_first(request: HttpRequest, *, carries: bool = True) -> HttpResponse | None:
    """The page that asks for a proof, or None where there is one; a proof that was just given leads on.

    With `carries` what was sent stands in the page that asks; never so where that is a password.
    """
    if not request.user.is_authenticated or proofs.is_fresh(request):
        return None
    person = request.user
    standing = factors.standing_of(person)
    if PREFIX not in request.POST:
        return _page(request, standing, again="send" if carries and request.method == "POST" else "read")
    try:
        _prove(request, person, standing)
    except WrongCode:
        return _page(request, standing, again=request.POST[PREFIX], is_wrong=True)
    except TooMany as refusal:
        log.warning("confirmation.limited", retry_after=refusal.retry_after)
        return too_many(request, refusal)
    return None if request.POST[PREFIX] == "send" else see_other(request, request.get_full_path())


def _prove(request: HttpRequest, person: Person, standing: Standing) -> None:
    if standing.is_set_up:
        show_factor(request, person, prefix=f"{PREFIX}_")
        proofs.show_second_factor(request)
    else:
        _check_password(request, person)
        proofs.confirm(request)


def show_factor(request: HttpRequest, person: Person, *, prefix: str = "") -> None:
    """Take the code or the answer of a key that was sent. Raises WrongCode, TooMany."""
    address = client_address(request)
    if request.POST.get(f"{prefix}credential"):
        answer = credential_of(request.POST[f"{prefix}credential"])
        second_factors.prove_key(person=person, answer=answer, state=proofs.take_asked(request), address=address)
    else:
        second_factors.prove_code(person=person, code=request.POST.get(f"{prefix}code", "")[:100], address=address)


def key_question(request: HttpRequest, person: Person) -> str:
    """What the browser asks the person's keys, as JSON; nothing when there are none."""
    known = factors.credentials_of(person.pk)
    if not known:
        return ""
    ceremony = webauthn.begin_authentication(known)
    proofs.ask_key(request, ceremony.state)
    return ceremony.question


def _check_password(request: HttpRequest, person: Person) -> None:
    attempt = sign_in.begin_attempt(email=person.email, address=client_address(request))
    if not person.check_password(request.POST.get(f"{PREFIX}_password", "")):
        raise WrongCode
    attempts.give_back(attempt)


def _page(request: HttpRequest, standing: Standing, *, again: str, is_wrong: bool = False) -> HttpResponse:
    person = cast(Person, request.user)
    by_password = not standing.is_set_up and person.has_usable_password()
    context = {
        "again": again if again in AGAIN else "read",
        "carried": _carried(request) if again == "send" else [],
        "standing": standing,
        "key_question": key_question(request, person),
        "by_password": by_password,
        "wrong": _wrong(by_password=by_password) if is_wrong else "",
    }
    return render(request, "accounts/security/confirm.html", context, status=HTTPStatus.OK)


def _wrong(*, by_password: bool) -> str:
    return _("This is not your present password.") if by_password else wrong_code()


def wrong_code() -> str:
    """What to tell of a code or key that was refused."""
    return _("That did not match. A code of the app counts once: wait for the next one, and check the device's clock.")


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in request.POST.lists() if name not in NOT_CARRIED for value in values]
