"""What the operations on requests share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from rest_framework.response import Response

from accounts import clock
from accounts.api.base import ApiView, answer
from accounts.idempotency import Answer
from accounts.models import ApiToken
from tickets.api.inclusions import ALONG_ONE, Along
from tickets.api.serializers.requests import RequestOutput
from tickets.filing import Filing
from tickets.models import ServiceRequest
from tickets.selectors.overview import Parts, overview_of, overview_with
from tickets.selectors.visibility import request_of
from tickets.services.filing import file_and_tell

READ, WRITE = "requests:read", "requests:write"
READ_QUEUE, WRITE_QUEUE = "queue:read", "queue:write"


class TicketsApiView(ApiView):
    """An operation that shows things as they stand, and to whom they may be shown."""

    @property
    def now(self) -> datetime:
        """The instant that the answer shows things at, by the database's clock."""
        if not hasattr(self, "_now"):
            self._now = clock.now()
        return self._now

    @property
    def second(self) -> datetime:
        """The same to the second, for what is asked of a plan: nobody plans microseconds."""
        return self.now.replace(microsecond=0)

    @property
    def internal(self) -> bool:
        """Whether the caller may be shown what is for support staff only: a token needs the queue's scope for it."""
        token = self.request.auth
        return not isinstance(token, ApiToken) or READ_QUEUE in token.scopes

    @property
    def known(self) -> dict[str, Any]:
        """What checking input needs to know of the caller."""
        return {**super().known, "internal": self.internal}


class RequestsView(TicketsApiView):
    """An operation on requests."""

    def request_of(self, number: str) -> ServiceRequest:
        """The request as the caller may see it, or RequestNotFound (P-5)."""
        return request_of(self.actor, number)

    def shown(self, number: str, include: Iterable[str] = ()) -> Response:
        """The whole request as it stands now, or what `fields` names of it, with its version."""
        overview = overview_of(self.actor, number, now=self.now)
        data = self.trimmed(dict(RequestOutput(overview, context=self.shared).data))
        Along(include, self.shared, most=ALONG_ONE).add_to([data], [overview.row])
        return answer(data, version=overview.row.version)

    def filed(self, filing: Filing) -> Response:
        """File a request, and the whole of it with its address."""
        filed = file_and_tell(actor=self.actor, filing=filing)
        row = filed.service_request
        parts = Parts(filed.message.body, filed.decisions, filed.commitment, filed.cap)
        overview = overview_with(self.actor, row, parts, now=row.created_at)
        data = RequestOutput(overview, context=self.shared_at(row.created_at)).data
        address = reverse("api-request", kwargs={"number": row.number})
        return answer(data, status=201, version=row.version, location=address)

    @property
    def shared(self) -> dict[str, Any]:
        """What output needs to know of the call."""
        return self.shared_at(self.now)

    def shared_at(self, now: datetime) -> dict[str, Any]:
        """The same for an answer that shows things as they were at `now`."""
        return {"actor": self.actor, "now": now, "internal": self.internal}

    def check_replay(self, stored: Answer) -> None:
        """The request of the address, and the one that was made, must still be there for the caller (P-6)."""
        made = json.loads(stored.body).get("number")
        for number in {self.kwargs.get("number"), made} - {None}:
            self.request_of(number)
