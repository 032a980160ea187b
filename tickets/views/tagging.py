"""Tags as pages of requests show them: the card of one request, and the filter of a list."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _now

from accounts.permissions import may
from tickets.models import ServiceRequest, Tag
from tickets.selectors import tags as selectors
from tickets.views.base import RequestsView

CHOICES = 2  # selects of a filter; each tag that is chosen has one


def tags_of_page(service_request: ServiceRequest) -> tuple[list[Tag], list[Tag]]:
    """What the request carries, and what else it could be given; one query."""
    found = selectors.choices_for(service_request)
    carried = [tag for tag in found if tag.carried]  # type: ignore[attr-defined]
    return carried, [tag for tag in found if tag not in carried]


class TagFilter:
    """The filter by tags of a page's list: what is chosen, by name, and what there is to choose."""

    def __init__(self, view: RequestsView) -> None:
        shown = may(view.actor, "read_internal")
        given = [name.replace("\x00", "").strip()[:60] for name in view.request.GET.getlist("tag")[:10]]
        self.names = [name for name in dict.fromkeys(given) if name] if shown else []
        self.ids = selectors.ids_called(self.names)
        self._is_shown = shown

    @cached_property
    def _offered(self) -> list[str]:
        """What there is to choose; one query, and only for a page that shows it."""
        return [tag.name for tag in selectors.tags(archived=False)] if self._is_shown else []

    @property
    def selects(self) -> list[dict[str, Any]]:
        """A select for each that is chosen, and for another one; none where the desk has no tags."""
        if not (self._offered or self.names):
            return []
        chosen = [*self.names, *[""] * (CHOICES - len(self.names))]
        return [self._select(name, first=place == 0) for place, name in enumerate(chosen)]

    def _select(self, name: str, *, first: bool) -> dict[str, Any]:
        known = {each.casefold(): each for each in self._offered}
        name = known.get(name.casefold(), name)
        offered = self._offered if not name or name in self._offered else [name, *self._offered]
        return {
            "label": _now("Tag") if first else _now("and tag"),
            "choices": [(each, each) for each in offered],
            "current": name,
        }
