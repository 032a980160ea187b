"""Organisations as support staff keep them: made, changed, closed, opened again (RO-3). Every act leaves an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import particulars as rules
from accounts import selectors
from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.calendars import public_holidays
from accounts.calendars.choices import Choices
from accounts.errors import (
    NameTaken,
    OrganisationClosed,
    OrganisationNotFound,
    PartnerHasCustomers,
    RecordChanged,
)
from accounts.models import Delegation, Event, Organisation
from accounts.particulars import Particulars
from accounts.permissions import require
from accounts.services.calendars import open_calendar
from accounts.services.people import lock_organisation as lock_acted_for
from accounts.transactions import check_waiting, service

USUAL_WEEK = {str(day): [["09:00", "18:00"]] for day in range(5)}  # DESIGN.md: Monday to Friday, local time
IN_EVENTS = (
    "country",
    "subdivision",
    "timezone",
    "language",
    "is_partner",
)  # the others may be personal


@service
def create_organisation(
    *, slug: str, particulars: Particulars, actor: Actor, now: datetime | None = None
) -> Organisation:
    """Take in a customer or a partner, with the usual business hours and the public holidays of its country.

    Raises NotPermitted, InvalidParticulars, NameTaken.
    """
    assert now
    require(actor, "manage_organisations")
    columns = _checked(particulars).as_columns()
    organisation = Organisation(slug=rules.checked_slug(slug), created_at=now, **columns)
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError:
        raise NameTaken from None
    open_calendar(organisation, _first_hours(particulars), now=now)
    _record("organisation_created", organisation, actor=actor, now=now, **{name: columns[name] for name in IN_EVENTS})
    return organisation


@service
def change_organisation(
    *, slug: str, changes: Mapping[str, Any], actor: Actor, version: int | None = None, now: datetime | None = None
) -> Organisation:
    """Write down those particulars that change; business hours have an editor of their own, promises their country.

    The event tells what codes were and are, and only that names and numbers changed (P-10). Raises NotPermitted,
    OrganisationNotFound, RecordChanged, InvalidParticulars, PartnerHasCustomers.
    """
    assert now
    require(actor, "manage_organisations")
    organisation = lock_organisation(slug, actor, version=version, now=now)
    return _write_down(organisation, changes, actor=actor, now=now)


@service
def change_own_particulars(
    *,
    actor: Actor,
    phone: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Organisation:
    """Write down how to reach the actor's own organisation, in which language and on which clocks; None leaves it.

    What contracts name (its name, its country) is the vendor's to change. Raises NotPermitted, OrganisationNotFound,
    RecordChanged, InvalidParticulars.
    """
    assert now
    require(actor, "edit_organisation")
    organisation = lock_acted_for(actor)
    if version not in (None, organisation.version):
        raise RecordChanged(organisation.version)
    given = {"phone": phone, "language": language, "timezone": timezone}
    changes = {name: value for name, value in given.items() if value is not None}
    return _write_down(organisation, changes, actor=actor, now=now)


@service
def close_organisation(
    *, slug: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Organisation:
    """Close an organisation: from their next click or call its people, its partners and all tokens are refused (P-6).

    Nothing of it is removed. Its open requests stay with the desk, with their promises and timers, and are finished
    there; nobody of the organisation is mailed any more, except its global admins of this. Raises NotPermitted,
    OrganisationNotFound, RecordChanged.
    """
    assert now
    require(actor, "manage_organisations")
    organisation = lock_organisation(slug, actor, version=version, now=now)
    return _set_open(organisation, False, "organisation_closed", actor=actor, now=now)


@service
def reopen_organisation(
    *, slug: str, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Organisation:
    """Let the people of a closed organisation in again, as they were; what expired meanwhile stays so.

    Raises NotPermitted, OrganisationNotFound, RecordChanged.
    """
    assert now
    require(actor, "manage_organisations")
    organisation = lock_organisation(slug, actor, version=version, now=now)
    return _set_open(organisation, True, "organisation_reopened", actor=actor, now=now)


def lock_organisation(slug: str, actor: Actor, *, now: datetime, version: int | None = None) -> Organisation:
    """Lock an organisation within the actor's reach; its row is the lock of its subscriptions and contracts.

    Raises OrganisationNotFound, RecordChanged when another `version` was read.
    """
    visible = selectors.visible_organisations(actor, now=now)
    try:
        organisation = visible.select_for_update(no_key=True).get(slug=slug)
    except Organisation.DoesNotExist:
        raise OrganisationNotFound from None
    check_waiting()
    if version not in (None, organisation.version):
        raise RecordChanged(organisation.version)
    return organisation


def lock_open_organisation(slug: str, actor: Actor, *, now: datetime) -> Organisation:
    """The same for one that is not closed; raises OrganisationClosed."""
    organisation = lock_organisation(slug, actor, now=now)
    if not organisation.is_active:
        raise OrganisationClosed
    return organisation


def tell_global_admins(event: Event, notice: str, context: dict[str, Any] | None = None) -> None:
    """Tell the global admins of an event's organisation about it."""
    assert event.organisation_id
    people = selectors.global_admins_of(event.organisation_id)
    send_notice(event, Notice(notice, people, context or {}), about=About(organisation_id=event.organisation_id))


def _set_open(organisation: Organisation, is_open: bool, kind: str, *, actor: Actor, now: datetime) -> Organisation:
    """Open or close it, and tell its global admins under the name of the event."""
    if organisation.is_active != is_open:
        organisation.is_active = is_open
        _save(organisation, "is_active")
        tell_global_admins(_record(kind, organisation, actor=actor, now=now), kind)
    return organisation


def _write_down(organisation: Organisation, changes: Mapping[str, Any], *, actor: Actor, now: datetime) -> Organisation:
    """Store what differs, with one event that tells it."""
    stands = Particulars(**{each.name: getattr(organisation, each.name) for each in fields(Particulars)})
    wanted = _checked(replace(stands, **changes)).as_columns()
    changed = {name: value for name, value in wanted.items() if getattr(organisation, name) != value}
    if not changed:
        return organisation
    if changed.get("is_partner") is False:
        _check_without_customers(organisation, now=now)
    told = {name: {"from": getattr(organisation, name), "to": changed[name]} for name in changed if name in IN_EVENTS}
    for name, value in changed.items():
        setattr(organisation, name, value)
    _save(organisation, *changed)
    _record("organisation_changed", organisation, actor=actor, now=now, fields=sorted(changed), **told)
    return organisation


def _checked(particulars: Particulars) -> Particulars:
    rules.check(particulars)
    name, phone = rules.checked_name(particulars.name), rules.checked_name(particulars.phone, field="phone", empty=True)
    return replace(particulars, name=name, phone=phone)


def _first_hours(particulars: Particulars) -> Choices:
    known = public_holidays.is_known(particulars.country, particulars.subdivision)
    return Choices(
        timezone=particulars.timezone,
        windows=USUAL_WEEK,
        country=particulars.country if known else "",
        subdivision=particulars.subdivision if known else "",
    )


def _check_without_customers(organisation: Organisation, *, now: datetime) -> None:
    if Delegation.objects.filter(partner=organisation, ended_at=None, expires_at__gte=now).exists():
        raise PartnerHasCustomers


def _save(organisation: Organisation, *fields: str) -> None:
    organisation.version += 1
    organisation.save(update_fields=[*fields, "version"])


def _record(kind: str, organisation: Organisation, *, actor: Actor, now: datetime, **data: object) -> Event:
    return record_event(kind, about=About(organisation_id=organisation.pk), actor=actor, at=now, data=data)
