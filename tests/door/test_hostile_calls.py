"""Calls that are broken as a whole: bodies that are none, headers that lie, addresses made of odd values (P-8)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve

from tests.door.asking import Findings, undone
from tests.door.hostile import HEADERS, TEXTS, TURNS, in_turn
from tests.door.operations import PARAMETER, Operation, address_of, operations
from tests.door.recipes import Common, Of, recipes
from tests.door.test_leaks import recipe_of
from tests.door.worlds import World

FORM, JSON, FILES = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"
BODIES = {
    "not utf-8": (FORM, b"name=%ff%fe&body=%ff&key=%00&login=%ed%a0%80&password=\xff\xfe"),
    "broken escapes": (FORM, b"name=%&body=%zz&%=%&=&&;;"),
    "too many fields": (FORM, b"&".join(b"f%d=x" % n for n in range(1_001))),
    "another charset": (f"{FORM}; charset=klingon", b"login=x"),
    "utf-7": (f"{FORM}; charset=utf-7", b"login=+AGE-"),
    "no boundary": (FILES, b"--x\r\n\r\n"),
    "odd boundary": (f'{FILES}; boundary="\xff"', b"--x\r\n\r\n"),
    "unended": (f"{FILES}; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a'),
    "nameless": (f"{FILES}; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
    "odd name of a file": (
        f"{FILES}; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-16''%ff%fe..%2f\r\n\r\na\r\n--x--\r\n",
    ),
    "broken base64": (
        f"{FILES}; boundary=x",
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n=\xff=\r\n--x--\r\n"
        ),
    ),
    "half a surrogate": (JSON, b'{"subject": "\\ud800", "body": "\\udfff"}'),
    "deep": (JSON, b"[" * 50_000),
    "duplicates": (JSON, b'{"subject": "a", "subject": "b"}'),
    "not finite": (JSON, b'{"subject": NaN, "rating": Infinity, "days": -Infinity}'),
    "long numbers": (JSON, b'{"subject": ' + b"9" * 5_000 + b', "version": 1e999}'),
    "a list": (JSON, b"[1, 2, 3]"),
    "null": (JSON, b"null"),
    "a text": (JSON, b'"x"'),
    "a bom": (JSON, b'\xef\xbb\xbf{"zq": 1}'),
    "utf-16": (JSON, '{"subject": "x"}'.encode("utf-16")),
    "no type": ("", b"{}"),
    "odd type": ("a\xff/b; charset=", b"{}"),
}
DECIDING = (
    "Authorization", "Cookie", "X-CSRFToken", "X-Acting-For", "If-Match", "Idempotency-Key", "Accept", "Host", "Origin",
    "X-Forwarded-Proto", "Accept-Encoding", "Content-Length", "HX-Request", "HX-Current-URL", "HX-Prompt",
)  # fmt: skip
KINDS_OF_CALL = (
    ("account_login", "POST"), ("tickets:list", "GET"), ("tickets:new", "POST"), ("tickets:message", "POST"),
    ("api-requests", "GET"), ("api-requests", "POST"), ("api-request", "PATCH"), ("api-attachments", "POST"),
)  # fmt: skip
TOO_LARGE = str(2**63)  # for a column of numbers
ODD_VALUES = ("0", "٣", str(2**31), TOO_LARGE, "9" * 400, "-1", "a\x00b", "\u202ea", "%25", "..", TEXTS["code"][:200])


def of_kinds() -> list[Operation]:
    return [each for each in operations() if (each.name, each.method) in KINDS_OF_CALL]


def _values(world: World, operation: Operation) -> dict[str, Any]:
    return {name: _value(world, each) for name, each in recipe_of(operation).path.items()}


def _value(world: World, each: Any) -> Any:
    if isinstance(each, Of):
        return world.a.ids[each.name].value
    return world.common[each.name] if isinstance(each, Common) else each


def _browser(world: World, operation: Operation) -> tuple[Client, dict[str, str]]:
    caller = world.callers[recipe_of(operation).by]
    browser = Client(raise_request_exception=False)
    if operation.is_api:
        return browser, {"Authorization": f"Bearer {caller.token}", "If-Match": "*"}
    browser.cookies[settings.SESSION_COOKIE_NAME] = caller.session
    return browser, {}


@pytest.mark.parametrize("operation", [each for each in of_kinds() if not each.is_safe], ids=str)
def test_bodies_that_are_none_are_answered_calmly(world: World, operation: Operation) -> None:
    """P-8: refused or taken for empty, whichever way a body is read"""
    findings = Findings()
    for name, (content_type, body) in BODIES.items():
        browser, headers = _browser(world, operation)
        with undone():
            answer = browser.generic(
                operation.method,
                address_of(operation, _values(world, operation)),
                body,
                content_type=content_type,
                headers=headers,
            )
        findings.expect(answer.status_code < 500, f"{name}: {answer.status_code}")
        findings.expect(answer.status_code != 200 or not operation.is_api, f"{name}: taken by the API")
    findings.settle()


@pytest.mark.parametrize("operation", of_kinds(), ids=str)
def test_headers_that_lie_are_answered_calmly(world: World, operation: Operation) -> None:
    """P-8: each header that decides something, with each hostile value"""
    findings = Findings()
    tries = [(f"{header} {name}", header, value) for header in DECIDING for name, value in HEADERS.items()]
    for words, header, value in in_turn(operation, tries, TURNS):
        given: dict[str, Any] = {"CONTENT_LENGTH": value} if header == "Content-Length" else {}
        browser, headers = _browser(world, operation)
        headers[header] = value
        with undone():
            address = address_of(operation, _values(world, operation))
            answer = browser.generic(operation.method, address, headers=headers, **given)
        findings.expect(answer.status_code < 500, f"{words}: {answer.status_code}")
    findings.settle()


@pytest.mark.parametrize("name", sorted({each.name for each in operations() if each.parameters}))
def test_odd_values_in_an_address_are_answered_calmly(world: World, name: str) -> None:
    """P-8: every parameter of every address, with each value that it lets through"""
    findings = Findings()
    operation = next(each for each in operations() if each.name == name and (each.name, each.method) in recipes())
    tries = [(f"{each}={value[:40]!r}", each, value) for each in operation.parameters for value in ODD_VALUES]
    led = [each for each in tries if _leads_to(_with(world, operation, *each[1:]), name)]
    for words, parameter, value in [*in_turn(name, led, TURNS), *(each for each in led if each[2] == TOO_LARGE)]:
        browser, headers = _browser(world, operation)
        with undone():
            address = _with(world, operation, parameter, value)
            answer = browser.generic(operation.method, address, "{}", content_type=JSON, headers=headers)
        findings.expect(answer.status_code < 500, f"{words}: {answer.status_code}")
    findings.settle()


def _with(world: World, operation: Operation, parameter: str, value: str) -> str:
    """The address with this value in place of what belongs there."""
    given = {**_values(world, operation), parameter: value}
    return "/" + PARAMETER.sub(lambda found: quote(str(given[found[1] or found[2]]), safe=""), operation.pattern)


def _leads_to(address: str, name: str) -> bool:
    try:
        return resolve(unquote(address)).view_name == name
    except Resolver404:
        return False
