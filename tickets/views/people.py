"""The page of one person of an organisation: roles, requests in their hands, and closing their account (RO-1, RO-2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import permissions
from accounts import selectors as accounts
from accounts.edges import problem_for
from accounts.errors import ConfirmYourself, LastGlobalAdmin, PersonNotFound, RolesChanged
from accounts.forms.people import LeavingForm, RolesForm
from accounts.labels import role_label
from accounts.models import Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.selectors import directory
from accounts.services import people
from accounts.services.second_factors import may_reset
from accounts.signing_in import factors
from accounts.views.recent import RecentForGlobalAdmin
from tickets.selectors.contacts import open_requests_of_contact
from tickets.services.contact import HandedOver, hand_over_requests
from tickets.services.leaving import close_account
from tickets.views.base import RequestsView

REQUESTS_SHOWN = 10


class PersonPage(RequestsView):
    """One person, for who decides about the organisation's people."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Draw the page."""
        return self.draw(self.find(person_id))

    def find(self, person_id: int) -> Person:
        """The person. Raises NotPermitted, PersonNotFound (P-5)."""
        permissions.require(self.actor, "manage_people")
        return directory.person_of(self.actor, person_id)

    def draw(self, person: Person, *, status: int = HTTPStatus.OK, **forms: Any) -> HttpResponse:
        """The page, with whichever form needs another look."""
        in_hand = open_requests_of_contact(self.actor, person.pk)
        count = in_hand.count()
        mine = person.pk == self.actor.person_id
        context = {
            "organisation": accounts.organisation_of(self.actor),
            "colleague": person,
            "mine": mine,
            "now": self.now,
            "roles": [role_label(role) for role in CUSTOMER_ROLES if role in person.role_names],
            "requests": list(in_hand[:REQUESTS_SHOWN]),
            "request_count": count,
            "factors": factors.standing_of(person),
            "may_reset_factors": may_reset(self.actor, person),
            "sessions": accounts.sessions_of(person, now=self.now).count(),
            "roles_form": RolesForm.of(person, mine=mine),
            "leaving_form": self.leaving_form(person, None, has_requests=count > 0),
            "hand_over_form": self.leaving_form(person, None, has_requests=True, leaving=False),
            **forms,
        }
        return self.render("tickets/person.html", context, status=status)

    def leaving_form(self, person: Person, data: Any, *, has_requests: bool, leaving: bool = True) -> LeavingForm:
        """The form with the colleagues who could take their requests over."""
        assert person.organisation_id
        colleagues = accounts.admins_of(person.organisation_id).exclude(pk=person.pk)
        mine = leaving and person.pk == self.actor.person_id
        initial = {} if person.pk == self.actor.person_id else {"hand_over_to": self.actor.person_id}
        prefix = "leaving" if leaving else "hand_over"
        return LeavingForm(
            data, prefix=prefix, initial=initial, colleagues=colleagues, has_requests=has_requests, mine=mine
        )

    def back(self, person: Person) -> HttpResponse:
        """Lead to the page of the person, or to the start for who may no longer see it."""
        return HttpResponseRedirect(reverse("tickets:person", args=[person.pk]))


class RolesView(RecentForGlobalAdmin, PersonPage):
    """Let a person hold exactly the roles that are ticked."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Lead to the person: this address takes forms only."""
        return self.back(self.find(person_id))

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Change the roles, or show the form again."""
        person = self.find(person_id)
        mine = person.pk == self.actor.person_id
        form = RolesForm(request.POST, mine=mine)
        if not form.is_valid():
            return self.draw(person, roles_form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            people.change_roles(person_id=person.pk, actor=self.actor, **form.cleaned_data)
        except (RolesChanged, LastGlobalAdmin, ConfirmYourself) as refusal:
            words = problem_for(refusal)
            form.add_error("even_mine" if isinstance(refusal, ConfirmYourself) else None, words.detail)
            return self.draw(person, roles_form=form, status=words.status)
        messages.success(
            request, _("The roles of %(name)s are saved. They count from the next click.") % _named(person)
        )
        if mine and people.GLOBAL_ADMIN not in form.cleaned_data["roles"]:
            return HttpResponseRedirect("/")
        return self.back(person)


class HandOverView(PersonPage):
    """Hand all requests over of which a person is the primary contact (RO-2)."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Lead to the person: this address takes forms only."""
        return self.back(self.find(person_id))

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Hand them over."""
        person = self.find(person_id)
        form = self.leaving_form(person, request.POST, has_requests=True, leaving=False)
        if not form.is_valid():
            return self.draw(person, hand_over_form=form, status=HTTPStatus.BAD_REQUEST)
        handed_over = hand_over_requests(person_id=person.pk, to_id=form.cleaned_data["hand_over_to"], actor=self.actor)
        messages.success(request, _handed_over(handed_over))
        return self.back(person)


class DeactivateView(PersonPage):
    """Close an account (P-6)."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Lead to the person: this address takes forms only."""
        return self.back(self.find(person_id))

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Close it, or show the form again."""
        person = self.find(person_id)
        has_requests = open_requests_of_contact(self.actor, person.pk).exists()
        form = self.leaving_form(person, request.POST, has_requests=has_requests)
        if not form.is_valid():
            return self.draw(person, leaving_form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            left = close_account(person_id=person.pk, actor=self.actor, **form.cleaned_data)
        except (LastGlobalAdmin, ConfirmYourself, PersonNotFound) as refusal:
            words = problem_for(refusal)
            form.add_error(None, words.detail)
            return self.draw(person, leaving_form=form, status=words.status)
        told = _("The account of %(name)s is closed. They can no longer sign in.") % _named(person)
        messages.success(request, f"{told} {_handed_over(left.handed_over)}" if has_requests else told)
        return HttpResponseRedirect("/") if person.pk == self.actor.person_id else self.back(person)


class ReactivateView(PersonPage):
    """Open a closed account again."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Lead to the person: this address takes forms only."""
        return self.back(self.find(person_id))

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Open it."""
        person = people.reactivate_person(person_id=person_id, actor=self.actor)
        messages.success(
            request,
            _("The account of %(name)s is open again. We have sent them how to choose a new password.")
            % _named(person),
        )
        return self.back(person)


def _named(person: Person) -> dict[str, str]:
    return {"name": person.name}


def _handed_over(handed_over: HandedOver) -> str:
    told = ngettext(
        "%(count)d request has another primary contact now.",
        "%(count)d requests have another primary contact now.",
        handed_over.done,
    ) % {"count": handed_over.done}
    if not handed_over.left:
        return told
    left = ngettext(
        "%(count)d stays as it is: that colleague’s roles do not cover it.",
        "%(count)d stay as they are: that colleague’s roles do not cover them.",
        handed_over.left,
    ) % {"count": handed_over.left}
    return f"{told} {left}"
