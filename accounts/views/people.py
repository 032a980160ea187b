"""The people of an organisation: who they are, what they hold, who is invited (RO-1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import keyset, permissions, selectors
from accounts.forms.people import PeopleFilter
from accounts.labels import ROLE_MEANINGS, role_label
from accounts.models import Invitation, Organisation, Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.selectors import directory
from accounts.views.organisation import OrganisationPage

PAGE = 25
INVITATIONS_SHOWN = 25


class PeopleView(OrganisationPage):
    """Who holds which role; for who decides about them, everybody, with a search and the waiting invitations."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page."""
        organisation = self.find()
        context = {
            "organisation": organisation,
            "now": timezone.now(),
            "may_manage_people": permissions.may(self.actor, "manage_people"),
            "role_meanings": [(role_label(role), meaning) for role, meaning in ROLE_MEANINGS.items()],
        }
        shown = self._everybody() if context["may_manage_people"] else self._admins(organisation)
        return self.render("accounts/organisation/people.html", {**context, **shown})

    def _admins(self, organisation: Organisation) -> dict[str, Any]:
        return {"people": _with_role_labels(selectors.admins_of(organisation.pk))}

    def _everybody(self) -> dict[str, Any]:
        form = PeopleFilter(self.request.GET)
        people = directory.people_sought(self.actor, form.sought())
        page = self._page(people, "cursor", order=directory.BY_NAME, size=PAGE)
        invited = self._page(directory.invitations_of(self.actor), "invited", order=("-pk",), size=INVITATIONS_SHOWN)
        return {
            "people": _with_role_labels(page.rows),
            "page": page,
            "filter": form,
            "invitations": [invitation_line(row, now=timezone.now()) for row in invited.rows],
            "invited": invited,
        }

    def _page(self, rows: Any, name: str, *, order: Iterable[str], size: int) -> keyset.Page[Any]:
        """One page of a list, the first one where the place is none of this list's."""
        return keyset.page_or_first(rows, order=tuple(order), cursor=self.request.GET.get(name), size=size)


def _with_role_labels(people: Iterable[Person]) -> list[dict[str, Any]]:
    return [
        {"person": person, "roles": [role_label(role) for role in CUSTOMER_ROLES if role in set(person.role_names)]}
        for person in people
    ]


def invitation_line(invitation: Invitation, *, now: Any) -> dict[str, Any]:
    """A waiting invitation as a list shows it."""
    roles = [role_label(role) for role in invitation.roles]
    return {"row": invitation, "roles": roles, "standing": directory.standing_of(invitation, now=now).value}
