"""Second factors, one's own sessions, and another mail address."""

from __future__ import annotations

from tests.door.recipes import Of, Secret, operation

LINK = {"key": Secret("mail_change_key")}
FACTOR = {"factor_id": Of("factor")}

# Without a first step, or without what a key has signed, they lead back to the sign-in page.
operation("mfa_authenticate", by="anonymous")
operation("mfa_authenticate", "POST", by="anonymous", body={"code": "000000"})
operation("passkey", by="anonymous")
operation("passkey", "POST", by="anonymous", body={"credential": "{}"})
operation("passkey_options", "POST", by="anonymous")
operation("accounts:security", by="admin", shows=True)
operation("accounts:gate", by="admin")
operation("accounts:gate", "POST", by="admin", body={"code": "000000"})
operation("accounts:add_app", by="admin")
operation("accounts:add_app", "POST", by="admin", body={"code": "000000"})
operation("accounts:add_key", by="admin", shows=True)
operation("accounts:add_key", "POST", by="admin", body={"name": "Red key", "credential": "{}"}, shows=True)
operation("accounts:rename_key", "POST", by="admin", path=FACTOR, body={"name": "Green key"})
operation("accounts:remove_factor", "POST", by="admin", path=FACTOR)
operation("accounts:recovery_codes", by="admin")
operation("accounts:recovery_codes", "POST", by="admin")
operation("accounts:end_session", "POST", by="admin", path={"public_id": Of("own_session")})
operation("accounts:end_other_sessions", "POST", by="admin")
operation("accounts:change_address", by="admin")
operation("accounts:change_address", "POST", by="admin", body={"email": "somebody-new@example.com"})
operation("accounts:cancel_address", "POST", by="admin")
operation("accounts:confirm_address", by="anonymous", path=LINK, shows=True)
operation("accounts:confirm_address", "POST", by="anonymous", path=LINK)
operation("accounts:reset_factors", "POST", by="admin", path={"person_id": Of("reader_id")})
