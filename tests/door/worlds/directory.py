"""An invitation that waits with its link, an address nobody has yet, and somebody whose account is closed."""

from __future__ import annotations

from accounts import clock
from accounts.models import InvitationLink
from accounts.services.invitations import invite_person
from accounts.unguessable import digest_of
from tests import factories
from tests.door.worlds import PEOPLE, Tenant, World

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
