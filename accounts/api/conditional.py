"""Conditional GET: every answer has a tag, and whoever has it already is not sent it again (RFC 9110, section 13).

The tag is the version of the row, if the answer is about one, and a digest of the answer itself. So it holds for just
the caller, the language and the `fields` of the answer, says nothing that the answer does not say, and changes with
time where the answer does (a promise that breaks), although no row changed. `If-Match` compares the version alone.
"""

from __future__ import annotations

import hashlib
import re

from django.http import HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

LENGTH = 16  # hex digits; a client compares its own few answers, nobody gains by two that are alike
TAG = re.compile(r'"(\d{1,9})(?:-[0-9a-f]{16})?"', re.ASCII)
ABOUT_CONTENT = ("Content-Type", "Content-Length")
NOT_MODIFIED = 304


def tag_when_rendered(request: Request, response: Response) -> None:
    """Let a GET be answered with 304 where `If-None-Match` names what would be sent."""
    wanted = parse_etags(request.headers.get("If-None-Match", ""))

    def tag(rendered: HttpResponse) -> None:
        own = _tag_of(rendered)
        rendered.headers["ETag"] = own
        if "*" in wanted or own in [each.removeprefix("W/") for each in wanted]:
            _empty(rendered)

    response.add_post_render_callback(tag)


def _tag_of(response: HttpResponse) -> str:
    digest = hashlib.sha256(response.content).hexdigest()[:LENGTH]
    version = response.headers.get("ETag", "").strip('"')
    return f'"{version}-{digest}"' if version else f'"{digest}"'


def _empty(response: HttpResponse) -> None:
    response.status_code = NOT_MODIFIED
    response.content = b""
    for name in ABOUT_CONTENT:
        response.headers.pop(name, None)


def version_in(tag: str) -> int | None:
    """The version that a tag of ours names, None for any other tag."""
    found = TAG.fullmatch(tag)
    return int(found[1]) if found else None
