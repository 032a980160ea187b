"""What an API token can be limited to; its person's roles limit it further."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: dict[str, Promise] = {
    "requests:read": _("Read the service requests that you may read"),
    "requests:write": _("File service requests, write on them, close and reopen them"),
    "queue:read": _("Read the queue of support staff, with internal notes"),
    "queue:write": _("Work on requests as support staff: take, assign, answer, change severity"),
    "operations:read": _("Read how the portal itself is doing, and what failed"),
    "operations:write": _("Try again what failed for good, or give it up"),
    "profile:read": _("Read which notices come by mail, and where you are signed in"),
    "profile:write": _("Change your profile and which notices come by mail, and sign out your other devices"),
    "incidents:read": _("Read incidents of services and what is said about them"),
    "incidents:write": _("Follow incidents; as support staff, declare them and write updates"),
    "organisation:read": _("Read the organisation, its subscriptions and the plans"),
    "organisation:write": _("Change how to reach the organisation, and its business hours"),
    "sign-in:read": _("Read the organisation's mail domains and how its people sign in"),
    "sign-in:write": _("Change the organisation's mail domains and how its people sign in"),
    "desk:read": _("Read contracts, the support staff and its teams, as support staff"),
    "desk:write": _(
        "Look after customers, contracts, plans, policies, the rota, teams and colleagues, as support staff"
    ),
    "exports:read": _("List and download the exports that you asked for"),
    "exports:write": _("Ask for exports of what you may read, and remove them"),
    "audit:read": _("Read and export the audit trail"),
    "delegations:read": _("Read delegations to partners, and what partners ask for"),
    "delegations:write": _("Appoint partners, answer what they ask, end delegations; as a partner, ask"),
    "people:read": _("Read the people of the organisation, invitations and service principals"),
    "people:write": _("Invite people, change roles, close accounts, look after service principals"),
    "webhooks:read": _("Read webhook endpoints and the log of their deliveries"),
    "webhooks:write": _("Make, change and remove webhook endpoints, and send deliveries again"),
    "selfhelp:read": _("Read articles, phone numbers, the comparison of plans, the catalogue and the severities"),
    "selfhelp:write": _("Say whether an article helped"),
    "tokens:read": _("List your API tokens"),
    "tokens:write": _("Make and revoke API tokens with no more rights than this one"),
}
READ_DESK, WRITE_DESK = "desk:read", "desk:write"
FOR_STAFF = (
    "queue:read",
    "queue:write",
    "operations:read",
    "operations:write",
    READ_DESK,
    WRITE_DESK,
)  # of no use to anybody else
ANY_SCOPE = ""  # for operations that every valid token may call
