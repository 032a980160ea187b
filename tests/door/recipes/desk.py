"""Pages on which support staff keep organisations, what these bought, plans, themselves and their teams."""

from __future__ import annotations

from tests.door.recipes import Common, Of, operation

CUSTOMER = {"slug": Of("organisation")}
TRIAL = {**CUSTOMER, "reference": Of("trial")}
CONTRACT = {**CUSTOMER, "contract_id": Of("coming_contract")}
COLLEAGUE, TEAM, PLAN = {"person_id": Common("colleague")}, {"code": "billing"}, {"code": "office_365_e1"}
PARTICULARS = {"name": "Isar Werke", "country": "DE", "timezone": "Europe/Berlin", "language": "de"}
LATER = {"first_day": "2095-01-01", "last_day": "2095-12-31"}

operation("accounts:desk_organisation", by="engineer", path=CUSTOMER, shows=True)
operation("accounts:new_organisation", by="operator")
operation("accounts:new_organisation", "POST", by="operator", body={**PARTICULARS, "slug": "isar-werke"})
operation("accounts:edit_organisation", by="lead", path=CUSTOMER, shows=True)
operation(
    "accounts:edit_organisation",
    "POST",
    by="lead",
    others=("operator",),
    path=CUSTOMER,
    body={**PARTICULARS, "version": "1"},
)
operation("accounts:close_organisation", "POST", by="lead", others=("operator",), path=CUSTOMER)
operation("accounts:reopen_organisation", "POST", by="lead", others=("operator",), path=CUSTOMER)

operation("accounts:new_subscription", by="lead", path=CUSTOMER, shows=True)
operation(
    "accounts:new_subscription",
    "POST",
    by="lead",
    others=("operator",),
    path=CUSTOMER,
    body={"plan": "office_365_e1", "kind": "paid", "seats": "5", **LATER},
)
operation("accounts:desk_subscription", by="lead", path=TRIAL, shows=True)
operation(
    "accounts:desk_subscription",
    "POST",
    by="lead",
    others=("operator",),
    path=TRIAL,
    body={"seats": "11", "version": "1"},
)
operation(
    "accounts:buy_subscription",
    "POST",
    by="lead",
    others=("operator",),
    path=TRIAL,
    body={"buy-plan": "office_365_e3", "buy-seats": "11", "version": "1"},
)
operation("accounts:end_subscription", "POST", by="lead", others=("operator",), path=TRIAL)

operation("accounts:new_contract", by="lead", path=CUSTOMER, shows=True)
operation(
    "accounts:new_contract",
    "POST",
    by="lead",
    others=("operator",),
    path=CUSTOMER,
    body={"kind": "premier", "account_manager": Common("an_account_manager"), **LATER},
)
operation("accounts:desk_contract", by="lead", path=CONTRACT, shows=True)
operation(
    "accounts:desk_contract",
    "POST",
    by="lead",
    others=("operator",),
    path=CONTRACT,
    body={"account_manager": Common("an_account_manager"), "version": "1"},
)
operation("accounts:end_contract", "POST", by="lead", others=("operator",), path=CONTRACT)

operation("accounts:plans", by="engineer")
operation(
    "accounts:plans",
    "POST",
    by="lead",
    body={"name_en": "E5", "name_zh_hant": "E5", "slug": "e5", "family": "enterprise", "tier": "enterprise"},
)
operation("accounts:retire_plan", "POST", by="lead", path=PLAN)
operation("accounts:offer_plan", "POST", by="lead", path=PLAN)

operation("accounts:staff", by="engineer", pages="cursor")
operation("accounts:staff_member", by="engineer", path=COLLEAGUE)
operation("accounts:give_staff_role", "POST", by="lead", path=COLLEAGUE, body={"role": "senior_engineer"})
operation("accounts:take_staff_role", "POST", by="lead", path=COLLEAGUE, body={"role": "engineer"})
operation("accounts:staff_team", "POST", by="lead", path=COLLEAGUE, body={"team": "technical-emea"})
operation("accounts:staff_skills", "POST", by="lead", path=COLLEAGUE, body={"languages": ["en"], "day0": "9-17"})
operation("accounts:deactivate_staff", "POST", by="lead", path=COLLEAGUE)
operation("accounts:reactivate_staff", "POST", by="lead", path=COLLEAGUE)
operation("accounts:own_skills", by="engineer")
operation("accounts:own_skills", "POST", by="engineer", body={"languages": ["en"], "day0": "9-17"})

operation("accounts:teams", by="engineer")
operation("accounts:new_team", by="lead")
operation(
    "accounts:new_team",
    "POST",
    by="lead",
    body={"slug": "exchange", "name_en": "Exchange", "name_zh_hant": "Exchange", "support_kinds": ["technical"]},
)
operation("accounts:team", by="lead", path=TEAM)
operation(
    "accounts:team",
    "POST",
    by="lead",
    path=TEAM,
    body={"name_en": "Billing", "name_zh_hant": "Billing", "support_kinds": ["billing"]},
)
operation("accounts:retire_team", "POST", by="lead", path=TEAM)
operation("accounts:bring_team_back", "POST", by="lead", path=TEAM)

operation("accounts:invite_admin", by="lead", path=CUSTOMER, shows=True)
operation(
    "accounts:invite_admin",
    "POST",
    by="lead",
    others=("operator",),
    path=CUSTOMER,
    body={"name": "Ada", "email": "ada@example.org", "language": "en"},
)
operation("accounts:invite_staff", by="lead")
operation(
    "accounts:invite_staff",
    "POST",
    by="lead",
    body={"name": "Ada", "email": "ada@example.org", "language": "en", "roles": ["engineer"]},
)

ON_TRIAL, COMING = {"reference": Of("trial")}, {"contract_id": Of("coming_contract")}
KEEPERS = ("operator",)  # beside the lead, who keep what customers bought

operation("api-organisations", "POST", by="operator", body={**PARTICULARS, "slug": "isar-werke"})
operation("api-organisation-close", "POST", by="lead", others=KEEPERS, path=CUSTOMER, body={}, shows=True)
operation("api-organisation-reopen", "POST", by="lead", others=KEEPERS, path=CUSTOMER, body={}, shows=True)
operation(
    "api-subscriptions", "POST", by="lead", others=KEEPERS,
    body={"organisation": Of("organisation"), "plan": "office_365_e1", "seats": 5},
)  # fmt: skip
operation("api-subscription", by="admin", path=ON_TRIAL, shows=True)
operation("api-subscription", "PATCH", by="lead", others=KEEPERS, path=ON_TRIAL, body={"seats": 11}, shows=True)
operation("api-subscription-end", "POST", by="lead", others=KEEPERS, path=ON_TRIAL, body={}, shows=True)
operation("api-subscription-buy", "POST", by="lead", others=KEEPERS, path=ON_TRIAL, body={"seats": 11}, shows=True)
operation("api-contracts", by="lead", query={"organisation": Of("organisation")}, pages="cursor")
operation(
    "api-contracts", "POST", by="lead", others=KEEPERS,
    body={
        "organisation": Of("organisation"), "kind": "premier", "account_manager": Common("an_account_manager"),
        "starts_at": "2095-01-01T00:00:00Z", "ends_at": "2095-12-31T00:00:00Z",
    },
)  # fmt: skip
operation("api-contract", by="admin", path=COMING, shows=True)
operation(
    "api-contract", "PATCH", by="lead", others=KEEPERS, path=COMING, shows=True,
    body={"account_manager": Common("an_account_manager")},
)  # fmt: skip
operation("api-contract-end", "POST", by="lead", others=KEEPERS, path=COMING, body={}, shows=True)
operation(
    "api-plans", "POST", by="lead",
    body={"code": "e5", "names": {"en": "E5", "zh-Hant": "E5"}, "family": "enterprise", "tier": "enterprise"},
)  # fmt: skip
operation("api-plan", by="admin", path=PLAN)
operation("api-plan-retire", "POST", by="lead", path=PLAN, body={})
operation("api-plan-offer", "POST", by="lead", path=PLAN, body={})

SKILLS = {"services": [], "languages": ["en"], "hours": {"0": "9-17"}}
TERMS = {"names": {"en": "Exchange", "zh-Hant": "Exchange"}, "support_kinds": ["technical"]}
operation("api-teams", by="engineer", pages="cursor")
operation("api-teams", "POST", by="lead", body={"code": "exchange", **TERMS})
operation("api-team", by="engineer", path=TEAM)
operation("api-team", "PUT", by="lead", path=TEAM, body=TERMS)
operation("api-team-retire", "POST", by="lead", path=TEAM, body={})
operation("api-team-bring-back", "POST", by="lead", path=TEAM, body={})
operation("api-staff-invitations", by="lead", query={"organisation": Of("organisation")}, shows=True, pages="cursor")
operation("api-staff-invitation", by="lead", path={"invitation_id": Of("invitation")}, others=KEEPERS, shows=True)
operation("api-staff-invitation", "DELETE", by="lead", path={"invitation_id": Of("invitation")}, others=KEEPERS)
operation(
    "api-staff-invitation-resend",
    "POST",
    by="lead",
    path={"invitation_id": Of("invitation")},
    others=KEEPERS,
    body={},
    shows=True,
)
operation("api-colleagues", by="engineer", pages="cursor")
operation("api-colleague", by="engineer", path=COLLEAGUE)
operation("api-colleague-close", "POST", by="lead", path=COLLEAGUE, body={})
operation("api-colleague-open", "POST", by="lead", path=COLLEAGUE, body={})
operation("api-colleague-role-take", "POST", by="lead", path=COLLEAGUE, body={"role": "engineer"})
operation("api-colleague-team", "POST", by="lead", path=COLLEAGUE, body={"team": "technical-emea"})
operation("api-colleague-skills", by="engineer", path=COLLEAGUE)
operation("api-colleague-skills", "PUT", by="lead", path=COLLEAGUE, body=SKILLS)
