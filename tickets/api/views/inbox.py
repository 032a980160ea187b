"""What the portal has told somebody, for their programs: the same list as the page of notices."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import answer, idempotent
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists
from accounts.idempotency import Answer
from accounts.keyset import Page, page
from accounts.models import Person
from accounts.selectors import notices_for
from accounts.services.notices import read_notices
from tickets.api import inbox_examples as examples
from tickets.api.serializers.inbox import InboxFilters, InboxNoticeOutput, MarkedOutput
from tickets.api.views.base import READ, RequestsView
from tickets.selectors.notices import told_of_those_acted_for


class _OwnView(RequestsView):
    """An operation on the notices of the caller."""

    @property
    def person(self) -> Person:
        """Who calls."""
        return cast(Person, self.request.user)


class InboxView(_OwnView):
    """The notices of the caller."""

    required_scopes = {"GET": READ}

    @lists(InboxNoticeOutput, filters=InboxFilters)
    def get(self, request: Request) -> Response:
        """List what the portal has told you, the newest first, as the page of notices does (P-6).

        Notices about requests that you may not see any more are left out, and those that have nothing to say since: a
        page may hold fewer than `page_size`, or none, and `next` leads on all the same. A token that acts for a
        customer is told of that customer alone.
        """
        notices = notices_for(self.person.pk)
        if self.read_query(InboxFilters)["unread"]:
            notices = notices.filter(read_at=None)

        def fetch(cursor: str | None, size: int) -> Page[Any]:
            found = page(notices, order=("-id",), cursor=cursor, size=size)
            rows = told_of_those_acted_for(self.person, self.actor, found.rows)
            return Page(rows=rows, next=found.next, previous=found.previous)

        return self.answer_fetched(fetch, InboxNoticeOutput)


class ReadInboxView(_OwnView):
    """Notices that were read."""

    versioned = False
    required_scopes = {"POST": "profile:write"}

    @extend_schema(request=NothingInput, responses=MarkedOutput, examples=examples.MARKED)
    @idempotent
    def post(self, request: Request) -> Response:
        """Mark all of your notices as read."""
        self.read(NothingInput)
        return answer(MarkedOutput({"marked": read_notices(person_id=self.person.pk)}).data)

    def check_replay(self, stored: Answer) -> None:
        """Nothing: they are the caller's own."""
