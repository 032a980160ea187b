"""Single sign-on of an organisation, and the way to its issuer."""

from __future__ import annotations

from tests.door.recipes import Of, Secret, operation

CALLBACK = {"callback_key": Secret("callback_key")}
SETTINGS = {
    "issuer": "https://login.contoso.test",
    "client_id": "portal",
    "secret": "hush",
    "address_claim": "email",
    "version": "1",
}

operation("sign_on_choose", by="anonymous")
operation("sign_on_choose", "POST", by="anonymous", body={"login": Secret("admin_email")})
operation("sign_on_failed", by="anonymous")
operation("sign_on_start", by="anonymous", path=CALLBACK, status=(403,))  # it is not switched on
operation("sign_on_callback", by="anonymous", path=CALLBACK)
operation("accounts:save_sign_on", "POST", by="admin", body=SETTINGS)
operation("accounts:test_sign_on", by="admin", status=(424,))  # its issuer lies in our own network
operation("accounts:sign_on_tested", by="admin")
operation("accounts:switch_sign_on_on", "POST", by="admin")
operation("accounts:switch_sign_on_off", "POST", by="admin")
operation("accounts:map_role", "POST", by="admin", body={"value": "a group", "role": "reader"})
operation("accounts:unmap_role", "POST", by="admin", path={"mapping_id": Of("mapping")})
operation("accounts:release_identity", "POST", by="admin", path={"identity_id": Of("identity")})
