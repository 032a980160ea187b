"""A member of the staff on themselves: what they know and speak, and when they work."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.forms.staff import SkillsForm
from accounts.views.base import ActView
from accounts.views.staff_people import save_skills


class OwnSkillsView(ActView):
    """Show and change them."""

    act = "read_staff"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the form."""
        return self._draw(SkillsForm.of(self.person))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store it."""
        form = SkillsForm(request.POST, person=self.person)
        if not form.is_valid() or not save_skills(form, self.person, actor=self.actor):
            return self._draw(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(request, _("Skills and hours are saved."))
        return HttpResponseRedirect(reverse("accounts:own_skills"))

    def _draw(self, form: SkillsForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        context = {"skills_form": form, "member": self.person, "action": self.request.path}
        return self.render("accounts/profile/skills.html", context, status=status)
