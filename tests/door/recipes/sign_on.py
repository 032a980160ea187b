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

DOMAIN, MAPPING, IDENTITY = {"domain_id": Of("domain")}, {"mapping_id": Of("mapping")}, {"identity_id": Of("identity")}
WANTED = {name: value for name, value in SETTINGS.items() if name != "version"}

operation("api-domains", by="admin", shows=True, pages="cursor")
operation("api-domains", "POST", by="admin", body={"name": "example-of-the-matrix.test"})
operation("api-domain", by="admin", path=DOMAIN, shows=True)
operation("api-domain", "DELETE", by="admin", path=DOMAIN)
operation(
    "api-domain-prove", "POST", by="admin", path={"domain_id": Of("waiting_domain")}, body={"mailbox": "postmaster"},
    shows=True,
)  # fmt: skip
operation("api-sign-on", by="admin", shows=True)
operation("api-sign-on", "PUT", by="admin", body=WANTED)
operation("api-sign-on-on", "POST", by="admin", body={}, status=(409,))  # nobody has tested it
operation("api-sign-on-off", "POST", by="admin", body={}, shows=True)
operation("api-mappings", by="admin", shows=True, pages="cursor")
operation("api-mappings", "POST", by="admin", body={"value": "a group", "role": "reader"})
operation("api-mapping", by="admin", path=MAPPING, shows=True)
operation("api-mapping", "DELETE", by="admin", path=MAPPING)
operation("api-identities", by="admin", shows=True, pages="cursor")
operation("api-identity", by="admin", path=IDENTITY, shows=True)
operation("api-identity", "DELETE", by="admin", path=IDENTITY)
