"""The API's own pages: its schema, its documentation, its errors, and the answer to unknown addresses."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from accounts.api.base import ApiView
from accounts.api.errors import UnknownAddress
from support_portal.api.problem_table import problems

UNKNOWN = "api-unknown"


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, open to everybody."""

    throttle_classes = ()


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The schema as pages; the one place whose policy allows inline styles (settled point 14)."""

    throttle_classes = ()


@require_safe
def errors_page(request: HttpRequest) -> HttpResponse:
    """Show every problem that the API can answer with; `type` of a problem points here."""
    return render(request, "api/errors.html", {"problems": problems()})


@extend_schema(exclude=True)
class UnknownAddressView(ApiView):
    """Whatever is no address of the API."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse before anything else is asked."""
        raise UnknownAddress(_suggestion(request.path_info))


def _suggestion(path: str) -> str:
    """The same address with its slash, if there is one."""
    if path.endswith("/"):
        return ""
    try:
        match = resolve(f"{path}/")
    except Resolver404:
        return ""
    return "" if match.url_name == UNKNOWN else f"{path}/"
