"""What the skeleton of every page shows of its reader, worked out only when a template asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import permissions, selectors, tabs
from accounts.acting import carried_by_forms
from accounts.actors import Actor
from accounts.edges import actor_of
from accounts.models import Person
from accounts.tabs import TabItem
from accounts.tabs import address_of as address

# Addresses of pages, some of other apps; those that do not exist are not offered.
HOME = "tickets:home"
REQUESTS = "tickets:list"
NEW_REQUEST = "tickets:new"
INCIDENTS = "tickets:incidents"
QUEUE = "tickets:queue"
POLICIES = "tickets:policies"
OPERATIONS = "tickets:operations"
AUDIT = "tickets:staff_audit"
WEBHOOKS = "tickets:staff_webhooks"
EXPORTS = "tickets:staff_exports"
REPORT = "tickets:staff_sla_report"
TAGS = "tickets:tags"
SURVEYS = "tickets:surveys"
ENGAGEMENTS = "tickets:staff_engagements"
MY_CUSTOMERS = "tickets:my_customers"
ASSESSMENT = "tickets:assessment"
NOTICES = "tickets:notices"
ORGANISATION = "accounts:organisation"
ORGANISATIONS = "accounts:organisations"
STAFF = "accounts:staff"
ROTA = "accounts:rota"
PROFILE = "accounts:profile"
ACTING_FOR = "accounts:acting_for"
STOP_ACTING = "accounts:stop_acting"
HELP = "selfhelp:articles"
PHONE = "selfhelp:phone"
FEATURES = "selfhelp:features"
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the navigation offers to whoever may do `act`; None stands for everybody."""

    name: str
    label: Promise
    icon: str
    act: str | None = None


CUSTOMER_ENTRIES = (
    Entry(HOME, _("Home"), "house"),
    Entry(REQUESTS, _("Requests"), "inbox", "read_request"),
    Entry(NEW_REQUEST, _("New request"), "circle-plus", "file_request"),
    Entry(INCIDENTS, _("Incidents"), "siren", "read_incidents"),
    Entry(ORGANISATION, _("Organisation"), "building-2", "read_organisation"),
)
STAFF_ENTRIES = (
    Entry(QUEUE, _("Queue"), "list-ordered", "read_queue"),
    Entry(REQUESTS, _("Requests"), "inbox", "read_request"),
    Entry(INCIDENTS, _("Incidents"), "siren", "read_incidents"),
    Entry(ORGANISATIONS, _("Organisations"), "building-2", "read_organisations"),
    Entry(STAFF, _("Staff"), "users", "read_staff"),
    Entry(MY_CUSTOMERS, _("My customers"), "contact", "look_after_customers"),
    Entry(ENGAGEMENTS, _("Engagements"), "briefcase-business", "read_engagements"),
    Entry(ROTA, _("Duty rota"), "calendar-clock", "read_rota"),
)
PARTNER_ENTRY = Entry(ACTING_FOR, _("Customers"), "handshake")
COMMON_ENTRIES = (Entry(HELP, _("Help"), "life-buoy"),)
CUSTOMER_TAIL = (Entry(PHONE, _("Phone numbers"), "phone", "read_request"),)
STAFF_TAIL = (
    Entry(PHONE, _("Phone numbers"), "phone"),
    Entry(FEATURES, _("Features by plan"), "table-properties"),
    Entry(POLICIES, _("Policies"), "scale", "read_policies"),
    Entry(REPORT, _("Response times"), "chart-column", "read_reports"),
    Entry(TAGS, _("Tags"), "tags", "read_tags"),
    Entry(SURVEYS, _("Surveys"), "star", "read_surveys"),
    Entry(ASSESSMENT, _("Assessment"), "target", "read_assessment"),
    Entry(EXPORTS, _("Exports"), "download", "export_requests"),
    Entry(OPERATIONS, _("Operations"), "activity", "read_operations"),
    Entry(WEBHOOKS, _("Webhooks"), "webhook", "manage_desk_webhooks"),
    Entry(AUDIT, _("Audit trail"), "scroll-text", "read_audit"),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One line of the navigation."""

    url: str
    label: Promise
    icon: str
    current: bool
    count: int | None = None


class Portal:
    """The reader of a page, as the skeleton shows them."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def person(self) -> Person | None:
        """Who is signed in."""
        user = getattr(self._request, "user", None)
        return cast(Person, user) if user is not None and user.is_authenticated else None

    @cached_property
    def actor(self) -> Actor | None:
        """The person as they act on this page."""
        return actor_of(self._request) if self.person else None

    @property
    def is_staff(self) -> bool:
        """Whether the reader works for the vendor's support."""
        return bool(self.person and self.person.is_staff)

    @cached_property
    def nav(self) -> list[NavItem]:
        """The pages that the reader may open; only the deepest one that holds this page is current."""
        if not self.person or not self.actor:
            return []
        found = [
            (entry, url) for entry in self._entries(self.person) if self._may(entry) and (url := address(entry.name))
        ]
        current = tabs.deepest(self._request.path, [url for _entry, url in found])
        return [NavItem(url, entry.label, entry.icon, current=url == current) for entry, url in found]

    @cached_property
    def organisation_tabs(self) -> list[TabItem]:
        """The pages of the organisation acted for."""
        return tabs.offered(tabs.ORGANISATION_TABS, self.actor, path=self._request.path) if self.actor else []

    @cached_property
    def profile_tabs(self) -> list[TabItem]:
        """The pages of the reader's own account."""
        return tabs.offered(tabs.PROFILE_TABS, self.actor, path=self._request.path) if self.actor else []

    @cached_property
    def notice_count(self) -> int:
        """How many notices wait; one query, and only for a page that shows it."""
        return selectors.unread_notices(self.person.pk) if self.person else 0

    @cached_property
    def acting_for(self) -> str:
        """The name of the customer that a partner's person acts for, or nothing (PA-1)."""
        if self.actor and self.actor.on_behalf_of_id:
            return selectors.organisation_of(self.actor).name
        return ""

    @property
    def forms_carry(self) -> int | None:
        """The organisation that what this page sends is for, for whoever can act for several (PA-1)."""
        return carried_by_forms(self._request)

    @property
    def organisation(self) -> str:
        """The name of the reader's own organisation."""
        return self.person.organisation.name if self.person and self.person.organisation else ""

    @property
    def time_zone(self) -> str:
        """The zone in which this page shows instants."""
        return self.person.timezone if self.person else ""

    @property
    def theme(self) -> str:
        """`light` or `dark` when the reader chose one, else nothing: like the device."""
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def search_url(self) -> str:
        """Where a search for requests goes, for those who may read any."""
        return address(REQUESTS) if self.actor and permissions.may(self.actor, "read_request") else ""

    @property
    def notices_url(self) -> str:
        """The page of the reader's notices."""
        return address(NOTICES)

    @property
    def account_url(self) -> str:
        """The reader's profile."""
        return address(PROFILE)

    @property
    def sign_out_url(self) -> str:
        """Where the form that signs out is sent."""
        return address("account_logout")

    @property
    def end_acting_url(self) -> str:
        """Where the form that stops acting for a customer is sent."""
        return address(STOP_ACTING)

    def _entries(self, person: Person) -> tuple[Entry, ...]:
        if person.is_staff:
            return STAFF_ENTRIES + COMMON_ENTRIES + STAFF_TAIL
        partner = (
            (PARTNER_ENTRY,) if person.organisation and person.organisation.is_partner and person.role_names else ()
        )
        return CUSTOMER_ENTRIES + partner + COMMON_ENTRIES + CUSTOMER_TAIL

    def _may(self, entry: Entry) -> bool:
        return entry.act is None or bool(self.actor and permissions.may(self.actor, entry.act))


def portal(request: HttpRequest) -> Mapping[str, Any]:
    """Give `portal` to every template."""
    return {"portal": Portal(request)}
