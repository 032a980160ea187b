"""Going through the portal as somebody would: from the first page along every link, and through every form shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve

from tests.door.asking import undone
from tests.door.worlds import Caller

SHUT = (403, 404, 405, 500)
NOT_WALKED = ("account_logout", "set_language", "set_theme")  # of the frame, on every page
client = Client(raise_request_exception=False)


@dataclass
class Form:
    """What a form would send as it stands."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    has_files: bool = False
    elsewhere: list[str] = field(default_factory=list)  # of buttons that send it to another address


class Page(HTMLParser):
    """What a page offers: its title and headings, where its links lead, and its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title, self.headings = "", list[str]()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._reading = ""
        self._select: tuple[str, str | None] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "title" and not self.title:
            self._reading = "title"
        elif tag == "h1":
            self._reading = "h1"
            self.headings.append("")
        elif tag in ("a", "iframe") or "hx-get" in told:
            self.links += [told[name] for name in ("href", "src", "hx-get") if name in told]
        elif tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").lower()))
        if self.forms and tag in ("input", "select", "textarea", "option", "button"):
            self._field(tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._reading:
            self._reading = ""

    def handle_data(self, data: str) -> None:
        if self._reading == "title":
            self.title += data
        elif self._reading == "h1":
            self.headings[-1] += data

    def _field(self, tag: str, told: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], told.get("name", ""), told.get("type", "")
        if tag == "button" and "formaction" in told:
            form.elsewhere.append(told["formaction"])
        elif kind == "file":
            form.has_files = True
        elif tag in ("input", "textarea") and name and (kind not in ("checkbox", "radio") or "checked" in told):
            form.fields.append((name, told.get("value", "")))
        elif tag == "select":
            self._select = (name, None)
        elif tag == "option" and self._select and "selected" in told:
            form.fields.append((self._select[0], told.get("value", "")))


def walk(caller: Caller) -> tuple[list[str], set[str]]:
    """Look at pages from the first one on, and try every form that is shown; nothing stays.

    Returns what is wrong, and the names of the pages that were seen.

    Of the links to one kind of page that one kind of page shows, the first that is new is followed, and each to a
    request: no two hold the same.
    """
    wrong, named, seen, tried = list[str](), set[str](), set[Any](), set[Any]()
    todo = deque([("/", "")])
    while todo:
        address, shown_on = todo.popleft()
        name = _name(address)
        kind = (name if name and name != "tickets:detail" else address, bool(urlsplit(address).query), _name(shown_on))
        if name in NOT_WALKED or not seen.isdisjoint({address, kind}):
            continue
        seen |= {address, kind}
        response = _ask(caller, "get", address)
        if response.status_code in SHUT or not name:
            wrong.append(f"{shown_on} shows a link to {address}, which answers {response.status_code}")
        elif "Location" in response.headers:
            todo.append((urljoin(address, response.headers["Location"]), address))
        elif response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            page = Page(response.content.decode())
            named.add(name)
            wrong += _faults(page, address, whole=b"<html" in response.content)
            todo += [(each, address) for each in _ours(page.links, address)]
            for form in page.forms:
                wrong += _try(caller, form, address, tried)
    return wrong, named


def _faults(page: Page, address: str, *, whole: bool) -> Iterator[str]:
    if whole and (not page.title.strip() or page.title.strip().startswith("·")):
        yield f"{address} has no title"
    if whole and [bool(each.strip()) for each in page.headings] != [True]:
        yield f"{address} has the headings {page.headings} instead of one"


def _ours(links: list[str], address: str) -> Iterator[str]:
    for link in links:
        parts = urlsplit(urljoin(f"http://testserver{address}", link))
        if parts.netloc == "testserver":
            yield parts._replace(scheme="", netloc="", fragment="").geturl()


def _try(caller: Caller, form: Form, address: str, tried: set[Any]) -> Iterator[str]:
    """Send a form as it is shown; what is refused for what was typed is as it should be."""
    for action in [form.action, *form.elsewhere] if form.method in ("get", "post") else ():
        target = next(_ours([action], address), "")
        name, names = _name(target), {each for each, _ in form.fields}
        if (name, *sorted(names)) in tried or name in NOT_WALKED:
            continue
        tried.add((name, *sorted(names)))
        data = {each: [value for other, value in form.fields if other == each] for each in names}
        response = _ask(caller, form.method, target, data)
        if response.status_code in SHUT:
            yield f"{address} shows a form to {target}, which answers {response.status_code}"


def _ask(caller: Caller, method: str, address: str, data: dict[str, list[str]] | None = None) -> Any:
    client.cookies = SimpleCookie()
    if caller.session:
        client.cookies[settings.SESSION_COOKIE_NAME] = caller.session
    with undone():
        return getattr(client, method)(address, data or {}, headers={"Accept-Language": "en"})


def _name(address: str) -> str:
    return _name_of(urlsplit(address).path)


@cache
def _name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
