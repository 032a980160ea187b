"""Which timers are due (P-3), and what the next ones are counted from."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import Event
from tickets.events import EventKind
from tickets.lifecycle import State
from tickets.models import UNSETTLED, ServiceRequest, Timer, TimerKind, TimerState

GRACE = timedelta(seconds=4)  # longer than any wait for a lock, so that no sweep overtakes what arrived in time


def due_timers(*, now: datetime) -> QuerySet[Timer]:
    """Timers to fire at `now`, oldest first; the condition names only columns of the row that is locked."""
    waiting = Timer.objects.filter(state=TimerState.WAITING, next_attempt_at__lte=now - GRACE)
    return waiting.order_by("next_attempt_at", "id")


SAID = (EventKind.REPLIED, EventKind.CALLED, EventKind.ASKED, EventKind.CUSTOMER_WROTE)


def last_update_at(service_request: ServiceRequest) -> datetime:
    """What the next public update of a request in progress is counted from (RO-3).

    The last word of support in this cycle; or, where support had asked something, the answer that set work going again.
    """
    assert service_request.responded_at
    updated_at, is_asked = service_request.responded_at, False
    events = Event.objects.filter(number=service_request.number, organisation=service_request.organisation_id)
    said = events.filter(kind__in=SAID, at__gte=updated_at).order_by("id")
    for kind, at in said.values_list("kind", "at"):
        if kind != EventKind.CUSTOMER_WROTE:
            updated_at, is_asked = at, is_asked or kind == EventKind.ASKED
        elif is_asked:
            updated_at, is_asked = at, False
    return updated_at


def waiting_close_of(service_request: ServiceRequest) -> datetime | None:
    """When a request whose customer stays silent will be closed; None for one that waits for nobody."""
    if service_request.state != State.AWAITING_CUSTOMER:
        return None
    waiting = Timer.objects.filter(request=service_request, kind=TimerKind.WAITING_CLOSE, state__in=UNSETTLED)
    return waiting.values_list("due_at", flat=True).first()
