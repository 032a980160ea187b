"""Fields that the forms of requests share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts import clock, text, timezones
from accounts.api.serializers import InstantField, LineField
from tickets.catalogue import IMPACT
from tickets.selectors.catalogue import all_services

UNKNOWN = "unknown"  # an answer that the admin cannot give
SERVICE_STATE_ANSWERS, USERS_AFFECTED_ANSWERS, BUSINESS_IMPACT_ANSWERS, YES_NO_ANSWERS = (
    (*IMPACT[name], UNKNOWN) for name in ("service_state", "users_affected", "business_impact", "workaround")
)
YES_NO = IMPACT["workaround"]
CODE_LIMIT = 60
CLOCKS_DIFFER = timedelta(minutes=5)  # so much may the clock of a program be fast
MOST_CODES = 20


class CodeField(LineField):
    """A code of the catalogue or of an organisation's own things; whether it exists is asked later."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", CODE_LIMIT)
        super().__init__(**options)


class LabelField(LineField):
    """One line without invisible characters."""

    clean = staticmethod(text.clean_label)
    patterns = text.LABEL_PATTERNS


class ChosenField(serializers.MultipleChoiceField):
    """Some of a few codes, for filters that may be given more than once; whoever names another is told all of them."""

    default_error_messages = {"invalid_choice": _("“{input}” is none of these: {known}.")}

    def fail(self, key: str, **told: Any) -> NoReturn:
        """Refuse, and name what there is."""
        super().fail(key, known=", ".join(self.choices), **told)


class ServicesField(serializers.ListField):
    """Codes of services, those no longer on offer too; whoever names another is told all of them if they are few."""

    child = CodeField()
    none_of_these = _("“{input}” is none of these: {known}.")
    no_service = _("“{input}” is no service. Give the code of one, as in GET /catalogue/.")

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=MOST_CODES, **options)

    def run_child_validation(self, data: Any) -> list[str]:
        """Return the codes if there are such services."""
        codes: list[str] = super().run_child_validation(data)
        known = all_services() if codes else []
        for code in codes:
            if code not in known:
                words = self.none_of_these if len(known) <= MOST_CODES else self.no_service
                raise serializers.ValidationError(
                    words.format(input=code, known=", ".join(known)), code="unknown_choice"
                )
        return codes


class TimezoneField(LabelField):
    """The name of a time zone."""

    default_error_messages = {"unknown_choice": _("Give the name of a time zone, such as Asia/Taipei.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the name if there is such a zone."""
        name: str = super().to_internal_value(data)
        if not timezones.is_known(name):
            self.fail("unknown_choice")
        return name


class CountryField(LabelField):
    """A country or region."""

    patterns = (r"^[\t\n ]*[A-Za-z]{2}[\t\n ]*$",) * 2
    default_error_messages = {"unknown_choice": _("Give the two letters of a country or region, such as TW.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=2, help_text="ISO 3166-1 alpha-2", **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the code in capitals."""
        code: str = super().to_internal_value(data)
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            self.fail("unknown_choice")
        return code.upper()


class PastField(InstantField):
    """An instant that has come."""

    default_error_messages = {"future": _("Give an instant that has come already.")}

    def to_internal_value(self, data: Any) -> datetime:
        """Return the instant unless it is still to come by more than clocks differ."""
        instant = super().to_internal_value(data)
        if instant > clock.now() + CLOCKS_DIFFER:
            self.fail("future")
        return instant


def answer_field(answers: Iterable[str]) -> serializers.ChoiceField:
    """One impact answer, which may be left out."""
    return serializers.ChoiceField(list(answers), required=False, allow_null=True)
