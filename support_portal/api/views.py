"""The API's own pages: its schema, its documentation, its errors, and the answer to unknown addresses."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any, cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from accounts.api.base import ApiView
from accounts.api.errors import UnknownAddress
from support_portal.api.problem_table import problems

UNKNOWN = "api-unknown"
_one_at_a_time = Lock()


@extend_schema(exclude=True)
class SchemaView(SpectacularAPIView):
    """The OpenAPI document, open to everybody, as JSON unless YAML is asked for."""

    throttle_classes = ()
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hand out what has been made once."""
        renderer = request.accepted_renderer
        with _one_at_a_time:
            document = _document(str(renderer.format), get_language())
        name = f'inline; filename="support-portal-api.{renderer.format}"'
        tag = quote_etag(sha256(document).hexdigest()[:16])
        headers = {"Content-Disposition": name, "ETag": tag}
        response = HttpResponse(document, content_type=renderer.media_type, headers=headers)
        return cast(HttpResponse, get_conditional_response(request, etag=tag, response=response))


@lru_cache(maxsize=8)
def _document(form: str, language: str | None) -> bytes:
    """The whole of it. Making it takes seconds, which nobody who may ask without a token shall cost us twice (P-8)."""
    renderer = OpenApiYamlRenderer() if form == OpenApiYamlRenderer.format else OpenApiJsonRenderer()
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(renderer.render(document, renderer_context={}))


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
