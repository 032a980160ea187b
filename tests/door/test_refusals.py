"""Every operation of the API gives each answer that the description names for it: rightly asked, and asked wrongly.

What is asked wrongly is made from the recipe of the operation by changing one thing. Refusals that only a state of
things can bring about stand in BY_STATE, with the tests that bring it about. What all operations refuse in one place
(SHARED) is tried by turns; `DOOR=all` tries everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts import idempotency
from tests import factories
from tests.door.asking import Findings, known, like, undone
from tests.door.hostile import in_turn
from tests.door.operations import Operation, address_of, operations
from tests.door.recipes import Common, Of, recipes
from tests.door.test_recipes import described
from tests.door.worlds import Caller, World

JSON = "application/json"
KEY = "a-key-of-refusals"
BY_STATE = {  # what no change of a call brings about, and which tests do
    503: "tests/support_portal/test_database_away.py, tests/support_portal/api/test_problems.py: the same for all",
    410: "an infected file: tests/tickets/test_scanner.py",
}
BY_STATE_OF = {  # the same, of one operation
    ("api-request", "PATCH", 409): "a closed request: tests/tickets/api/test_acts.py",
    ("api-attachment", "GET", 409): "a file that waits for its scan: tests/tickets/test_scanner.py",
    ("api-contract", "PATCH", 409): "terms that another contract has: tests/accounts/test_desk_api.py",
    ("api-organisation", "PATCH", 409): "a partner who looks after customers: the same",
    ("api-tag", "PATCH", 409): "a name that another tag has: tests/tickets/api/test_tags.py",
    ("api-tag", "DELETE", 409): "a tag that requests have: the same",
    ("api-sign-on", "PUT", 409): "single sign-on that is on: tests/accounts/test_sign_in_api.py",
    ("api-policy-drafts", "POST", 404): "a policy that was never published: tests/tickets/api/test_policy_drafts.py",
    ("api-policy-draft", "PATCH", 409): "a text that is no document: the same",
    ("api-export-file", "GET", 409): "an export that is not ready: tests/tickets/api/test_exports.py",
    ("api-exports", "POST", 404): "an incident or organisation that is not there: tests/tickets/api/test_narrowing.py",
    ("api-export-file", "GET", 416): "a part beyond its end: the same",
    ("api-export-file", "GET", 206): "a part of the file: tests/tickets/api/test_exports.py",
    ("api-queue-next", "GET", 204): "nothing is to do: tests/tickets/api/test_next_up.py",
    ("api-sign-on", "GET", 404): "single sign-on that is not set up: tests/accounts/test_sign_in_api.py",
    ("api-sign-on-on", "POST", 404): "the same",
    ("api-sign-on-off", "POST", 404): "the same",
    ("api-mappings", "GET", 404): "the same",
    ("api-mappings", "POST", 404): "the same",
    ("api-identities", "GET", 404): "the same",
    ("api-sign-on-on", "POST", 200): "single sign-on that was tested: the same",
    ("api-failed-timer-retry", "POST", 404): "an id that is no number, and so no address: tests/test_fuzzing.py",
    ("api-failed-delivery-retry", "POST", 404): "the same",
    ("api-failed-delivery-give-up", "POST", 404): "the same",
    ("api-caller", "GET", 403): "a token for a customer whose delegation has ended: tests/door/test_revocation.py",
}
SHARED, TURNS = {401, 403, 406, 411, 413, 414, 415, 428, 429}, 10
KNOWN_TO_ALL = {"partner"}  # what recipes name by a name that is no secret, and so is nobody's
OF_THIS_VERY_INSTANT = {  # answers that are never the same twice, so that there is no 304
    "api-commitment-preview", "api-queue-next", "api-rota", "api-support-hours", "api-tokens",
}  # fmt: skip


@dataclass
class Call:
    """One call of an operation, as its recipe has it until something is changed."""

    world: World
    operation: Operation
    caller: Caller
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any
    files: tuple[str, ...]
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    raw: tuple[str, bytes] | None = None

    def send(self) -> Any:
        address = address_of(self.operation, self.path)
        if self.query:
            address += "?" + urlencode(self.query, doseq=True)
        headers = {"Authorization": f"Bearer {self.caller.token}", "If-Match": "*", **self.headers}
        given = {name: value for name, value in headers.items() if value}
        form, body = self.raw or self._content()
        browser = Client(raise_request_exception=False)
        return browser.generic(self.operation.method, address, body, content_type=form, headers=given, **self.extra)

    def _content(self) -> tuple[str, bytes]:
        if self.body is None:
            return "", b""
        if not self.files:
            return JSON, json.dumps(self.body).encode()
        files = {name: SimpleUploadedFile("a.txt", str(self.body[name]).encode()) for name in self.files}
        return MULTIPART_CONTENT, encode_multipart(BOUNDARY, {**self.body, **files})

    @property
    def keyed(self) -> idempotency.Call:
        """The key of this call, as it is stored."""
        person = self.caller.person
        assert person
        organisation = self.caller.acting_for.pk if self.caller.acting_for else person.organisation_id
        return idempotency.Call(person.pk, organisation, KEY, self.operation.method, "", "another")


Change = Callable[[Call], None]


def changed(**changes: Any) -> Change:
    """Other headers."""

    def change(call: Call) -> None:
        call.headers |= {name.replace("_", "-"): value for name, value in changes.items()}

    return change


def asking(query: dict[str, Any]) -> Change:
    return lambda call: call.query.update(query)


def sending(form: str, body: bytes, **extra: Any) -> Change:
    def change(call: Call) -> None:
        call.raw, call.extra = (form, body), extra

    return change


def without_scopes(call: Call) -> None:
    person = call.caller.person
    assert person
    scope = "requests:read" if "/operations/" in call.operation.pattern else "operations:read"
    _, secret = factories.make_token(person, scope, organisation=call.caller.acting_for)
    call.headers["Authorization"] = f"Bearer {secret}"


def of_nobody(call: Call) -> None:
    """What address, query or body name, and nobody has."""
    recipe = recipes()[call.operation.name, call.operation.method]
    call.path |= {name: like(value) for name, value in call.path.items()}
    body = recipe.body if isinstance(recipe.body, dict) else {}
    for part, places in ((call.query, recipe.query), (call.body or {}, body)):
        part |= dict.fromkeys(part.keys() & KNOWN_TO_ALL, "nobody")
        part |= {name: like(known(call.world.a, each).value) for name, each in places.items() if isinstance(each, Of)}
        people = [name for name, each in places.items() if isinstance(each, Common) and isinstance(part[name], int)]
        part |= {name: like(part[name]) for name in people}


def kept(call: Call) -> None:
    call.headers["Idempotency-Key"] = KEY
    idempotency.keep(call.keyed, idempotency.Answer(200, "{}"))


def unlimited_no_more(call: Call) -> None:
    call.world.common["settings of the test"].RATE_LIMIT_FACTOR = 0  # which still leaves one call
    call.send()


# By status, the changes that bring it about, the likeliest first.
CHANGES: dict[int, list[Change]] = {
    400: [
        asking({"zq": "1"}),
        changed(If_Match='"1", "2"'),
        changed(Idempotency_Key="x" * 65),
        sending(JSON, b'{"zq": 1}'),
        sending(JSON, b"{"),
    ],
    401: [changed(Authorization="Bearer sp_nobody")],
    403: [without_scopes],
    404: [of_nobody, asking({"organisation": "nobody"})],
    406: [changed(Accept="text/html")],
    411: [sending(JSON, b"{}", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")],
    412: [changed(If_Match='"999999"')],
    413: [sending(JSON, b'{"zq": "' + b"x" * 2**20 + b'"}')],
    414: [asking({"zq": "x" * 5000})],
    415: [sending("text/plain", b"x")],
    422: [kept],
    428: [changed(If_Match="")],
    429: [unlimited_no_more],
}


def described_operations() -> list[Operation]:
    return [each for each in operations() if each.is_api and described(each)[1]]


def call_of(world: World, operation: Operation) -> Call:
    recipe = recipes()[operation.name, operation.method]

    def filled(part: Any) -> Any:
        if isinstance(part, Common):
            return world.common[part.name]
        if isinstance(part, Of):
            return known(world.a, part).value
        if isinstance(part, dict):
            return {name: filled(value) for name, value in part.items()}
        return [filled(each) for each in part] if isinstance(part, list | tuple) else part

    return Call(
        world, operation, world.callers[recipe.by], filled(recipe.path), filled(recipe.query), filled(recipe.body),
        recipe.files,
    )  # fmt: skip


@contextmanager
def held(call: Call) -> Iterator[None]:
    """Another call with the same key is at work, on a connection of its own."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [call.keyed.lock])
        yield
    finally:
        other.close()


def answer_of(world: World, operation: Operation, change: Change) -> Any:
    call = call_of(world, operation)
    with undone():
        change(call)
        return call.send()


def answers_of(world: World, operation: Operation, status: int, settings: Any) -> list[Any]:
    """What came of asking wrongly in every way that may bring this status about, until one did."""
    answers: list[Any] = []
    unlimited = settings.RATE_LIMIT_FACTOR
    for change in CHANGES.get(status, ()):
        answers.append(answer_of(world, operation, change))
        settings.RATE_LIMIT_FACTOR = unlimited
        if answers[-1].status_code == status:
            break
    return answers


def answer_while_held(world: World, operation: Operation) -> Any:
    call = call_of(world, operation)
    call.headers["Idempotency-Key"] = KEY
    with held(call), undone():
        return call.send()


def to_bring_about(operation: Operation, statuses: set[int]) -> list[int]:
    """Those that a change of a call can, whose turn it is."""
    of_states = {status for name, method, status in BY_STATE_OF if (name, method) == (operation.name, operation.method)}
    turned = {each for each, _ in in_turn(operation, [(status, "") for status in SHARED], TURNS)}
    return sorted(statuses - BY_STATE.keys() - of_states - (SHARED - turned))


@pytest.mark.parametrize("operation", described_operations(), ids=str)
def test_every_answer_that_is_described_is_given(world: World, operation: Operation, settings: Any) -> None:
    """P-8: the happy path and each refusal; refusals are problem documents of that status"""
    world.common["settings of the test"] = settings
    statuses = {int(status) for status in described(operation)[1]["responses"]}
    findings, happy = Findings(), answer_of(world, operation, lambda _: None)
    findings.expect(happy.status_code in statuses, f"rightly asked: {happy.status_code}")
    if 304 in statuses and operation.name not in OF_THIS_VERY_INSTANT:
        again = answer_of(world, operation, changed(If_None_Match=happy.headers["ETag"]))
        findings.expect(again.status_code == 304, f"unchanged: {again.status_code}")
    for status in to_bring_about(operation, statuses - {happy.status_code, 304}):
        answers = answers_of(world, operation, status, settings)
        if status == 409:
            answers = [answer_while_held(world, operation)]
        got = [each.status_code for each in answers]
        findings.expect(status in got, f"{status} is described, and never given: {got}")
        findings.expect(statuses.issuperset(got), f"{set(got) - statuses} is given, and not described")
        if status in got:
            told = answers[-1]["Content-Type"], json.loads(answers[-1].content)["status"]
            findings.expect(told == ("application/problem+json", status), str(told))
    if 404 not in statuses:
        missed = answer_of(world, operation, of_nobody).status_code
        findings.expect(missed in statuses, f"{missed} is given for what nobody has, and not described")
    findings.settle()


def test_what_is_brought_about_by_states_is_described() -> None:
    """An entry that explains nothing is removed"""
    told = {(each.name, each.method): described(each)[1]["responses"] for each in described_operations()}

    assert [key for key in BY_STATE_OF if str(key[2]) not in told.get(key[:2], {})] == []
    assert {name for name, _ in told} >= OF_THIS_VERY_INSTANT
