"""Publishing a policy: checked whole, recorded, in force for every cycle that starts afterwards (SLA-1)."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import PORTAL, Actor
from accounts.audit import About, record_event
from accounts.permissions import require
from accounts.transactions import service
from sla.models import PolicyVersion
from sla.services import publish_policy_version


@service
def publish_policy(
    *, document: object, label: str, actor: Actor = PORTAL, now: datetime | None = None
) -> PolicyVersion:
    """Publish a policy document; an operator at the command line acts as the portal.

    Raises NotPermitted, PolicyInvalid with every fault, PolicyVersionTaken; nothing changes then.
    """
    assert now
    if actor is not PORTAL:
        require(actor, "publish_policy")
    published = publish_policy_version(document=document, published_by=label)
    data = {"version": published.version}
    record_event("policy_published", about=About(), actor=actor, at=now, ref=f"policy:{published.version}", data=data)
    return published
