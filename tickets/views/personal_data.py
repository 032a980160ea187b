"""A person's own data: what kinds there are, and all of it as a file for programs or for reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import override as speaking

from accounts.views.recent import RecentView
from tickets.services.personal_data import PARTS, record_export

ENCODER = DjangoJSONEncoder(ensure_ascii=False)


class MyDataView(RecentView):
    """Say what is kept about the person, and hand it out on request to whoever has just proven to be them."""

    asked_on = ("POST",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what a file would hold."""
        parts = [part.label for part in PARTS]
        return self.render("tickets/personal_data.html", {"parts": parts})

    def post(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Send the file while it is read; that is on record, and five times an hour at most."""
        form = "html" if request.POST.get("form") == "html" else "json"
        record_export(person=self.person)
        write, content_type = FORMS[form]
        answer = StreamingHttpResponse(write(self.person.pk, get_language() or "en"), content_type=content_type)
        answer.headers["Content-Disposition"] = f'attachment; filename="my-data.{form}"'
        answer.headers["Cache-Control"] = "no-store"
        return answer


def as_json(person_id: int, language: str) -> Iterator[str]:
    """One object: an instant, and a list of rows for each kind of data."""
    yield f'{{"exported_at": {ENCODER.encode(timezone.now())}'
    for part in PARTS:
        yield f',\n"{part.name}": ['
        for place, row in enumerate(part.of(person_id)):
            yield (",\n  " if place else "\n  ") + ENCODER.encode(row)
        yield "]"
    yield "}\n"


def as_html(person_id: int, language: str) -> Iterator[str]:
    """A page without a script: a table for each kind of data, everything in it escaped."""
    with speaking(language):
        title = gettext("Your data in the support portal")
    head = '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>{}</head><body><h1>{}</h1>'
    yield format_html(head, language, title, STYLE, title)
    for part in PARTS:
        with speaking(language):
            yield format_html("<h2>{}</h2>", str(part.label))
        yield from _table(part.of(person_id))
    yield "</body></html>\n"


def _table(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    first = next(rows, None)
    if first is None:
        yield "<p>–</p>"
        return
    heads = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in first))
    yield format_html("<table><thead><tr>{}</tr></thead><tbody>", heads)
    yield _row(first)
    for row in rows:
        yield _row(row)
    yield "</tbody></table>"


def _row(row: dict[str, Any]) -> str:
    return format_html(
        "<tr>{}</tr>", format_html_join("", "<td><bdi>{}</bdi></td>", ((_cell(v),) for v in row.values()))
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).strip('"')


STYLE = mark_safe(
    "<style>body{font:1rem/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
    "th,td{border:1px solid #999;padding:.25rem .5rem;text-align:start;vertical-align:top;white-space:pre-wrap}</style>"
)
FORMS: dict[str, tuple[Callable[[int, str], Iterator[str]], str]] = {
    "json": (as_json, "application/json"),
    "html": (as_html, "text/html; charset=utf-8"),
}
