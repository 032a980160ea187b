"""Correcting how a request is sorted."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import idempotent
from accounts.api.schema import lists
from tickets.api import correction_examples as examples
from tickets.api.serializers.corrections import CorrectionInput, CorrectionOutput
from tickets.api.serializers.requests import RequestOutput
from tickets.api.views.base import READ_QUEUE, WRITE_QUEUE, RequestsView
from tickets.selectors.corrections import corrections_of
from tickets.services.corrections import Particulars, correct_request


class CorrectionsView(RequestsView):
    """What was corrected in scope, category and topic."""

    required_scopes = {"GET": READ_QUEUE, "POST": WRITE_QUEUE}
    acts = {"GET": ("read_internal",), "POST": ("correct_request",)}

    @lists(CorrectionOutput)
    def get(self, request: Request, number: str) -> Response:
        """List who corrected what, when and why, newest first; for support staff."""
        self.read_query()
        return self.answer_page(corrections_of(self.actor, self.request_of(number)), CorrectionOutput)

    @extend_schema(request=CorrectionInput, responses=RequestOutput, examples=examples.CORRECTION)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Correct scope, category or topic of an open request; for support staff (SE-1, SC-6).

        Severity and promise stay. A category of another kind of support is refused with `kind-is-fixed`.
        """
        given, version = self.read(CorrectionInput), self.version_given()
        note = given.pop("note", "")
        particulars = Particulars(**{name: code or "" for name, code in given.items()})  # type: ignore[typeddict-item]
        correct_request(number=number, actor=self.actor, particulars=particulars, note=note, version=version)
        return self.shown(number)
