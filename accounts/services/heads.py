"""The day's head of a chain, mailed to whoever subscribes: against it, nobody can rewrite what came before (P-10)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import OrganisationNotFound
from accounts.models import DESK, HeadSubscription, MailedHead, Organisation, Person
from accounts.permissions import ACTS, require
from accounts.services.sealing import heads_of
from accounts.transactions import service

NOTICE = "audit_head"
NEVER = date(1970, 1, 1)


@service
def subscribe_to_head(*, actor: Actor, organisation: str = "", now: datetime | None = None) -> None:
    """Have a chain's head mailed to the actor each day: their own organisation's, or for staff one of their choice.

    Subscribing twice changes nothing. Raises NotPermitted, OrganisationNotFound.
    """
    assert now
    chain = _chain(actor, organisation)
    _row, is_new = HeadSubscription.objects.get_or_create(person_id=actor.person_id, organisation_id=chain or None)
    if is_new:
        _record("audit_head_subscribed", chain, actor=actor, at=now)


@service
def unsubscribe_from_head(*, actor: Actor, organisation: str = "", now: datetime | None = None) -> None:
    """Have it mailed no more. Raises NotPermitted, OrganisationNotFound."""
    assert now
    chain = _chain(actor, organisation)
    if HeadSubscription.objects.filter(person=actor.person_id, organisation=chain or None).delete()[0]:
        _record("audit_head_unsubscribed", chain, actor=actor, at=now)


@service
def mail_heads(*, now: datetime | None = None) -> int:
    """Mail the heads of the UTC day that has begun, each chain's once (for the sweep); return how many chains."""
    assert now
    day = now.astimezone(UTC).date()
    wanted = {each or DESK for each in HeadSubscription.objects.values_list("organisation", flat=True).distinct()}
    done = set(MailedHead.objects.filter(chain__in=wanted, day__gte=day).values_list("chain", flat=True))
    return sum(_mail(chain, now=now) for chain in sorted(wanted - done))


def _mail(chain: int, *, now: datetime) -> int:
    """Mail one head unless another sweep has; the row of the chain is the claim."""
    day = now.astimezone(UTC).date()
    head = heads_of([chain]).get(chain)
    if head is None:
        return 0
    MailedHead.objects.bulk_create([MailedHead(chain=chain, day=NEVER, sequence=0)], ignore_conflicts=True)
    last = MailedHead.objects.select_for_update(no_key=True).get(chain=chain)
    if last.day >= day:
        return 0
    told = {
        "date": day.isoformat(),
        "sequence": head.sequence,
        "hash": head.hash,
        "count": head.sequence - last.sequence,
    }
    MailedHead.objects.filter(chain=chain).update(day=day, sequence=head.sequence)
    about = About(organisation_id=chain or None)
    ref = f"audit_head:{chain}:{day.isoformat()}"
    event = record_event("audit_head_mailed", about=about, at=now, ref=ref, data=told)
    notice = Notice(NOTICE, subscribers(chain), {**told, "chain": chain}, mail_only=True)
    send_notice(event, notice, about=about)
    return 1


def subscribers(chain: int) -> list[Person]:
    """Whoever subscribes to the head of a chain and may still read the trail (P-6)."""
    subscribed = HeadSubscription.objects.filter(organisation=chain or None).values("person")
    people = Person.objects.with_roles().filter(is_active=True, pk__in=subscribed).order_by("pk")
    return [person for person in people if may_have(person, chain)]


def may_have(person: Person, chain: int) -> bool:
    """Whether the head of this chain is for this person, who comes with `role_names`."""
    if not ACTS["read_audit"] & {*person.role_names}:
        return False
    return person.is_staff or person.organisation_id == chain


def _chain(actor: Actor, organisation: str) -> int:
    require(actor, "read_audit")
    if not actor.is_staff:
        if actor.organisation_id is None or actor.on_behalf_of_id is not None:
            raise OrganisationNotFound
        return actor.organisation_id
    if not organisation:
        return DESK
    found = Organisation.objects.filter(slug=organisation).values_list("pk", flat=True).first()
    if found is None:
        raise OrganisationNotFound
    return found


def _record(kind: str, chain: int, *, actor: Actor, at: datetime) -> None:
    record_event(kind, about=About(organisation_id=chain or None), at=at, actor=actor)
