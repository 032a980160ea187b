"""The filters by organisation and by incident of the list of requests and of the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.selectors import organisations_called, visible_organisations
from tickets.models import Incident
from tickets.selectors.incidents import incident_of
from tickets.selectors.narrowing import NONE, Within
from tickets.views.base import RequestsView

LONGEST_NAME, LONGEST_TITLE = 100, 60
UNKNOWN = _("No organisation is called so.")
SEVERAL = _("Several organisations are called so. Write more of the name, or the short name.")


class PlaceFilter:
    """What the address of a page names: an organisation, for support staff, and an incident.

    A part of a name is enough where one alone is called so; what nobody is called narrows to nothing, and says so.
    Raises IncidentNotFound, also for one that concerns others (P-5).
    """

    def __init__(self, view: RequestsView) -> None:
        self._view = view
        given = view.request.GET
        is_staff = view.actor.is_staff
        self.sought = given.get("organisation", "").replace("\x00", "").strip()[:LONGEST_NAME] if is_staff else ""
        called = self._called() if self.sought else []
        self.organisation: Organisation | None = called[0] if len(called) == 1 else None
        self.fault = "" if self.organisation or not self.sought else SEVERAL if called else UNKNOWN
        number = given.get("incident", "").replace("\x00", "")
        self.incident: Incident | None = incident_of(view.actor, number, now=view.now) if number else None

    def _called(self) -> Sequence[Organisation]:
        """The one of this short name, else at most two with this in their names."""
        actor, now = self._view.actor, self._view.now
        exactly = list(visible_organisations(actor, now=now).filter(slug=self.sought.lower()))
        return exactly or list(organisations_called(actor, self.sought, now=now)[:2])

    def within(self, tags: Sequence[int]) -> Within:
        """The same as ids, with the tags that are wanted too."""
        organisation = self.organisation.pk if self.organisation else NONE if self.fault else None
        return Within(organisation=organisation, incident=self.incident.pk if self.incident else None, tags=tags)

    @property
    def chips(self) -> dict[str, Any]:
        """What the list is narrowed to, and the addresses of the same list without each."""
        return {
            "organisation": self.organisation,
            "incident": self.incident,
            "without_organisation": self._without("organisation"),
            "without_incident": self._without("incident"),
        }

    def fields(self, known: Iterable[Incident]) -> dict[str, Any]:
        """What the form shows; `known` are the incidents that can be chosen, beside the one that is."""
        offered = {row.number: row for row in ([self.incident] if self.incident else []) + list(known)}
        return {
            "sought": self.organisation.slug if self.organisation else self.sought,
            "incidents": [
                (number, f"{number} · {Truncator(row.title).chars(LONGEST_TITLE)}") for number, row in offered.items()
            ],
            "incident": self.incident.number if self.incident else "",
        }

    def kept(self) -> dict[str, str]:
        """The parameters that go along to another view of the same."""
        given = {"organisation": self.sought, "incident": self.incident.number if self.incident else ""}
        return {name: value for name, value in given.items() if value}

    def _without(self, name: str) -> str:
        left: QueryDict = self._view.request.GET.copy()
        for each in (name, "cursor"):
            left.pop(each, None)
        return f"?{left.urlencode()}"
