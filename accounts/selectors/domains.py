"""Reads of mail domains, always of one organisation (P-5)."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.errors import DomainLinkOver, DomainNotFound
from accounts.letters.domains import digest_of
from accounts.models import DomainLink, DomainState, MailDomain

log = structlog.get_logger(__name__)


def domains_of(actor: Actor) -> QuerySet[MailDomain]:
    """The domains of the organisation acted for that are not removed, by name."""
    standing = MailDomain.objects.filter(organisation=actor.organisation_id or 0).exclude(state=DomainState.REMOVED)
    return standing.select_related("added_by").order_by("name", "pk")


def domain_of(actor: Actor, domain_id: int) -> MailDomain:
    """One of them, or DomainNotFound (P-5)."""
    try:
        return domains_of(actor).get(pk=domain_id)
    except MailDomain.DoesNotExist:
        raise DomainNotFound from None


def linked_domain(actor: Actor, key: str, *, now: datetime) -> MailDomain:
    """The waiting domain that a link of a mail confirms for the actor's organisation.

    Raises DomainLinkOver, also for one that another organisation has confirmed meanwhile, which it does not tell (P-5).
    """
    links = DomainLink.objects.filter(digest=digest_of(key), expires_at__gte=now, domain__state=DomainState.WAITING)
    link = links.filter(domain__organisation=actor.organisation_id or 0).select_related("domain").first()
    if link is None:
        raise DomainLinkOver
    if MailDomain.objects.filter(name=link.domain.name, state=DomainState.CONFIRMED).exists():
        log.warning("domain.contested", domain=link.domain_id)  # support is asked next, and finds this
        raise DomainLinkOver
    return link.domain


def confirmed_domains(organisation_id: int) -> QuerySet[MailDomain]:
    """The confirmed domains of an organisation."""
    return MailDomain.objects.filter(organisation=organisation_id, state=DomainState.CONFIRMED)
