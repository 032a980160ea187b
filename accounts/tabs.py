"""The tabs of the organisation's pages and of the profile: one list of each, drawn on every page of the family.

A page gets its tab by a line here; its template extends `accounts/organisation/base.html` or
`accounts/profile/base.html`, which draw `portal.organisation_tabs` and `portal.profile_tabs`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.permissions import may


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a family, offered to whoever may do `act`; None stands for everybody.

    `own` pages are for people of the organisation itself, not for a partner's who act for it.
    """

    name: str
    label: Promise
    icon: str
    act: str | None = None
    own: bool = False


ORGANISATION_TABS = (
    Tab("accounts:organisation", _("Overview"), "building-2", "read_organisation"),
    Tab("accounts:people", _("People"), "users", "read_organisation"),
    Tab("accounts:partners", _("Partners"), "handshake", "read_organisation", own=True),
    Tab("accounts:subscriptions", _("Subscriptions"), "package", "read_organisation"),
    Tab("tickets:engagements", _("Engagements"), "briefcase-business", "read_engagements"),
    Tab("accounts:calendar", _("Business hours"), "calendar-days", "read_organisation"),
    Tab("accounts:sign_on", _("Sign-in"), "key-round", "manage_sign_in", own=True),
    Tab("accounts:principals", _("Programs"), "bot", "manage_principals", own=True),
    Tab("tickets:webhooks", _("Webhooks"), "webhook", "manage_webhooks"),
    Tab("tickets:sla_report", _("Response times"), "chart-column", "read_reports"),
    Tab("tickets:exports", _("Exports"), "download", "export_requests"),
    Tab("tickets:audit", _("Audit trail"), "scroll-text", "read_audit", own=True),
)
PROFILE_TABS = (
    Tab("accounts:profile", _("Profile"), "user-round"),
    Tab("accounts:security", _("Security"), "shield-check"),
    Tab("accounts:tokens", _("API tokens"), "code-xml", "manage_tokens"),
    Tab("accounts:own_skills", _("Skills and hours"), "graduation-cap", "read_staff"),
    Tab("tickets:my_data", _("Your data"), "file-down"),
)


@dataclass(frozen=True, slots=True)
class TabItem:
    """One tab as a page shows it."""

    url: str
    label: Promise
    icon: str
    current: bool


def offered(tabs: Iterable[Tab], actor: Actor, *, path: str, **address: str) -> list[TabItem]:
    """The tabs that the actor may open, with `address` in their addresses; the deepest that holds `path` is current."""
    found = [(tab, url) for tab in tabs if _may(tab, actor) and (url := address_of(tab.name, **address))]
    current = deepest(path, [url for _tab, url in found])
    return [TabItem(url, tab.label, tab.icon, current=url == current) for tab, url in found]


def deepest(path: str, urls: Iterable[str]) -> str:
    """The longest of these addresses that is `path`, or one above it; nothing when none is."""
    holding = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(holding, key=len, default="")


def address_of(name: str, **address: str) -> str:
    """The address of a page, or nothing where this installation has none of that name."""
    try:
        return reverse(name, kwargs=address or None)
    except NoReverseMatch:
        return ""


def _may(tab: Tab, actor: Actor) -> bool:
    if tab.own and actor.on_behalf_of_id is not None:
        return False
    return tab.act is None or may(actor, tab.act)
