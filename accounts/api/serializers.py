"""Input that names every field and refuses the rest, fields for what people type, and output of this app."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts import text, wording
from accounts.models import ApiToken, Organisation, Plan, Subscription
from accounts.particulars import SLUG, SLUG_LIMIT
from accounts.text import DIALLABLE, PHONE_LIMIT

YEARS = r"^(?:19[7-9]\d|[2-8]\d{3}|9000)-"  # for the description: from 1970 to 9000
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class InputSerializer(serializers.Serializer[Any]):
    """Base of everything that is read: unknown and read-only fields are refused by name, never ignored."""

    unknown_field = _("There is no such field here. Remove it.")
    read_only_field = _("This field cannot be set. Remove it.")
    sizes: ClassVar[dict[str, int]] = {}  # for the description: how many members there are, where that is part of it

    def to_internal_value(self, data: Any) -> Any:
        """Check the names beside the values, and report both at once."""
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**refused, **error.detail}) from None
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> dict[str, Any]:
        refused: dict[str, Any] = {}
        for name in data:
            if name not in self.fields:
                refused[name] = [serializers.ErrorDetail(str(self.unknown_field), "unknown_field")]
            elif self.fields[name].read_only:
                refused[name] = [serializers.ErrorDetail(str(self.read_only_field), "read_only")]
        return refused


class PatchInput(InputSerializer):
    """Base of what a merge patch may hold: every member may be left out."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The declared ones, none of them required."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class CleanCharField(serializers.CharField):
    """A string that is really a string, cleaned before it is measured."""

    default_error_messages = {"invalid": _("Give a text in quotation marks.")}
    clean: Callable[[str], str]
    patterns: ClassVar[tuple[str, str] | None] = None  # of what has a letter, and of what may be empty

    def __init__(self, **options: Any) -> None:
        options.setdefault("trim_whitespace", False)  # cleaning trims
        super().__init__(**options)

    @property
    def pattern(self) -> str | None:
        """What it takes, for the description."""
        return self.patterns and self.patterns[self.allow_blank]

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Clean first, so that a field of spaces is an empty one."""
        if isinstance(data, str):
            if self.max_length and len(data) > 4 * self.max_length:  # composing shortens by less than that
                self.fail("max_length", max_length=self.max_length)
            try:
                data = type(self).clean(data)
            except ValueError as error:
                raise serializers.ValidationError(wording.text_fault(str(error)), code=str(error)) from None
        elif data is not serializers.empty and data is not None:
            self.fail("invalid")
        return super().run_validation(data)


class LineField(CleanCharField):
    """One line: a subject, a name (RELIABILITY.md, section 2, Content)."""

    clean = staticmethod(text.clean_line)
    patterns = text.LINE_PATTERNS

    def __init__(self, *, max_length: int = text.LINE_LIMIT, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


class TextField(CleanCharField):
    """Text of several lines: a message, a description."""

    clean = staticmethod(text.clean_text)
    patterns = text.TEXT_PATTERNS

    def __init__(self, *, max_length: int = text.TEXT_LIMIT, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


class ShortNameField(LineField):
    """A short name as addresses hold it; services check it, and that there is one of it."""

    patterns = (rf"^[\t\n ]*{SLUG.pattern}[\t\n ]*$",) * 2

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SLUG_LIMIT, **options)


class CountryField(serializers.CharField):
    """A country by its two letters; services know which there are."""

    @property
    def pattern(self) -> str:
        """For the description."""
        return "^(?:[A-Z]{2})?$" if self.allow_blank else "^[A-Z]{2}$"


class PhoneField(LineField):
    """A telephone number that can be dialled; null takes it away."""

    default_error_messages = {"undiallable": _("Write it with digits, for example +886 2 1234 5678.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=PHONE_LIMIT, allow_blank=True, allow_null=True, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the number, or nothing."""
        number = super().run_validation(data) or ""
        if number and not DIALLABLE.fullmatch(number):
            self.fail("undiallable")
        return number


class InstantField(serializers.Field[datetime, Any, str, datetime]):
    """An instant: read as RFC 3339 with an offset, written in UTC with `Z`."""

    default_error_messages = {
        "invalid": _("Give date, time and offset, such as 2026-11-24T09:00:00Z."),
        "out_of_range": _("Give an instant between the years 1970 and 9000."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        """Return an aware datetime in UTC."""
        if not isinstance(data, str) or not INSTANT.fullmatch(data):
            self.fail("invalid")
        try:
            instant = datetime.fromisoformat(data.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
        if not 1970 <= instant.year <= 9000:
            self.fail("out_of_range")
        return instant

    def to_representation(self, value: datetime) -> str:
        """Write UTC, microseconds only where there are any."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class FlagField(serializers.BooleanField):
    """True or false, and not a word that means it."""

    default_error_messages = {"invalid": _("Give true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        """Return the value, or refuse anything else."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DayField(serializers.DateField):
    """A day within reach of the pages."""

    default_error_messages = {"out_of_range": _("Choose a day between 2000 and 2100.")}
    pattern = r"^(?:20\d\d|2100)-"

    def to_internal_value(self, value: Any) -> date:
        """Return the day."""
        day = super().to_internal_value(value)
        if not 2000 <= day.year <= 2100:
            self.fail("out_of_range")
        return day


class NoFilters(InputSerializer):
    """The query of a list that cannot be filtered."""


class PageParameters(serializers.Serializer[Any]):
    """Where in a list to read on, and how much of it."""

    cursor = serializers.CharField(
        required=False, allow_blank=True, help_text="From `next` or `previous` of another page; blank for the first."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, default=25, help_text="How many at most; more than 100 counts as 100."
    )


class OrganisationSummaryOutput(serializers.Serializer[Organisation]):
    """An organisation as all of its people may see it, whatever their roles."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    is_partner = serializers.BooleanField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    subdivision = serializers.CharField(help_text="ISO 3166-2, the part after the hyphen; may be empty")
    timezone = serializers.CharField(help_text="IANA name")
    language = serializers.CharField(help_text="BCP 47 tag")


class OrganisationOutput(OrganisationSummaryOutput):
    """An organisation as its readers and support staff see it."""

    phone = serializers.CharField(help_text="May be empty.")
    active = serializers.BooleanField(source="is_active", help_text="False once support staff have closed it.")


class OwnOrganisationPatchInput(PatchInput):
    """What an organisation's global admin changes of it; what contracts name is the vendor's."""

    phone = PhoneField()
    language = LineField(max_length=20, help_text="BCP 47 tag")
    timezone = LineField(max_length=64, help_text="IANA name")


class OrganisationPatchInput(OwnOrganisationPatchInput):
    """What support staff change of an organisation."""

    name = LineField(max_length=text.NAME_LIMIT)
    country = CountryField(max_length=2, help_text="ISO 3166-1 alpha-2")
    subdivision = LineField(max_length=6, allow_blank=True, help_text="ISO 3166-2, after the hyphen")
    is_partner = FlagField()


class PlanOutput(serializers.Serializer[Plan]):
    """A plan with the tier of the response table that it falls in (SLA-1)."""

    code = serializers.SlugField()
    names = serializers.DictField(child=serializers.CharField(), help_text="by language tag")
    family = serializers.CharField()
    tier = serializers.ChoiceField(["business", "enterprise", "frontline"])
    standalone = serializers.BooleanField()
    trialable = serializers.BooleanField()


class SubscriptionOutput(serializers.Serializer[Subscription]):
    """A subscription; `reference` is what a request names."""

    reference = serializers.SlugField()
    organisation = serializers.SlugField(source="organisation.slug")
    plan = PlanOutput()
    trial = serializers.BooleanField()
    seats = serializers.IntegerField()
    starts_at = InstantField()
    ends_at = InstantField(allow_null=True)


class TokenInput(InputSerializer):
    """A token to be made. Without `expires_at` it lasts 90 days."""

    name = LineField(max_length=text.NAME_LIMIT)
    scopes = serializers.ListField(
        child=serializers.RegexField(r"^[!-~]+$", max_length=30, trim_whitespace=False),
        allow_empty=False,
        max_length=30,
    )
    expires_at = InstantField(required=False)


class TokenOutput(serializers.Serializer[ApiToken]):
    """A token without its secret."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the secret begins.")
    scopes = serializers.ListField(child=serializers.CharField())
    organisation = serializers.SlugField(
        source="organisation.slug", allow_null=True, default=None, help_text="Whom it acts for; null for support staff."
    )
    created_at = InstantField()
    expires_at = InstantField()
    last_used_at = InstantField(allow_null=True, help_text="To the minute.")


class IssuedTokenOutput(TokenOutput):
    """A new token with its secret, shown this once; a replayed answer has null there."""

    secret = serializers.CharField(allow_null=True)


class CallerTokenOutput(serializers.Serializer[ApiToken]):
    """The token of this very call."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = InstantField()


class CallerOutput(serializers.Serializer[Any]):
    """Who calls, in which roles, and for whom."""

    id = serializers.IntegerField(help_text="Of the person or the service principal.")
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True, help_text="Null for a service principal.")
    is_staff = serializers.BooleanField()
    language = serializers.CharField()
    timezone = serializers.CharField()
    phone = serializers.CharField(help_text="May be empty.")
    roles = serializers.ListField(
        child=serializers.CharField(), help_text="As they count for the organisation acted for."
    )
    organisation = OrganisationSummaryOutput(allow_null=True, help_text="The one acted for; null for support staff.")
    on_behalf_of = serializers.BooleanField(help_text="Whether a partner acts for a customer.")
    may = serializers.ListField(
        child=serializers.CharField(),
        help_text="The acts that the roles include and the contract allows; some of them not on everything.",
    )
    token = CallerTokenOutput(allow_null=True, help_text="Null for a caller with a session.")
