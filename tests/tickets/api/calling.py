"""Short ways to call the API of requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, Subscription
from tickets.models import ServiceRequest, Timer

LIST = "/api/v1/service-requests/"
PREVIEW = f"{LIST}preview/"
QUEUE = "/api/v1/queue/"


def path_of(number: str, *parts: str) -> str:
    """The address of a request, or of something that hangs on it."""
    return "/".join([f"{LIST}{number}", *parts, ""])


def form_of(subscription: Subscription, **changes: Any) -> dict[str, Any]:
    """A filled-in form about mail that nobody can send: an A."""
    return {
        "subject": "Nobody can send mail",
        "description": "Since this morning no user can send or receive mail.",
        "category": "technical.configuration",
        "service": "exchange_online",
        "subscription": subscription.reference,
        "impact": {"service_state": "down", "users_affected": "all_users"},
        "contact": {"phone": "+886 2 5550 0100"},
        **changes,
    }


QUESTION: dict[str, Any] = {
    "subject": "How to set a password that never expires",
    "description": "How do I set a user password so that it never expires?",
    "impact": {"service_state": "available", "users_affected": "single_user"},
}


def code_of(response: Any) -> str:
    """The code of a refusal."""
    assert response["Content-Type"] == "application/problem+json", response.content
    return response.json()["code"]


def pointers_of(response: Any) -> list[str]:
    """Where the input is wrong."""
    return [fault.get("pointer") or fault.get("parameter") for fault in response.json()["errors"]]


def close_at(service_request: ServiceRequest, closed_at: datetime) -> None:
    """Let a closed request have been closed at another instant, its timer moved along."""
    shift = closed_at - ServiceRequest.objects.get(pk=service_request.pk).closed_at
    ServiceRequest.objects.filter(pk=service_request.pk).update(closed_at=closed_at)
    Timer.objects.filter(request=service_request, kind="archive", state="waiting").update(
        due_at=F("due_at") + shift, next_attempt_at=F("next_attempt_at") + shift
    )


def kinds_of_events(number: str) -> list[str]:
    """What happened to a request, in order."""
    return list(Event.objects.filter(number=number).order_by("id").values_list("kind", flat=True))


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements that were made inside, apart from savepoints."""
    made: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield made
    made += [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """Run the works side by side, each on a connection of its own, and return what they returned or raised."""
    results: list[Any] = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(index: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            results[index] = work()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
