"""What is sent to do something to a request, and the filters of lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import InputSerializer, InstantField, LineField, TextField
from accounts.text import LINE_LIMIT
from tickets.api.bulk import MOST
from tickets.api.inclusions import Inclusions
from tickets.api.serializers.fields import CODE_LIMIT, ChosenField, CodeField, LabelField, ServicesField
from tickets.api.serializers.filing import ContactInput
from tickets.api.serializers.incidents import NUMBER_LIMIT, IncidentLinkInput
from tickets.api.serializers.tags import TaggingInput
from tickets.catalogue import CATEGORIES, REFERRALS
from tickets.lifecycle import Resolution, State
from tickets.models.tags import NAME_LIMIT
from tickets.selectors.prospects import SEVERITIES
from tickets.selectors.queue import VIEWS
from tickets.services.severity import REASON_LIMIT

MESSAGE_KINDS = ("reply", "internal", "call", "question")
ME, NOBODY = "me", "nobody"
LARGEST_ID = 2**63 - 1
ORDERINGS = (*("created_at", "-created_at", "changed_at", "-changed_at", "due_at", "-due_at", "severity", "-severity"),)
ADDRESS_LIMIT = 254
BULK_ACTS = {"assign", "close", "tag", "link"}
STATES = [state.value for state in State]
SEVERAL = "May be given more than once."
MOST_TAGS = 10
CARRIES = "Names of tags, one each time; for requests that carry all of them."


class MessageInput(InputSerializer):
    """A message. Customers write without `kind`; support staff reply unless they say otherwise."""

    body = TextField(help_text="Markdown")
    kind = serializers.ChoiceField(
        MESSAGE_KINDS,
        required=False,
        help_text="For support staff: a reply, a note for themselves, a logged call, or a question to wait for.",
    )


class AttachmentInput(InputSerializer):
    """A file, as a part of `multipart/form-data`."""

    file = serializers.FileField(allow_empty_file=True, help_text="At most 25 MiB.")
    message = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="The id of a message of yours on this request that the file belongs to.",
    )


class CloseInput(InputSerializer):
    """How a request ends. Support staff write a message with it."""

    resolution = serializers.ChoiceField([each.value for each in Resolution])
    message = TextField(required=False, allow_blank=True, help_text="Markdown; the customer reads it.")
    referral = serializers.ChoiceField(REFERRALS, required=False, help_text="With `out_of_scope`.")
    duplicate_of = CodeField(required=False, max_length=12, help_text="The number of the original, with `duplicate`.")


class ReopenInput(InputSerializer):
    """Why a request goes back to work; it becomes a message."""

    reason = TextField(required=False, allow_blank=True)


class SeverityInput(InputSerializer):
    """Another severity with its reason, or the proposed one, which confirms it."""

    severity = serializers.ChoiceField(SEVERITIES)
    reason = TextField(required=False, allow_blank=True, max_length=REASON_LIMIT)


@extend_schema_field(
    {"oneOf": [{"type": "integer", "minimum": 1, "maximum": LARGEST_ID}, {"type": "string", "enum": [ME]}]}
)
class AssigneeField(serializers.Field[int | str, Any, Any, Any]):
    """A person's id, `me`, or null."""

    default_error_messages = {"invalid": _("Give the id of an engineer, me, or null for nobody.")}

    def to_internal_value(self, data: Any) -> int | str:
        """Return the id or `me`; null does not come here."""
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # 17.0 is a whole number, too
        whole = isinstance(data, int) and not isinstance(data, bool) and 0 < data <= LARGEST_ID
        if not whole and data != ME:
            self.fail("invalid")
        chosen: int | str = data
        return chosen


class AssignInput(InputSerializer):
    """Who works on the request."""

    assignee = AssigneeField(allow_null=True, help_text="The id of an engineer, `me`, or null to release it.")


class NumbersField(serializers.ListField):
    """Numbers of requests, each once: the second time it would only be refused."""

    default_error_messages = {"twice": _("Name each request once.")}
    is_unique = True

    def to_internal_value(self, data: Any) -> list[str]:
        """Return them in their order."""
        numbers: list[str] = super().to_internal_value(data)
        if len(set(numbers)) < len(numbers):
            self.fail("twice")
        return numbers


class BulkInput(InputSerializer):
    """One act for many requests: exactly one of `assign`, `close`, `tag` and `link`."""

    sizes = {"minProperties": 2, "maxProperties": 2}

    numbers = NumbersField(
        child=CodeField(max_length=12), allow_empty=False, max_length=MOST, help_text="Of the requests, in their order."
    )
    assign = AssignInput(required=False, help_text="As for one request; for support staff.")
    close = CloseInput(required=False, help_text="As for one request.")
    tag = TaggingInput(required=False, help_text="As for one request; for support staff.")
    link = IncidentLinkInput(required=False, help_text="To an incident, or to none; for support staff.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One act, so that a result says of what it is."""
        if len(BULK_ACTS & set(attrs)) != 1:
            fault = serializers.ErrorDetail(str(_("Give one of assign, close, tag and link.")), "one_act")
            raise serializers.ValidationError({"assign": [fault]})
        return attrs


class ContactPatch(InputSerializer):
    """How and whom to reach, and the subscription it is about; what is left out stays as it is."""

    subscription = CodeField(required=False, help_text="Its reference; for customers until the first response.")
    contact = ContactInput(required=False)
    primary_contact = LabelField(
        max_length=ADDRESS_LIMIT, required=False, help_text="The mail address of another admin of the organisation."
    )


UNKNOWN_ASSIGNEE = {True: _("Give nobody, me, or the id of an engineer."), False: _("Only nobody can be asked for.")}


class PlaceFilters(InputSerializer):
    """Whose requests, and of which incident."""

    organisation = serializers.SlugField(
        required=False,
        max_length=CODE_LIMIT,
        help_text="The short name of one. Support staff name a customer; for others it is the one that they act for, "
        "and any other is not found.",
    )
    incident = CodeField(
        required=False, max_length=NUMBER_LIMIT, help_text="The number of one; for the requests that belong to it."
    )


class RequestFilters(PlaceFilters, Inclusions):
    """Which requests, and in which order."""

    state = ChosenField(choices=STATES, required=False, help_text=SEVERAL)
    open = serializers.BooleanField(
        required=False, help_text="Not closed. Together with `recently_closed=true`: either of them."
    )
    recently_closed = serializers.BooleanField(required=False, help_text="Closed, and can still be reopened.")
    severity = ChosenField(choices=SEVERITIES, required=False, help_text=SEVERAL)
    category = ChosenField(choices=list(CATEGORIES), required=False, help_text=f"Of these categories. {SEVERAL}")
    service = ServicesField(help_text=f"About these services, by their codes in `GET /catalogue/`. {SEVERAL}")
    assignee = LabelField(
        required=False, max_length=60, help_text="`nobody`; for support staff also `me` or the id of an engineer."
    )
    breached = serializers.BooleanField(required=False, help_text="Whether a promised response is or was overdue.")
    due_before = InstantField(required=False, help_text="A response is owed, and due before that instant.")
    created_after = InstantField(required=False, help_text="Filed after that instant.")
    created_before = InstantField(required=False, help_text="Filed before that instant.")
    changed_after = InstantField(
        required=False,
        help_text="Changed at that instant or later; as they changed unless told otherwise. Ask again from a minute "
        "before the last `changed_at` that you saw: what took long to be recorded is dated at its beginning.",
    )
    tag = serializers.ListField(
        child=LabelField(max_length=NAME_LIMIT),
        required=False,
        max_length=MOST_TAGS,
        help_text=f"{CARRIES} For support staff, whose tokens need the scope `queue:read`.",
    )
    q = LineField(
        required=False,
        allow_blank=True,
        max_length=LINE_LIMIT,
        help_text="Words of subject and description, or a number.",
    )
    ordering = serializers.ChoiceField(
        ORDERINGS,
        required=False,
        help_text="The newest first unless told otherwise, closed ones by their closing. By `due_at`: none comes last.",
    )

    def validate_tag(self, value: list[str]) -> list[str]:
        """Tags are the desk's own: for others there is no such filter."""
        if not (self.context["actor"].is_staff and self.context["internal"]):
            raise serializers.ValidationError(_("There is no such field here. Remove it."), code="unknown_field")
        return value

    def validate_assignee(self, value: str) -> str:
        """Customers know nothing of engineers but their names."""
        known = (ME, NOBODY) if self.context["actor"].is_staff else (NOBODY,)
        is_id = value.isascii() and value.isdigit() and int(value) <= LARGEST_ID
        if value not in known and not (self.context["actor"].is_staff and is_id):
            raise serializers.ValidationError(UNKNOWN_ASSIGNEE[self.context["actor"].is_staff], code="unknown_choice")
        return value


class After(InputSerializer):
    """From where to go on."""

    after = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_ID,
        help_text="The id of the last one that you have: only later ones come. Ids grow; any number is a place.",
    )


class QueueFilters(PlaceFilters):
    """Which part of the queue."""

    view = serializers.ChoiceField(VIEWS, required=False, help_text="`work` unless told otherwise.")
    tag = serializers.ListField(
        child=LabelField(max_length=NAME_LIMIT), required=False, max_length=MOST_TAGS, help_text=CARRIES
    )
