"""Who plays what in a story: the admin who files, the engineer who answers, the subscription it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from random import Random

from accounts.models import Subscription
from accounts.permissions import REACH, may
from tickets.catalogue import SUBSCRIPTION_OPTIONAL, kind_of
from tickets.demo.hours import is_at_work
from tickets.demo.stories import Story
from tickets.demo.surroundings import House, Member, World
from tickets.routing import region_of

PARTNER_SHARE, SENIOR_SHARE = 0.35, 0.4
ANSWERING = ("engineer", "senior_engineer", "billing_specialist", "presales_specialist")
FRONTLINE = re.compile(r"\b[FK]1\b|kiosk|frontline|shop staff|road crew|前線|門市", re.IGNORECASE)
TITLES = "經理|副理|老師|小姐|先生|様|さん"
SERVICE_PLANS = {"exchange_online": "exchange", "sharepoint_online": "sharepoint", "microsoft_365_apps": "apps"}


class Subject:
    """What an act is done on, as `accounts.permissions` asks for it."""

    def __init__(self, story: Story) -> None:
        self.kind = kind_of(story.category)
        self.service_code = story.service


def filer_of(story: Story, house: House, rng: Random, *, apart_from: Member | None = None) -> Member:
    """An admin who may file it and speaks its language; whoever the desk calls by name, if it does so."""
    subject = Subject(story)

    def fits(member: Member) -> bool:
        return story.language in member.speaks and may(member.actor, "file_request", on=subject)

    own = [member for member in house.members if fits(member) and member != apart_from]
    partners = [member for member in house.partners if fits(member)]
    called = [member for member in own if is_called(member.person.name, story.answers)]
    if called:
        return min(called, key=lambda member: _place_of(member.person.name, story.answers))
    if partners and rng.random() < PARTNER_SHARE:
        return rng.choice(partners)
    narrow = [member for member in own if "global_admin" not in member.actor.roles]
    return rng.choice(narrow if narrow and rng.random() < 0.7 else own)


def is_called(name: str, text: str) -> bool:
    """Tell whether a text calls somebody by this name: in full, or by the family name and a title."""
    return _place_of(name, text) < len(text)


def _place_of(name: str, text: str) -> int:
    """Where the name comes first; the text's length where it does not."""
    if re.search(r"[\u3040-\u9fff]", name):
        family = name.split()[0] if " " in name else name[0]
        pattern = f"{re.escape(name)}|{re.escape(family)}(?:{TITLES})"
    else:
        first, _, family = name.partition(" ")
        pattern = rf"\b{re.escape(name)}\b|\b(?:Hello|Hallo|Good morning|Dear) {re.escape(first)}\b"
        pattern += rf"|\b(?:Mr|Ms|Mrs|Herr|Frau|Herrn) {re.escape(family)}\b" if family else ""
    found = re.search(pattern, text)
    return found.start() if found else len(text)


def engineer_of(story: Story, house: House, world: World, rng: Random, *, at: datetime) -> Member:
    """Somebody of the desk whose roles cover it: who signs in the text, else by language, working hours and region."""
    subject = Subject(story)
    able = [
        member
        for member in world.staff
        if any(
            role in ANSWERING and REACH[role].covers(kind=subject.kind, service=subject.service_code)
            for role in member.actor.roles
        )
    ]
    signed = [member for member in able if member.person.name in story.answers]
    if signed:
        return signed[0]
    region = region_of(house.organisation.timezone)
    senior = story.is_critical and rng.random() < SENIOR_SHARE

    def fitness(member: Member) -> tuple[bool, bool, bool, bool]:
        there, near = is_at_work(member, at), region_of(member.person.timezone) == region
        first, then = (near, there) if story.severity == "C" else (there, near)  # what can wait, waits for its region
        return story.language in member.speaks, first, then, ("senior_engineer" in member.actor.roles) == senior

    best = max(fitness(member) for member in able)
    return rng.choice([member for member in able if fitness(member) == best])


def lead_of(engineer: Member, world: World) -> Member:
    """The team lead who hands out the work of an engineer's team, or any where the team has none."""
    leads = [member for member in world.staff if "team_lead" in member.actor.roles]
    return next((lead for lead in leads if lead.person.team_id == engineer.person.team_id), leads[0])


def subscription_of(story: Story, house: House) -> Subscription | None:
    """The subscription that the words point to; none for questions that need none."""
    if kind_of(story.category) in SUBSCRIPTION_OPTIONAL:
        return None
    return max(house.subscriptions, key=lambda subscription: _relevance(story, subscription))


def _relevance(story: Story, subscription: Subscription) -> tuple[bool, bool, int]:
    """Frontline words point to frontline plans, a service to the plan that is named for it, else the first counts."""
    frontline = bool(FRONTLINE.search(story.words))
    named_for = SERVICE_PLANS.get(story.service, "-") in subscription.plan.code
    return (subscription.plan.tier == "frontline") == frontline, named_for, -subscription.pk


def colleague_of(engineer: Member, world: World, rng: Random) -> Member:
    """Another engineer of the same team, or the same one where there is none."""
    team: Iterable[Member] = (
        member
        for member in world.staff
        if member.person.team_id == engineer.person.team_id
        and member.actor.roles & engineer.actor.roles
        and member != engineer
    )
    return rng.choice(list(team) or [engineer])
