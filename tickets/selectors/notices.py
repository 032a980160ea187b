"""A person's notices in their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.actors import Actor
from accounts.models import Delivery, Person
from tickets.letters import Letter, letter
from tickets.models import ServiceRequest
from tickets.selectors.visibility import visible_requests


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, its words, and the request that it is about."""

    delivery: Delivery
    letter: Letter
    request: ServiceRequest


def told(person: Person, actor: Actor, deliveries: Sequence[Delivery]) -> list[Told]:
    """The notices whose request the person may still see, in one query for all (P-6)."""
    numbers = {delivery.number for delivery in deliveries}
    visible = visible_requests(actor).select_related("organisation", "service").filter(number__in=numbers)
    requests = {row.number: row for row in visible}
    return [
        Told(
            delivery,
            letter(delivery, person=person, service_request=requests[delivery.number]),
            requests[delivery.number],
        )
        for delivery in deliveries
        if delivery.number in requests
    ]
