"""`include=`: messages and commitments within the answer about requests, capped, with a link to the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
NOTHING = Included([], None)
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
            shown = self._shown(name, rows)
            for each, row in zip(data, rows, strict=True):
                each[name] = shown[row.pk]

    def _shown(self, name: str, rows: Sequence[ServiceRequest]) -> dict[int, dict[str, Any]]:
        """What belongs to each of them, by primary key, as the list of its own would show it.

        All of it goes through one serializer, since making one costs more than showing a row.
        """
        found = self._read(name, rows)
        context = {**self._context, "files": addresses_of_files(*rows)}
        output = OUTPUTS[name](context=context)
        shown = {}
        for row in rows:
            included = found.get(row.pk, NOTHING)
            results = [output.to_representation(each) for each in included.rows]
            shown[row.pk] = {"next": _rest(name, row, included), "previous": None, "results": results}
        return shown

    def _read(self, name: str, rows: Sequence[ServiceRequest]) -> dict[int, Included]:
        context, most = self._context, self._most
        if name == "messages":
            return messages_along(context["actor"], rows, most=most, internal=context["internal"])
        return commitments_along(rows, most=most, now=context["now"])


def addresses_of_files(*rows: ServiceRequest) -> dict[int, str]:
    """The address below which the files of each request lie, by its primary key."""
    return {row.pk: _address("attachments", row) for row in rows}


def _rest(name: str, row: ServiceRequest, included: Included) -> str | None:
    """Where the list goes on, None where that is all."""
    if included.next is None:
        return None
    return f"{_address(name, row)}?{urlencode({'cursor': included.next})}"


def _address(name: str, row: ServiceRequest) -> str:
    return settings.PUBLIC_URL + reverse(f"api-{name}", kwargs={"number": row.number})
