"""People of an organisation, invitations, and whose requests are whose."""

from __future__ import annotations

from tests.door.recipes import Of, Secret, operation
from tests.door.recipes.accounts import PASSWORDS

PERSON, INVITATION = {"person_id": Of("reader_id")}, {"invitation_id": Of("invitation")}
DESK = ("lead", "manager", "operator")  # who keeps organisations
LINK, NUMBER = {"key": Secret("invitation_key", tells=("name",))}, {"number": Of("open")}

operation("accounts:edit_own_organisation", by="admin", shows=True)
operation(
    "accounts:edit_own_organisation", "POST", by="admin",
    body={"phone": "+886 2 5550 0100", "language": "en", "timezone": "Asia/Taipei", "version": "1"},
)  # fmt: skip
operation("accounts:invite", by="admin", shows=True)
operation(
    "accounts:invite", "POST", by="admin",
    body={"name": "Wei", "email": Secret("new_email"), "roles": ["reader"], "language": "en"},
)  # fmt: skip
operation("accounts:resend_invitation", "POST", by="admin", others=DESK, path=INVITATION)
operation("accounts:withdraw_invitation", "POST", by="admin", others=DESK, path=INVITATION)
operation("accounts:invitation", by="anonymous", path=LINK)
operation("accounts:invitation", "POST", by="anonymous", path=LINK, body={"name": "Wei", **PASSWORDS})
operation("tickets:person", by="admin", path=PERSON, shows=True)
operation("tickets:change_roles", by="admin", path=PERSON)
operation("tickets:change_roles", "POST", by="admin", path=PERSON, body={"roles": ["billing_admin"], "seen": "reader"})
operation("tickets:hand_over_all", by="admin", path=PERSON)
operation(
    "tickets:hand_over_all", "POST", by="admin", path=PERSON, body={"hand_over-hand_over_to": Of("second_admin_id")}
)
operation("tickets:deactivate_person", by="admin", path=PERSON)
operation(
    "tickets:deactivate_person", "POST", by="admin", path=PERSON, body={"leaving-hand_over_to": Of("second_admin_id")}
)
operation("tickets:reactivate_person", by="admin", path={"person_id": Of("closed_id")})
operation("tickets:reactivate_person", "POST", by="admin", path={"person_id": Of("closed_id")})
operation("tickets:hand_over", by="admin", path=NUMBER, shows=True)
operation("tickets:hand_over", "POST", by="admin", path=NUMBER, body={"primary_contact": Of("second_admin_email")})

PRINCIPAL = {"principal_id": Of("principal")}
TOKEN = {**PRINCIPAL, "token_id": Of("principal_token")}

operation("accounts:principals", by="admin", shows=True)
operation("accounts:principals", "POST", by="admin", body={"name": "Robot", "roles": ["reader"]})
operation("accounts:principal", by="admin", path=PRINCIPAL, shows=True)
operation("accounts:principal_roles", by="admin", path=PRINCIPAL)
operation("accounts:principal_roles", "POST", by="admin", path=PRINCIPAL, body={"roles": ["billing_admin"]})
operation("accounts:issue_principal_token", by="admin", path=PRINCIPAL)
operation(
    "accounts:issue_principal_token", "POST", by="admin", path=PRINCIPAL, shows=True,
    body={"name": "Probe", "scopes": ["requests:read"], "days": "30"},
)  # fmt: skip
operation("accounts:revoke_principal_token", by="admin", path=TOKEN)
operation("accounts:revoke_principal_token", "POST", by="admin", path=TOKEN)
operation("accounts:end_principal", by="admin", path=PRINCIPAL)
operation("accounts:end_principal", "POST", by="admin", path=PRINCIPAL)

operation("api-people", by="admin", shows=True, pages="cursor")
operation("api-person", by="admin", path=PERSON, shows=True)
operation("api-person-roles", "POST", by="admin", path=PERSON, body={"roles": ["billing_admin"]}, shows=True)
operation(
    "api-person-deactivate", "POST", by="admin", path=PERSON, shows=True, body={"hand_over_to": Of("second_admin_id")}
)
operation("api-person-reactivate", "POST", by="admin", path={"person_id": Of("closed_id")}, body={}, shows=True)
operation("api-invitations", by="admin", shows=True, pages="cursor")
operation(
    "api-invitations", "POST", by="admin",
    body={"name": "Wei", "email": Secret("new_email"), "roles": ["reader"], "language": "en"},
)  # fmt: skip
operation("api-invitation", by="admin", path=INVITATION, shows=True)
operation("api-invitation", "DELETE", by="admin", path=INVITATION)
operation("api-invitation-resend", "POST", by="admin", path=INVITATION, body={}, shows=True)
operation("api-service-principals", by="admin", shows=True, pages="cursor")
operation("api-service-principals", "POST", by="admin", body={"name": "Robot", "roles": ["reader"]})
operation("api-service-principal", by="admin", path=PRINCIPAL, shows=True)
operation(
    "api-service-principal-roles", "POST", by="admin", path=PRINCIPAL, body={"roles": ["billing_admin"]}, shows=True
)
operation("api-service-principal-deactivate", "POST", by="admin", path=PRINCIPAL, body={}, shows=True)
operation("api-service-principal-tokens", by="admin", path=PRINCIPAL, shows=True, pages="cursor")
operation(
    "api-service-principal-tokens", "POST", by="admin", path=PRINCIPAL, shows=True,
    body={"name": "Probe", "scopes": ["requests:read"]},
)  # fmt: skip
operation("api-service-principal-token", by="admin", path=TOKEN, shows=True)
operation("api-service-principal-token", "DELETE", by="admin", path=TOKEN)
