"""What is sent to file or preview a request, a follow-up included."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import FlagField, InputSerializer, InstantField, LineField, PhoneField, TextField
from severity.assessment import Impact
from tickets.api.serializers import fields
from tickets.api.serializers.fields import (
    UNKNOWN,
    CodeField,
    CountryField,
    LabelField,
    PastField,
    TimezoneField,
    answer_field,
)
from tickets.catalogue import CATEGORIES, CONTACT_METHODS, LANGUAGES
from tickets.filing import Contact, Filing
from tickets.models import ServiceRequest
from tickets.selectors.prospects import SEVERITIES

SUBJECT_LIMIT, ADDRESS_LIMIT = 200, 254


class ImpactInput(InputSerializer):
    """What the problem means for the customer; what is left out, null or `unknown` is read from the text."""

    service_state = answer_field(fields.SERVICE_STATE_ANSWERS)
    users_affected = answer_field(fields.USERS_AFFECTED_ANSWERS)
    business_impact = answer_field(fields.BUSINESS_IMPACT_ANSWERS)
    workaround = answer_field(fields.YES_NO_ANSWERS)
    deadline_at_risk = answer_field(fields.YES_NO_ANSWERS)


class ContactInput(InputSerializer):
    """How to reach the admin; what is left out comes from the person, then from the organisation."""

    method = serializers.ChoiceField(CONTACT_METHODS, required=False)
    language = serializers.ChoiceField(LANGUAGES, required=False, help_text="BCP 47 tag")
    phone = PhoneField(required=False)
    timezone = TimezoneField(required=False, help_text="IANA name")
    country = CountryField(required=False)
    translator = FlagField(required=False, help_text="Whether a translator is to join calls.")
    callback_at = InstantField(
        required=False,
        allow_null=True,
        help_text="When to call back, for the method `callback`: from now on, at most 90 days ahead.",
    )


class FilingContactInput(ContactInput):
    """The same at filing, where another admin can be named."""

    person = LabelField(
        max_length=ADDRESS_LIMIT,
        required=False,
        help_text="The mail address of another admin, to be the primary contact. Of what a service principal files it "
        "is otherwise a global admin.",
    )


class RequestInput(InputSerializer):
    """A request to be filed."""

    subject = LineField(max_length=SUBJECT_LIMIT)
    description = TextField(help_text="Markdown")
    category = serializers.ChoiceField(list(CATEGORIES))
    service = CodeField(required=False, allow_null=True, help_text="Code of the catalogue.")
    topic = CodeField(required=False, allow_null=True, help_text="Code of the catalogue.")
    subscription = CodeField(
        required=False, allow_null=True, help_text="Its reference. Optional for pre-sales and billing alone."
    )
    problem_started_at = PastField(required=False, allow_null=True, help_text="At most five minutes from now.")
    impact = ImpactInput(required=False, allow_null=True)
    contact = FilingContactInput(required=False, allow_null=True)
    severity = serializers.ChoiceField(
        SEVERITIES, required=False, allow_null=True, help_text="With elevated support only."
    )
    diagnostic_consent = FlagField(required=False, help_text="Whether engineers may look at diagnostic data.")
    is_test = FlagField(required=False, help_text="Whether the request only tries the integration.")


class FollowUpInput(RequestInput):
    """A request that follows up an archived one; what it is about is taken from there unless it is given."""

    category = serializers.ChoiceField(list(CATEGORIES), required=False)


def filing_of(data: dict[str, Any]) -> Filing:
    """The form that these checked values fill in."""
    given = {name: value for name, value in data.items() if value is not None}
    impact = {name: value for name, value in (given.pop("impact", None) or {}).items() if value != UNKNOWN}
    return Filing(**{**given, "impact": Impact(**impact), "contact": Contact(**(given.pop("contact", None) or {}))})


def follow_up_of(original: ServiceRequest, data: dict[str, Any]) -> Filing:
    """The same for a follow-up, with what is not given taken from the original."""
    about = {
        "category": original.category,
        "service": original.service.code if original.service else "",
        "topic": original.topic.code if original.topic else "",
        "subscription": original.subscription.reference if original.subscription else "",
    }
    if any(data.get(name) not in (None, about[name]) for name in ("category", "service")):
        about["topic"] = ""  # topics belong to one category, and some to one service
    given = {name: value for name, value in data.items() if value is not None}
    return filing_of({**about, **given, "follow_up_of": original.number})
