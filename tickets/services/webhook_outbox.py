"""The outbox of webhooks: which of them go out now, and what came of each try (P-2, P-9).

Whoever decides about an endpoint holds its row, waiting for nobody; the lock ends with the claim, and a lease protects
the sending. Two deliveries at most are on their way to an endpoint, one of each request, in the order of its events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from accounts import clock
from accounts import selectors as accounts
from accounts.audit import About, Notice, record_event, send_notice
from accounts.models import Delivery, DeliveryState, OffReason, Person, WebhookAttempt, WebhookEndpoint
from accounts.outgoing import Answer
from accounts.transactions import service
from tickets.services import holding, outbox

IN_FLIGHT = 2  # to one endpoint, so that a slow one delays only itself
IN_FLIGHT_OF_ONE = 6  # to all endpoints of an organisation
STEPS_ASIDE_AFTER, STEPS_ASIDE_ALWAYS = 3, 6  # failed tries; see HEADS
SWITCHED_OFF_AFTER = outbox.GIVE_UP_AFTER
GONE = 410
AWAY = frozenset({408, 425, 429, 502, 503, 504})  # the receiver, not this delivery, is the trouble
ASKS_FOR_TIME = frozenset({429, 503})  # whose Retry-After counts
LONGEST_QUIET = outbox.LAST_PAUSE  # that anybody can ask for: as long as our own longest pause
EXCERPT = 1000  # characters
MOST_ENDPOINTS = 1000  # looked at in one claim
Head = tuple[int, int, str]  # delivery, endpoint, request or incident
Flying = tuple[int | None, int, str]  # organisation, endpoint, request or incident
NOTICE = "webhook_switched_off"

# What is first in line of each request and of each incident, oldest first, where its time has come. One that waits for
# its next try keeps back those behind it; it steps aside where the endpoint takes others and has refused this one three
# times, and in any case after six tries. What hangs on neither stands alone.
HEADS = """
    SELECT due.id, listed.id, due.thread FROM unnest(%(endpoints)s::bigint[]) WITH ORDINALITY AS listed (id, place)
    JOIN accounts_webhookendpoint AS endpoint ON endpoint.id = listed.id
    CROSS JOIN LATERAL (
        SELECT first.id, first.thread FROM (
            SELECT DISTINCT ON (number, CASE number WHEN '' THEN coalesce(context ->> 'incident', id::text) END)
                id, CASE number WHEN '' THEN coalesce(context ->> 'incident', '') ELSE number END AS thread,
                next_attempt_at
            FROM accounts_delivery
            WHERE endpoint_id = endpoint.id AND channel = 'webhook' AND state = 'pending' AND (
                next_attempt_at <= %(now)s OR lease_until > %(now)s
                OR attempts < CASE WHEN endpoint.failing_since IS NULL THEN %(aside)s ELSE %(always)s END)
            ORDER BY number, CASE number WHEN '' THEN coalesce(context ->> 'incident', id::text) END, id
        ) AS first
        WHERE first.next_attempt_at <= %(now)s ORDER BY first.id LIMIT %(in_flight)s
    ) AS due
    ORDER BY listed.place, due.id
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: an answer, or the fault for which there is none."""

    took: timedelta
    answer: Answer | None = None
    fault: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it: any 2xx."""
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.answer is not None and self.answer.status == GONE

    def quiet_until(self, *, now: datetime) -> datetime | None:
        """Until when the receiver wants nothing, as far as we go along with that; None where it did not ask."""
        if self.answer is None or self.answer.status not in ASKS_FOR_TIME:
            return None
        asked = self.answer.asked_until(now=now)
        return min(asked, now + LONGEST_QUIET) if asked and asked > now else None

    @property
    def why(self) -> str:
        """What stands in the row for it."""
        if self.answer is None:
            return f"{outbox.AWAY}{self.fault}"
        return f"{outbox.AWAY if self.answer.status in AWAY else ''}answered {self.answer.status}"


@transaction.atomic
def claim(batch: int, *, failing: int) -> list[Delivery]:
    """Lease up to `batch` webhooks to this process, of them `failing` at most to endpoints that took nothing lately."""
    holding.heed_restore()
    now = clock.now()
    chosen: list[int] = []
    for endpoints, most in ((_healthy(), batch), (_failing(), min(failing, batch))):
        chosen += _chosen(endpoints, most=min(most, batch - len(chosen)), now=now)
    return outbox.lease(chosen, batch=batch, now=now)


def is_waiting(*, since: datetime) -> bool:
    """Whether something that could go out has been due since then, with nobody on it."""
    flying = _flying(clock.now())
    waiting = _in_turn(_with_room(WebhookEndpoint.objects.all(), flying), now=since)
    return bool(_within_bounds(_heads(waiting, now=since), flying))


def _healthy() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(failing_since=None)


def _failing() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(failing_since__isnull=False)


def pending() -> QuerySet[Delivery]:
    """Webhooks that wait, or are on their way."""
    return Delivery.objects.filter(channel=Delivery.Channel.WEBHOOK, state=DeliveryState.PENDING)


def _chosen(endpoints: QuerySet[WebhookEndpoint], *, most: int, now: datetime) -> list[int]:
    """Up to `most` webhooks that may go out to some of these endpoints, which this transaction holds from now on.

    What is first in line is looked for twice: without locks, so that endpoints whose turn has not come take nobody's
    place, and again once they are held, since only then nobody else decides about them.
    """
    if most < 1:
        return []
    heads = _heads(_in_turn(_with_room(endpoints, _flying(now)), now=now), now=now)
    wanted = list(dict.fromkeys(endpoint for _, endpoint, _ in heads))[:most]
    rows = WebhookEndpoint.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True)
    held = set(rows.select_for_update(skip_locked=True, no_key=True))
    in_order = [endpoint for endpoint in wanted if endpoint in held]
    return _within_bounds(_heads(in_order, now=now), _flying(now))[:most]


def _with_room(endpoints: QuerySet[WebhookEndpoint], flying: list[Flying]) -> QuerySet[WebhookEndpoint]:
    """Those of them to which something more may be on its way."""
    to_it = Counter(endpoint for _, endpoint, _ in flying)
    of_owner = Counter(owner for owner, _, _ in flying)
    full = [endpoint for endpoint, amount in to_it.items() if amount >= IN_FLIGHT]
    owners = [owner for owner, amount in of_owner.items() if amount >= IN_FLIGHT_OF_ONE]
    crowded = Q(pk__in=full) | Q(organisation__in=[owner for owner in owners if owner])
    return endpoints.exclude(crowded | Q(organisation=None)) if None in owners else endpoints.exclude(crowded)


def _in_turn(endpoints: QuerySet[WebhookEndpoint], *, now: datetime) -> list[int]:
    """Endpoints with something due that have not asked to be left alone, whoever waits longest first."""
    of_it = pending().filter(endpoint=OuterRef("pk"))
    waits_since = Subquery(of_it.order_by("next_attempt_at").values("next_attempt_at")[:1])
    disturbable = endpoints.filter(Q(quiet_until=None) | Q(quiet_until__lte=now))
    waiting = disturbable.filter(Exists(of_it.filter(next_attempt_at__lte=now))).annotate(waits_since=waits_since)
    return list(waiting.order_by("waits_since", "pk").values_list("pk", flat=True)[:MOST_ENDPOINTS])


def _heads(endpoints: Sequence[int], *, now: datetime) -> list[Head]:
    """What is first in line at these endpoints, in their order."""
    if not endpoints:
        return []
    bounds = {"always": STEPS_ASIDE_ALWAYS, "aside": STEPS_ASIDE_AFTER, "in_flight": IN_FLIGHT}
    with connection.cursor() as cursor:
        cursor.execute(HEADS, {"endpoints": list(endpoints), "now": now, **bounds})
        return list(cursor.fetchall())


def _flying(now: datetime) -> list[Flying]:
    """What is on its way."""
    rows = pending().filter(lease_until__gt=now).order_by("pk")
    found = rows.values_list("endpoint__organisation", "endpoint", "number", "context__incident")
    return [(owner, endpoint, number or incident or "") for owner, endpoint, number, incident in found]


def _within_bounds(heads: Iterable[Head], flying: list[Flying]) -> list[int]:
    """Of these heads, what the bounds of endpoint, organisation, request and incident leave room for."""
    chosen = []
    owners = dict(WebhookEndpoint.objects.filter(pk__in={each[1] for each in heads}).values_list("pk", "organisation"))
    for delivery, endpoint, thread in heads:
        owner = owners[endpoint]
        threads = [flown for _, each, flown in flying if each == endpoint]
        of_owner = sum(each == owner for each, _, _ in flying)
        if len(threads) < IN_FLIGHT and of_owner < IN_FLIGHT_OF_ONE and not (thread and thread in threads):
            flying.append((owner, endpoint, thread))
            chosen.append(delivery)
    return chosen


@transaction.atomic
def settle(delivery: Delivery, outcome: Outcome) -> None:
    """Note what came of a try, and what follows for the endpoint."""
    now = clock.now()
    WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=delivery.endpoint_id or 0)  # before its deliveries
    _keep(delivery, outcome, now=now)
    if outcome.is_taken:
        _took(delivery, now=now)
    else:
        _refused(delivery, outcome, now=now)


def _keep(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    WebhookAttempt.objects.create(
        delivery=delivery,
        at=now - outcome.took,
        took_ms=int(outcome.took.total_seconds() * 1000),
        status=outcome.answer.status if outcome.answer else None,
        fault=outcome.fault,
        answer=excerpt(outcome.answer.body) if outcome.answer else "",
    )


def excerpt(body: bytes) -> str:
    """The beginning of an answer as text that may be stored: no control characters but line ends and tabs."""
    text = body[: 4 * EXCERPT].decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)[:EXCERPT]


def _took(delivery: Delivery, *, now: datetime) -> None:
    outbox.settle_sent(delivery, now=now)
    endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id or 0)
    was_failing = endpoint.filter(failing_since__isnull=False).exists()
    endpoint.update(failing_since=None, delivered_at=now)
    if was_failing:
        outbox.wake(pending().filter(endpoint=delivery.endpoint_id), now=now)


def _refused(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    rows = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id or 0)
    quiet_until = outcome.quiet_until(now=now)
    rows.update(failing_since=Coalesce("failing_since", Value(now)), quiet_until=Greatest("quiet_until", quiet_until))
    endpoint = rows.get()
    outbox.put_off(delivery, why=outcome.why, not_before=quiet_until)
    failing = endpoint.failing_since is not None and now - endpoint.failing_since > SWITCHED_OFF_AFTER
    if outcome.is_gone or failing:
        switch_off(endpoint_id=endpoint.pk, reason=OffReason.GONE if outcome.is_gone else OffReason.FAILING, now=now)


@service
def switch_off(*, endpoint_id: int, reason: OffReason, now: datetime | None = None) -> None:
    """Tell an endpoint nothing more, on record; whoever looks after it hears of it, once."""
    assert now
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint_id)
    if not endpoint.is_on:
        return
    turn_off(endpoint, reason, now=now)
    about = About(organisation_id=endpoint.organisation_id)
    data = {"endpoint": endpoint.pk, "reason": reason.value}
    event = record_event("webhook_switched_off", about=about, at=now, data=data)
    if reason != OffReason.ACCESS_ENDED:
        people = _keepers(endpoint)
        send_notice(event, Notice(NOTICE, people, {"endpoint": endpoint.pk, "reason": reason.value}), about=about)


def turn_off(endpoint: WebhookEndpoint, reason: OffReason, *, now: datetime) -> None:
    """Switch a locked endpoint off; what has not gone out counts as failed, and can be sent again later."""
    endpoint.switched_off_at, endpoint.off_reason, endpoint.failing_since = now, reason, None
    endpoint.version += 1
    endpoint.save(update_fields=["switched_off_at", "off_reason", "failing_since", "version"])
    unsent = pending().filter(endpoint=endpoint)
    unsent.update(state=DeliveryState.FAILED, lease_until=None, last_error="switched off")


def _keepers(endpoint: WebhookEndpoint) -> QuerySet[Person]:
    if endpoint.organisation_id is None:
        return accounts.staff_with_roles("team_lead", "operator")
    return accounts.global_admins_of(endpoint.organisation_id)
