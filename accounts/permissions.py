"""Which role may do what (RO-1, RO-3): one table, and the questions asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from accounts.errors import Lack, NotPermitted

CUSTOMER_ROLES = (
    "global_admin",
    "service_support_admin",
    "billing_admin",
    "user_admin",
    "helpdesk_admin",
    "exchange_admin",
    "sharepoint_admin",
    "skype_admin",
    "apps_admin",
    "reader",
)
STAFF_ROLES = (
    "engineer",
    "senior_engineer",
    "team_lead",
    "duty_manager",
    "billing_specialist",
    "presales_specialist",
    "account_manager",
    "operator",
)
DELEGABLE_ROLES = tuple(role for role in CUSTOMER_ROLES if role != "global_admin")

_ADMINS = frozenset(CUSTOMER_ROLES) - {"reader"}
_READERS = frozenset(CUSTOMER_ROLES)
_AGENTS = frozenset(STAFF_ROLES) - {"account_manager", "operator"}
_LEADS = frozenset({"team_lead", "duty_manager"})
_ALL_KINDS = frozenset({"global_admin", "service_support_admin", "reader"})  # customers whose reach has no bounds
_DESK = _LEADS | {"senior_engineer"}  # who sees engagements of every customer

ACTS: dict[str, frozenset[str]] = {
    # what customers do
    "read_request": _READERS | _AGENTS | {"account_manager"},
    "export_requests": _READERS | _AGENTS | {"account_manager"},  # what they may read, as a file
    "read_organisation": _READERS,
    "file_request": _ADMINS,
    "post_message": _ADMINS,
    "attach_file": _ADMINS | _AGENTS,
    "withdraw_request": _ADMINS,
    "reopen_request": _ADMINS | _AGENTS,
    "file_follow_up": _ADMINS,
    "set_severity": _ADMINS,  # and only with elevated support, until the first response (SE-5)
    "dispute_severity": _ADMINS,  # all others, and elevated support after the first response (SE-5)
    "change_subscription": _ADMINS | _AGENTS,  # admins until the first response
    "make_primary_contact": frozenset({"global_admin", "service_support_admin"}),  # RO-2
    "answer_survey": _ADMINS,  # and only who was asked (RO-4)
    "escalate_request": _ADMINS,
    "ask_translator": _ADMINS | _AGENTS,  # LA-2
    "manage_people": frozenset({"global_admin"}),
    "reset_factors": frozenset({"global_admin"}) | _LEADS | {"operator"},  # services/second_factors.py tells of whom
    "erase_person": frozenset({"global_admin", "operator"}),  # one who was deactivated; the desk's of anybody
    "manage_webhooks": frozenset(
        {"global_admin", "service_support_admin"}
    ),  # who reads all requests; partners their own
    "manage_principals": frozenset({"global_admin"}),  # and the tokens of the organisation's programs
    "edit_organisation": frozenset({"global_admin"}),  # its telephone, language and time zone
    "manage_delegations": frozenset({"global_admin"}),
    "ask_for_delegation": frozenset({"global_admin"}),  # and only of a partner (PA-1)
    "assign_delegates": frozenset({"global_admin"}),  # of a partner, to its customers (PA-1)
    "manage_calendar": frozenset({"global_admin"}) | _LEADS,  # a lead for any organisation that they serve
    "manage_sign_in": frozenset({"global_admin"}),  # domains and single sign-on
    "read_audit": frozenset({"global_admin", "operator"}) | _LEADS,  # of the own organisation; the desk's people of all
    "manage_tokens": _READERS | frozenset(STAFF_ROLES),
    "read_engagements": _ALL_KINDS | _DESK | {"account_manager"},  # EL-1
    "request_engagement": _ALL_KINDS - {"reader"},  # and only with elevated support
    "write_on_engagement": (_ALL_KINDS - {"reader"}) | _DESK | {"account_manager"},
    "call_off_engagement": (_ALL_KINDS - {"reader"}) | _LEADS | {"account_manager"},
    "read_incidents": _READERS | frozenset(STAFF_ROLES),  # customers those that concern their organisation
    "follow_incident": _READERS,
    # what support staff do
    "plan_engagement": _LEADS | {"account_manager"},
    "work_on_engagement": _DESK | {"account_manager"},
    "look_after_customers": frozenset({"account_manager"}),
    "read_queue": _AGENTS | {"account_manager"},
    "read_internal": _AGENTS | {"account_manager"},
    "take_request": _AGENTS,
    "assign_request": _AGENTS,
    "release_request": _AGENTS,
    "reply_publicly": _AGENTS,
    "add_internal_note": _AGENTS | {"account_manager"},
    "log_call": _AGENTS,
    "ask_customer": _AGENTS,
    "change_severity": _AGENTS,
    "correct_request": _AGENTS,
    "tag_request": _AGENTS | {"account_manager"},
    "settle_dispute": frozenset({"senior_engineer"}) | _LEADS,  # SE-5
    "close_request": _AGENTS,
    "declare_incident": _LEADS | {"operator"},  # and write its updates
    "link_incident": _AGENTS,  # requests within reach
    "escalate_to_senior": frozenset({"engineer"}) | _LEADS,
    "arrange_translator": _AGENTS,
    "read_reports": frozenset({"global_admin", "service_support_admin", "account_manager"})
    | _LEADS,  # an account manager of their customers
    "read_surveys": _LEADS,
    "read_assessment": frozenset({"senior_engineer"}) | _LEADS,
    "read_policies": frozenset(STAFF_ROLES),
    "read_rota": frozenset(STAFF_ROLES),
    "manage_rota": _LEADS,
    "publish_policy": _LEADS,
    "read_organisations": _AGENTS | {"account_manager", "operator"},  # an account manager those they look after
    "manage_organisations": _LEADS | {"operator"},
    "manage_contracts": _LEADS | {"operator"},  # subscriptions too
    "manage_plans": _LEADS | {"operator"},
    "read_staff": frozenset(STAFF_ROLES),
    "manage_staff": frozenset({"team_lead", "operator"}),  # nobody their own roles
    "appoint_operators": frozenset({"operator"}),
    "manage_teams": _LEADS | {"operator"},
    "read_tags": frozenset(STAFF_ROLES),
    "manage_tags": _LEADS | {"operator"},
    "manage_skills": _LEADS | {"operator"},  # everybody of the staff their own
    "manage_desk_webhooks": frozenset({"team_lead", "operator"}),
    "read_operations": _LEADS | {"operator"},
    "retry_failed": _LEADS | {"operator"},
}

WITH_ELEVATED_SUPPORT = frozenset({"set_severity", "request_engagement"})  # acts that its contract brings (SE-5, EL-1)

TECHNICAL = ("technical",)
ALL_KINDS = ("technical", "presales", "billing", "advisory")


@dataclass(frozen=True, slots=True)
class Reach:
    """The requests that one role covers: kinds of support, and the services if not all of them."""

    kinds: tuple[str, ...]
    services: tuple[str, ...] | None = None

    def covers(self, *, kind: str, service: str | None) -> bool:
        """Tell whether a request of this kind about this service is within reach."""
        return kind in self.kinds and (self.services is None or service in self.services)


# "About users" (user and help-desk admins) is read as: sign-in and accounts, and what people install on their devices.
REACH: dict[str, Reach] = {
    "global_admin": Reach(ALL_KINDS),
    "service_support_admin": Reach(ALL_KINDS),
    "billing_admin": Reach(("presales", "billing")),
    "user_admin": Reach(TECHNICAL, ("identity", "microsoft_365_apps")),
    "helpdesk_admin": Reach(TECHNICAL, ("identity", "microsoft_365_apps")),
    "exchange_admin": Reach(TECHNICAL, ("exchange_online",)),
    "sharepoint_admin": Reach(TECHNICAL, ("sharepoint_online",)),
    "skype_admin": Reach(TECHNICAL, ("skype_for_business",)),
    "apps_admin": Reach(TECHNICAL, ("microsoft_365_apps",)),
    "reader": Reach(ALL_KINDS),
    "engineer": Reach(("technical", "advisory")),
    "senior_engineer": Reach(("technical", "advisory")),
    "team_lead": Reach(ALL_KINDS),
    "duty_manager": Reach(ALL_KINDS),
    "billing_specialist": Reach(("billing", "presales")),
    "presales_specialist": Reach(("presales", "billing")),
    "account_manager": Reach(ALL_KINDS),  # of the organisations they look after
}


class Subject(Protocol):
    """What an act is done on: anything with a kind of support and the code of a service."""

    @property
    def kind(self) -> str:
        """The kind of support."""

    @property
    def service_code(self) -> str | None:
        """The code of the service, if it is about one."""


class Holder(Protocol):
    """Whoever holds roles."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles held."""


def reaches(roles: Iterable[str], act: str) -> list[Reach]:
    """The reaches through which these roles may do `act`; empty when they may not at all."""
    return [REACH[role] for role in sorted(roles) if role in ACTS[act] and role in REACH]


def may(actor: Holder, act: str, *, on: Subject | None = None) -> bool:
    """Tell whether the actor may do `act`, on this request if one is given (RO-1)."""
    if not actor.roles & ACTS[act]:
        return False
    if on is None:
        return True
    return any(reach.covers(kind=on.kind, service=on.service_code) for reach in reaches(actor.roles, act))


def is_of_staff(actor: Holder) -> bool:
    """Tell whether the roles are those of support staff."""
    return not actor.roles.isdisjoint(STAFF_ROLES)


def require(actor: Holder, act: str, *, on: Subject | None = None) -> None:
    """Raise NotPermitted unless the actor may do `act` (RO-1)."""
    if not may(actor, act, on=on):
        raise refused(actor, act)


def refused(actor: Holder, *acts: str) -> NotPermitted:
    """The refusal of one who may do none of `acts`: of the first that others of their side may (RO-1)."""
    side = STAFF_ROLES if is_of_staff(actor) else CUSTOMER_ROLES
    act = next((act for act in acts if not ACTS[act].isdisjoint(side)), acts[0])
    return NotPermitted(act, lack=_lack_of(actor, act))


def _lack_of(actor: Holder, act: str) -> Lack:
    if is_of_staff(actor):
        return Lack.BEING_CUSTOMER if ACTS[act].isdisjoint(STAFF_ROLES) else Lack.STAFF_ROLE
    if ACTS[act].isdisjoint(CUSTOMER_ROLES):
        return Lack.BEING_STAFF
    if getattr(actor, "on_behalf_of_id", None) is not None:
        return Lack.BEING_OWN if ACTS[act].isdisjoint(DELEGABLE_ROLES) else Lack.DELEGATION
    return Lack.ORGANISATION if "global_admin" in actor.roles else Lack.ROLE
