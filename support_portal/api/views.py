"""The API's own pages: its schema, its documentation, its errors, and the answer to unknown addresses."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any, cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.http import quote_etag
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
ENGLISH = "en"  # what the description is written in, whoever reads it
GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?P<weight>[\d.]+)\s*)?(?=,|$)", re.IGNORECASE | re.ASCII)
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
            document = _document(str(renderer.format))
        zipped = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        body, tag = (document.zipped, document.zipped_tag) if zipped else (document.plain, document.plain_tag)
        response = HttpResponse(body, content_type=renderer.media_type)
        response["Content-Disposition"] = f'inline; filename="support-portal-api.{renderer.format}"'
        response["Content-Language"] = ENGLISH
        response["ETag"] = tag
        response["Cache-Control"] = "no-cache"  # kept, and asked about each time
        if zipped:
            response["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept", "Accept-Encoding"])
        return cast(HttpResponse, get_conditional_response(request, etag=tag, response=response))


@dataclass(frozen=True, slots=True)
class _Document:
    """The document in one form, as it is and compressed: it holds no secret that its length could give away."""

    plain: bytes
    plain_tag: str
    zipped: bytes
    zipped_tag: str


@lru_cache(maxsize=2)
def _document(form: str) -> _Document:
    """The whole of it. Making it takes seconds, which nobody who may ask without a token shall cost us twice (P-8)."""
    renderer = OpenApiYamlRenderer() if form == OpenApiYamlRenderer.format else OpenApiJsonRenderer()
    with translation.override(ENGLISH):
        document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        plain = bytes(renderer.render(document, renderer_context={}))
    zipped = gzip.compress(plain, mtime=0)  # the same from every process
    return _Document(plain, _tag_of(plain), zipped, _tag_of(zipped))


def _tag_of(body: bytes) -> str:
    return quote_etag(sha256(body).hexdigest()[:16])


def accepts_gzip(header: str) -> bool:
    """Tell whether an Accept-Encoding asks for gzip, and not for anything but it (RFC 9110, section 12.5.3)."""
    found = GZIP.search(header)
    return found is not None and (found["weight"] or "1").strip("0.") != ""


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The schema as pages; the one place whose policy allows inline styles (settled point 14)."""

    template_name = "api/docs.html"
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
