"""Filing, previewing, listing, reading and changing requests; the queue."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from accounts.api.schema import lists, refusing
from accounts.keyset import Page
from severity import wording
from tickets.api import examples, orientation_examples
from tickets.api.inclusions import ALONG_EACH, LARGEST_PAGE, Along, Inclusions
from tickets.api.serializers.acts import ContactPatch, QueueFilters, RequestFilters
from tickets.api.serializers.assessing import assessment_data, evidence_data
from tickets.api.serializers.filing import RequestInput, filing_of
from tickets.api.serializers.next_up import NextOutput
from tickets.api.serializers.preview import PreviewOutput
from tickets.api.serializers.requests import QueueEntryOutput, RequestOutput, RequestSummaryOutput
from tickets.api.views.base import READ, READ_QUEUE, WRITE, WRITE_QUEUE, RequestsView
from tickets.models import ServiceRequest
from tickets.selectors.asked import wanted_from
from tickets.selectors.lists import listed, requests_page
from tickets.selectors.narrowing import within_of
from tickets.selectors.next_up import next_request
from tickets.selectors.preview import Preview, preview_of
from tickets.selectors.queue import VIEWS, queue_page
from tickets.services.contact import ContactChanges
from tickets.services.details import change_details


class ServiceRequestsView(RequestsView):
    """Service requests."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("read_request",), "POST": ("file_request",)}
    trims = RequestSummaryOutput

    @refusing(404)
    @lists(RequestSummaryOutput, filters=RequestFilters)
    def get(self, request: Request) -> Response:
        """List the requests that you may see; the newest first, unless told otherwise (CH-3, CH-5).

        `include` reads the first 5 messages and promises of each along, in pages of at most 25. `fields` names the
        members that are wanted, with commas between them; without it all of them come.
        """
        filters = self.read_query(RequestFilters)
        ordering, now = filters.get("ordering", ""), self.now
        wanted = wanted_from(filters, within=within_of(self.actor, filters, now=now))
        along = Along(filters.get("include", ()), self.shared, most=ALONG_EACH)
        rows: list[ServiceRequest] = []

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            size = min(size, LARGEST_PAGE) if along.names else size
            found = requests_page(self.actor, wanted, now=now, ordering=ordering, cursor=cursor, size=size)
            rows.extend(found.rows)
            return Page(rows=listed(found.rows, now=now), next=found.next, previous=found.previous)

        answered = self.answer_fetched(fetch, RequestSummaryOutput, internal=self.internal)
        along.add_to(answered.data["results"], rows)
        return answered

    @refusing(404)
    @extend_schema(request=RequestInput, responses={201: RequestOutput}, examples=examples.FILING)
    @idempotent
    def post(self, request: Request) -> Response:
        """File a request. The answer tells its severity and why, and by when somebody responds (SE-1, SLA-1).

        A critical request without any phone number is filed all the same, with `phone_missing`.
        """
        return self.filed(filing_of(self.read(RequestInput)))


class ServiceRequestPreviewView(RequestsView):
    """A request in the making."""

    required_scopes = {"POST": WRITE}
    acts = {"POST": ("file_request",)}

    @refusing(404)
    @extend_schema(request=RequestInput, responses=PreviewOutput, examples=examples.PREVIEW)
    def post(self, request: Request) -> Response:
        """Tell what would come of a request that was filed now. Nothing is stored (SE-1, SC-6, SH-1, LA-1)."""
        preview = preview_of(self.actor, filing_of(self.read(RequestInput)), now=self.now)
        return answer(PreviewOutput(_preview_data(preview), context=self.shared).data)


def _preview_data(preview: Preview) -> dict[str, Any]:
    prospect = preview.prospect
    document = prospect.assessment.as_document()
    verdict = prospect.assessment.scope
    return {
        "severity": prospect.severity,
        "kind": prospect.kind,
        "tier": prospect.terms.tier,
        "assessment": assessment_data(document, needs_confirmation=prospect.needs_confirmation),
        "scope": {
            "verdict": verdict.scope,
            "confidence": verdict.confidence,
            "reason": wording.referral_reason(verdict) or None,
            "evidence": evidence_data(document["scope"]["evidence"]),
            "referral": preview.referral,
        },
        "commitment": preview.commitment,
        "availability": {
            "desk": preview.desk,
            "language": preview.speakers.wanted,
            "sooner": preview.speakers.instead,
            "regional_hours": preview.has_regional_hours,
        },
        "self_help": preview.suggestions,
        "incidents": preview.incidents,
        "phone_missing": prospect.phone_missing,
    }


class ServiceRequestView(RequestsView):
    """One service request."""

    required_scopes = {"GET": READ, "PATCH": WRITE}
    staff_scopes = {"PATCH": WRITE_QUEUE}
    acts = {"GET": ("read_request",), "PATCH": ("post_message", "log_call", "change_subscription")}
    trims = RequestOutput

    @extend_schema(parameters=[Inclusions], responses=RequestOutput, examples=examples.REQUEST)
    def get(self, request: Request, number: str) -> Response:
        """Return one request with its assessment, its current commitment, and what you may do about it.

        `include` reads its first 50 messages and promises along. `fields` names the members that are wanted, with
        commas between them; without it all of them come.
        """
        return self.shown(number, self.read_query(Inclusions).get("include", ()))

    @extend_schema(request=ContactPatch, responses=RequestOutput, examples=examples.CONTACT)
    def patch(self, request: Request, number: str) -> Response:
        """Change how and whom to reach about an open request, or its subscription (RO-2, LA-2, CH-3, SLA-5).

        Another plan may bring another response time; what was promised before is still watched.
        Making somebody else primary contact needs a global or service support admin.
        """
        version = self.version_required()
        given = self.read(ContactPatch)
        changes: ContactChanges = given.get("contact", {})
        if "primary_contact" in given:
            changes["primary_contact"] = given["primary_contact"]
        subscription = given.get("subscription", "")
        change_details(number=number, actor=self.actor, changes=changes, subscription=subscription, version=version)
        return self.shown(number)


class QueueView(RequestsView):
    """The queue of support staff."""

    required_scopes = {"GET": READ_QUEUE}
    acts = {"GET": ("read_queue",)}
    trims = QueueEntryOutput

    @refusing(404)
    @lists(QueueEntryOutput, filters=QueueFilters)
    def get(self, request: Request) -> Response:
        """List what is owed next: breached first, then due, then severity, then age.

        `fields` names the members that are wanted, with commas between them; without it all of them come.
        """
        filters = self.read_query(QueueFilters)
        now, view = self.now, filters.get("view", VIEWS[0])
        within = within_of(self.actor, filters, now=now)

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            found = queue_page(self.actor, now=now, view=view, within=within, cursor=cursor, size=size)
            return Page(rows=listed(found.rows, now=now), next=found.next, previous=None)

        return self.answer_fetched(fetch, QueueEntryOutput, internal=self.internal)


class NextView(RequestsView):
    """What to take next from the queue."""

    required_scopes = {"GET": READ_QUEUE}
    acts = {"GET": ("take_request",)}

    @extend_schema(responses={200: NextOutput, 204: None}, examples=orientation_examples.NEXT)
    def get(self, request: Request) -> Response:
        """Return the request that you had best take next, and why that one; 204 where nothing waits for you.

        What is owed decides first: broken promises, what is due within the hour or should have been looked at by now,
        then the rest. Among what is as urgent, your languages, the services you know, and age decide. What has waited
        too long comes before all, so that nothing starves, with a commitment or without. Nothing is taken by asking:
        take it with `POST …/assign/`, the `ETag` of this answer in `If-Match`.

        `you` tells whether you are at work, by the rota and by your hours, and what you have in hand; that decides
        nothing. Whoever is off duty is answered all the same, with the reason `off_duty`.
        """
        self.read_query()
        found = next_request(self.actor, now=self.now)
        if found is None:
            return Response(status=204)
        return answer(NextOutput(found, context=self.shared).data, version=found.listed.row.version)
