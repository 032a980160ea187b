"""One act on many requests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import idempotency
from accounts.actors import Actor
from accounts.api.base import answer, call_of
from accounts.api.schema import answered, sent
from tickets.api.bulk import Act, Result, begin, in_bulk
from tickets.api.serializers.acts import BULK_ACTS, BulkInput
from tickets.api.serializers.bulk import BulkOutput
from tickets.api.views.acts import assign
from tickets.api.views.base import WRITE, WRITE_QUEUE, RequestsView
from tickets.services.closing import Ending, close_request
from tickets.services.incident_links import link_incident
from tickets.services.tags import tag_request

EXAMPLES = [
    sent("Take them", {"numbers": ["SR-481516234", "SR-162342000"], "assign": {"assignee": "me"}}),
    sent("Close them", {"numbers": ["SR-481516234"], "close": {"resolution": "solved", "message": "It works again."}}),
    sent("Tag them", {"numbers": ["SR-481516234"], "tag": {"add": ["outage 24 Nov"], "remove": ["to be sorted"]}}),
    answered(
        "One done, one refused",
        {
            "done": 1,
            "refused": 1,
            "results": [
                {"number": "SR-481516234", "status": 200, "code": None, "detail": None, "version": 2, "errors": []},
                {
                    "number": "SR-162342000",
                    "status": 409,
                    "code": "already-taken",
                    "detail": "Somebody else works on it.",
                    "version": None,
                    "errors": [],
                },
            ],
        },
    ),
]


class BulkView(RequestsView):
    """Many requests at once."""

    required_scopes = {"POST": WRITE}
    staff_scopes = {"POST": WRITE_QUEUE}
    acts = {
        "POST": (
            "take_request",
            "assign_request",
            "release_request",
            "withdraw_request",
            "close_request",
            "tag_request",
            "link_incident",
        )
    }

    @extend_schema(request=BulkInput, responses=BulkOutput, examples=EXAMPLES)
    def post(self, request: Request) -> Response:
        """Assign, close, tag or link to an incident up to 100 requests, each with a result of its own.

        Each is done by itself, as a call about it alone would do it: one that is refused keeps none from being done.
        With an `Idempotency-Key` a repeated call does what an earlier one left undone, and nothing twice.
        """
        given = self.read(BulkInput)
        key = request.headers.get("Idempotency-Key")
        call = call_of(self, idempotency.check_key(key)) if key is not None else None
        known = begin(call) if call else False
        results = in_bulk(act_of(self.actor, given), given["numbers"], actor=self.actor, call=call)
        response = answer(BulkOutput(_told(results, act=next(iter(BULK_ACTS & set(given))))).data)
        if known:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    post.is_idempotent = True  # type: ignore[attr-defined]  # by item, where `idempotent` would make it one transaction


def act_of(actor: Actor, given: dict[str, Any]) -> Act:
    """What is to be done to each request."""
    if "assign" in given:
        return lambda number: assign(number, given["assign"]["assignee"], actor=actor)
    if "tag" in given:
        return lambda number: tag_request(number=number, actor=actor, **given["tag"])
    if "link" in given:
        incident = given["link"]["incident"]
        return lambda number: link_incident(number=number, incident_number=incident, actor=actor)
    ending = Ending(**given["close"])
    return lambda number: close_request(number=number, actor=actor, ending=ending)


def _told(results: list[Result], *, act: str) -> dict[str, Any]:
    refused = sum(result.code is not None for result in results)
    placed = [replace(each, errors=tuple(_within(act, fault) for fault in each.errors)) for each in results]
    return {"done": len(results) - refused, "refused": refused, "results": placed}


def _within(act: str, fault: dict[str, str]) -> dict[str, str]:
    """A fault of a call about one request, at its place in the body that was sent."""
    return fault | {name: f"#/{act}{place.removeprefix('#')}" for name, place in fault.items() if name == "pointer"}
