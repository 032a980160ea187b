"""A person's own page: who they are, and which notices come by mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.forms import NoticesForm, ProfileForm
from accounts.labels import role_label
from accounts.services import preferences
from accounts.views.base import PersonView


class ProfileView(PersonView):
    """Show and change what a person says about themselves."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the profile."""
        return profile_page(self)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it."""
        form = ProfileForm(request.POST, now=timezone.now())
        if not form.is_valid():
            return profile_page(self, form=form)
        person = preferences.change_profile(person_id=self.person.pk, **form.cleaned_data)
        translation.activate(person.language)
        messages.success(request, _("Your profile is saved."))
        return HttpResponseRedirect(reverse("accounts:profile"))


class NoticesByMailView(PersonView):
    """Choose which notices come by mail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead back to the profile: this address takes forms only."""
        return HttpResponseRedirect(reverse("accounts:profile") + "#notices")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the choice."""
        form = NoticesForm(request.POST, is_staff=self.person.is_staff)
        if not form.is_valid():
            return profile_page(self, notices_form=form)
        preferences.choose_notices(person_id=self.person.pk, by_mail=form.chosen())
        messages.success(request, _("Your choice is saved. It counts for notices from now on."))
        return HttpResponseRedirect(reverse("accounts:profile") + "#notices")


def profile_page(
    view: PersonView, *, form: ProfileForm | None = None, notices_form: NoticesForm | None = None
) -> HttpResponse:
    """Draw the profile with whichever form needs another look."""
    context: dict[str, Any] = {
        "form": form or ProfileForm.of(view.person, now=timezone.now()),
        "notices_form": notices_form or NoticesForm.of(view.person),
        "roles": [role_label(role) for role in view.person.role_names],
    }
    return view.render("accounts/profile/profile.html", context)
