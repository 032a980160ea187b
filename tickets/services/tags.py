"""The desk's list of tags, and what is put on a request and taken off it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.actors import Actor
from accounts.audit import About, record_event
from accounts.errors import RecordChanged
from accounts.permissions import require
from accounts.transactions import service
from tickets.errors import (
    IllegalTransition,
    TagExists,
    TagInUse,
    TooManyTags,
    TooManyTagsOnRequest,
    UnknownChoice,
    UnknownTag,
)
from tickets.events import EventKind
from tickets.lifecycle import State
from tickets.models import RequestTag, ServiceRequest, Tag
from tickets.models.tags import NAME_LIMIT
from tickets.selectors import tags as selectors
from tickets.services.base import checked_text, lock_request, record, state_of
from tickets.tag_names import clean_name, key_of

MOST = 300  # on offer at once: the list is chosen from
MOST_ON_ONE = 20
LIST_LOCK = 0x74616773 << 32  # "tags": our part of PostgreSQL's advisory locks


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a tag is to be; None leaves it as it is. An empty colour is none."""

    name: str | None = None
    colour: str | None = None
    archived: bool | None = None


@service
def add_tag(*, name: str, actor: Actor, colour: str = "", now: datetime | None = None) -> Tag:
    """Put a tag on the desk's list. Raises NotPermitted, InvalidText, UnknownChoice, TagExists, TooManyTags."""
    assert now
    require(actor, "manage_tags")
    tag = Tag()
    _set(tag, _columns(Wanted(name, colour), tag, now=now))
    _record("tag_added", tag, actor=actor, now=now)
    return tag


@service
def change_tag(
    *, tag_id: int, wanted: Wanted, actor: Actor, version: int | None = None, now: datetime | None = None
) -> Tag:
    """Rename, recolour, archive a tag or offer it again; the requests that carry it go on doing so.

    Raises NotPermitted, TagNotFound, RecordChanged, InvalidText, UnknownChoice, TagExists, TooManyTags.
    """
    assert now
    tag = _lock(tag_id, actor, version=version)
    before = {"colour": tag.colour}
    changes = _columns(wanted, tag, now=now)
    if changes:
        tag.version += 1
        _set(tag, changes)
        told = {"colour": {"from": before["colour"], "to": tag.colour}} if "colour" in changes else {}
        _record("tag_changed", tag, actor=actor, now=now, fields=sorted(set(changes) - {"key"}), **told)
    return tag


@service
def remove_tag(*, tag_id: int, actor: Actor, version: int | None = None, now: datetime | None = None) -> None:
    """Remove a tag that no request carries. Raises NotPermitted, TagNotFound, RecordChanged, TagInUse."""
    assert now
    tag = _lock(tag_id, actor, version=version)  # waits for whoever puts it on a request at this moment
    if RequestTag.objects.filter(tag=tag).exists():
        raise TagInUse
    _record("tag_removed", tag, actor=actor, now=now)
    tag.delete()


@service
def tag_request(
    *,
    number: str,
    actor: Actor,
    add: Collection[str] = (),
    remove: Collection[str] = (),
    version: int | None = None,
    now: datetime | None = None,
) -> ServiceRequest:
    """Put tags of the list on a request and take others off it, by name; what is so already is no change.

    Neither version nor `changed_at` moves, as with internal notes: customers are not to see that anything happened.
    Raises RequestNotFound, NotPermitted, VersionMismatch, IllegalTransition (archived), UnknownTag,
    TooManyTagsOnRequest.
    """
    assert now
    service_request = lock_request(number, actor, version=version)
    require(actor, "tag_request", on=service_request)
    if (state := state_of(service_request, now=now)) == State.ARCHIVED:
        raise IllegalTransition(state, "tag_request")
    carried = set(RequestTag.objects.filter(request=service_request).values_list("tag", flat=True))
    added = [pk for pk in _ids("add", add) if pk not in carried]
    removed = [pk for pk in _ids("remove", remove) if pk in carried]
    if added and len(carried) + len(added) - len(removed) > MOST_ON_ONE:
        raise TooManyTagsOnRequest
    if added or removed:
        _carry(service_request, added, removed)
        told = {"added": added, "removed": removed}
        record(service_request, EventKind.TAGGED, actor=actor, at=now, internal=True, data=told)
    return service_request


def _ids(field: str, names: Collection[str]) -> list[int]:
    """The tags of these names in the order of their keys; what is archived can be taken off, and not put on."""
    found = _held(names) if field == "add" else selectors.tags_called(names)
    for name in names:
        tag = found.get(key_of(name))
        if tag is None or (tag.archived_at is not None and field == "add"):
            raise UnknownTag(field, name)
    return [tag.pk for _key, tag in sorted(found.items())]


def _held(names: Collection[str]) -> dict[str, Tag]:
    """The tags of these names, kept from being archived or removed until this is over; others may hold them too.

    Foreign keys are checked at the end of a transaction, too late to be told of in words.
    """
    keys = sorted({key_of(name) for name in names} - {""})
    held = Tag.objects.raw("SELECT * FROM tickets_tag WHERE key = ANY(%s) ORDER BY id FOR SHARE", [keys])
    return {tag.key: tag for tag in held} if keys else {}


def _carry(service_request: ServiceRequest, added: list[int], removed: list[int]) -> None:
    RequestTag.objects.filter(request=service_request, tag__in=removed).delete()
    RequestTag.objects.bulk_create(
        RequestTag(organisation_id=service_request.organisation_id, request=service_request, tag_id=pk) for pk in added
    )


def _columns(wanted: Wanted, tag: Tag, *, now: datetime) -> dict[str, Any]:
    """The columns that change, checked."""
    columns: dict[str, Any] = {}
    if wanted.name is not None:
        name = checked_text("name", wanted.name, limit=NAME_LIMIT, clean=clean_name)
        columns |= {"name": name, "key": key_of(name)}
    if wanted.colour is not None:
        if wanted.colour and wanted.colour not in Tag.Colour.values:
            raise UnknownChoice("colour", wanted.colour)
        columns["colour"] = wanted.colour
    if wanted.archived is not None and wanted.archived != bool(tag.archived_at):
        columns["archived_at"] = now if wanted.archived else None
    joins = tag._state.adding or ("archived_at" in columns and not wanted.archived)
    if joins:
        _check_room()
    return {name: value for name, value in columns.items() if tag._state.adding or value != getattr(tag, name)}


def _check_room() -> None:
    """Raise TooManyTags where the list is full; of two that join at once the second one counts the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIST_LOCK])
    if selectors.tags(archived=False).count() >= MOST:
        raise TooManyTags


def _set(tag: Tag, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(tag, name, value)
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        raise TagExists from None


def _lock(tag_id: int, actor: Actor, *, version: int | None) -> Tag:
    require(actor, "manage_tags")
    tag = selectors.tag_of(tag_id, lock=True)
    if version is not None and version != tag.version:
        raise RecordChanged(tag.version)
    return tag


def _record(kind: str, tag: Tag, *, actor: Actor, now: datetime, **data: Any) -> None:
    """Ids and codes alone: what a tag is called is for people to choose, and events stay for ever."""
    record_event(kind, about=About(), actor=actor, at=now, internal=True, data={"tag": tag.pk, **data})
