"""An invitation that waits, an address nobody has yet, a closed account, and a service principal with a token."""

from __future__ import annotations

from accounts import clock
from accounts.models import InvitationLink
from accounts.services.invitations import invite_person
from accounts.services.principals import create_principal, issue_principal_token
from accounts.unguessable import digest_of
from tests import factories
from tests.door.worlds import ORGANISATION, PEOPLE, Tenant, World

ORDER = 16
CODES = {"accounts_invitation": {"roles": "codes", "language": "a code", "outcome": "a code"}}


def furnish(world: World, tenant: Tenant) -> None:
    """What one tenant's directory holds beside its people."""
    invitation = invite_person(
        email=f"{tenant.says(PEOPLE, 'invited', joint='.')}@example.com",
        name=tenant.says(PEOPLE, "invited"),
        roles=["reader"],
        language="en",
        actor=tenant.actor("admin"),
    )
    key = f"{tenant.mark * 42}i"
    InvitationLink.objects.create(invitation=invitation, digest=digest_of(key), made_at=clock.now())
    closed = factories.make_person(
        tenant.organisation,
        name=tenant.says(PEOPLE, "closed"),
        email=f"{tenant.says(PEOPLE, 'closed', joint='.')}@example.com",
        is_active=False,
    )
    tenant.knows("invitation", invitation.pk, PEOPLE)
    tenant.knows("invitation_key", key, PEOPLE)
    tenant.knows("new_email", f"{tenant.says(PEOPLE, 'new', joint='.')}@example.com", PEOPLE)
    tenant.knows("closed_id", closed.pk, PEOPLE)
    tenant.knows("closed_email", closed.email, PEOPLE)
    principal = create_principal(
        name=tenant.says(ORGANISATION, "monitoring"), roles=["reader"], actor=tenant.actor("admin")
    )
    issued = issue_principal_token(
        principal_id=principal.pk,
        name=tenant.says(ORGANISATION, "probe"),
        scopes=["requests:read"],
        actor=tenant.actor("admin"),
    )
    tenant.knows("principal", principal.pk, ORGANISATION)
    tenant.knows("principal_token", issued.token.pk, ORGANISATION)
