"""Exports of the audit trail in bounded memory: NDJSON that proves itself, and CSV for people (P-10, P-7).

Rows are read in portions by their place and no transaction is kept open, since a slow reader may take its time; what is
on record does not change meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.actors import Actor
from accounts.audit import personal_values
from accounts.audit.chains import instant, record_of
from accounts.audit.verify_audit import first_line, last_line, record_line, withheld_line
from accounts.csv_cells import csv_lines
from accounts.models import Event, Seal
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from accounts.services.sealing import NO_HEAD, Head, heads_of
from tickets import audit_wording

PORTION = 1_000
HEADINGS = (
    _("Record"),
    _("Recorded (UTC)"),
    _("Took effect (UTC)"),
    _("What happened"),
    _("Kind"),
    _("Particulars"),
    _("Who"),
    _("On behalf of"),
    _("Organisation"),
    _("Request"),
    _("Way"),
    _("Address"),
    _("Request id"),
    _("Hash"),
)


def ndjson_lines(actor: Actor, wanted: Wanted, *, chain: int, at: str) -> Iterator[bytes]:
    """A stretch of one chain: what is wanted in full, everything between by its hash alone."""
    first, last = _stretch(chain, wanted)
    head = _head_before(chain, first)
    yield first_line(chain=trail.name_of_chain(chain), first=first, previous=head.hash, exported_at=at)
    shown, condition = 0, trail.narrowing(actor, wanted)
    for begin in range(first, last + 1, PORTION):
        portion = Seal.objects.filter(chain=chain, sequence__range=(begin, min(last, begin + PORTION - 1)))
        seals = list(portion.order_by("sequence").select_related("event"))
        fitting = _fitting([seal.event_id for seal in seals], condition)
        for seal in seals:
            write = record_line if seal.event_id in fitting else withheld_line
            yield write(seal.sequence, seal.hash, record_of(seal.event, salt=seal.salt))
        shown, head = shown + len(fitting), Head(seals[-1].sequence, seals[-1].hash)
    yield last_line(last=last, head=head.hash, shown=shown)


def _fitting(ids: list[int], condition: Q) -> set[int]:
    return set(Event.objects.filter(condition, pk__in=ids).values_list("pk", flat=True))


def _stretch(chain: int, wanted: Wanted) -> tuple[int, int]:
    """The first and the last record of the time asked for; an empty stretch ends before it begins."""
    head = heads_of([chain]).get(chain, NO_HEAD)
    if wanted.since is None and wanted.until is None:
        return 1, head.sequence
    events = Event.objects.filter(trail.of_chain(chain))
    if wanted.since:
        events = events.filter(recorded_at__gte=wanted.since)
    if wanted.until:
        events = events.filter(recorded_at__lt=wanted.until)
    # A subquery for each event comes to its seal by index; a join may read all seals there are.
    place = Subquery(Seal.objects.filter(event=OuterRef("pk"), sequence__lte=head.sequence).values("sequence"))
    found = events.annotate(place=place).aggregate(first=Min("place"), last=Max("place"))
    return (found["first"], found["last"]) if found["first"] else (head.sequence + 1, head.sequence)


def _head_before(chain: int, first: int) -> Head:
    before = Seal.objects.filter(chain=chain, sequence=first - 1).values_list("sequence", "hash").first()
    return Head(*before) if before else NO_HEAD


def csv_file(actor: Actor, wanted: Wanted, *, language: str) -> Iterator[str]:
    """What is wanted as a table, oldest first, in the reader's language; personal values as far as they still exist."""
    return csv_lines(_rows(actor, wanted, language=language))


def _rows(actor: Actor, wanted: Wanted, *, language: str) -> Iterator[list[Any]]:
    with translation.override(language):
        headings = [str(heading) for heading in HEADINGS]
    yield headings
    events = trail.trail(actor, wanted).order_by("recorded_at", "id")
    place: tuple[Any, int] | None = None
    while portion := list(_behind(events, place)[:PORTION]):
        with translation.override(language):
            rows = described(actor, portion)
            cells = [_cells(row) for row in rows]
        yield from cells
        place = (portion[-1].recorded_at, portion[-1].pk)


def _behind(events: Any, place: tuple[Any, int] | None) -> Any:
    if place is None:
        return events
    at, pk = place
    return events.filter(Q(recorded_at__gt=at) | Q(recorded_at=at, pk__gt=pk), recorded_at__gte=at)


def described(actor: Actor, events: list[Event], *, timezone: str = "UTC") -> list[dict[str, Any]]:
    """What a line says of each event, in the active language; a constant number of queries."""
    addresses = trail.addresses_of(events, actor)
    names = audit_wording.Names(
        people=trail.people_named(events),
        organisations=trail.organisations_named(events),
        clear=personal_values.clear_forms(pair for event in events for pair in audit_wording.personal_in(event)),
        timezone=timezone,
        now=events[0].recorded_at if events else audit_wording.LONG_AGO,
    )
    return [
        {
            "event": event,
            "seal": getattr(event, "seal", None),
            "title": audit_wording.kind_words(event.kind),
            "facts": audit_wording.facts_of(event, names),
            "way": audit_wording.way_words(event.via),
            "has_address": event.pk in addresses,
            "address": addresses.get(event.pk, ""),
        }
        for event in events
    ]


def _cells(row: dict[str, Any]) -> list[Any]:
    event, seal = row["event"], row["seal"]
    address = row["address"] or (str(audit_wording.ERASED) if row["has_address"] else "")
    return [
        seal.sequence if seal else None,
        instant(event.recorded_at),
        instant(event.at),
        row["title"],
        event.kind,
        "; ".join(fact_text(fact) for fact in row["facts"]),
        event.actor.name if event.actor else "",
        event.on_behalf_of.name if event.on_behalf_of else "",
        event.organisation.name if event.organisation else "",
        event.number,
        row["way"],
        address,
        event.request_id,
        seal.hash if seal else "",
    ]


def fact_text(fact: audit_wording.Fact) -> str:
    """A particular on one line: `Role: Reader → Global admin`."""
    colon = pgettext("between a label and what it says", ": ")
    return f"{fact.label}{colon}{fact.value if fact.before is None else f'{fact.before} → {fact.value}'}"
