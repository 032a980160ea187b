"""Carrying out a recipe as somebody, with things of one tenant or another in its places; and reading the answer."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.client import BOUNDARY, encode_multipart

from accounts.signing_in.sessions import SessionStore
from tests.door.operations import Operation, address_of
from tests.door.recipes import Common, Of, Recipe
from tests.door.worlds import MISSING, Caller, Known, Tenant, World

REQUEST_ID = "matrix-of-leaks-0001"
HALF = "half-of-a-surrogate"
Place = tuple[str, ...]
Choice = Callable[[Place, Of], Any]
CHANGING = (  # what differs from answer to answer without telling anything
    (re.compile(r'(csrfmiddlewaretoken" value=")[^"]*'), r"\1"),
    (re.compile(r'(name="[\w-]*key" value=")[^"]*'), r"\1"),
    (re.compile(r'(X-CSRFToken": ")[^"]*'), r"\1"),
    (re.compile(r"(challenge&quot;: &quot;)[\w-]*"), r"\1"),
    (re.compile(r"(<time[^>]*>)[^<]*"), r"\1"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), ""),
    (re.compile(r'(data-server-now=")[^"]*'), r"\1"),
    (re.compile(r"(csrftoken|csrf)=[^;]*"), r"\1="),
    (re.compile(r'(messages="?[^:;]*):[^;]*'), r"\1"),  # when it was signed
    (re.compile(r";r=\d+;t=\d+"), ""),
    (re.compile(r"expires=[^;]*", re.IGNORECASE), ""),
)
CURSOR = re.compile(r"(?:cursor|before)=([A-Za-z0-9_-]{8,})")
client = Client(raise_request_exception=False)


@dataclass(frozen=True)
class Answer:
    """What came back, as far as it could tell anything."""

    status: int
    headers: dict[str, str]
    body: str
    typed: tuple[str, ...] = ()
    location: str = ""

    @property
    def text(self) -> str:
        """Everything that can be read in it, cursors opened."""
        return self._read(())

    @property
    def told(self) -> Answer:
        """The answer without what changes each time, and without what was typed; for comparison.

        Its length is that of the body, which is compared.
        """
        headers = {name: self._plain(value) for name, value in self.headers.items() if name != "Content-Length"}
        return replace(self, headers=headers, body=self._plain(self.body), typed=(), location="")

    @property
    def untyped(self) -> str:
        """Everything that can be read in it but what the caller typed."""
        return self._read(self.typed)

    def _read(self, without: tuple[str, ...]) -> str:
        whole = "\n".join([*(f"{name}: {value}" for name, value in self.headers.items()), self.body])
        for each in without:
            whole = whole.replace(each, "")
        return "\n".join([whole, *_opened(whole)])

    def _plain(self, text: str) -> str:
        for pattern, into in CHANGING:
            text = pattern.sub(into, text)
        for each in sorted(self.typed, key=len, reverse=True):
            for form in {each, quote(each, safe="")}:
                text = text.replace(form, "<typed>")
        return text


def _opened(text: str) -> Iterator[str]:
    for cursor in CURSOR.findall(text):
        try:
            yield base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode(errors="replace")
        except binascii.Error:
            continue


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is undone."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as in Django's TestCase: durable ones may be inside
    with around:
        with connection.cursor() as cursor:  # so that what is written here is not counted as written by the next
            cursor.execute("SELECT pg_stat_force_next_flush()")
        yield
        transaction.set_rollback(True)


def places(recipe: Recipe) -> list[tuple[Place, Of]]:
    """Every position of an id in a recipe."""
    parts = {"path": recipe.path, "query": recipe.query, "body": recipe.body, "session": recipe.session}
    return [found for name, part in parts.items() for found in _places(part, (name,))]


def _places(part: Any, place: Place) -> Iterator[tuple[Place, Of]]:
    if isinstance(part, Of):
        yield place, part
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from _places(value, (*place, name))
    elif isinstance(part, list | tuple):
        for index, value in enumerate(part):
            yield from _places(value, (*place, str(index)))


def of(tenant: Tenant) -> Choice:
    """Everything of this tenant."""
    return lambda _place, each: known(tenant, each).value


def missing(tenant: Tenant) -> Choice:
    """Nothing that exists: ids of the same form as those of this tenant."""
    return lambda _place, each: like(known(tenant, each).value)


def only(at: Place, choice: Choice, otherwise: Choice) -> Choice:
    """One place filled one way, the others another way."""
    return lambda place, each: (choice if place == at else otherwise)(place, each)


def known(tenant: Tenant, each: Of) -> Known:
    assert each.name in tenant.ids, f"no furnished id {each.name!r}: `tenant.knows(…)` it in tests/door/worlds/"
    return tenant.ids[each.name]


def like(value: Any) -> Any:
    """An id of the same form, that nothing has."""
    if isinstance(value, int):
        return MISSING
    if re.fullmatch(r"SR-[0-9]{9}", value):
        return "SR-000000001"
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return "00000000-0000-4000-8000-000000000000"
    if re.fullmatch(r"EN-[0-9]{9}", value):
        return "EN-000000001"
    if re.fullmatch(r"INC-[0-9]{4}-[0-9]{5}", value):
        return "INC-2000-00001"
    if "@" in value:
        return "x" * value.index("@") + value[value.index("@") :]
    return "x" * len(value)


def ask(
    world: World,
    caller: Caller,
    operation: Operation,
    recipe: Recipe,
    choice: Choice,
    *,
    method: str = "",
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Carry out a recipe and return the answer."""
    typed: list[str] = []

    def fill(part: Any, place: Place) -> Any:
        if isinstance(part, Common):
            return world.common[part.name]
        if isinstance(part, Of):
            value = choice(place, part)
            typed.append(str(value))
            return value
        if isinstance(part, dict):
            return {named(name, (*place, name)): fill(value, (*place, name)) for name, value in part.items()}
        if isinstance(part, list | tuple):
            return [fill(value, (*place, str(index))) for index, value in enumerate(part)]
        return part

    def named(name: str, place: Place) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: str(choice(place, Of(found[1]))), name)

    address = address_of(operation, fill(recipe.path, ("path",)))
    asked = {**fill(recipe.query, ("query",)), **(query or {})}
    body = fill(recipe.body, ("body",))
    _remember(caller, fill(recipe.session, ("session",)))
    for name in recipe.files:
        body[name] = SimpleUploadedFile("a.txt", str(body[name]).encode(errors="surrogatepass"))
    response = _send(caller, operation, method or operation.method, address, asked, body, headers or {})
    content = b"".join(response.streaming_content) if response.streaming else response.content
    cookies = {f"Set-Cookie {name}": morsel.OutputString() for name, morsel in response.cookies.items()}
    return Answer(
        response.status_code,
        {**response.headers, **cookies},
        content.decode(errors="replace"),
        tuple(typed),
        response.headers.get("Location", ""),
    )


def _remember(caller: Caller, values: dict[str, Any]) -> None:
    """Put into the caller's session what an earlier page would have put there."""
    if values and caller.session:
        session = SessionStore(caller.session)
        session.update(values)
        session.save()


def _multipart(body: dict[str, Any]) -> dict[str, Any]:
    """A form with files, which knows no null; half a surrogate goes as careless programs send it."""
    encodable = {
        name: value.replace("\ud800", HALF) if isinstance(value, str) else value
        for name, value in body.items()
        if value is not None
    }
    data = encode_multipart(BOUNDARY, encodable).replace(HALF.encode(), b"\xed\xa0\x80")
    return {"data": data, "content_type": f"multipart/form-data; boundary={BOUNDARY}"}


def _send(
    caller: Caller,
    operation: Operation,
    method: str,
    address: str,
    query: dict[str, Any],
    body: Any,
    headers: dict[str, str],
) -> Any:
    client.cookies = SimpleCookie()
    headers = {"X-Request-ID": REQUEST_ID, "Accept-Language": "en", **headers}
    options: dict[str, Any] = {}
    if query:
        address += "?" + urlencode(query, doseq=True, errors="surrogatepass")
    if operation.is_api:
        headers |= {"If-Match": "*"} | ({"Authorization": f"Bearer {caller.token}"} if caller.token else {})
    if caller.session and not (operation.is_api and caller.token):
        client.cookies[settings.SESSION_COOKIE_NAME] = caller.session
    if caller.acting_for is not None and not operation.is_api:
        headers = {"X-Acting-For": str(caller.acting_for.pk), **headers}  # as the pages that they see carry it
    if method in ("POST", "PUT", "PATCH") and body is not None:
        has_files = isinstance(body, dict) and any(isinstance(value, SimpleUploadedFile) for value in body.values())
        if has_files:
            options |= _multipart(body)
        elif operation.is_api:
            options |= {"data": body, "content_type": "application/json"}
        elif not isinstance(body, dict):
            options["data"] = body
        else:  # as browsers send it
            options["data"] = urlencode(body, doseq=True, errors="surrogatepass")
            options["content_type"] = "application/x-www-form-urlencoded"
    return getattr(client, method.lower())(address, headers=headers, **options)


@dataclass
class Findings:
    """What is wrong, gathered over the cells of one operation, so that one run tells everything."""

    lines: list[str] = field(default_factory=list)

    def expect(self, good: bool, words: str) -> None:
        if not good:
            self.lines.append(words)

    def settle(self) -> None:
        assert not self.lines, "\n".join(["", *self.lines])
