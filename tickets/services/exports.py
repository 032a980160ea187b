"""Exports: asked for, cancelled, downloaded, removed; a worker writes them (`exporting`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction

from accounts import clock, limits
from accounts.actors import PORTAL, Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import Event, Person
from accounts.permissions import may, require
from accounts.pseudonyms import pseudonym
from accounts.transactions import check_waiting, service
from tickets.errors import (
    ExportNotFound,
    ExportNotReady,
    ExportOver,
    ExportRoomFull,
    VersionMismatch,
)
from tickets.models import UNDER_WAY, Export, ExportFormat, ExportState
from tickets.selectors import exports as selectors
from tickets.selectors.exports import ACT, visible_exports
from tickets.selectors.narrowing import within_of
from tickets.services.storage import MEBIBYTE, remove_files

TASK = "tickets.write_exports"
EXPORTS_AN_HOUR = 5  # RELIABILITY.md section 3
ROWS_KEPT_FOR = timedelta(days=30)  # what became of an export can be looked up so long
DESK = "desk"  # the folder of files that belong to no organisation
PORTION = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have as a file; `filters` are those of the list, checked by the edge."""

    kind: str
    file_format: str
    language: str = "en"
    byte_order_mark: bool = False
    filters: Mapping[str, Any] = field(default_factory=dict)
    notify: bool = True


@service
def ask_for_export(*, wish: Wish, actor: Actor, internal: bool = True, now: datetime | None = None) -> Export:
    """Ask for a file of what the actor may read, five times an hour at most; a worker writes it.

    With `internal=False` even support staff get no more than customers read: their token lacks the scope for it.
    Raises NotPermitted, OrganisationNotFound, IncidentNotFound, TooMany, ExportRoomFull.
    """
    assert now
    require(actor, ACT)
    within_of(actor, wish.filters, now=now)
    limits.count(_bucket(actor), limit=EXPORTS_AN_HOUR, per=timedelta(hours=1), now=now)
    if selectors.room_used(actor.organisation_id) >= room():
        raise ExportRoomFull
    export = Export.objects.create(
        organisation_id=actor.organisation_id,
        requested_by_id=actor.person_id,  # type: ignore[misc]  # the portal itself asks for nothing
        on_behalf_of_id=actor.on_behalf_of_id,
        kind=wish.kind,
        file_format=wish.file_format,
        language=wish.language,
        byte_order_mark=wish.byte_order_mark and wish.file_format == ExportFormat.CSV,
        filters={name: _plain(value) for name, value in wish.filters.items()},
        internal=internal and may(actor, "read_internal"),
        reach=selectors.reach_of(actor),
        notify=wish.notify,
        asked_at=now,
        run_at=now,
    )
    told = {name: pseudonym(value) if name == "q" else value for name, value in export.filters.items()}
    record(export, "export_asked", actor=actor, at=now, data={"kind": wish.kind, "filters": told})
    transaction.on_commit(nudge, robust=True)
    return export


@service
def cancel_export(*, export_id: int, actor: Actor, version: int | None = None, now: datetime | None = None) -> Export:
    """Stop an export that is under way; what was written of it goes.

    Raises ExportNotFound, VersionMismatch, ExportOver.
    """
    assert now
    export = _lock(export_id, actor, version=version)
    if export.state not in UNDER_WAY:
        raise ExportOver
    settle(export, ExportState.CANCELLED, failure="by_asker", now=now)
    record(export, "export_cancelled", actor=actor, at=now)
    return export


@service
def remove_export(*, export_id: int, actor: Actor, version: int | None = None, now: datetime | None = None) -> None:
    """Remove an export with its file; one that is under way is cancelled by it.

    Raises ExportNotFound, VersionMismatch.
    """
    assert now
    export = _lock(export_id, actor, version=version)
    record(export, "export_removed", actor=actor, at=now, data={"from": selectors.state_at(export, now).value})
    _let_go_of_file(export)
    export.delete()


@service
def record_download(
    *, export_id: int, actor: Actor, internal: bool = True, begins_at: int = 0, now: datetime | None = None
) -> Export:
    """Put on record that the file goes to its asker, who may still read what it holds (P-6).

    Raises ExportNotFound, ExportNotReady, ExportBeyondReach.
    """
    assert now
    export = readable_export(export_id=export_id, actor=actor, internal=internal, now=now)
    record(export, "export_downloaded", actor=actor, at=now, data={"begins_at": begins_at})
    return export


def readable_export(*, export_id: int, actor: Actor, internal: bool = True, now: datetime) -> Export:
    """An export whose file its asker may have at `now`. Raises as `record_download` does."""
    export = selectors.export_of(actor, export_id, internal=internal)
    state = selectors.state_at(export, now)
    if state is not ExportState.READY or not path_of(export).is_file():
        raise ExportNotReady(state if state is not ExportState.READY else ExportState.EXPIRED)
    selectors.check_reach(export, actor)
    return export


def expire_exports(*, now: datetime | None = None) -> int:
    """Remove the files that are past their time, and the rows that were settled long ago; return how many went."""
    now = now or clock.now()
    past = Export.objects.filter(state=ExportState.READY, expires_at__lt=now).order_by("expires_at")
    gone = sum(_expire(export_id=pk, now=now) for pk in list(past.values_list("pk", flat=True)[:PORTION]))
    old = Export.objects.filter(settled_at__lt=now - ROWS_KEPT_FOR, key="").order_by("settled_at").values("pk")
    deleted, _tables = Export.objects.filter(pk__in=old[:PORTION]).delete()
    return gone + deleted


@service
def _expire(*, export_id: int, now: datetime | None = None) -> bool:
    assert now
    rows = Export.objects.select_for_update(no_key=True, skip_locked=True)
    export = rows.filter(pk=export_id, state=ExportState.READY).first()
    if export is None:
        return False
    settle(export, ExportState.EXPIRED, now=export.settled_at or now)
    record(export, "export_expired", at=export.expires_at or now)
    return True


def settle(export: Export, state: ExportState, *, failure: str = "", now: datetime) -> None:
    """End a locked export without a file; what there is of one goes once this is committed."""
    _let_go_of_file(export)
    export.state, export.failure, export.settled_at = state, failure, now
    export.key, export.sha256, export.run_at, export.held = "", "", None, False
    export.version += 1
    export.save()


def _let_go_of_file(export: Export) -> None:
    if export.key:
        path = path_of(export)
        transaction.on_commit(lambda: remove_files([path]), robust=True)


def record(
    export: Export, kind: str, *, at: datetime, actor: Actor = PORTAL, data: Mapping[str, Any] | None = None
) -> Event:
    """Write one event of an export; those of the desk are the desk's."""
    about = About(organisation_id=export.organisation_id)
    known = {"export": export.pk, "file_format": export.file_format}
    internal = export.organisation_id is None
    return record_event(kind, about=about, at=at, actor=actor, internal=internal, data={**known, **(data or {})})


def tell(event: Event, export: Export, notice: str) -> None:
    """Tell whoever asked, unless they wanted no notice."""
    if export.notify:
        people: Sequence[Person] = list(Person.objects.filter(pk=export.requested_by_id))
        about = About(organisation_id=export.organisation_id)
        send_notice(event, Notice(notice, people, {"export": export.pk}), about=about)


def path_of(export: Export) -> Path:
    """Where its file lies, beside attachments; the folder carries the organisation (P-5)."""
    return Path(settings.MEDIA_ROOT) / str(export.organisation_id or DESK) / export.key


def room() -> int:
    """The bytes that the exports of one organisation may take up together."""
    return int(settings.EXPORTS_ROOM_MIB) * MEBIBYTE


def nudge() -> None:
    """Hurry the writing by task name; with the broker away somebody looks all the same (P-9)."""
    current_app.send_task(TASK, expires=10, ignore_result=True, retry=False)


def _lock(export_id: int, actor: Actor, *, version: int | None) -> Export:
    try:
        export = visible_exports(actor).select_for_update(no_key=True).get(pk=export_id)
    except Export.DoesNotExist:
        raise ExportNotFound from None
    check_waiting()
    if version is not None and version != export.version:
        raise VersionMismatch(export.version)
    return export


def _bucket(actor: Actor) -> str:
    """An organisation counts as a whole; of the desk, which is many people, each counts alone."""
    return f"export:{actor.organisation_id}" if actor.organisation_id else f"export:person:{actor.person_id}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return sorted(value) if isinstance(value, set | frozenset | list | tuple) else value
