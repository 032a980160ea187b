"""Mail domains: one that is confirmed, and one that waits for its proof with a link that was sent."""

from __future__ import annotations

from accounts import clock
from accounts.models import DomainLink, MailDomain
from accounts.services.domains import add_domain
from tests.door.worlds import DAY, ORGANISATION, Tenant, World
from tickets.links import digest_of

ORDER = 15
CODES = {"accounts_maildomain": {"state": "a code"}}


def furnish(world: World, tenant: Tenant) -> None:
    """The domains of one tenant."""
    confirmed, waiting = (
        add_domain(name=f"{tenant.says(ORGANISATION, name, joint='-')}.example", actor=tenant.actor("admin"))
        for name in ("mail", "more")
    )
    MailDomain.objects.filter(pk=confirmed.pk).update(state="confirmed", confirmed_at=clock.now())
    tenant.knows("domain", confirmed.pk, ORGANISATION)
    tenant.knows("waiting_domain", waiting.pk, ORGANISATION)
    key = f"{tenant.mark * 42}k"
    DomainLink.objects.create(domain=waiting, digest=digest_of(key), expires_at=clock.now() + DAY)
    tenant.knows("domain_key", key, ORGANISATION)
