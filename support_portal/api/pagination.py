"""Pages of lists: `next`, `previous`, `results`, the same cost wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keyset
from accounts.api.errors import InvalidQuery
from accounts.keyset import LARGEST_PAGE, Page

USUAL_PAGE = 25


class KeysetPagination(BasePagination):
    """Pages by cursor, in the order that the selector gave; links begin with PUBLIC_URL, never with `Host`."""

    page: Page[Any]
    request: Request

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page that the query asks for; raises InvalidCursor, InvalidQuery."""
        order = cast(Sequence[str], queryset.query.order_by)
        assert order, "a list without an order has no pages"
        return self.paginate(lambda cursor, size: keyset.page(queryset, order=order, cursor=cursor, size=size), request)

    def paginate(self, fetch: Callable[[str | None, int], Page[Any]], request: Request) -> list[Any]:
        """Return the rows of the page that `fetch` gets for the cursor and the size of the query."""
        self.request = request
        self.page = fetch(request.query_params.get("cursor"), _size(request))
        return list(self.page.rows)

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with links to its neighbours."""
        neighbours = {"next": self._address(self.page.next), "previous": self._address(self.page.previous)}
        return Response({**neighbours, "results": data})

    def _address(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = self.request.query_params.copy()
        query["cursor"] = cursor
        return f"{settings.PUBLIC_URL}{self.request.path}?{urlencode(list(_pairs(query)))}"


def _pairs(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def _size(request: Request) -> int:
    """The size of the page: 25 unless asked otherwise, never more than 100."""
    asked = request.query_params.get("page_size")
    if asked is None:
        return USUAL_PAGE
    if not (asked.isascii() and asked.isdigit()) or not asked.strip("0"):
        fault = ErrorDetail(_("Give a number from 1 to 100."), "invalid")
        raise InvalidQuery({"page_size": [fault]})
    return LARGEST_PAGE if len(asked) > 3 else min(int(asked), LARGEST_PAGE)
