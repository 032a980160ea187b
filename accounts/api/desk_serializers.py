"""What support staff write down of customers and of what these bought, on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts import selectors, text
from accounts.api.serializers import (
    CountryField,
    FlagField,
    InputSerializer,
    InstantField,
    LineField,
    PatchInput,
    PhoneField,
    PlanOutput,
    ShortNameField,
)
from accounts.models import ElevatedContract
from accounts.particulars import SLUG_LIMIT
from accounts.services.plans import FAMILIES, TIERS
from accounts.services.subscriptions import MOST_SEATS

MOST_ID = 2**63 - 1


class SeatsField(serializers.IntegerField):
    """How many people a subscription is for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_SEATS, **options)


class OrganisationInput(InputSerializer):
    """A customer or a partner to be taken in."""

    slug = ShortNameField(help_text="Its short name, for addresses; it never changes.")
    name = LineField(max_length=text.NAME_LIMIT)
    country = CountryField(max_length=2, help_text="ISO 3166-1 alpha-2")
    subdivision = LineField(max_length=6, required=False, allow_blank=True)
    timezone = LineField(max_length=64, help_text="IANA name")
    language = LineField(max_length=20, required=False, help_text="BCP 47 tag; `en` unless told otherwise.")
    phone = PhoneField(required=False)
    is_partner = FlagField(required=False)


class WhenFilters(InputSerializer):
    """Of which organisation, and when."""

    organisation = serializers.SlugField(required=False, help_text="The slug of one organisation; for support staff.")
    when = serializers.ChoiceField(selectors.WHEN, required=False, help_text="Those that run, will, did, or any.")


class SubscriptionInput(InputSerializer):
    """A subscription to be added."""

    organisation = LineField(max_length=SLUG_LIMIT, help_text="Its slug.")
    plan = LineField(max_length=60, help_text="The code of a plan that is on offer.")
    trial = FlagField(required=False)
    seats = SeatsField()
    starts_at = InstantField(required=False, help_text="Now, unless told otherwise; never in the past.")
    ends_at = InstantField(required=False, allow_null=True, help_text="Null without an end.")


class SubscriptionPatchInput(PatchInput):
    """What changes of a subscription; plan and kind never do."""

    seats = SeatsField()
    ends_at = InstantField(allow_null=True, help_text="Null without an end.")


class PurchaseInput(InputSerializer):
    """What is bought after a trial."""

    plan = LineField(max_length=60, required=False, help_text="That of the trial, unless told otherwise.")
    seats = SeatsField()
    ends_at = InstantField(required=False, allow_null=True, help_text="Null without an end.")


class ContractPatchInput(PatchInput):
    """What changes of an elevated contract."""

    account_manager = serializers.IntegerField(
        min_value=1, max_value=MOST_ID, allow_null=True, help_text="The id of an account manager; null for nobody yet."
    )
    ends_at = InstantField(allow_null=True, help_text="Null without an end.")


class ContractInput(InputSerializer):
    """An elevated contract to be added (EL-1)."""

    organisation = LineField(max_length=SLUG_LIMIT, help_text="Its slug.")
    kind = serializers.ChoiceField(ElevatedContract.Kind.values)
    account_manager = serializers.IntegerField(min_value=1, max_value=MOST_ID, allow_null=True, required=False)
    starts_at = InstantField(required=False, help_text="Now, unless told otherwise; never in the past.")
    ends_at = InstantField(required=False, allow_null=True, help_text="Null without an end.")


class AccountManagerOutput(serializers.Serializer[Any]):
    """Who looks after the organisation."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ContractOutput(serializers.Serializer[ElevatedContract]):
    """Elevated support of an organisation, for a span of time."""

    id = serializers.IntegerField()
    organisation = serializers.SlugField(source="organisation.slug")
    kind = serializers.ChoiceField(ElevatedContract.Kind.values)
    account_manager = AccountManagerOutput(allow_null=True)
    starts_at = InstantField()
    ends_at = InstantField(allow_null=True)


class PlanNamesInput(InputSerializer):
    """A name by language tag."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """English and Traditional Chinese."""
        return {tag: LineField(max_length=text.NAME_LIMIT) for tag in ("en", "zh-Hant")}


class NewPlanInput(InputSerializer):
    """A plan to be offered."""

    code = serializers.RegexField(r"^[a-z0-9]+(?:_[a-z0-9]+)*\Z", max_length=60, help_text="It never changes.")
    names = PlanNamesInput()
    family = serializers.ChoiceField(FAMILIES)
    tier = serializers.ChoiceField(TIERS, help_text="It never changes; standalone plans are `enterprise`.")
    trialable = FlagField(required=False, default=True)


class ListedPlanOutput(PlanOutput):
    """A plan as the list of plans shows it."""

    retired_at = InstantField(allow_null=True, help_text="Since when nobody can subscribe to it.")
