"""The table of acts by roles, cell by cell, against the table that people agreed on."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from accounts.errors import NotPermitted
from accounts.permissions import (
    ACTS,
    CUSTOMER_ROLES,
    DELEGABLE_ROLES,
    REACH,
    STAFF_ROLES,
    may,
    require,
)

ROLES = (
    "global_admin", "service_support_admin", "billing_admin", "user_admin", "helpdesk_admin",
    "exchange_admin", "sharepoint_admin", "skype_admin", "apps_admin", "reader",
    "engineer", "senior_engineer", "team_lead", "duty_manager",
    "billing_specialist", "presales_specialist", "account_manager", "operator",
)  # fmt: skip

# Columns as in ROLES: ten roles of customers, then eight of the support staff. x may, . may not.
GRID = """
read_request          xxxxx xxxxx  xxxx xxx.
export_requests       xxxxx xxxxx  xxxx xxx.
read_organisation     xxxxx xxxxx  .... ....
file_request          xxxxx xxxx.  .... ....
post_message          xxxxx xxxx.  .... ....
attach_file           xxxxx xxxx.  xxxx xx..
withdraw_request      xxxxx xxxx.  .... ....
reopen_request        xxxxx xxxx.  xxxx xx..
file_follow_up        xxxxx xxxx.  .... ....
set_severity          xxxxx xxxx.  .... ....
dispute_severity      xxxxx xxxx.  .... ....
change_subscription   xxxxx xxxx.  xxxx xx..
make_primary_contact  xx... .....  .... ....
answer_survey         xxxxx xxxx.  .... ....
escalate_request      xxxxx xxxx.  .... ....
ask_translator        xxxxx xxxx.  xxxx xx..
manage_people         x.... .....  .... ....
reset_factors         x.... .....  ..xx ...x
erase_person          x.... .....  .... ...x
manage_webhooks       xx... .....  .... ....
manage_principals     x.... .....  .... ....
edit_organisation     x.... .....  .... ....
manage_delegations    x.... .....  .... ....
ask_for_delegation    x.... .....  .... ....
assign_delegates      x.... .....  .... ....
manage_calendar       x.... .....  ..xx ....
manage_sign_in        x.... .....  .... ....
read_audit            x.... .....  ..xx ...x
manage_tokens         xxxxx xxxxx  xxxx xxxx
read_engagements      xx... ....x  .xxx ..x.
request_engagement    xx... .....  .... ....
write_on_engagement   xx... .....  .xxx ..x.
call_off_engagement   xx... .....  ..xx ..x.
plan_engagement       ..... .....  ..xx ..x.
work_on_engagement    ..... .....  .xxx ..x.
read_incidents        xxxxx xxxxx  xxxx xxxx
follow_incident       xxxxx xxxxx  .... ....
look_after_customers  ..... .....  .... ..x.
read_queue            ..... .....  xxxx xxx.
read_internal         ..... .....  xxxx xxx.
take_request          ..... .....  xxxx xx..
assign_request        ..... .....  xxxx xx..
release_request       ..... .....  xxxx xx..
reply_publicly        ..... .....  xxxx xx..
add_internal_note     ..... .....  xxxx xxx.
log_call              ..... .....  xxxx xx..
ask_customer          ..... .....  xxxx xx..
change_severity       ..... .....  xxxx xx..
correct_request       ..... .....  xxxx xx..
tag_request           ..... .....  xxxx xxx.
settle_dispute        ..... .....  .xxx ....
close_request         ..... .....  xxxx xx..
declare_incident      ..... .....  ..xx ...x
link_incident         ..... .....  xxxx xx..
escalate_to_senior    ..... .....  x.xx ....
arrange_translator    ..... .....  xxxx xx..
read_reports          xx... .....  ..xx ..x.
read_surveys          ..... .....  ..xx ....
read_assessment       ..... .....  .xxx ....
read_policies         ..... .....  xxxx xxxx
read_rota             ..... .....  xxxx xxxx
manage_rota           ..... .....  ..xx ....
publish_policy        ..... .....  ..xx ....
read_organisations    ..... .....  xxxx xxxx
manage_organisations  ..... .....  ..xx ...x
manage_contracts      ..... .....  ..xx ...x
manage_plans          ..... .....  ..xx ...x
read_staff            ..... .....  xxxx xxxx
manage_staff          ..... .....  ..x. ...x
appoint_operators     ..... .....  .... ...x
manage_teams          ..... .....  ..xx ...x
read_tags             ..... .....  xxxx xxxx
manage_tags           ..... .....  ..xx ...x
manage_skills         ..... .....  ..xx ...x
manage_desk_webhooks  ..... .....  ..x. ...x
read_operations       ..... .....  ..xx ...x
retry_failed          ..... .....  ..xx ...x
"""
EXPECTED = {
    act: {role for role, mark in zip(ROLES, "".join(marks), strict=True) if mark == "x"}
    for act, *marks in map(str.split, GRID.strip().splitlines())
}

# Kinds of support (technical, presales, billing, advisory), and the services if not all of them.
REACHES = {
    "global_admin": ("technical presales billing advisory", None),
    "service_support_admin": ("technical presales billing advisory", None),
    "billing_admin": ("presales billing", None),
    "user_admin": ("technical", "identity microsoft_365_apps"),
    "helpdesk_admin": ("technical", "identity microsoft_365_apps"),
    "exchange_admin": ("technical", "exchange_online"),
    "sharepoint_admin": ("technical", "sharepoint_online"),
    "skype_admin": ("technical", "skype_for_business"),
    "apps_admin": ("technical", "microsoft_365_apps"),
    "reader": ("technical presales billing advisory", None),
    "engineer": ("technical advisory", None),
    "senior_engineer": ("technical advisory", None),
    "team_lead": ("technical presales billing advisory", None),
    "duty_manager": ("technical presales billing advisory", None),
    "billing_specialist": ("presales billing", None),
    "presales_specialist": ("presales billing", None),
    "account_manager": ("technical presales billing advisory", None),
}
KINDS = ("technical", "presales", "billing", "advisory")
SERVICES = ("exchange_online", "sharepoint_online", "skype_for_business", "microsoft_365_apps", "identity", None)


@dataclass(frozen=True)
class Holding:
    """Somebody who holds some roles."""

    roles: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class About:
    """A request about something."""

    kind: str
    service_code: str | None


def holding(*roles: str) -> Holding:
    return Holding(frozenset(roles))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(role: str) -> None:
    """RO-1, RO-3"""
    assert {act for act in EXPECTED if may(holding(role), act)} == {act for act in EXPECTED if role in EXPECTED[act]}


def test_the_table_has_no_act_and_no_role_that_was_not_agreed_on() -> None:
    """RO-1, RO-3"""
    assert set(ACTS) == set(EXPECTED)
    assert (*CUSTOMER_ROLES, *STAFF_ROLES) == ROLES
    assert set().union(*ACTS.values()) <= set(ROLES)


def test_without_a_role_nothing_is_permitted() -> None:
    """SH-2"""
    for act in ACTS:
        with pytest.raises(NotPermitted) as refusal:
            require(holding(), act)

        assert refusal.value.act == act


@pytest.mark.parametrize("role", REACHES)
def test_each_role_reaches_the_requests_that_the_table_says(role: str) -> None:
    """RO-1, RO-3"""
    kinds, services = REACHES[role]
    for kind in KINDS:
        for service in SERVICES:
            within = kind in kinds.split() and (services is None or service in services.split())
            assert may(holding(role), "read_request", on=About(kind, service)) is within, (kind, service)


def test_every_role_that_reads_requests_has_a_reach() -> None:
    assert set(REACH) == ACTS["read_request"] == set(REACHES)


def test_several_roles_add_up_and_each_keeps_its_own_reach() -> None:
    """A reader who is also Exchange admin reads everything and files about Exchange only."""
    both = holding("reader", "exchange_admin")

    assert may(both, "read_request", on=About("billing", None))
    assert may(both, "file_request", on=About("technical", "exchange_online"))
    assert not may(both, "file_request", on=About("technical", "sharepoint_online"))
    assert not may(both, "file_request", on=About("billing", None))


def test_a_partner_can_be_given_every_duty_but_that_of_the_global_admin() -> None:
    """PA-1"""
    assert set(CUSTOMER_ROLES) - set(DELEGABLE_ROLES) == {"global_admin"}
