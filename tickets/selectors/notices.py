"""A person's notices in their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from accounts import letters
from accounts.actors import Actor
from accounts.letters import Words, one_line
from accounts.letters.reading import Reading
from accounts.models import Delivery, Person
from tickets.letters import SITUATIONS, letter
from tickets.models import Message, MessageKind, ServiceRequest
from tickets.selectors.visibility import visible_requests

MOST_SHOWN = 400  # characters of a message; the rest is a click away


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, its words, and the beginning of the message that it quotes."""

    delivery: Delivery
    words: Words
    quoted: str
    subject: str = ""

    @property
    def headline(self) -> str:
        """What it says, without number and subject of the request, which stand above."""
        line = self.words.subject.removeprefix(f"[{self.delivery.number}] ")
        return line.removesuffix(self.subject).rstrip(" :：") or line


@dataclass(frozen=True, slots=True)
class ToldAbout:
    """Notices about one request that follow each other in the list, or about none."""

    request: ServiceRequest | None
    notices: list[Told]

    @property
    def is_unread(self) -> bool:
        """Whether one of them has not been read."""
        return any(told.delivery.read_at is None for told in self.notices)


def told(person: Person, actor: Actor, deliveries: Sequence[Delivery]) -> list[ToldAbout]:
    """The notices whose request the person may still see, neighbours put together (P-6).

    In two queries for all of requests, and for the others in some for each kind of them.
    """
    numbers = {delivery.number for delivery in deliveries}
    visible = visible_requests(actor).select_related("organisation", "service").filter(number__in=numbers)
    requests = {row.number: row for row in visible}
    quotations = _quotations(deliveries)
    readable = [delivery for delivery in deliveries if delivery.number in requests or not delivery.number]
    reading = Reading(person, [delivery for delivery in readable if not delivery.number])
    groups = groupby(readable, key=lambda delivery: delivery.number)
    found = [
        ToldAbout(requests.get(number), [_told(each, reading, requests.get(number), quotations) for each in group])
        for number, group in groups
    ]
    return [ToldAbout(each.request, notices) for each in found if (notices := _with_words(each.notices))]


def told_of_those_acted_for(person: Person, actor: Actor, deliveries: Sequence[Delivery]) -> list[Told]:
    """The same one by one, and for customers only what is of the organisation acted for, or of none (PA-1)."""
    if not actor.is_staff:
        deliveries = [each for each in deliveries if each.organisation_id in (None, actor.organisation_id)]
    return [notice for about in told(person, actor, deliveries) for notice in about.notices]


def _with_words(notices: list[Told]) -> list[Told]:
    """Those that still have something to say: an ask that was answered asks no more."""
    return [told for told in notices if told.words is not letters.NOTHING]


def _told(
    delivery: Delivery, reading: Reading, about: ServiceRequest | None, quotations: dict[tuple[str, int], str]
) -> Told:
    if about is None:
        found = letters.letter(delivery, reading=reading, situations=SITUATIONS)
        return Told(delivery, found[0] if found else letters.NOTHING, "")
    words = letter(delivery, person=reading.person, service_request=about)
    quoted = quotations.get((about.number, delivery.context.get("message", 0)), "")
    return Told(delivery, words, quoted, one_line(about.subject))


def _quotations(deliveries: Sequence[Delivery]) -> dict[tuple[str, int], str]:
    """The public messages that these notices quote, by request and id."""
    ids = {delivery.context["message"] for delivery in deliveries if delivery.context.get("message")}
    if not ids:
        return {}
    public = Message.objects.exclude(kind=MessageKind.INTERNAL).filter(pk__in=ids)
    rows = public.values_list("request__number", "pk", "body")
    return {(number, pk): body[:MOST_SHOWN] + ("…" if len(body) > MOST_SHOWN else "") for number, pk, body in rows}
