"""Files on a request: first stored, then given a row in the transaction of the act; both or neither (P-7, P-9)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from accounts.actors import Actor
from accounts.permissions import require
from accounts.transactions import check_waiting, service
from tickets.errors import AttachmentRefused, StorageFull
from tickets.events import EventKind
from tickets.models import Attachment, Message, Preview, Scan
from tickets.selectors.visibility import request_of
from tickets.services import inspection, pacing
from tickets.services.base import lock_open_request, record, save
from tickets.services.storage import MEBIBYTE, RefusedFile, StoredFile, Upload, storing

MOST_PER_MESSAGE = 10
ROOM_PER_ORGANISATION = 5 * 1024 * MEBIBYTE
LOCKS = 0x66696C65  # "file": with the organisation's id, the lock on its room


def attach_file(
    *,
    number: str,
    actor: Actor,
    upload: Upload,
    message: Message | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Attachment:
    """Store one file, outside of any transaction of its own, and attach it.

    Raises what `organisation_to_attach_for`, `storage.store` and `attach_stored` do.
    """
    organisation_id = organisation_to_attach_for(number=number, actor=actor)
    with storing([upload], organisation_id=organisation_id) as [outcome]:
        if isinstance(outcome, RefusedFile):
            raise outcome.error
        return attach_stored(number=number, actor=actor, file=outcome, message=message, version=version, now=now)


def organisation_to_attach_for(*, number: str, actor: Actor) -> int:
    """Whose files those of this request are, asked before anything is written to the disk.

    Raises RequestNotFound, NotPermitted.
    """
    service_request = request_of(actor, number)
    require(actor, "attach_file", on=service_request)
    return service_request.organisation_id


@service
def attach_stored(
    *,
    number: str,
    actor: Actor,
    file: StoredFile,
    message: Message | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Attachment:
    """Give a stored file its row, with one message of an open request, with the first one if none is named.

    Raises RequestNotFound, NotPermitted, IllegalTransition, AttachmentRefused, StorageFull.
    """
    assert now
    service_request = lock_open_request(number, actor, "attach_file", version=version, now=now)
    assert service_request.organisation_id == file.organisation_id
    message = message or service_request.messages.order_by("id").first()
    _check_room(service_request.organisation_id, service_request.pk, message, file.size)
    attachment = Attachment.objects.create(
        organisation_id=service_request.organisation_id,
        request=service_request,
        message=message,
        internal=bool(message and message.kind == "internal"),
        key=file.key,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        uploaded_by_id=actor.person_id or 0,
        uploaded_at=now,
        **_to_inspect(file, now=now),
    )
    if not attachment.internal:
        pacing.customer_acted(service_request, actor=actor, now=now)
        save(service_request, "queue_at", now=now)
    data = {"attachment": attachment.pk, "size": attachment.size}
    record(service_request, EventKind.ATTACHED, actor=actor, at=now, internal=attachment.internal, data=data)
    return attachment


def _to_inspect(file: StoredFile, *, now: datetime) -> dict[str, object]:
    """What is still to be done about a file, and since when."""
    scan = Scan.WAITING if settings.CLAMD_URL else Scan.UNSCANNED
    preview = Preview.WAITING if file.picture else Preview.NONE
    if scan == Scan.UNSCANNED and preview == Preview.NONE:
        return {}
    transaction.on_commit(inspection.nudge, robust=True)
    return {"scan": scan, "preview": preview, "inspect_at": now}


def _check_room(organisation_id: int, request_id: int, message: Message | None, size: int) -> None:
    """Refuse the eleventh file of a message, and what the organisation has no room for, however many come at once.

    The lock is the last that this transaction takes, and ends with it; the request's own guards the count.
    """
    if Attachment.objects.filter(request=request_id, message=message).count() >= MOST_PER_MESSAGE:
        raise AttachmentRefused("count")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, organisation_id % 2**31])
    check_waiting()
    kept = Attachment.objects.filter(organisation=organisation_id).exclude(scan=Scan.INFECTED)
    used = kept.aggregate(total=Sum("size"))["total"] or 0
    if used + size > ROOM_PER_ORGANISATION:
        raise StorageFull
