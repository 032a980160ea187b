"""Markdown that people write, as HTML that is safe to show (P-7)."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
URL_SCHEMES = {"http", "https", "mailto"}
LONGEST_MARKDOWN = 10_000  # characters; what is longer is most likely a log, and is shown as it was typed (P-8)
TOP_HEADING, LAST_HEADING = 2, 6


def render(text: str) -> SafeString:
    """Return `text` as HTML: headings below the page's own, no images, none of the writer's HTML, links unvouched for.

    A line break is one, as people expect of a message. Takes any text; remembers the last few.
    """
    whole = text.encode("utf-8", "replace").decode()  # half a surrogate pair is nothing that could be sent
    return _render(whole) if len(whole) <= LONGEST_MARKDOWN else mark_safe(linebreaks(whole, autoescape=True))  # noqa: S308


@lru_cache(maxsize=128)
def _render(text: str) -> SafeString:
    html = _cleaner.clean(_markdown.render(text))
    return mark_safe(html)  # noqa: S308 - cleaned by an allow-list of tags, attributes and schemes


def _settle_headings(state: StateCore) -> None:
    """Begin with the second level whatever the writer began with: the first is the page's title."""
    headings = [token for token in state.tokens if token.type in ("heading_open", "heading_close")]
    lowered = TOP_HEADING - min((int(token.tag[1]) for token in headings), default=TOP_HEADING)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + lowered, LAST_HEADING)}"


def _within_portal(url: str) -> str | None:
    """Keep a link to a page of ours; `//host` only looks like one."""
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else None


def _converter() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.enable(["table", "strikethrough"]).disable("image")
    markdown.core.ruler.push("settle_headings", _settle_headings)
    return markdown


_markdown = _converter()
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    set_tag_attribute_values={"pre": {"tabindex": "0"}},  # it may scroll, so the keyboard must reach it
    url_schemes=URL_SCHEMES,
    url_relative=_within_portal,
    link_rel="nofollow noopener",
)
