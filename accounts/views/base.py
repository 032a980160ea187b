"""What every page behind the sign-in begins with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from accounts import permissions
from accounts.actors import Actor
from accounts.edges import actor_of
from accounts.models import Person


class PersonView(LoginRequiredMixin, View):
    """A page for somebody who has signed in."""

    request: HttpRequest

    @property
    def person(self) -> Person:
        """Who is signed in."""
        return cast(Person, self.request.user)

    @property
    def actor(self) -> Actor:
        """The person as they act, for whom they act (P-6)."""
        return actor_of(self.request)

    def handle_no_permission(self) -> HttpResponseRedirect:
        """Ask to sign in, and come back; to the start where the address takes no GET."""
        here = self.request.get_full_path() if hasattr(self, "get") else "/"
        return redirect_to_login(here)

    def render(self, template: str, context: dict[str, Any], *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Draw a template."""
        return render(self.request, template, context, status=status)


class ActView(PersonView):
    """A page for whoever may do `act`."""

    act: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in whoever may."""
        if request.user.is_authenticated:
            permissions.require(self.actor, self.act)
        return super().dispatch(request, *args, **kwargs)


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """The address in the field `next`, if it is one of ours."""
    wanted = str(request.POST.get("next", ""))
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else otherwise
