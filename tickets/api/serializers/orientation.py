"""Severity levels, hours of support, and what would be promised."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts import clock
from accounts.api.serializers import InputSerializer, InstantField
from sla.vocabulary import TIERS
from sla.wording import availability_text
from tickets.api.serializers.assessing import CommitmentOutput
from tickets.api.serializers.fields import CodeField, CountryField
from tickets.api.serializers.preview import LanguageDeskOutput, OpeningOutput
from tickets.api.serializers.shared import KINDS
from tickets.catalogue import TRANSLATED_LANGUAGES
from tickets.selectors.asked_terms import SupportHours
from tickets.selectors.prospects import SEVERITIES
from tickets.selectors.terms import Terms

A_YEAR = timedelta(days=366)
ORGANISATION = "The slug of an organisation: for support staff, who must name one; customers need not."


class SeverityLevelOutput(serializers.Serializer[Any]):
    """One severity in words."""

    code = serializers.ChoiceField(SEVERITIES)
    name = serializers.CharField()
    meaning = serializers.CharField()
    may_set = serializers.BooleanField(
        help_text="Whether the caller sets it; other customers see the proposal and may dispute it."
    )


class SeverityLevelsOutput(serializers.Serializer[Any]):
    """Every severity, the gravest first."""

    levels = SeverityLevelOutput(many=True)


class TermsFilters(InputSerializer):
    """Under whose terms; what is left out is that of the organisation."""

    organisation = serializers.SlugField(required=False, help_text=ORGANISATION)
    kind = serializers.ChoiceField(KINDS, required=False, help_text="`technical` unless told otherwise.")
    subscription = CodeField(
        required=False, help_text="Its reference; else the first one that runs, paid ones before trials."
    )
    tier = serializers.ChoiceField(TIERS, required=False, help_text="To ask about another tier than one's own.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Support staff act for nobody, so that they say whose terms they mean."""
        if self.context["actor"].is_staff and "organisation" not in attrs:
            raise serializers.ValidationError(
                {"organisation": [self.fields["organisation"].error_messages["required"]]}, code="required"
            )
        return attrs


class SupportHoursFilters(TermsFilters):
    """For what support is sought."""

    language = serializers.ChoiceField(
        TRANSLATED_LANGUAGES, required=False, help_text="BCP 47 tag; that of the caller unless told otherwise."
    )
    region = CountryField(required=False)
    severity = serializers.ChoiceField(
        SEVERITIES, required=False, help_text="C unless told otherwise: graver ones never have shorter hours."
    )


class PromiseInput(TermsFilters):
    """What would be filed, and when."""

    severity = serializers.ChoiceField(SEVERITIES, help_text="As which it would count.")
    region = CountryField(required=False)
    received_at = InstantField(required=False, help_text="Now unless told otherwise; at most a year from now.")

    def validate_received_at(self, value: Any) -> Any:
        """Holidays are known for the years around this one."""
        if abs(value - clock.now()) > A_YEAR:
            raise serializers.ValidationError(_("Give an instant at most a year from now."), code="out_of_range")
        return value


class AskedPromiseOutput(CommitmentOutput):
    """What would be promised; nothing is stored."""

    kind = serializers.ChoiceField(KINDS, source="row.kind")
    country = serializers.CharField(source="row.country", help_text="ISO 3166-1 alpha-2; some have hours of their own.")


class DeskHoursOutput(OpeningOutput):
    """The desk, as the commitment says."""

    availability = serializers.CharField(help_text="`always`, `business_hours`, `calendar:NAME`")
    availability_text = serializers.CharField(help_text="The same in words.")


class PhoneLineOutput(OpeningOutput):
    """The support phone number of the country or region."""

    number = serializers.CharField()


class DayWithoutOutput(serializers.Serializer[Any]):
    """A day on which nobody is there."""

    date = serializers.DateField(source="day")
    name = serializers.CharField(help_text="Of the holiday; may be empty.")


class SupportHoursOutput(serializers.Serializer[Any]):
    """When support is there."""

    kind = serializers.ChoiceField(KINDS)
    tier = serializers.ChoiceField(TIERS)
    severity = serializers.ChoiceField(SEVERITIES)
    language = serializers.CharField(help_text="BCP 47 tag")
    region = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    available_now = serializers.BooleanField(
        help_text="Whether the desk works on it now and an engineer speaks the language."
    )
    next_available_at = InstantField(allow_null=True, help_text="Now, where it is so; null where it never is.")
    desk = DeskHoursOutput()
    engineers = LanguageDeskOutput(help_text="Engineers who speak the language.")
    sooner = LanguageDeskOutput(allow_null=True, help_text="Engineers who speak English, where one is there sooner.")
    phone = PhoneLineOutput(allow_null=True, help_text="Null where the country or region has no number of its own.")
    timezone = serializers.CharField(help_text="IANA name, of the business hours and of the days below.")
    days_without_support = DayWithoutOutput(many=True, help_text="Of the next 30 days, today included.")


def hours_data(hours: SupportHours) -> dict[str, Any]:
    """The hours as `SupportHoursOutput` shows them."""
    return {
        "kind": hours.terms.kind,
        "tier": hours.terms.tier,
        "severity": hours.severity,
        "language": hours.speakers.wanted.language,
        "region": hours.terms.country,
        "available_now": hours.both.is_open,
        "next_available_at": hours.both.next_open_at,
        "desk": {
            "availability": str(hours.availability),
            "availability_text": availability_text(hours.availability),
            "is_open": hours.desk.is_open,
            "next_open_at": hours.desk.next_open_at,
        },
        "engineers": hours.speakers.wanted,
        "sooner": hours.speakers.instead,
        "phone": _phone(hours, hours.terms),
        "timezone": hours.terms.calendar.timezone,
        "days_without_support": hours.days_without,
    }


def _phone(hours: SupportHours, terms: Terms) -> dict[str, Any] | None:
    """The line, with whether it answers for this kind of support."""
    if hours.phone is None:
        return None
    opening = hours.phone.technical if terms.kind in ("technical", "advisory") else hours.phone.business
    return {
        "number": hours.phone.entry.number,
        "is_open": opening.is_open,
        "next_open_at": opening.next_open_at,
    }
