"""Forms from elsewhere, ways out to elsewhere, and names of elsewhere, on every page (RELIABILITY.md, section 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import Delivery
from tests.door import asking
from tests.door.asking import Findings, ask, of, undone
from tests.door.headers import check_headers
from tests.door.operations import Operation, operations
from tests.door.recipes import Recipe, recipes
from tests.door.state import changed_tables
from tests.door.test_fields import extended
from tests.door.test_leaks import recipe_of
from tests.door.worlds import World
from tickets.services import relay

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(document.domain)",
    " https://evil.example/",
    "http://localhost:8000@evil.example/",
)
FIELDS = ("next", "return_to", "redirect_to", "url", "continue", "from")
HEADERS = ("HX-Current-URL", "Referer", "Origin", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Host")
# The secret in the address is all the authority there is, so that no cookie could be misused.
BY_SECRET = ("tickets:survey", "accounts:confirm_address", "accounts:invitation")


def pages(*, unsafe: bool) -> list[Operation]:
    known = [each for each in operations() if (each.name, each.method) in recipes() and not each.is_api]
    return [each for each in known if each.is_safe is not unsafe]


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the portal check the token of forms, as it does for browsers."""
    monkeypatch.setattr(asking, "client", Client(enforce_csrf_checks=True, raise_request_exception=False))


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("operation", pages(unsafe=True), ids=str)
def test_a_form_from_another_site_does_nothing(world: World, operation: Operation) -> None:
    """CSRF, and login CSRF: without the token of the page there is no act"""
    if operation.name in BY_SECRET:
        return
    recipe = recipe_of(operation)
    with undone():
        answer = ask(world, world.callers[recipe.by], operation, recipe, of(world.a))
        assert (answer.status, changed_tables(world.a)) == (403, []), answer.body[:300]
        assert "Set-Cookie session" not in answer.headers


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("operation", [each for each in operations() if each.is_api and not each.is_safe], ids=str)
def test_a_call_with_a_session_needs_the_token_of_the_page(world: World, operation: Operation) -> None:
    """CSRF: the API too, where a cookie would let one in"""
    if (operation.name, operation.method) not in recipes():
        return
    recipe = recipe_of(operation)
    caller = replace(world.callers[recipe.by], token="")
    with undone():
        answer = ask(world, caller, operation, recipe, of(world.a))
        assert (answer.status, changed_tables(world.a)) == (403, []), answer.body[:300]
        assert '"csrf-failed"' in answer.body


@pytest.mark.parametrize("operation", [*pages(unsafe=True), *pages(unsafe=False)], ids=str)
def test_no_answer_leads_to_another_site(world: World, operation: Operation) -> None:
    """Open redirect: whatever a field, the query or a header proposes; and parts of pages have every header (P-7)"""
    recipe, findings = recipe_of(operation), Findings()
    for place in ELSEWHERE if operation.name in FULL else ELSEWHERE[:1]:
        wanted = dict.fromkeys(FIELDS, place)
        changed: Recipe = extended(recipe, wanted) if not operation.is_safe else recipe
        headers = dict.fromkeys(HEADERS, place) | {"HX-Request": "true"}
        for more in ({}, headers) if operation.name in FULL else (headers,):
            with undone():
                answer = ask(
                    world, world.callers[recipe.by], operation, changed, of(world.a), query=dict(wanted), headers=more
                )
            for name in ("Location", "HX-Redirect", "HX-Location", "Refresh", "HX-Push-Url", "HX-Replace-Url"):
                led = answer.headers.get(name, "")
                findings.expect(_is_ours(led), f"{place!r} leads by {name} to {led!r}")
            check_headers(operation, answer, findings, f"part of a page ({answer.status})" if more else "led away")
    findings.settle()


FULL = ("account_login", "account_logout", "set_language", "set_theme", "accounts:acting_for", "accounts:stop_acting")


def _is_ours(address: str) -> bool:
    parts = urlsplit(address.replace("\\", "/"))
    return not parts.netloc and parts.scheme in ("", "http", "https") and not address.startswith(("//", "\\"))


@pytest.mark.parametrize("operation", pages(unsafe=False), ids=str)
def test_a_name_that_is_not_ours_is_refused(world: World, operation: Operation) -> None:
    """ALLOWED_HOSTS, exact"""
    if operation.name == "readyz":  # asked by machines from nearby, by whatever name
        return
    recipe = recipe_of(operation)
    for name in ("evil.example", "evil.localhost", "localhost.evil.example"):
        with undone():
            answer = ask(world, world.callers[recipe.by], operation, recipe, of(world.a), headers={"Host": name})
        assert answer.status == 400
        assert "evil" not in answer.text


def test_links_in_mails_are_ours_whatever_name_was_asked(world: World, settings: Any) -> None:
    """Links come from PUBLIC_URL, never from Host"""
    settings.PUBLIC_URL = "https://support.of-the-vendor.example"
    composed = 0
    with undone():
        last = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for operation in operations():
            if (operation.name, operation.method) in recipes() and not operation.is_safe:
                recipe = recipe_of(operation)
                caller = world.callers[recipe.by]
                ask(world, caller, operation, recipe, of(world.a), headers={"Host": "127.0.0.1:8000"})
        for delivery in Delivery.objects.filter(pk__gt=last, channel="mail").select_related("event"):
            message = relay._message(delivery)
            if message is not None:
                composed += 1
                text = message.message().as_string()
                assert "127.0.0.1" not in text
                assert "http://localhost" not in text
    assert composed > 10
