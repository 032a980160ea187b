"""Mail domains of an organisation: added, proved by a mail to whoever runs them, removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import (
    DomainConfirmed,
    DomainLinkOver,
    DomainNotFound,
    DomainStands,
    InvalidDomain,
    PublicDomain,
    TooMany,
    TooManyDomains,
)
from accounts.models import DomainState, MailDomain, Person, SingleSignOn
from accounts.permissions import require
from accounts.pseudonyms import pseudonym
from accounts.selectors import domains
from accounts.services.people import lock_organisation
from accounts.signing_in import attempts
from accounts.signing_in.attempts import Limit
from accounts.signing_in.domain_names import MAILBOXES, domain_name, is_public
from accounts.transactions import service
from accounts.versions import check_version, version_from

MOST_DOMAINS = 100  # of one organisation
MAILS_WITHIN = timedelta(hours=1)
MAILS_PER_DOMAIN = 3
MAILS_PER_ORGANISATION = 20

log = structlog.get_logger(__name__)


@service
def add_domain(*, name: str, actor: Actor, now: datetime | None = None) -> MailDomain:
    """Put a domain down for the actor's organisation; it counts for nothing until it is proved.

    Whether another organisation has it makes no difference to the answer (P-5).
    Raises NotPermitted, InvalidDomain, PublicDomain, DomainStands, TooManyDomains.
    """
    assert now
    require(actor, "manage_sign_in")
    spelled = _checked(name)
    organisation = lock_organisation(actor)
    standing = domains.domains_of(actor)
    if standing.filter(name=spelled).exists():
        raise DomainStands
    if standing.count() >= MOST_DOMAINS:
        raise TooManyDomains
    domain = MailDomain.objects.create(
        organisation=organisation, name=spelled, added_by_id=_person_of(actor), added_at=now
    )
    _record("domain_added", domain, actor=actor, at=now)
    return domain


@service
def ask_for_proof(*, domain_id: int, mailbox: str, actor: Actor, now: datetime | None = None) -> MailDomain:
    """Mail a link of one use to a mailbox of the domain, which only whoever runs it can read.

    An organisation hears when it asks too often. What others have asked for the same domain it does not hear: beyond
    the domain's own limit it is answered as ever, and nothing is sent (P-5).
    Raises NotPermitted, DomainNotFound, DomainConfirmed, TooMany.
    """
    assert now
    require(actor, "manage_sign_in")
    lock_organisation(actor)
    domain = domains.domain_of(actor, domain_id)
    if domain.state == DomainState.CONFIRMED:
        raise DomainConfirmed
    if mailbox not in MAILBOXES:
        raise DomainNotFound
    organisation, called = domain.organisation_id, pseudonym(domain.name)
    attempts.count(
        [
            Limit(f"domain:{organisation}:{called}", MAILS_PER_DOMAIN, MAILS_WITHIN),
            Limit(f"domain:by:{organisation}", MAILS_PER_ORGANISATION, MAILS_WITHIN),
        ]
    )
    _ask(domain, mailbox, actor=actor, send=_domain_has_room(called), now=now)
    return domain


@service
def confirm_domain(*, key: str, actor: Actor, now: datetime | None = None) -> MailDomain:
    """Make the domain of a mailed link the organisation's own; the link and all its siblings end with it.

    Its reader has the mail, and is a global admin of the organisation that asked: neither alone confirms anything, so
    that whoever runs a domain cannot be talked into giving it away by a click.
    Raises NotPermitted, and DomainLinkOver for a link that is unknown, used, over, of others, or of a domain that
    somebody else has confirmed before.
    """
    assert now
    require(actor, "manage_sign_in")
    lock_organisation(actor)
    domain = domains.linked_domain(actor, key, now=now)
    domain.state, domain.confirmed_at, domain.confirmed_by_id = DomainState.CONFIRMED, now, actor.person_id
    try:
        with transaction.atomic():
            domain.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    except IntegrityError:
        raise DomainLinkOver from None
    domain.links.all().delete()
    _record("domain_confirmed", domain, actor=actor, at=now)
    return domain


@service
def remove_domain(
    *, domain_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> MailDomain:
    """Give a domain up; from now on nobody signs in through it, and others may prove it (P-6).

    Sessions that single sign-on opened for the organisation end at their next request.

    Raises NotPermitted, DomainNotFound, RecordChanged when another `version` was read.
    """
    assert now
    require(actor, "manage_sign_in")
    lock_organisation(actor)
    domain = domains.domain_of(actor, domain_id)
    check_version(version, domain_version(domain))
    if domain.state == DomainState.CONFIRMED:
        SingleSignOn.objects.filter(organisation=actor.organisation_id, enabled_at__isnull=False).update(enabled_at=now)
    domain.state, domain.removed_at = DomainState.REMOVED, now
    domain.save(update_fields=["state", "removed_at"])
    domain.links.all().delete()
    _record("domain_removed", domain, actor=actor, at=now)
    return domain


def domain_version(domain: MailDomain) -> int:
    """The version of a domain: how far it has come."""
    return version_from(domain.state)


def _checked(name: str) -> str:
    try:
        spelled = domain_name(name)
    except ValueError:
        raise InvalidDomain from None
    if is_public(spelled):
        raise PublicDomain
    return spelled


def _domain_has_room(called: str) -> bool:
    """Whether the mailboxes of a domain have had less than their number of mails, whoever asked for them."""
    try:
        attempts.count([Limit(f"domain:all:{called}", MAILS_PER_DOMAIN, MAILS_WITHIN)])
    except TooMany as refusal:
        log.warning("domain_proof.limited", retry_after=refusal.retry_after)
        return False
    return True


def _ask(domain: MailDomain, mailbox: str, *, actor: Actor, send: bool, now: datetime) -> None:
    domain.asked_at = now
    domain.save(update_fields=["asked_at"])
    domain.links.filter(expires_at__lt=now).delete()
    event = _record("domain_proof_asked", domain, actor=actor, at=now, mailbox=mailbox)
    if send:
        context = {"domain": domain.pk, "mailbox": mailbox}
        asking = Person.objects.filter(pk=_person_of(actor))
        about = About(organisation_id=domain.organisation_id)
        send_notice(event, Notice("domain_proof", asking, context, mail_only=True), about=about)


def _person_of(actor: Actor) -> int:
    assert actor.person_id is not None  # the portal itself has no role
    return actor.person_id


def _record(kind: str, domain: MailDomain, *, actor: Actor, at: datetime, **data: Any) -> Any:
    about = About(organisation_id=domain.organisation_id)
    return record_event(kind, about=about, at=at, actor=actor, data={"domain": domain.pk, **data})
