"""An operation that raises whatever the test wants, as the address says."""

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.parsers import MultiPartParser

from accounts.api.base import ApiView, answer, idempotent
from accounts.api.serializers import InputSerializer, InstantField, LineField, TextField
from accounts.errors import Busy, NotPermitted, SignInRequired
from support_portal.urls import urlpatterns as portal
from tickets.errors import AlreadyTaken, RequestNotFound, UnknownChoice

ERRORS = {
    "busy": Busy(),
    "permission": NotPermitted("file_request"),
    "missing": RequestNotFound("SR-000000001"),
    "taken": AlreadyTaken(),
    "choice": UnknownChoice("ordering", "password"),
    "gone": OperationalError("server closed the connection unexpectedly: host=10.1.2.3"),
    "closed": InterfaceError("connection already closed"),
    "data": DataError("integer out of range"),
    "fault": ZeroDivisionError("secret inner workings"),
    "sign-in": SignInRequired(),
}


class ImpactInput(InputSerializer):
    """A nested part."""

    workaround = LineField(max_length=3, required=False)


class ThingInput(InputSerializer):
    """Some input."""

    subject = LineField()
    description = TextField(required=False, allow_blank=True)
    seen_at = InstantField(required=False)
    number = LineField(read_only=True)
    impact = ImpactInput(required=False)


class RaisingView(ApiView):
    """Raises."""

    required_scopes = {"GET": "requests:read"}

    def get(self, request, name):
        """Raise the error called `name`."""
        raise ERRORS[name]


class EchoView(ApiView):
    """Reads, and answers with what it read."""

    required_scopes = {"POST": "requests:write", "PATCH": "requests:write"}
    works = 0

    @idempotent
    def post(self, request):
        """Answer with what was read and how often work was done."""
        EchoView.works += 1
        given = self.read(ThingInput)
        if given["subject"] == "taken":
            raise AlreadyTaken
        return answer(
            {"subject": given["subject"], "works": EchoView.works, "version": self.version_given()}, status=201
        )

    def patch(self, request):
        """Answer with the version that the change was made for."""
        return answer({"version": self.version_required()}, version=7)


class UploadView(ApiView):
    """Takes files."""

    required_scopes = {"POST": "requests:write"}
    parser_classes = (MultiPartParser,)

    @idempotent
    def post(self, request):
        """Answer with the sizes of the files."""
        return answer({"sizes": [len(file.read()) for file in request.FILES.getlist("file")]}, status=201)


class ForgetfulView(ApiView):
    """Names no scope."""

    def get(self, request):
        """Never come here with a token."""
        return answer({})


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Raise in a page."""
    raise ERRORS[name]


urlpatterns = [
    path("api/v1/raise/<str:name>/", RaisingView.as_view()),
    path("api/v1/echo/", EchoView.as_view()),
    path("api/v1/upload/", UploadView.as_view()),
    path("api/v1/forgetful/", ForgetfulView.as_view()),
    path("pages/<str:name>/", page),
    path("", include(portal)),
]

handler400 = "support_portal.problems.handlers.bad_request"
handler403 = "support_portal.problems.handlers.forbidden"
handler404 = "support_portal.problems.handlers.not_found"
handler500 = "support_portal.problems.handlers.server_error"
