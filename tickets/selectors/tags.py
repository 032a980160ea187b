"""Reads of the desk's tags: the list, what requests carry, and requests by what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.actors import Actor
from accounts.permissions import may
from tickets.errors import TagNotFound
from tickets.models import RequestTag, ServiceRequest, Tag
from tickets.tag_names import key_of

NO_TAG = 0  # the id of a name that no tag has
ALONG = Prefetch("tags", queryset=Tag.objects.order_by("key"))


def tags(*, archived: bool | None = None) -> QuerySet[Tag]:
    """The desk's tags by name; those on offer, those archived, or all."""
    rows = Tag.objects.order_by("key")
    return rows if archived is None else rows.filter(archived_at__isnull=not archived)


def tag_of(tag_id: int, *, lock: bool = False) -> Tag:
    """One of them, or TagNotFound."""
    rows = Tag.objects.select_for_update() if lock else Tag.objects.all()
    tag = rows.filter(pk=tag_id).first()
    if tag is None:
        raise TagNotFound
    return tag


def tags_called(names: Iterable[str]) -> dict[str, Tag]:
    """The tags of these names by key, whatever their case; in one query, and in none for no name."""
    keys = {key_of(name) for name in names} - {""}
    return {tag.key: tag for tag in Tag.objects.filter(key__in=keys)} if keys else {}


def ids_called(names: Sequence[str]) -> tuple[int, ...]:
    """Their ids, for a list of what carries all of them; `NO_TAG` for a name that no tag has."""
    found = tags_called(names)
    return tuple(found[key].pk if (key := key_of(name)) in found else NO_TAG for name in names if name.strip())


def carrying(rows: QuerySet[ServiceRequest], tag_ids: Iterable[int]) -> QuerySet[ServiceRequest]:
    """The requests that carry every one of these tags.

    Joined and by id: PostgreSQL knows of each id how many requests carry it, and begins with the rarer side. It weighs
    that for the first few joins alone (`join_collapse_limit`), to which a condition with EXISTS would not belong.
    """
    for tag_id in tag_ids:
        rows = rows.filter(tags=tag_id)  # at most one row each, by the constraint
    return rows


def with_tags(actor: Actor, rows: list[ServiceRequest]) -> list[ServiceRequest]:
    """The rows with what they carry read along, for somebody who sees tags: one query; for others none."""
    if may(actor, "read_internal"):
        prefetch_related_objects(rows, ALONG)
    return rows


def choices_for(service_request: ServiceRequest) -> list[Tag]:
    """The tags on offer, and those that the request carries, of which `carried` says so; in one query."""
    carried = Exists(RequestTag.objects.filter(tag=OuterRef("pk"), request=service_request))
    return list(tags().annotate(carried=carried).filter(Q(archived_at=None) | Q(carried=True)))


def tags_on(service_request: ServiceRequest) -> list[Tag]:
    """What a request carries, by name; in no query where it was read along."""
    return sorted(service_request.tags.all(), key=lambda tag: tag.key)


def names_of(tag_ids: Iterable[int]) -> dict[int, str]:
    """The names of tags that events tell of; in one query, and in none for no tag."""
    wanted = set(tag_ids)
    return dict(Tag.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def carried_counts(found: Iterable[Tag]) -> dict[int, int]:
    """How many requests carry each of these tags, from the index."""
    rows = RequestTag.objects.filter(tag__in=[tag.pk for tag in found]).order_by()
    return dict(rows.values_list("tag").annotate(Count("pk")))
