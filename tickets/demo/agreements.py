"""What customers agree on in the demo beside their requests: engagements, and what a partner asks for (EL-1, PA-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services.delegation_asks import ask_for_delegation, decline_ask
from tickets.demo.surroundings import House, Member, World
from tickets.services import engagements as services

DAY = timedelta(days=1)
PARTNER = "northlight"
ASKED_AGO, DECLINED_AGO = 3 * DAY, 9 * DAY


@dataclass(frozen=True, slots=True)
class Words:
    """What is written on one engagement: the wish, the plan, a message back, and what came of it."""

    kind: str
    subject: str
    wish: str
    place: str = ""
    plan: str = ""
    message: str = ""
    outcome: str = ""


REQUESTED = Words(
    kind="workshop",
    subject="資料保留與電子文件探索研討會",
    wish=(
        "我們希望為 **十二位** 管理員舉辦一天的研討會：\n\n"
        "- 保留標籤與原則\n- 電子文件探索的流程\n\n"
        "會議室與投影設備由我們準備。"
    ),
    place="高雄市前鎮區玉港物流訓練中心",
)
UNDER_WAY = Words(
    kind="update_management",
    subject="Update channels for the branches",
    wish="Our branches get new features in the middle of the quarter's end. We would like to plan this with you.",
    plan="Let us begin with a list of who needs what, and when. I bring the calendar of the releases.",
    message="The list is ready: three groups, and nobody changes in the last week of a quarter.",
)
COMPLETED = Words(
    kind="incident_management",
    subject="Rehearsal of a mail outage",
    wish="We would like to rehearse with you what happens when mail is down for an hour.",
    plan="One morning, in your offices and ours at the same time.",
    message="We have told everybody who takes part.",
    outcome="Rehearsed on the agreed morning. What we learnt: the phone list was a year old, and now it is not.",
)


def agree(world: World, *, now: datetime) -> None:
    """An ask that is open, one that was declined; an engagement that is wished for, one under way, one completed."""
    _ask(world.houses, now=now)
    _wish(world.houses["jadeharbour"], REQUESTED, at=now - DAY)
    _under_way(world, now=now)
    _completed(world, now=now)


def _ask(houses: Mapping[str, House], *, now: datetime) -> None:
    partner = _admin(houses[PARTNER])
    ask_for_delegation(
        customer="himal",
        duties=["user_admin", "helpdesk_admin"],
        reason="Our delegation ends in a few days. We would like to look after your users for another year.",
        wished_until=now + 360 * DAY,
        actor=partner.actor,
        now=now - ASKED_AGO,
    )
    declined = ask_for_delegation(
        customer="larkspur",
        duties=["sharepoint_admin"],
        reason="We move libraries like yours every month, and could help with the next ones.",
        wished_until=now + 180 * DAY,
        actor=partner.actor,
        now=now - DECLINED_AGO,
    )
    answer = "Thank you. We do this ourselves this year; ask again in spring."
    customer = _admin(houses["larkspur"])
    decline_ask(ask_id=declined.pk, reason=answer, actor=customer.actor, now=now - DECLINED_AGO + DAY)


def _wish(house: House, words: Words, *, at: datetime) -> str:
    wish = services.Wish(
        kind=words.kind,
        subject=words.subject,
        wish=words.wish,
        wished_from=(at + 14 * DAY).date(),
        wished_until=(at + 21 * DAY).date(),
        language=house.organisation.language,
        place=words.place,
    )
    return services.request_engagement(wish=wish, actor=_admin(house).actor, now=at).number


def _planned(world: World, house: House, words: Words, *, at: datetime) -> str:
    number = _wish(house, words, at=at)
    lead = next(member for member in world.staff if "senior_engineer" in member.actor.roles)
    plan = services.Plan(lead.person.pk, (at + 15 * DAY).date(), (at + 16 * DAY).date(), words.plan)
    services.plan_engagement(number=number, plan=plan, actor=_lead(world).actor, now=at + DAY)
    services.write_on_engagement(number=number, body=words.message, actor=_admin(house).actor, now=at + 3 * DAY)
    return number


def _under_way(world: World, *, now: datetime) -> None:
    at = now - 17 * DAY
    number = _planned(world, world.houses["meridian"], UNDER_WAY, at=at)
    services.begin_engagement(number=number, actor=_lead(world).actor, now=at + 15 * DAY)


def _completed(world: World, *, now: datetime) -> None:
    at = now - 40 * DAY
    number = _planned(world, world.houses["kasumi"], COMPLETED, at=at)
    services.begin_engagement(number=number, actor=_lead(world).actor, now=at + 15 * DAY)
    services.complete_engagement(number=number, message=COMPLETED.outcome, actor=_lead(world).actor, now=at + 16 * DAY)


def _admin(house: House) -> Member:
    return next(member for member in house.members if "global_admin" in member.actor.roles)


def _lead(world: World) -> Member:
    return next(member for member in world.staff if "team_lead" in member.actor.roles)
