"""Elevated contracts as support staff keep them (EL-1): one at a time, and none that reaches back (SLA-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import (
    ContractNotFound,
    ContractOverlaps,
    InvalidParticulars,
    OrganisationNotFound,
    PersonNotFound,
    RecordChanged,
)
from accounts.models import ElevatedContract, Event, Organisation, Person
from accounts.permissions import require
from accounts.services.organisations import lock_open_organisation, lock_organisation, tell_global_admins
from accounts.services.subscriptions import NOTICE, check_end, check_span, instant
from accounts.transactions import service
from accounts.versions import AS_IT_IS, AsItIs

PROFESSIONAL_DIRECT_IN = ("US", "CA", "GB")  # EL-1
ACCOUNT_MANAGER = "account_manager"


@service
def add_contract(
    *,
    slug: str,
    kind: str,
    actor: Actor,
    account_manager_id: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    now: datetime | None = None,
) -> ElevatedContract:
    """Give an organisation elevated support, from now on unless told otherwise; promises made before stay as they are.

    Raises NotPermitted, OrganisationNotFound, OrganisationClosed, InvalidParticulars, PersonNotFound, ContractOverlaps.
    """
    assert now
    require(actor, "manage_contracts")
    organisation = lock_open_organisation(slug, actor, now=now)
    check_kind(kind, organisation)
    starts = starts_at or now
    check_span(starts, ends_at, now=now)
    contract = ElevatedContract(
        organisation=organisation,
        kind=kind,
        account_manager=_account_manager(account_manager_id),
        starts_at=starts,
        ends_at=ends_at,
    )
    _store(contract)
    manager = contract.account_manager_id
    span = {"starts_at": instant(starts), "ends_at": instant(ends_at)}
    _tell(_record("contract_added", contract, actor=actor, now=now, account_manager=manager, **span))
    return contract


@service
def change_contract(
    *,
    slug: str,
    contract_id: int,
    actor: Actor,
    account_manager_id: int | AsItIs | None = AS_IT_IS,
    ends_at: datetime | AsItIs | None = AS_IT_IS,
    version: int | None = None,
    now: datetime | None = None,
) -> ElevatedContract:
    """Change who looks after the organisation and when the contract ends.

    Raises NotPermitted, OrganisationNotFound, ContractNotFound (for one that is over, too), RecordChanged,
    InvalidParticulars, PersonNotFound, ContractOverlaps.
    """
    assert now
    require(actor, "manage_contracts")
    contract = _lock(slug, contract_id, actor, version=version, now=now)
    account_manager_id = contract.account_manager_id if account_manager_id is AS_IT_IS else account_manager_id
    ends_at = contract.ends_at if ends_at is AS_IT_IS else ends_at
    if ends_at != contract.ends_at:
        check_end(contract.starts_at, ends_at, now=now)
    told: dict[str, Any] = {}
    if account_manager_id != contract.account_manager_id:
        _account_manager(account_manager_id)
        told["account_manager"] = {"from": contract.account_manager_id, "to": account_manager_id}
    if ends_at != contract.ends_at:
        told["ends_at"] = {"from": instant(contract.ends_at), "to": instant(ends_at)}
    if not told:
        return contract
    contract.account_manager_id, contract.ends_at = account_manager_id, ends_at
    contract.version += 1
    _store(contract)
    _tell(_record("contract_altered", contract, actor=actor, now=now, **told))
    return contract


@service
def end_contract(
    *, slug: str, contract_id: int, actor: Actor, version: int | None = None, now: datetime | None = None
) -> ElevatedContract:
    """End elevated support now; a contract that has not begun goes. Promises made under it stay (SLA-5).

    Raises NotPermitted, OrganisationNotFound, ContractNotFound, RecordChanged.
    """
    assert now
    require(actor, "manage_contracts")
    contract = _lock(slug, contract_id, actor, version=version, now=now)
    ends = {"ends_at": {"from": instant(contract.ends_at), "to": instant(now)}}
    _tell(_record("contract_ended", contract, actor=actor, now=now, **ends))
    if contract.starts_at >= now:
        contract.delete()
        return contract
    contract.ends_at = now
    contract.version += 1
    _store(contract)
    return contract


def check_kind(kind: str, organisation: Organisation) -> None:
    """Raise InvalidParticulars for a kind that is not offered, or not where the organisation is (EL-1)."""
    if kind not in ElevatedContract.Kind.values:
        raise InvalidParticulars("kind", "choice")
    if kind == ElevatedContract.Kind.PROFESSIONAL_DIRECT and organisation.country not in PROFESSIONAL_DIRECT_IN:
        raise InvalidParticulars("kind", "professional_direct")


def _store(contract: ElevatedContract) -> None:
    """Store it; the database says whether there is another in that time."""
    try:
        with transaction.atomic():
            contract.save()
    except IntegrityError as error:
        raise ContractOverlaps from error


def _account_manager(person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    person = selectors.staff_with_roles(ACCOUNT_MANAGER).filter(pk=person_id).first()
    if person is None:
        raise PersonNotFound
    return person


def _lock(slug: str, contract_id: int, actor: Actor, *, version: int | None, now: datetime) -> ElevatedContract:
    """A contract that is not over, while nobody else changes any of its organisation's."""
    try:
        organisation = lock_organisation(slug, actor, now=now)
    except OrganisationNotFound:
        raise ContractNotFound from None
    contract = ElevatedContract.objects.filter(organisation=organisation, pk=contract_id).first()
    if contract is None or (contract.ends_at is not None and contract.ends_at <= now):
        raise ContractNotFound
    if version not in (None, contract.version):
        raise RecordChanged(contract.version)
    return contract


def _record(kind: str, contract: ElevatedContract, *, actor: Actor, now: datetime, **facts: Any) -> Event:
    about = About(organisation_id=contract.organisation_id)
    return record_event(
        kind, about=about, actor=actor, at=now, data={"contract": contract.pk, "kind": contract.kind, **facts}
    )


def _tell(event: Event) -> None:
    tell_global_admins(event, NOTICE, {"what": event.kind, **event.data})
