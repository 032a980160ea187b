"""Headers and cookies of every kind of answer: each value of RELIABILITY.md, section 3."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.door.asking import Answer, Findings, ask, missing, of, undone
from tests.door.operations import METHODS, Operation, operations
from tests.door.recipes import recipes
from tests.door.test_leaks import recipe_of
from tests.door.worlds import World
from tests.support_portal.test_headers import EVERYWHERE

POLICY = "Content-Security-Policy"
INERT = "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'none'"
OTHER_POLICIES = {  # operations whose answer has a policy of its own, and which
    "tickets:file": INERT,
    "api-attachment": INERT,
}
STYLED = ("api-docs",)  # settled point 14: the docs of the API may use inline styles
PICTURES = ("tickets:file_preview", "api-attachment-preview")
SECRET_LINKS = (
    "tickets:survey", "accounts:confirm_address", "accounts:domain_link", "account_reset_password_from_key",
    "accounts:invitation",
    "sign_on_callback",  # its address holds the issuer's code
)  # fmt: skip


def known() -> list[Operation]:
    return [each for each in operations() if (each.name, each.method) in recipes()]


@pytest.mark.parametrize("operation", known(), ids=str)
def test_every_answer_of_an_operation_has_every_header(world: World, operation: Operation) -> None:
    """P-7: pages, parts of pages, redirects, refusals, what is not there, the wrong method"""
    recipe, findings = recipe_of(operation), Findings()
    by, stranger = world.callers[recipe.by], world.callers["admin_of_b"]
    other = next(name for name in reversed(METHODS) if name not in _methods(operation))
    ways = {
        "rightful": lambda: ask(world, by, operation, recipe, of(world.a)),
        "a part of the page": lambda: ask(world, by, operation, recipe, of(world.a), headers={"HX-Request": "true"}),
        "foreign": lambda: ask(world, stranger, operation, recipe, of(world.a)),
        "missing": lambda: ask(world, by, operation, recipe, missing(world.a)),
        "without sign-in": lambda: ask(world, world.callers["anonymous"], operation, recipe, of(world.a)),
        "another method": lambda: ask(world, by, operation, recipe, of(world.a), method=other),
        "another host": lambda: ask(world, by, operation, recipe, of(world.a), headers={"Host": "evil.example"}),
    }
    for way, call in ways.items():
        with undone():
            answer = call()
        findings.expect(answer.status < 500, f"{way}: {answer.status}")
        _check(operation, answer, findings, f"{way} ({answer.status})")
    findings.settle()


def _methods(operation: Operation) -> set[str]:
    return {each.method for each in operations() if each.name == operation.name}


def _check(operation: Operation, answer: Answer, findings: Findings, way: str) -> None:
    for name, value in EVERYWHERE.items():
        told = answer.headers.get(name, "")
        if name == "Cache-Control":
            kept = {part.strip() for part in told.split(",")}
            findings.expect("no-store" in kept and "public" not in kept, f"{way}: {name}: {told!r}")
        elif name == POLICY:
            findings.expect(_policy_is_right(operation, answer), f"{way}: {name}: {told}")
        elif name == "Referrer-Policy" and operation.name in SECRET_LINKS:
            findings.expect(told in (value, "no-referrer"), f"{way}: {name}: {told}")
        else:
            findings.expect(told == value, f"{way}: {name}: {told!r}")
    findings.expect("Access-Control-Allow-Origin" not in answer.headers, f"{way}: CORS")
    findings.expect("Strict-Transport-Security" not in answer.headers, f"{way}: HSTS on plain http")
    for name in ("Server", "X-Powered-By"):
        findings.expect(name not in answer.headers, f"{way}: {name}")
    for name, value in answer.headers.items():
        if name.startswith("Set-Cookie") and "Max-Age=0" not in value:
            parts = {part.strip() for part in value.split(";")}
            good = {"Path=/", "SameSite=Lax"} <= parts and ("HttpOnly" in parts or name.endswith(" theme"))
            findings.expect(good and not any(part.startswith("Domain") for part in parts), f"{way}: {value}")
    if operation.name in SECRET_LINKS and answer.status < 400:
        findings.expect(answer.headers["Referrer-Policy"] == "no-referrer", f"{way}: the secret is in the Referer")


def _policy_is_right(operation: Operation, answer: Answer) -> bool:
    told = _directives(answer.headers.get(POLICY, ""))
    usual = _directives(EVERYWHERE[POLICY])
    if answer.status >= 300:
        return told == usual or (operation.name in STYLED and _without_style(told) == _without_style(usual))
    if operation.name in OTHER_POLICIES:
        return told == _directives(OTHER_POLICIES[operation.name])
    if operation.name in PICTURES:
        return "default-src 'none'" in told and "sandbox" in told
    if operation.name in STYLED:
        return _without_style(told) == _without_style(usual)
    return told == usual


def _directives(policy: str) -> set[str]:
    return {part.strip() for part in policy.split(";") if part.strip()}


def _without_style(directives: set[str]) -> set[str]:
    return {each for each in directives if not each.startswith("style-src")}


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/static/css/portal.css", "/none", "/api/v1/none/"]
)
def test_answers_that_are_no_operation_have_every_header_too(world: World, path: str) -> None:
    """P-7"""
    with undone():
        answer = Client(raise_request_exception=False).get(path)

    told = {name: answer.headers.get(name) for name in EVERYWHERE}
    cached = told.pop("Cache-Control")
    policy = told.pop(POLICY)
    assert told == {name: value for name, value in EVERYWHERE.items() if name in told}
    assert _directives(policy or "") == _directives(EVERYWHERE[POLICY])
    assert cached == "no-store" or path.startswith("/static/")
