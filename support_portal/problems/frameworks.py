"""What Django, REST framework and the database refuse, in the same form as our own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core import exceptions as django
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as rest

from support_portal.api.refusals import BodyRefused, CharsetRefused, CsrfRefused
from support_portal.problems.faults import body_faults
from support_portal.problems.row import FieldFault, Problem, retry_after

CHALLENGE = 'Bearer realm="support portal"'
BAD_TOKEN = f'{CHALLENGE}, error="invalid_token"'


def _wait(error: Any) -> dict[str, str]:
    return {"Retry-After": str(error.wait or 1)}


def _wrong_method(error: rest.MethodNotAllowed) -> str:
    return str(error.detail)


def _body_fault(error: BodyRefused) -> list[FieldFault]:
    return [FieldFault(error.pointer, error.fault, error.words)]


def _django_faults(error: django.ValidationError) -> list[FieldFault]:
    return [FieldFault("#", "invalid", message) for message in error.messages]


def _media_types(_error: Any) -> str:
    return _now("Send the body as application/json in UTF-8, or files as multipart/form-data where files are taken.")


NO_SUCH_THING = Problem(
    HTTPStatus.NOT_FOUND,
    "not-found",
    _("There is nothing here"),
    _("It does not exist, or you may not see it. Check the address and whom you act for."),
)
FORBIDDEN = Problem(
    HTTPStatus.FORBIDDEN,
    "forbidden",
    _("You may not do that"),
    _("This is not open to you."),
)
UNREADABLE = Problem(
    HTTPStatus.BAD_REQUEST,
    "malformed-request",
    _("The request cannot be read"),
    _("Check how it was put together, and send it again."),
)
TOO_LARGE = Problem(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "body-too-large",
    _("The body is too large"),
    _("Ordinary input can have 1 MiB, a file 25 MiB. Send less at a time."),
)
UNAVAILABLE = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable",
    _("The portal cannot answer right now"),
    _("Nothing was changed. Try again in a few seconds; if it cannot wait, call support by phone."),
    headers=retry_after(5),
)
INTERNAL = Problem(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error",
    _("Something went wrong on our side"),
    _("We have been told about it. Send us the request_id if you ask about it."),
)

BY_STATUS: dict[HTTPStatus, Problem] = {
    HTTPStatus.LENGTH_REQUIRED: Problem(
        HTTPStatus.LENGTH_REQUIRED,
        "length-required",
        _("Say how long the body is"),
        _("Send the body whole, with the header Content-Length."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG: Problem(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "address-too-long",
        _("The address is too long"),
        _("An address can have 4 KiB. Leave out some of the parameters."),
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: Problem(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers-too-large",
        _("The headers are too large"),
        _("Headers can have 16 KiB in all. Send fewer or shorter ones."),
    ),
}
FRAMEWORKS: dict[type[BaseException], Problem] = {
    Http404: NO_SUCH_THING,
    rest.NotFound: NO_SUCH_THING,
    django.PermissionDenied: FORBIDDEN,
    rest.PermissionDenied: FORBIDDEN,
    CsrfRefused: Problem(
        HTTPStatus.FORBIDDEN,
        "csrf-failed",
        _("The call did not come from one of our pages"),
        _("With a session, send the header X-CSRFToken; programs use an API token instead."),
    ),
    rest.NotAuthenticated: Problem(
        HTTPStatus.UNAUTHORIZED,
        "sign-in-required",
        _("Sign in first"),
        _("Send an API token in the header Authorization: Bearer, or sign in to the portal."),
        headers=lambda _error: {"WWW-Authenticate": CHALLENGE},
    ),
    rest.AuthenticationFailed: Problem(
        HTTPStatus.UNAUTHORIZED,
        "invalid-token",
        _("The token is not valid"),
        _("It is unknown, has expired or was revoked. Make a new one in the portal or ask an admin for one."),
        headers=lambda _error: {"WWW-Authenticate": BAD_TOKEN},
    ),
    rest.ValidationError: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-input",
        _("Some of the input is not right"),
        _("Correct the fields named in errors. Nothing was changed."),
        faults=body_faults,
    ),
    django.ValidationError: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-input",
        _("Some of the input is not right"),
        _("Correct the fields named in errors. Nothing was changed."),
        faults=_django_faults,
    ),
    rest.ParseError: UNREADABLE,
    BodyRefused: Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed-json",
        _("The body is not JSON as we take it"),
        lambda error: error.words,
        faults=_body_fault,
    ),
    UnreadablePostError: UNREADABLE,
    django.SuspiciousOperation: UNREADABLE,
    django.RequestDataTooBig: TOO_LARGE,
    rest.MethodNotAllowed: Problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method-not-allowed",
        _("This cannot be done at this address"),
        _wrong_method,
    ),
    rest.NotAcceptable: Problem(
        HTTPStatus.NOT_ACCEPTABLE,
        "not-acceptable",
        _("We cannot answer in that form"),
        _("Accept application/json."),
    ),
    rest.UnsupportedMediaType: Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        _("The body has a form that we do not take here"),
        _media_types,
    ),
    CharsetRefused: Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-charset",
        _("The body has an encoding that we do not take"),
        _("JSON is UTF-8. Send it so, and leave charset out of the Content-Type."),
    ),
    rest.Throttled: Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        _("Too many in a short time"),
        _("Wait as long as the header Retry-After says, then try again. Nothing was changed."),
        headers=_wait,
    ),
    DataError: UNREADABLE,  # a value that the column cannot hold, and that no check of ours foresaw (P-8)
    OperationalError: UNAVAILABLE,
    InterfaceError: UNAVAILABLE,
}
