"""Who comes and goes among a customer's people in the demo: invited, left, and the programs that stay (RO-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from accounts.actors import Actor
from accounts.models import Person, RoleGrant
from accounts.services.invitations import invite_person
from accounts.services.people import deactivate_person
from accounts.services.principals import create_principal, issue_principal_token
from tickets.demo.surroundings import PASSWORD, House

DAY = timedelta(days=1)
INVITED = {
    "jadeharbour": ("許文傑", "wenjie.xu@jadeharbour.example.com", "billing_admin", "zh-hant", timedelta(hours=7)),
    "havelkraft": ("Lena Fischer", "lena.fischer@havelkraft.example.com", "exchange_admin", "en", timedelta(hours=30)),
    "meridian": ("Omar Haddad", "omar.haddad@meridian.example.com", "reader", "en", 5 * DAY),  # has run out
}
LEFT = {
    "jadeharbour": ("陳冠宇", "guanyu.chen@jadeharbour.example.com", "exchange_admin", "zh-hant"),
    "havelkraft": ("Torsten Ahrens", "torsten.ahrens@havelkraft.example.com", "sharepoint_admin", "en"),
}
PRINCIPALS = {"jadeharbour": "監控系統", "havelkraft": "Monitoring"}


def keep_directories(houses: Mapping[str, House], *, now: datetime) -> None:
    """Invitations that wait or have run out, somebody who has left, and a service principal with a token."""
    for code, (name, email, role, language, ago) in INVITED.items():
        invite_person(
            name=name, email=email, roles=[role], language=language, actor=_admin(houses[code]), now=now - ago
        )
    for code, leaver in LEFT.items():
        _leave(houses[code], *leaver, at=now - 19 * DAY)
    for code, name in PRINCIPALS.items():
        _program(houses[code], name, at=now - 40 * DAY)


def _leave(house: House, name: str, email: str, role: str, language: str, *, at: datetime) -> None:
    """Somebody was there for a year, and is not any more."""
    joined_at = at - 365 * DAY
    person = Person.objects.create(
        email=email,
        name=name,
        password=make_password(PASSWORD),
        organisation=house.organisation,
        language=language,
        timezone=house.organisation.timezone,
        email_confirmed_at=joined_at,
        joined_at=joined_at,
        last_login=at - DAY,
    )
    RoleGrant.objects.create(person=person, role=role, granted_at=joined_at)
    deactivate_person(person_id=person.pk, actor=_admin(house), now=at)


def _program(house: House, name: str, *, at: datetime) -> None:
    """Monitoring that may file and read requests, with a token for half a year."""
    admin = _admin(house)
    principal = create_principal(name=name, roles=["service_support_admin"], actor=admin, now=at)
    issue_principal_token(
        principal_id=principal.pk,
        name=f"{name} 1",
        scopes=["requests:read", "requests:write"],
        expires_at=at + 180 * DAY,
        actor=admin,
        now=at,
    )


def _admin(house: House) -> Actor:
    return next(member.actor for member in house.members if "global_admin" in member.actor.roles)
