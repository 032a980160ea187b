"""Operations on incidents: read and followed by those whom they concern, declared and updated by the desk."""

from __future__ import annotations

import json

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from accounts.api.schema import lists
from accounts.idempotency import Answer
from tickets.api import incident_examples as examples
from tickets.api.serializers.incidents import (
    DeclareInput,
    FollowInput,
    FollowOutput,
    IncidentFilters,
    IncidentLinkInput,
    IncidentOutput,
    IncidentPatch,
    IncidentUpdateInput,
    IncidentUpdateOutput,
    LinkedRequestOutput,
)
from tickets.api.serializers.requests import RequestOutput
from tickets.api.views.base import WRITE_QUEUE, RequestsView, TicketsApiView
from tickets.models import Incident
from tickets.selectors import incidents as selectors
from tickets.services import incidents as services
from tickets.services.incident_links import link_incident

READ, WRITE = "incidents:read", "incidents:write"


class IncidentsApiView(TicketsApiView):
    """An operation on incidents."""

    def told(self, number: str, *, status: int = 200) -> Response:
        """The incident as it stands, with its version."""
        incident: Incident = selectors.with_last_words(selectors.visible_incidents(self.actor, now=self.now)).get(
            pk=selectors.incident_of(self.actor, number, now=self.now).pk
        )
        address = reverse("api-incident", kwargs={"number": number}) if status == 201 else ""
        return answer(IncidentOutput(incident).data, status=status, version=incident.version, location=address)

    def check_replay(self, stored: Answer) -> None:
        """The incident must still be there for the caller (P-6)."""
        number = self.kwargs.get("number") or json.loads(stored.body)["number"]
        selectors.incident_of(self.actor, number, now=self.now)


class IncidentListView(IncidentsApiView):
    """Incidents."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("read_incidents",), "POST": ("declare_incident",)}

    @lists(IncidentOutput, filters=IncidentFilters)
    def get(self, request: Request) -> Response:
        """List the incidents that concern the organisation, newest first; for support staff, all of them.

        Those of a service that a running subscription contains, and those that a request of yours belongs to.
        """
        filters = self.read_query(IncidentFilters)
        rows = selectors.narrowed(
            selectors.visible_incidents(self.actor, now=self.now),
            is_open=filters["open"],
            states=filters.get("state", ()),
            service=filters["service"],
        )
        return self.answer_page(selectors.with_last_words(rows).order_by("-id"), IncidentOutput)

    @extend_schema(request=DeclareInput, responses={201: IncidentOutput}, examples=examples.DECLARE)
    @idempotent
    def post(self, request: Request) -> Response:
        """Declare an incident; for team leads, duty managers and operators.

        It shows at once on the pages of the customers whom it concerns, and while they file a request about it.
        """
        declaration = services.Declaration(**self.read(DeclareInput))
        return self.told(services.declare_incident(declaration=declaration, actor=self.actor).number, status=201)


class IncidentView(IncidentsApiView):
    """One incident."""

    required_scopes = {"GET": READ, "PATCH": WRITE}
    acts = {"GET": ("read_incidents",), "PATCH": ("declare_incident",)}

    @extend_schema(responses=IncidentOutput, examples=examples.READ)
    def get(self, request: Request, number: str) -> Response:
        """Tell what is known of an incident, with its last public update."""
        self.read_query()
        return self.told(number)

    @extend_schema(request=IncidentPatch, responses=IncidentOutput, examples=examples.CHANGE)
    def patch(self, request: Request, number: str) -> Response:
        """Put particulars right; for those who declare incidents. State and words change by updates."""
        version = self.version_required()
        changes: services.IncidentChanges = self.read(IncidentPatch)  # type: ignore[assignment]  # the same names
        services.change_incident(number=number, changes=changes, actor=self.actor, version=version)
        return self.told(number)


class IncidentUpdatesView(IncidentsApiView):
    """What was said about an incident."""

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("read_incidents",), "POST": ("declare_incident",)}

    @lists(IncidentUpdateOutput)
    def get(self, request: Request, number: str) -> Response:
        """List the updates of an incident, oldest first; notes for support staff need the scope `queue:read`."""
        self.read_query()
        incident = selectors.incident_of(self.actor, number, now=self.now)
        rows = selectors.updates_of(self.actor, incident, internal=self.internal)
        return self.answer_page(rows, IncidentUpdateOutput)

    @extend_schema(request=IncidentUpdateInput, responses={201: IncidentUpdateOutput}, examples=examples.UPDATE)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Say how it stands, once for all: followers and the contacts of requests that belong to it are told.

        It is a notice, and no response: it answers none of these requests, and moves no promise of theirs. Resolving an
        incident closes none of them. With `internal`, a note for support staff.
        """
        given, version = self.read(IncidentUpdateInput), self.version_given()
        if given.pop("internal"):
            update = services.note_on_incident(number=number, actor=self.actor, body=given["body"])
        else:
            update = services.update_incident(number=number, actor=self.actor, version=version, **given)
        data = IncidentUpdateOutput(update, context={"actor": self.actor}).data
        return answer(data, status=201, version=update.incident.version)


class IncidentFollowView(IncidentsApiView):
    """Whether somebody is told of the updates."""

    versioned = False

    required_scopes = {"GET": READ, "POST": WRITE}
    acts = {"GET": ("follow_incident",), "POST": ("follow_incident",)}

    @extend_schema(responses=FollowOutput, examples=examples.FOLLOWS)
    def get(self, request: Request, number: str) -> Response:
        """Tell whether you are told of its updates: by choice, or as the contact of a request that belongs to it."""
        self.read_query()
        incident = selectors.incident_of(self.actor, number, now=self.now)
        return self._told(number, following=selectors.follows(self.actor, incident))

    @extend_schema(request=FollowInput, responses=FollowOutput, examples=examples.FOLLOW)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Follow an incident, or follow it no longer. Updates come by mail and stand in the portal."""
        following = self.read(FollowInput)["following"]
        services.follow_incident(number=number, following=following, actor=self.actor)
        return self._told(number, following=following)

    def _told(self, number: str, *, following: bool) -> Response:
        return Response(FollowOutput({"number": number, "following": following}).data)


class IncidentRequestsView(IncidentsApiView):
    """The requests that belong to an incident."""

    required_scopes = {"GET": "requests:read"}
    acts = {"GET": ("read_request",)}

    @lists(LinkedRequestOutput)
    def get(self, request: Request, number: str) -> Response:
        """List the requests that belong to an incident, newest first, as far as you may see them."""
        self.read_query()
        incident = selectors.incident_of(self.actor, number, now=self.now)
        return self.answer_page(selectors.linked_requests(self.actor, incident), LinkedRequestOutput)


class RequestIncidentView(RequestsView):
    """The incident that a request belongs to."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("link_incident",)}

    @extend_schema(request=IncidentLinkInput, responses=RequestOutput, examples=examples.LINK)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Note that an open request belongs to an incident (its number), or to none (null); for support staff.

        Its contact is told. Linking is no response: the promise of the request runs on.
        """
        given, version = self.read(IncidentLinkInput), self.version_given()
        link_incident(number=number, incident_number=given["incident"], actor=self.actor, version=version)
        return self.shown(number)
