"""Least privilege, now: what is taken away counts from the next request, everywhere (P-6).

A row says who works, what happens meanwhile, and what is left to them on each surface: a page, a file, the API with a
session's or a token's authority, a change, and a mail that waits to be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from accounts import clock
from accounts.models import ApiToken, Delegation, Delivery, Organisation, Person, PersonSession, RoleGrant
from accounts.services.delegations import end_delegation
from accounts.services.people import give_role, take_role
from accounts.services.tokens import revoke_token
from tests import factories
from tests.door.asking import Answer, ask, of, undone
from tests.door.operations import operations
from tests.door.recipes import recipes
from tests.door.worlds import REQUEST, Caller, World, canaries
from tickets.models import ServiceRequest
from tickets.services import conversation, relay

SURFACES = {
    "page": ("tickets:detail", "GET"),
    "list": ("tickets:list", "GET"),
    "file": ("tickets:file", "GET"),
    "form": ("tickets:message", "POST"),
    "api": ("api-request", "GET"),
    "api list": ("api-requests", "GET"),
    "api file": ("api-attachment", "GET"),
    "api change": ("api-messages", "POST"),
}
PAGES, API = ("page", "list", "file", "form"), ("api", "api list", "api file", "api change")


@dataclass(frozen=True)
class Row:
    """One way to lose access: who, what happens, and on which surfaces nothing is left."""

    who: str
    what: Callable[[World], None]
    gone: tuple[str, ...]
    mail: bool  # whether a waiting mail is still sent
    reads: bool = False  # whether they may read what they may no longer change


def _admin(world: World) -> Person:
    return world.a.people["admin"]


def lose_every_role(world: World) -> None:
    take_role(person_id=_admin(world).pk, role="global_admin", actor=world.a.actor("second_admin"))


def become_admin_of_another_service(world: World) -> None:
    give_role(person_id=_admin(world).pk, role="sharepoint_admin", actor=world.a.actor("second_admin"))
    lose_every_role(world)


def become_a_reader(world: World) -> None:
    give_role(person_id=_admin(world).pk, role="reader", actor=world.a.actor("second_admin"))
    lose_every_role(world)


def close_the_account(world: World) -> None:
    Person.objects.filter(pk=_admin(world).pk).update(is_active=False)


def close_the_organisation(world: World) -> None:
    Organisation.objects.filter(pk=world.a.organisation.pk).update(is_active=False)


def revoke_the_token(world: World) -> None:
    token = ApiToken.objects.get(name="The program of admin", person=_admin(world))
    revoke_token(actor=world.a.actor("admin"), token_id=token.pk)


def let_the_token_expire(world: World) -> None:
    ApiToken.objects.filter(name="The program of admin").update(expires_at=clock.now())


def end_the_session(world: World) -> None:
    PersonSession.objects.filter(session_key=world.callers["admin"].session).delete()


def end_the_delegation(world: World) -> None:
    end_delegation(delegation_id=world.a.ids["delegation"].value, actor=world.a.actor("admin"))


def let_the_delegation_expire(world: World) -> None:
    Delegation.objects.filter(pk=world.a.ids["delegation"].value).update(
        granted_at=clock.now() - (clock.now() - world.now) * 3, expires_at=clock.now() - (clock.now() - world.now) / 2
    )


def lower_the_duties(world: World) -> None:
    Delegation.objects.filter(pk=world.a.ids["delegation"].value).update(duties=["sharepoint_admin"])


def close_the_partner(world: World) -> None:
    Organisation.objects.filter(pk=world.partners["partner"].pk).update(is_active=False)


def lose_the_role_at_the_partner(world: World) -> None:
    RoleGrant.objects.filter(person=world.callers["partner"].person).delete()


ALL = (*PAGES, *API)
ROWS = {
    "a role is taken": Row("admin", lose_every_role, ALL, mail=False),
    "a role is lowered to another service": Row("admin", become_admin_of_another_service, ALL, mail=False),
    "a role is lowered to a reader's": Row("admin", become_a_reader, ("form", "api change"), mail=True, reads=True),
    "the account is closed": Row("admin", close_the_account, ALL, mail=False),
    "the organisation is closed": Row("admin", close_the_organisation, ALL, mail=False),
    "the token is revoked": Row("admin", revoke_the_token, API, mail=True),
    "the token expires": Row("admin", let_the_token_expire, API, mail=True),
    "the session is ended": Row("admin", end_the_session, PAGES, mail=True),
    "the delegation is ended": Row("partner", end_the_delegation, ALL, mail=False),
    "the delegation expires": Row("partner", let_the_delegation_expire, ALL, mail=False),
    "the duties are lowered": Row("partner", lower_the_duties, ALL, mail=False),
    "the partner is closed": Row("partner", close_the_partner, ALL, mail=False),
    "the role at the partner is taken": Row("partner", lose_the_role_at_the_partner, ALL, mail=False),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_taken_away_counts_from_the_next_request(world: World, name: str) -> None:
    """P-6"""
    row = ROWS[name]
    caller = world.callers[row.who]
    with undone():
        waiting = _waiting_mail(world, caller)
        before = {surface: _ask(world, caller, surface) for surface in SURFACES}
        assert all(answer.status < 400 for answer in before.values()), {k: v.status for k, v in before.items()}
        assert relay._message(waiting) is not None

        row.what(world)

        for surface in SURFACES:
            answer = _ask(world, caller, surface)
            if surface in row.gone:
                assert _nothing_left(answer, reads=row.reads), (
                    f"{surface}: {answer.status} {answer.location} {answer.body[:300]}"
                )
            else:
                assert answer.status < 400, f"{surface}: {answer.status} {answer.body[:300]}"
        assert (relay._message(waiting) is not None) is row.mail


def _ask(world: World, caller: Caller, surface: str) -> Answer:
    operation = next(each for each in operations() if (each.name, each.method) == SURFACES[surface])
    recipe = recipes()[SURFACES[surface]]
    with undone():  # what is said on one surface is not there on the next
        return ask(world, caller, operation, recipe, of(world.a))


def _nothing_left(answer: Answer, *, reads: bool) -> bool:
    refused = answer.status in (401, 403, 404) or answer.location.startswith(("/login/", "/acting-for/"))
    empty = answer.status == 200 and not canaries(answer.untyped, "a") & {REQUEST}
    return refused if reads else (refused or empty) and REQUEST not in canaries(answer.untyped, "a")


def _waiting_mail(world: World, caller: Caller) -> Delivery:
    """A mail about a request that waits to be sent to this person."""
    assert caller.person is not None
    number = world.a.ids["open"].value
    ServiceRequest.objects.filter(number=number).update(primary_contact=caller.person)
    engineer = factories.actor(world.staff["engineer"])
    conversation.reply_publicly(number=number, actor=engineer, body="Please try again.")
    return Delivery.objects.filter(person=caller.person, channel="mail", number=number).latest("pk")


def test_every_surface_of_the_table_exists() -> None:
    assert set(SURFACES.values()) <= set(recipes())
