"""Operations on the desk's tags, for support staff."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer, idempotent
from accounts.api.schema import lists
from tickets.api import tag_examples as examples
from tickets.api.serializers.requests import RequestOutput
from tickets.api.serializers.tags import TagFilters, TaggingInput, TagInput, TagOutput, TagPatch
from tickets.api.views.base import READ_QUEUE, WRITE_QUEUE, RequestsView
from tickets.models import Tag
from tickets.selectors import tags as selectors
from tickets.services import tags as services


class TagsApiView(ApiView):
    """The list of tags."""

    required_scopes = {"GET": READ_QUEUE, "POST": WRITE_QUEUE}
    acts = {"GET": ("read_tags",), "POST": ("manage_tags",)}

    @lists(TagOutput, filters=TagFilters)
    def get(self, request: Request) -> Response:
        """List the desk's tags by name; for support staff."""
        filters = self.read_query(TagFilters)
        return self.answer_page(selectors.tags(archived=filters.get("archived")), TagOutput)

    @extend_schema(request=TagInput, responses={201: TagOutput}, examples=examples.ADD)
    @idempotent
    def post(self, request: Request) -> Response:
        """Put a tag on the list, of 300 on offer at most; for team leads, duty managers and operators."""
        given = _plain(self.read(TagInput))
        return _told(services.add_tag(actor=self.actor, **given), status=201)


class TagApiView(ApiView):
    """One tag."""

    required_scopes = {"GET": READ_QUEUE, "PATCH": WRITE_QUEUE, "DELETE": WRITE_QUEUE}
    acts = {"GET": ("read_tags",), "PATCH": ("manage_tags",), "DELETE": ("manage_tags",)}

    @extend_schema(responses=TagOutput, examples=examples.READ)
    def get(self, request: Request, tag_id: int) -> Response:
        """Tell what it is called, and whether it is on offer."""
        self.read_query()
        return _told(selectors.tag_of(tag_id))

    @extend_schema(request=TagPatch, responses=TagOutput, examples=examples.CHANGE)
    def patch(self, request: Request, tag_id: int) -> Response:
        """Rename, recolour or archive it, or offer it again. Requests that carry it follow."""
        version, wanted = self.version_required(), services.Wanted(**_plain(self.read(TagPatch)))
        return _told(services.change_tag(tag_id=tag_id, wanted=wanted, actor=self.actor, version=version))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, tag_id: int) -> Response:
        """Remove a tag that no request carries; any other one is archived."""
        services.remove_tag(tag_id=tag_id, actor=self.actor, version=self.version_required())
        return Response(status=204)


class TaggingView(RequestsView):
    """What a request carries."""

    required_scopes = {"POST": WRITE_QUEUE}
    acts = {"POST": ("tag_request",)}

    @extend_schema(request=TaggingInput, responses=RequestOutput, examples=examples.TAG)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Put tags of the list on a request and take others off it; for support staff.

        Customers see nothing of it: `version` and `changed_at` stay.
        """
        given = self.read(TaggingInput)
        services.tag_request(number=number, actor=self.actor, version=self.version_given(), **given)
        return self.shown(number)


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """No colour is an empty one."""
    return {**given, "colour": given["colour"] or ""} if "colour" in given else given


def _told(tag: Tag, *, status: int = 200) -> Response:
    address = reverse("api-tag", kwargs={"tag_id": tag.pk}) if status == 201 else ""
    return answer(TagOutput(tag).data, status=status, version=tag.version, location=address)
