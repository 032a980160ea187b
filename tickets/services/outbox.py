"""The outbox: who may send which mail now, and what became of it (P-2, P-9).

Whoever decides about a person's mail holds that person's lock, so that one relay at a time counts the hour's number,
the mails in flight and the order within a request. The lock ends with the claim; a lease protects the sending.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, QuerySet

from accounts import clock
from accounts.audit import About, record_event
from accounts.models import Delivery, DeliveryState
from tickets.rationing import AN_HOUR_HOLDS, IN_FLIGHT, Ration, Waiting, ration
from tickets.services import holding

LEASE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
GATHERING = timedelta(minutes=1)  # from the first mail that is held back to the digest
DIGEST = "digest"
UNFINISHED = [DeliveryState.PENDING, DeliveryState.HELD, DeliveryState.FAILED]
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
)
LAST_PAUSE, GIVE_UP_AFTER = timedelta(hours=10), timedelta(days=5)
MOST_TRIES_OF_OURS = 8  # for a mail that cannot even be written, as for a timer
AWAY = "server away: "  # begins `last_error` where the mail server, not this mail, was the trouble
OURS = "cannot be written: "
STEPS_ASIDE_AFTER = 3  # failed tries, after which a mail no longer keeps back those behind it
LOCKS = 0x6D61696C << 32  # "mail", and the person's id: our part of PostgreSQL's advisory locks
MOST_PEOPLE = 100  # at a claim; each takes a place in the database's table of locks

# Who already has as many mails in flight as there may be is left out, so that others come to be looked at.
IN_TURN = """
    SELECT person_id FROM (
        SELECT person_id, min(urgency) AS urgency, min(id) AS first FROM accounts_delivery
        WHERE state = 'pending' AND channel = 'mail'
        GROUP BY person_id
        HAVING bool_or(next_attempt_at <= %(now)s) AND count(*) FILTER (WHERE lease_until > %(now)s) < %(in_flight)s
        UNION ALL
        SELECT person_id, min(urgency), min(id) FROM accounts_delivery
        WHERE state = 'digested' AND digest_id IS NULL AND next_attempt_at <= %(now)s GROUP BY person_id
    ) AS waiting
    GROUP BY person_id ORDER BY min(urgency), min(first) LIMIT %(most)s
"""
# On ids that are there already: in a query of its own, so that no row is locked which is not asked for.
LOCK = "SELECT id FROM unnest(%s::bigint[]) AS person (id) WHERE pg_try_advisory_xact_lock(%s + id)"


@transaction.atomic
def claim(batch: int) -> list[Delivery]:
    """Lease up to `batch` mails to this process, most urgent first; if it dies, the leases lapse.

    Each statement after the lock sees what the holder before us committed: nothing here is read beside it.
    """
    holding.heed_restore()
    now = clock.now()
    chosen = _to_addresses(batch, now=now)
    people = _locked(now)
    if people:
        _write_digests(people, now=now)
        chosen += _rationed(people, now=now)
    return lease(chosen, batch=batch, now=now)


def _to_addresses(batch: int, *, now: datetime) -> list[int]:
    """Due mails to people without an account: each stands for itself, and its own row is lock enough."""
    due = Delivery.objects.filter(
        channel=Delivery.Channel.MAIL, state=DeliveryState.PENDING, person=None, next_attempt_at__lte=now
    )
    return list(due.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:batch])


def _locked(now: datetime) -> list[int]:
    """People with something due whom no other relay is deciding about."""
    with connection.cursor() as cursor:
        cursor.execute(IN_TURN, {"now": now, "in_flight": IN_FLIGHT, "most": MOST_PEOPLE})
        in_turn = [person for (person,) in cursor.fetchall() if person]
        if not in_turn:
            return []
        cursor.execute(LOCK, [in_turn, LOCKS])
        return [person for (person,) in cursor.fetchall()]


def _rationed(people: Sequence[int], *, now: datetime) -> list[int]:
    """The mails that may go out to these people now; what is beyond the hour's number is put down for a digest.

    A mail that is marked as sent between the two reads is counted as being on its way.
    """
    waiting = _waiting(people, now=now)
    flying = [mail.id for mails in waiting.values() for mail in mails if mail.in_flight]
    sent = _sent_within_the_hour(people, beside=flying, now=now)
    allowed = max(1, int(AN_HOUR_HOLDS * settings.RATE_LIMIT_FACTOR))
    rations: dict[int, Ration] = {
        person: ration(mails, sent=sent.get(person, 0), allowed=allowed) for person, mails in waiting.items()
    }
    _hold_back({person: each.digest for person, each in rations.items() if each.digest}, now=now)
    return [mail for each in rations.values() for mail in each.send]


def _waiting(people: Sequence[int], *, now: datetime) -> dict[int, list[Waiting]]:
    rows = Delivery.objects.filter(
        channel=Delivery.Channel.MAIL, state=DeliveryState.PENDING, person__in=people, delivered_at=None
    )
    found = rows.values_list(
        "person_id", "pk", "number", "urgency", "next_attempt_at", "lease_until", "attempts", "last_error"
    )
    waiting: dict[int, list[Waiting]] = defaultdict(list)
    for person, pk, number, urgency, next_attempt_at, lease_until, attempts, last_error in found:
        mail = Waiting(
            id=pk,
            number=number,
            urgency=urgency,
            due=next_attempt_at <= now,
            in_flight=lease_until is not None and lease_until > now,
            steps_aside=attempts >= STEPS_ASIDE_AFTER or last_error.startswith(OURS),
            counts=bool(number),
        )
        waiting[person or 0].append(mail)
    return waiting


def _sent_within_the_hour(people: Sequence[int], *, beside: Sequence[int], now: datetime) -> dict[int, int]:
    """How many notices about requests have reached each of them; mail about accounts and digests are beside those."""
    mails = Delivery.objects.filter(channel=Delivery.Channel.MAIL, state=DeliveryState.SENT, person__in=people)
    counted = mails.filter(delivered_at__gt=now - HOUR).exclude(number="").exclude(pk__in=beside)
    return {row["person"]: row["sent"] for row in counted.values("person").annotate(sent=Count("pk"))}


def _hold_back(mails_by_person: dict[int, list[int]], *, now: datetime) -> None:
    """Keep mails for the next digest: in a minute, or an hour after the last one."""
    earliest = _next_digests(mails_by_person, now=now)
    by_instant: dict[datetime, list[int]] = defaultdict(list)
    for person, mails in mails_by_person.items():
        by_instant[max(now + GATHERING, earliest.get(person, now))] += mails
    for at, mails in by_instant.items():
        pending = Delivery.objects.filter(pk__in=mails, state=DeliveryState.PENDING)
        pending.update(state=DeliveryState.DIGESTED, next_attempt_at=at, lease_until=None)


def _next_digests(people: Iterable[int], *, now: datetime) -> dict[int, datetime]:
    """From when on each of these people may have another digest; who has had none within the hour is not there."""
    last = Delivery.objects.filter(notice=DIGEST, person__in=list(people), created_at__gt=now - HOUR)
    return {row["person"]: row["last"] + HOUR for row in last.values("person").annotate(last=Max("created_at"))}


def _write_digests(people: Sequence[int], *, now: datetime) -> None:
    """Write the mail that tells each of these people what was held back, where its time has come.

    Each is the one after the person's last: a second one after the same would be refused by the unique event (P-2).
    """
    kept = Delivery.objects.filter(state=DeliveryState.DIGESTED, digest=None, person__in=people)
    standing = kept.values("person").annotate(first=Min("next_attempt_at"), count=Count("pk"), urgency=Min("urgency"))
    due = [each for each in standing if each["first"] <= now]
    earliest = _next_digests([each["person"] for each in due], now=now) if due else {}
    for each in due:
        if each["person"] not in earliest:
            digest = _digest(each, now=now)
            kept.filter(person=each["person"]).update(digest=digest)


def _digest(standing: dict[str, Any], *, now: datetime) -> Delivery:
    person = standing["person"]
    data = {"person": person, "notices": standing["count"]}
    last = Delivery.objects.filter(notice=DIGEST, person=person).aggregate(last=Max("pk"))["last"] or 0
    event = record_event(
        "notices_digested", about=About(), at=now, ref=f"digest:{person}:{last}", internal=True, data=data
    )
    return Delivery.objects.create(
        event=event,
        channel=Delivery.Channel.MAIL,
        person_id=person,
        destination=f"person:{person}",
        notice=DIGEST,
        urgency=standing["urgency"],
        message_id=f"<{uuid.uuid4()}@{urlsplit(settings.PUBLIC_URL).hostname}>",
        next_attempt_at=now,
        created_at=now,
    )


def lease(deliveries: Iterable[int], *, batch: int, now: datetime) -> list[Delivery]:
    """Take these rows; the claim counts as a try.

    What is asked of them once more stands in the rows themselves, so that an operator's hold that came since is heeded.
    """
    ready = Delivery.objects.filter(pk__in=list(deliveries), state=DeliveryState.PENDING, next_attempt_at__lte=now)
    due = ready.select_related("event").order_by("urgency", "id")
    claimed = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:batch])
    leased = {"attempts": F("attempts") + 1, "lease_until": now + LEASE, "next_attempt_at": now + LEASE}
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in claimed]).update(**leased)
    for delivery in claimed:
        delivery.attempts += 1
        delivery.lease_until = delivery.next_attempt_at = now + LEASE
    return claimed


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    """The row as this process claimed it: every claim counts one try more."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING, attempts=delivery.attempts)


def renew(delivery: Delivery) -> bool:
    """Lease one claimed mail for its own sending; False when its lease lapsed and somebody else claimed it (P-2)."""
    until = clock.now() + LEASE
    return bool(_mine(delivery).update(lease_until=until, next_attempt_at=until))


def give_back(deliveries: Iterable[Delivery]) -> None:
    """Let others have what was claimed and not tried."""
    for delivery in deliveries:
        _mine(delivery).update(attempts=F("attempts") - 1, lease_until=None, next_attempt_at=clock.now())


def settle_sent(delivery: Delivery, *, now: datetime) -> None:
    """Note that it has gone.

    Whoever sent it says so, even when it took longer than the lease, an operator holds it now, or its endpoint was
    switched off meanwhile: it is out.
    """
    done = {"state": DeliveryState.SENT, "delivered_at": now, "lease_until": None, "last_error": ""}
    Delivery.objects.filter(pk=delivery.pk, state__in=UNFINISHED).update(**done)


def sent(delivery: Delivery) -> None:
    """Note that a mail has gone; one that had met a server that was away wakes the others that did."""
    now = clock.now()
    settle_sent(delivery, now=now)
    if delivery.notice == DIGEST:
        delivery.digested.update(delivered_at=now)
    if delivery.last_error.startswith(AWAY):
        wake(Delivery.objects.filter(channel=Delivery.Channel.MAIL), now=now)


def wake(deliveries: QuerySet[Delivery], *, now: datetime) -> None:
    """Let those of them that met a server that was away have their turn at once."""
    put_off = deliveries.filter(state=DeliveryState.PENDING, next_attempt_at__gt=now, lease_until=None)
    put_off.filter(last_error__startswith=AWAY).update(next_attempt_at=now)


def cancel(delivery: Delivery, *, why: str) -> None:
    """Note that a mail is not to be sent after all."""
    _mine(delivery).update(state=DeliveryState.CANCELLED, lease_until=None, last_error=why)


def fail(delivery: Delivery, *, why: str) -> None:
    """Give a mail up, for people to see."""
    _mine(delivery).update(state=DeliveryState.FAILED, lease_until=None, last_error=why[:200])


def put_off(delivery: Delivery, *, why: str, not_before: datetime | None = None) -> None:
    """Try again later, ± 20 % and `not_before`; give up after five days, after eight tries where the fault is ours."""
    now = clock.now()
    hopeless = why.startswith(OURS) and delivery.attempts >= MOST_TRIES_OF_OURS
    if hopeless or now - delivery.created_at > GIVE_UP_AFTER:
        fail(delivery, why=why)
        return
    pause = PAUSES[delivery.attempts - 1] if delivery.attempts <= len(PAUSES) else LAST_PAUSE
    at = now + pause * SystemRandom().uniform(0.8, 1.2)
    at = max(at, not_before or at)
    _mine(delivery).update(next_attempt_at=at, lease_until=None, last_error=why[:200])
