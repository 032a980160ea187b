"""People of an organisation, invitations, and whose requests are whose."""

from __future__ import annotations

from tests.door.recipes import Of, Secret, operation
from tests.door.recipes.accounts import PASSWORDS

PERSON, INVITATION = {"person_id": Of("reader_id")}, {"invitation_id": Of("invitation")}
LINK, NUMBER = {"key": Secret("invitation_key", tells=("name",))}, {"number": Of("open")}

operation("accounts:invite", by="admin", shows=True)
operation(
    "accounts:invite", "POST", by="admin",
    body={"name": "Wei", "email": Secret("new_email"), "roles": ["reader"], "language": "en"},
)  # fmt: skip
operation("accounts:resend_invitation", "POST", by="admin", path=INVITATION)
operation("accounts:withdraw_invitation", "POST", by="admin", path=INVITATION)
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
