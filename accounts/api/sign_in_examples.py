"""Calls about mail domains and single sign-on, for the schema."""

from __future__ import annotations

from accounts.api.schema import sent

NEW_DOMAIN = [sent("A domain of one's own", {"name": "contoso.example"})]
PROVE = [sent("To the postmaster", {"mailbox": "postmaster"})]
SETTINGS = [
    sent(
        "An identity provider, for the first time",
        {
            "issuer": "https://login.contoso.example",
            "client_id": "support-portal",
            "secret": "b9Q2-only-an-example",
            "roles_claim": "groups",
            "creates_people": True,
        },
    )
]
MAP = [sent("A group files requests", {"value": "support-contacts", "role": "service_support_admin"})]
