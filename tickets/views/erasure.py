"""The page on which a deactivated person is erased for good (right to erasure)."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.errors import PersonNotFound
from accounts.forms import LineField
from accounts.models import Person
from accounts.permissions import require
from accounts.views.recent import RecentView
from tickets.services.erasure import erase_person, may_erase


class EraseForm(forms.Form):
    """What cannot be undone is typed, not clicked."""

    address = LineField(label=_("The person's mail address"), max_length=254)

    def __init__(self, *args: object, person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._person = person

    def clean_address(self) -> str:
        """Compare it with the person's."""
        if self.cleaned_data["address"].lower() != self._person.email.lower():
            raise ValidationError(_("This is not the mail address of the person on this page."), code="differs")
        return str(self.cleaned_data["address"])


class ErasePersonView(RecentView):
    """Say what erasing means, and do it once the person's mail address was typed."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Draw the page."""
        person = self._person(person_id)
        return self._draw(person, EraseForm(person=person))

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Erase, or show what is wrong."""
        person = self._person(person_id)
        form = EraseForm(request.POST, person=person)
        if not form.is_valid():
            return self._draw(person, form, status=HTTPStatus.BAD_REQUEST)
        erase_person(person_id=person.pk, actor=self.actor)
        messages.success(request, _now("The person is erased. What they wrote stays, as that of a former colleague."))
        return HttpResponseRedirect(reverse(self._list_of(person)))

    def _list_of(self, person: Person) -> str:
        """The page that the person is missing from now; the desk has none of the people of customers."""
        if not self.actor.is_staff:
            return "accounts:people"
        return "accounts:staff" if person.is_staff else "accounts:organisations"

    def _person(self, person_id: int) -> Person:
        require(self.actor, "erase_person")
        people = Person.objects.all() if self.actor.is_staff else selectors.people_of(self.actor)
        person = people.filter(pk=person_id).first()
        if person is None:
            raise PersonNotFound
        return person

    def _draw(self, person: Person, form: EraseForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        context = {"person": person, "form": form, "may_erase": may_erase(self.actor, person)}
        return self.render("tickets/erase_person.html", context, status=status)
