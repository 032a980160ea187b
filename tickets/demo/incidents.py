"""Incidents of the demo: one that goes on, with requests that belong to it, and one that is over."""

from __future__ import annotations

from datetime import datetime

from tickets.demo.hours import DAY, HOUR, MINUTE
from tickets.demo.surroundings import Member, World
from tickets.selectors.incidents import candidates
from tickets.services import incidents as services
from tickets.services.incident_links import link_incident

LINKED = 3
OPEN = services.Declaration(
    title="Mail is delivered late",
    services=["exchange_online"],
    impact="degradation",
    body=(
        "Mail to and from other organisations arrives up to 40 minutes late. Nothing is lost, and mail within an "
        "organisation is not affected.\n\nWe look for the cause, and tell you more within half an hour."
    ),
)
OPEN_NEWS = (
    "The cause is found: a queue of the transport is full since a change of this morning. We have taken the change "
    "back and drain the queue. **No need to send anything twice.**"
)
OPEN_NOTE = "The transport team drains by hand; they think of two hours. Ask in their room before you promise anything."
OVER = services.Declaration(
    title="Sign-in fails now and then",
    services=["identity"],
    impact="outage",
    body="Some people cannot sign in, or have to try several times. We look for the cause.",
)
OVER_NEWS = (
    (25 * MINUTE, "identified", "A certificate was renewed on some machines only. We renew it on the others."),
    (70 * MINUTE, "monitoring", "All machines have it. Sign-in works again; we watch it for a while."),
    (2 * HOUR, "resolved", "Sign-in has worked without a fault for 50 minutes. We are sorry for the trouble."),
)


def declare(world: World, *, now: datetime) -> None:
    """Both of them, told by those who lead the desk."""
    lead = next(member for member in world.staff if "team_lead" in member.actor.roles)
    _over(lead, at=now - 9 * DAY)
    _open(lead, world, now=now)


def _over(lead: Member, *, at: datetime) -> None:
    incident = services.declare_incident(declaration=OVER, actor=lead.actor, now=at)
    for after, state, words in OVER_NEWS:
        services.update_incident(number=incident.number, body=words, state=state, actor=lead.actor, now=at + after)


def _open(lead: Member, world: World, *, now: datetime) -> None:
    incident = services.declare_incident(declaration=OPEN, actor=lead.actor, now=now - 55 * MINUTE)
    number = incident.number
    services.note_on_incident(number=number, body=OPEN_NOTE, actor=lead.actor, now=now - 40 * MINUTE)
    engineer = next(member for member in world.staff if "engineer" in member.actor.roles)
    for row in candidates(engineer.actor, incident)[:LINKED]:
        link_incident(number=row.number, incident_number=number, actor=engineer.actor, now=now)
    services.update_incident(number=number, body=OPEN_NEWS, state="identified", actor=lead.actor, now=now - 18 * MINUTE)
