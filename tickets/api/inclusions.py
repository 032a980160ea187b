"""`include=`: messages and commitments within the answer about requests, capped, with a link to the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import InputSerializer
from tickets.api.serializers.assessing import PastCommitmentOutput
from tickets.api.serializers.conversation import MessageOutput
from tickets.models import ServiceRequest
from tickets.selectors.inclusions import Included, commitments_along, messages_along

INCLUDED = ("messages", "commitments")
ALONG_ONE, ALONG_EACH = 50, 5  # of one request, and of each in a list
LARGEST_PAGE = 25  # of a list with something along
OUTPUTS: dict[str, type[serializers.Serializer[Any]]] = {"messages": MessageOutput, "commitments": PastCommitmentOutput}


class InclusionField(serializers.ListField):
    """Names with commas between them, or given more than once."""

    child = serializers.ChoiceField(INCLUDED, error_messages={"invalid_choice": _("“{input}” cannot be included.")})

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the names."""
        return super().to_internal_value([name for each in data for name in str(each).split(",", len(INCLUDED))])


class Inclusions(InputSerializer):
    """What to read along."""

    include = InclusionField(
        required=False,
        help_text="`messages`, `commitments`: the first of each within the answer, and where the rest is.",
    )


class Along:
    """What is to be included in the answer to one call, read in the same few queries for any number of requests."""

    def __init__(self, names: Iterable[str], context: dict[str, Any], *, most: int) -> None:
        self.names = [name for name in INCLUDED if name in set(names)]
        self._context, self._most = context, most

    def add_to(self, data: Sequence[dict[str, Any]], rows: Sequence[ServiceRequest]) -> None:
        """Put it into what was rendered of these rows."""
        for name in self.names:
            found = self._read(name, rows)
            for each, row in zip(data, rows, strict=True):
                each[name] = self._shown(name, row, found.get(row.pk, Included([], None)))

    def _read(self, name: str, rows: Sequence[ServiceRequest]) -> dict[int, Included]:
        context, most = self._context, self._most
        read: dict[str, Callable[[], dict[int, Included]]] = {
            "messages": lambda: messages_along(context["actor"], rows, most=most, internal=context["internal"]),
            "commitments": lambda: commitments_along(rows, most=most, now=context["now"]),
        }
        return read[name]()

    def _shown(self, name: str, row: ServiceRequest, found: Included) -> dict[str, Any]:
        """As the list of its own would show it."""
        files = settings.PUBLIC_URL + reverse("api-attachments", kwargs={"number": row.number})
        shown = OUTPUTS[name](found.rows, many=True, context={**self._context, "files": files}).data
        rest = settings.PUBLIC_URL + reverse(f"api-{name}", kwargs={"number": row.number})
        onward = f"{rest}?{urlencode({'cursor': found.next})}" if found.next else None
        return {"next": onward, "previous": None, "results": shown}
