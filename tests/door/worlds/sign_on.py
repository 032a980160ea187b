"""Single sign-on: settings that were saved and not switched on, a role by claim, and somebody who is bound."""

from __future__ import annotations

from accounts.models import SignOnIdentity
from accounts.services.sign_on_settings import SignOnSettings, map_role, save_settings
from tests.door.worlds import ORGANISATION, PRIVATE, Tenant, World

ORDER = 16
CODES = {"accounts_singlesignon": {"callback_key": "drawn by lot", "sealed_secret": "encrypted"}}


def furnish(world: World, tenant: Tenant) -> None:
    """How the people of one tenant would sign in; nobody answers at this issuer."""
    issuer = f"https://127.0.0.1/{tenant.says(ORGANISATION, 'issuer', joint='-')}"
    wanted = SignOnSettings(
        issuer=issuer,
        client_id=tenant.says(ORGANISATION, "client"),
        secret=tenant.says(PRIVATE, "secret"),
        address_claim=tenant.says(ORGANISATION, "address"),
        roles_claim=tenant.says(ORGANISATION, "groups"),
    )
    saved = save_settings(wanted=wanted, version=None, actor=tenant.actor("admin"))
    tenant.knows("callback_key", saved.callback_key, ORGANISATION)
    mapping = map_role(value=tenant.says(ORGANISATION, "group"), role="reader", actor=tenant.actor("admin"))
    tenant.knows("mapping", mapping.pk, ORGANISATION)
    identity = SignOnIdentity.objects.create(
        organisation=tenant.organisation,
        person=tenant.people["reader"],
        issuer=issuer,
        subject=tenant.says(PRIVATE, "subject"),
    )
    tenant.knows("identity", identity.pk, ORGANISATION)
