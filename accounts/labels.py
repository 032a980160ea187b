"""What roles, acts of delegation and contracts are called, in words for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext, to_locale
from django.utils.translation import gettext_lazy as _

ROLES: dict[str, Promise] = {
    "global_admin": _("Global admin"),
    "service_support_admin": _("Service support admin"),
    "billing_admin": _("Billing admin"),
    "user_admin": _("User admin"),
    "helpdesk_admin": _("Help-desk admin"),
    "exchange_admin": _("Exchange admin"),
    "sharepoint_admin": _("SharePoint admin"),
    "skype_admin": _("Skype for Business admin"),
    "apps_admin": _("Microsoft 365 Apps admin"),
    "reader": _("Reader"),
    "engineer": _("Engineer"),
    "senior_engineer": _("Senior engineer"),
    "team_lead": _("Team lead"),
    "duty_manager": _("Duty manager"),
    "billing_specialist": _("Billing specialist"),
    "presales_specialist": _("Pre-sales specialist"),
    "account_manager": _("Support account manager"),
    "operator": _("Operator"),
}
ROLE_MEANINGS: dict[str, Promise] = {
    "global_admin": _("Everything, including people, roles and partners"),
    "service_support_admin": _("Requests of every kind"),
    "billing_admin": _("Billing and pre-sales requests"),
    "user_admin": _("Technical requests about users"),
    "helpdesk_admin": _("Technical requests about users"),
    "exchange_admin": _("Technical requests about Exchange Online"),
    "sharepoint_admin": _("Technical requests about SharePoint Online"),
    "skype_admin": _("Technical requests about Skype for Business Online"),
    "apps_admin": _("Technical requests about Microsoft 365 Apps"),
    "reader": _("Reads requests of every kind, files none"),
}
CONTRACT_KINDS: dict[str, Promise] = {
    "premier": _("Premier"),
    "professional_direct": _("Professional Direct"),
    "migration": _("Migration services"),
}
TIERS: dict[str, Promise] = {
    "business": _("Business"),
    "enterprise": _("Enterprise"),
    "frontline": _("Frontline"),
    "elevated": _("Elevated"),
}

NOTICES_FOR_CUSTOMERS: dict[str, Promise] = {
    "conversation": _("Answers and questions of support, notes of calls, translators"),
    "promise": _("What you filed, its severity and when we will answer"),
    "closing": _("A request is closed or reopened"),
    "reminders": _("Reminders that we wait for your answer"),
    "incidents": _("News on incidents that you follow or that a request of yours belongs to"),
    "survey": _("Our question how it went, after a request is closed"),
}
NOTICES_FOR_STAFF: dict[str, Promise] = {
    "assignment": _("A request is assigned to you"),
    "conversation": _("A customer wrote, translators"),
    "closing": _("A request of yours is closed or reopened by the customer"),
    "reminders": _("An update to a customer is due"),
    "survey": _("A customer of your team was not content"),
    "ladder": _("Steps of the escalation ladder that go to a whole team"),
}


OUR_STAFF = _("the support staff")  # as an invitation names it
COUNTRY = re.compile("[A-Z]{2}")
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # groups and test codes that CLDR names too


def role_label(role: str) -> str:
    """The name of a role, in the active language."""
    return str(ROLES.get(role, role))


def roles_in_words(roles: Iterable[str]) -> str:
    """The names of roles one after the other, in the active language."""
    return pgettext("between items of a list", ", ").join(role_label(role) for role in roles)


def country_name(code: str) -> str:
    """The name of a country or region, in the active language."""
    return str(Locale.parse(to_locale(get_language() or "en")).territories.get(code, code))


def countries() -> list[tuple[str, str]]:
    """Codes and names of all countries and regions, by name in the active language."""
    return _countries(to_locale(get_language() or "en"))


@lru_cache(maxsize=8)
def _countries(locale: str) -> list[tuple[str, str]]:
    named = Locale.parse(locale).territories.items()
    real = [(code, name) for code, name in named if COUNTRY.fullmatch(code) and code not in NO_COUNTRIES]
    return sorted(real, key=lambda pair: pair[1].casefold())


def in_active_language(names: dict[str, str]) -> str:
    """Choose from names by language tag as our data keeps them: `{"en": …, "zh-Hant": …}`."""
    tag = "zh-Hant" if (get_language() or "").lower().startswith("zh") else "en"
    return names.get(tag) or names["en"]
