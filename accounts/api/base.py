"""The base of every operation of the API.

A whole view on it:

    class CloseView(ApiView):
        '''Close a request.'''

        required_scopes = {"POST": "requests:write"}
        acts = {"POST": ("withdraw_request", "close_request")}

        @extend_schema(request=CloseInput, responses=RequestOutput)
        @idempotent
        def post(self, request: Request, number: str) -> Response:
            ending = Ending(**self.read(CloseInput))
            closed = services.close_request(
                number=number, actor=self.actor, ending=ending, version=self.version_given()
            )
            return answer(RequestOutput(closed).data, version=closed.version)

        def check_replay(self, stored: Answer) -> None:
            selectors.request_of(self.actor, self.kwargs["number"])

What services raise passes through; the settings' exception handler finds the words (`docs/api-internals.md`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, ListField, MultipleChoiceField, Serializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts import acting, idempotency, timezones
from accounts.actors import Actor
from accounts.api.conditional import tag_when_rendered, version_in
from accounts.api.errors import IfMatchRequired, InvalidIfMatch, InvalidQuery, ProofRequired
from accounts.api.serializers import InputSerializer, NoFilters
from accounts.edges import actor_of
from accounts.errors import DrawnForAnother, RecordChanged
from accounts.idempotency import Answer, Call
from accounts.keyset import Page
from accounts.permissions import may, refused
from accounts.signing_in import proofs
from accounts.transactions import service

ANY_VERSION = None
NO_VERSION = -1  # a tag that no row ever has
KEPT_HEADERS = ("Location", "ETag")
PAGING = ("cursor", "page_size")
TRIMMING = "fields"
INCLUDING = "include"
MOST_NAMES = 100
ENTITY_TAG = re.compile(r'(?:W/)?"[^",]*"')  # one, with its quotation marks (RFC 9110, section 8.8.3)
SEVERAL = (ListField, MultipleChoiceField)  # filters that may be given more than once

View = TypeVar("View", bound="ApiView")
Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Ending:
    """That an operation is deprecated: since when, until when it works, and where it stands what takes its place."""

    deprecated_at: datetime
    sunset_at: datetime
    told_at: str

    def headers(self) -> dict[str, str]:
        """Deprecation (RFC 9745), Sunset (RFC 8594), and where it is explained."""
        return {
            "Deprecation": f"@{int(self.deprecated_at.timestamp())}",
            "Sunset": http_date(self.sunset_at.timestamp()),
            "Link": f'<{urljoin(settings.PUBLIC_URL, self.told_at)}>; rel="deprecation"',
        }


class ApiView(APIView):
    """One address of the API. Subclasses say what a caller needs, read, call one function, and answer."""

    required_scopes: ClassVar[Mapping[str, str]] = {}  # by method; a token without it is refused, and so is a gap here
    staff_scopes: ClassVar[Mapping[str, str]] = {}  # by method: what support staff need in place of it
    acts: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # by method: any of these; services check again, on the object
    trims: ClassVar[type[Serializer[Any]] | None] = None  # what a GET answers with, where `fields` may trim it
    asks_proof: ClassVar[tuple[str, ...]] = ()  # methods for which a session must be as fresh as pages ask of it
    ending: ClassVar[Mapping[str, Ending]] = {}  # by method: what will go, and when (docs/api-versions.md)
    versioned: ClassVar[bool | None] = None  # whether a POST looks at If-Match; by default if its address has an id

    request: Request

    @property
    def actor(self) -> Actor:
        """Who acts, for whom, as things stand now (P-6)."""
        return actor_of(self.request)

    @property
    def known(self) -> dict[str, Any]:
        """What checking input needs to know of the caller."""
        return {"actor": self.actor}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, refusals included, on the clock that `_speak` chooses, and leave none behind for the next call."""
        with timezone.override(timezone.get_current_timezone()):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the call in: who it is, whether there are too many, whether they may; in this order."""
        super().initial(request, *args, **kwargs)
        if request.user.is_authenticated:
            self._speak()
            self._check_organisation(request)
            self._check_act(str(request.method))
            if request.method in self.asks_proof:
                self.ask_proof()

    def get_parsers(self) -> list[BaseParser]:
        """JSON, and for PATCH the same as a merge patch (RFC 7396)."""
        parsers = list(super().get_parsers())
        if getattr(self.request, "method", "") == "PATCH":  # the schema asks without a call
            parsers.append(import_string(settings.PATCH_PARSER)())
        return parsers

    def check_permissions(self, request: Request) -> None:
        """Count every known caller first, so that refused calls count too."""
        if request.user.is_authenticated:
            super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Do nothing: the call has been counted."""

    def _speak(self) -> None:
        """Answer on the person's clock, and in their language unless the call asks for another."""
        timezone.activate(timezones.zone_or_utc(self.actor.timezone))
        if "Accept-Language" not in self.request.headers:
            translation.activate(self.actor.language)

    def _check_organisation(self, request: Request) -> None:
        """Refuse a call with a session that names another organisation than is acted for there (PA-1)."""
        named = request.headers.get(acting.HEADER)
        if named is not None and request.auth is None and acting.names_another(request._request, named):
            raise DrawnForAnother

    def _check_act(self, method: str) -> None:
        """Refuse a caller none of whose roles could ever do this; services ask again about the object."""
        acts = self.acts.get("GET" if method == "HEAD" else method, ())
        if acts and not any(may(self.actor, act) for act in acts):
            raise refused(self.actor, *acts)

    def ask_proof(self) -> None:
        """Refuse a session that is not fresh; whoever made a token has shown then that it was they.

        Raises ProofRequired.
        """
        if self.request.auth is None and not proofs.is_fresh(self.request._request):
            raise ProofRequired

    def read(self, serializer_class: type[InputSerializer], **options: Any) -> dict[str, Any]:
        """The checked body of the call; raises ValidationError naming every field that is wrong."""
        serializer = serializer_class(data=self.request.data, context=self.known, **options)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def read_query(self, serializer_class: type[InputSerializer] = NoFilters) -> dict[str, Any]:
        """The checked parameters of a GET; raises InvalidQuery naming every one that is wrong or not known there."""
        serializer = serializer_class(context=self.known)
        serializer.initial_data = {
            name: values if isinstance(serializer.fields.get(name), SEVERAL) else values[-1]
            for name, values in self.request.query_params.lists()
            if name not in PAGING and not (name == TRIMMING and self.trims)
        }
        self._names = self._names_wanted()
        try:
            serializer.is_valid(raise_exception=True)
        except ValidationError as error:
            raise InvalidQuery(dict(error.detail)) from None  # type: ignore[arg-type]
        return dict(serializer.validated_data)

    def _names_wanted(self) -> frozenset[str] | None:
        """The names in `fields`, None where all is wanted; raises InvalidQuery for one that is not there."""
        given = self.request.query_params.getlist(TRIMMING) if self.trims else []
        if not given:
            return None
        names = _names_in(given)
        members = self.trims().fields if self.trims else {}
        known = {name for name, member in members.items() if member.required or member.read_only}  # always there
        known |= _names_in(self.request.query_params.getlist(INCLUDING)) & set(members)
        if "" in names:
            raise InvalidQuery({TRIMMING: [ErrorDetail(_("Name fields, with one comma between two."), "blank")]})
        faults = [
            ErrorDetail(_("There is no field %(name)s here.") % {"name": name[:60]}, "unknown_field")
            for name in sorted(names)
            if name not in known
        ]
        if faults:
            raise InvalidQuery({TRIMMING: faults})
        return frozenset(names)

    def trimmed(self, data: Any, *, kept: Iterable[str] = ()) -> Any:
        """The members that `fields` names and those of `kept`, of one object or of each in a list."""
        names = getattr(self, "_names", None)
        if names is None:
            return data
        if isinstance(data, list):
            return [self.trimmed(each, kept=kept) for each in data]
        return {name: value for name, value in data.items() if name in names or name in kept}

    def version_given(self) -> int | None:
        """The version in If-Match, None when any will do; actions may carry one."""
        header = self.request.headers.get("If-Match")
        return ANY_VERSION if header is None else version_of(header)

    def version_required(self) -> int | None:
        """The version in If-Match, None for `*`; PATCH, PUT and DELETE must carry one (IfMatchRequired)."""
        header = self.request.headers.get("If-Match")
        if header is None:
            raise IfMatchRequired
        return version_of(header)

    def check_unchanged(self, version: int) -> None:
        """Refuse a caller who names another version of what never changes; raises IfMatchRequired, RecordChanged."""
        if self.version_required() not in (ANY_VERSION, version):
            raise RecordChanged(version)

    def answer_page(self, rows: QuerySet[Any], output: type[BaseSerializer[Any]], **context: Any) -> Response:
        """One page of `rows`, which selectors have put in order, the last column unique."""
        pagination = cast(type[BasePagination], api_settings.DEFAULT_PAGINATION_CLASS)()
        page: list[Model] = pagination.paginate_queryset(rows, self.request, view=self) or []
        serializer = output(page, many=True, context={"actor": self.actor, **context})
        return pagination.get_paginated_response(serializer.data)

    def answer_fetched(
        self, fetch: Callable[[str | None, int], Page[Any]], output: type[BaseSerializer[Any]], **context: Any
    ) -> Response:
        """One page of a list that a selector cuts into pages itself: `fetch` takes the cursor and the size."""
        pagination: Any = cast(Any, api_settings.DEFAULT_PAGINATION_CLASS)()
        page = pagination.paginate(fetch, self.request)
        serializer = output(page, many=True, context={"actor": self.actor, **context})
        return cast(Response, pagination.get_paginated_response(self.trimmed(list(serializer.data))))

    def prepared(self, *args: Any, **kwargs: Any) -> AbstractContextManager[Any]:
        """What a POST needs before its transaction begins and until it is over, such as a file on the disk."""
        return nullcontext()

    def check_replay(self, stored: Answer) -> None:
        """Raise what the caller would meet today, before an earlier answer is given again.

        Sign-in, scope, `acts` and delegation have been checked by then. Views about one object look it up here.
        """

    def to_store(self, data: Any) -> Any:
        """What of an answer is kept for replays; views that answer with a secret leave it out."""
        return data

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what every answer carries."""
        final: Any = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        for name, value in getattr(self.request._request, "api_headers", {}).items():
            final.headers[name] = value
        if request.method in ("GET", "HEAD") and isinstance(final, Response) and final.status_code == 200:
            tag_when_rendered(request, final)
        if hasattr(self, "patch") and (request.method == "OPTIONS" or final.status_code == 415):
            kinds = (*self.parser_classes, import_string(settings.PATCH_PARSER))
            final.headers["Accept-Patch"] = ", ".join(str(kind.media_type) for kind in kinds)  # RFC 5789, section 2.2
        ending = self.ending.get("GET" if request.method == "HEAD" else str(request.method))
        for name, value in ending.headers().items() if ending else ():
            final.headers[name] = value
        return final


def answer(data: Any, *, status: int = 200, version: int | None = None, location: str = "") -> Response:
    """An answer with the row's version as its ETag and, for what was made, its address (a path of the portal)."""
    headers = {}
    if version is not None:
        headers["ETag"] = etag_of(version)
    if location:
        headers["Location"] = urljoin(settings.PUBLIC_URL, location)
    return Response(data, status=status, headers=headers)


def etag_of(version: int) -> str:
    """The ETag of a row's version."""
    return f'"{version}"'


def version_of(header: str) -> int | None:
    """The version that an If-Match header names: None for `*`, NO_VERSION for a tag that is of no version of ours."""
    tag = header.strip()
    if tag == "*":
        return ANY_VERSION
    if not ENTITY_TAG.fullmatch(tag):
        raise InvalidIfMatch
    version = version_in(tag)
    return NO_VERSION if version is None else version


def _names_in(given: list[str]) -> set[str]:
    return {name.strip() for each in given for name in each.split(",", MOST_NAMES)}


def idempotent(handler: Handler) -> Handler:
    """Let a POST be repeated with its `Idempotency-Key`: the work is done once, the stored answer given again (P-2)."""

    @wraps(handler)
    def post(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        with view.prepared(*args, **kwargs):
            if key is None:
                return handler(view, request, *args, **kwargs)
            return _keyed(view, call_of(view, key), lambda: handler(view, request, *args, **kwargs))

    post.is_idempotent = True  # type: ignore[attr-defined]
    return post


@service
def _keyed(view: ApiView, call: Call, work: Callable[[], Response], *, now: datetime | None = None) -> Response:
    """Claim, work and store in one transaction; a refusal rolls all three back."""
    assert now
    stored = idempotency.claim(call, now=now)
    if stored:
        view.check_replay(stored)
        return _replay(stored)
    response = work()
    if 200 <= response.status_code < 300:
        idempotency.keep(call, _stored_form(view, response))
    return response


def call_of(view: ApiView, key: str) -> Call:
    """A call with its key, as it is told from others."""
    actor, request = view.actor, view.request
    assert actor.person_id is not None
    return Call(
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        key=idempotency.check_key(key),
        method=str(request.method),
        path=request.path[:400],
        digest=_digest(request),
    )


def _digest(request: Request) -> str:
    """SHA-256 of the body; of a form with files, of its fields and the files' contents."""
    if not request.content_type.startswith("multipart/"):
        return hashlib.sha256(request._request.body).hexdigest()
    digest = hashlib.sha256()
    fields = cast(QueryDict, request.data)
    for name, values in sorted(fields.lists()):
        for value in values:
            digest.update(json.dumps([name, _label(value)]).encode())
            for chunk in value.chunks() if isinstance(value, UploadedFile) else ():
                digest.update(chunk)
            if isinstance(value, UploadedFile):
                value.seek(0)
    return digest.hexdigest()


def _label(value: Any) -> list[Any]:
    return ["file", value.name, value.size] if isinstance(value, UploadedFile) else ["text", str(value)]


def _stored_form(view: ApiView, response: Response) -> Answer:
    body = JSONRenderer().render(view.to_store(response.data)).decode()
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return Answer(status=response.status_code, body=body, headers=headers)


def _replay(stored: Answer) -> Response:
    data = json.loads(stored.body) if stored.body else None
    return Response(data, status=stored.status, headers={**stored.headers, "Idempotency-Replayed": "true"})
