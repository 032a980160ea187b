"""What would come of a request that was filed now."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InstantField
from selfhelp.selectors import REGIONS
from sla.vocabulary import TIERS
from tickets.api.serializers.assessing import AssessmentOutput, CommitmentOutput, EvidenceOutput
from tickets.api.serializers.incidents import IncidentOutput
from tickets.api.serializers.shared import KINDS
from tickets.catalogue import REFERRALS, SCOPES
from tickets.selectors.prospects import SEVERITIES


class LinkOutput(serializers.Serializer[Any]):
    """An address to go on to."""

    name = serializers.CharField(source="label")
    url = serializers.CharField()


class ReferralOutput(serializers.Serializer[Any]):
    """Who can help with what is beyond support."""

    code = serializers.ChoiceField(REFERRALS)
    title = serializers.CharField()
    explanation = serializers.CharField()
    next_steps = serializers.CharField()
    links = LinkOutput(many=True)


class ScopeOutput(serializers.Serializer[Any]):
    """Whether support covers it; a referral is advice, the request can be filed all the same."""

    verdict = serializers.ChoiceField(SCOPES)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    reason = serializers.CharField(allow_null=True, help_text="Why it is referred elsewhere.")
    evidence = EvidenceOutput(many=True)
    referral = ReferralOutput(allow_null=True)


class SuggestionOutput(serializers.Serializer[Any]):
    """An article that may solve the problem at once."""

    slug = serializers.SlugField()
    kind = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField(help_text="Where the video, forum or wiki itself is; may be empty.")


class OpeningOutput(serializers.Serializer[Any]):
    """Whether somebody is there, and from when."""

    is_open = serializers.BooleanField()
    next_open_at = InstantField(allow_null=True, help_text="Now, where it is open; null where it never opens.")


class RegionDeskOutput(serializers.Serializer[Any]):
    """Engineers of one region who speak a language."""

    region = serializers.ChoiceField(list(REGIONS), source="spoken.region")
    name = serializers.CharField(source="spoken.region_name")
    timezone = serializers.CharField(source="spoken.hours.timezone", help_text="IANA name; `windows` are in its time.")
    always = serializers.BooleanField(source="spoken.hours.always", help_text="Around the clock, every day.")
    windows = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField())),
        source="spoken.hours.windows",
        help_text='Of each open day, 0 for Monday: `{"0": [["09:00", "18:00"]]}`.',
    )
    is_open = serializers.BooleanField(source="opening.is_open")
    next_open_at = InstantField(
        source="opening.next_open_at", allow_null=True, help_text="Now, where it is open; null where it never opens."
    )


class LanguageDeskOutput(serializers.Serializer[Any]):
    """Engineers who speak one language, wherever they are."""

    language = serializers.CharField(help_text="BCP 47 tag")
    name = serializers.CharField()
    is_open = serializers.BooleanField(source="opening.is_open")
    next_open_at = InstantField(
        source="opening.next_open_at", allow_null=True, help_text="Now, where it is open; null where nobody speaks it."
    )
    regions = RegionDeskOutput(many=True)


class AvailabilityOutput(serializers.Serializer[Any]):
    """When somebody works on it."""

    desk = OpeningOutput(help_text="The desk, as the commitment says.")
    language = LanguageDeskOutput(help_text="Engineers who speak the language of `contact`.")
    sooner = LanguageDeskOutput(
        allow_null=True, help_text="Engineers who speak English, where one of them is there sooner."
    )
    regional_hours = serializers.BooleanField(
        help_text="Whether the organisation's country or region has other hours where others have around the clock."
    )


class PreviewOutput(serializers.Serializer[Any]):
    """What would come of the request; nothing is stored."""

    severity = serializers.ChoiceField(SEVERITIES, help_text="The one that would count.")
    kind = serializers.ChoiceField(KINDS)
    tier = serializers.ChoiceField(TIERS)
    assessment = AssessmentOutput()
    scope = ScopeOutput()
    commitment = CommitmentOutput()
    availability = AvailabilityOutput()
    self_help = SuggestionOutput(many=True)
    incidents = IncidentOutput(
        many=True, help_text="Known incidents of its service that go on; it can be filed all the same."
    )
    phone_missing = serializers.BooleanField(help_text="Whether a phone number should be added.")
