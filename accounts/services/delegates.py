"""Which of a partner's people act for which customer (PA-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import DelegationNotFound, InvalidDelegation, PersonNotFound
from accounts.models import Delegation, DelegationAssignment
from accounts.permissions import require
from accounts.services.people import lock_organisation
from accounts.transactions import service
from accounts.versions import check_version


@service
def let_everybody_act(
    *, delegation_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Delegation:
    """Let all of the partner's people who hold a role there act for the customer; so it is until somebody is named.

    Raises NotPermitted, DelegationNotFound, RecordChanged when another `version` was read.
    """
    assert now
    delegation = _lock(delegation_id, actor, version, now=now)
    if not delegation.for_everybody:
        _replace(delegation, {}, for_everybody=True, actor=actor, now=now)
    return delegation


@service
def assign_delegates(
    *,
    delegation_id: int,
    people: Mapping[int, Iterable[str]],
    actor: Actor,
    version: int | None = None,
    now: datetime | None = None,
) -> Delegation:
    """Let only these people of the partner act for the customer, each in some of the duties delegated (PA-1).

    It counts from their next request (P-6). Raises NotPermitted, DelegationNotFound, PersonNotFound (nobody of the
    partner, or without a role there), InvalidDelegation (duties that were not delegated, or none), RecordChanged.
    """
    assert now
    delegation = _lock(delegation_id, actor, version, now=now)
    wanted = {person_id: sorted(set(duties)) for person_id, duties in people.items()}
    known = set(selectors.delegates_to_be(actor).values_list("pk", flat=True))
    if not set(wanted) <= known:
        raise PersonNotFound
    if not all(duties and set(duties) <= set(delegation.duties) for duties in wanted.values()):
        raise InvalidDelegation
    _replace(delegation, wanted, for_everybody=False, actor=actor, now=now)
    return delegation


def carry_over(before: Delegation, after: Delegation) -> None:
    """Let the people assigned under one delegation act under the one that takes its place, in what is left to them."""
    if before.for_everybody:
        return
    granted = set(after.duties)
    rows = [
        DelegationAssignment(
            delegation=after,
            person_id=row.person_id,
            duties=[duty for duty in row.duties if duty in granted],
            assigned_by_id=row.assigned_by_id,
            assigned_at=row.assigned_at,
        )
        for row in before.assignments.all()
        if granted & set(row.duties)
    ]
    DelegationAssignment.objects.bulk_create(rows)
    after.for_everybody = False
    after.save(update_fields=["for_everybody"])


def _lock(delegation_id: int, actor: Actor, version: int | None, *, now: datetime) -> Delegation:
    """A delegation in force that the actor's organisation holds."""
    require(actor, "assign_delegates")
    partner = lock_organisation(actor)
    held = selectors.live_delegations(now=now).filter(partner=partner.pk)
    try:
        delegation = held.select_for_update(of=("self",), no_key=True).get(pk=delegation_id)
    except Delegation.DoesNotExist:
        raise DelegationNotFound from None
    check_version(version, selectors.delegation_version(actor, delegation))
    return delegation


def _replace(
    delegation: Delegation, people: Mapping[int, list[str]], *, for_everybody: bool, actor: Actor, now: datetime
) -> None:
    delegation.assignments.all().delete()
    DelegationAssignment.objects.bulk_create(
        DelegationAssignment(
            delegation=delegation,
            person_id=person_id,
            duties=duties,
            assigned_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself assigns nobody
            assigned_at=now,
        )
        for person_id, duties in people.items()
    )
    delegation.for_everybody = for_everybody
    delegation.save(update_fields=["for_everybody"])
    data = {
        "delegation": delegation.pk,
        "everybody": for_everybody,
        "people": {str(person_id): duties for person_id, duties in people.items()},
    }
    about = About(organisation_id=delegation.partner_id)
    record_event("delegates_assigned", about=about, at=now, actor=actor, data=data)
