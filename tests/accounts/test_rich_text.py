"""What people write in Markdown is shown without anything that acts (P-7), in bounded time (P-8)."""

import re
import time
from html.parser import HTMLParser

import pytest
from django.utils.safestring import SafeString

from accounts import rich_text

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x73;cript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "![x](https://evil.example/pixel.png)",
    "![x][r]\n\n[r]: https://evil.example/pixel.png",
    '[x](https://ok.example "\\" onmouseover=\\"alert(1)")',
    "<javascript:alert(1)>",
    '```"><script>alert(1)</script>\nx\n```',
    "| <style>*{}</style> |\n|-|\n| <iframe src=x> |",
    "<a href=x style=position:fixed>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
]


class Reader(HTMLParser):
    """Reads HTML as a browser would, and notes what there is."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_written_acts(payload):
    """P-7"""
    for tag, attributes in Reader(rich_text.render(payload)).found:
        assert tag in rich_text.TAGS
        assert set(attributes) <= {"href", "title", "rel", "start", "tabindex"}
        assert re.match(r"(https?|mailto):|/(?![/\\])", attributes.get("href", "/"))


def test_common_marks_become_html():
    """P-7: and yet people may format"""
    html = rich_text.render("**bold** `code`\nnext line\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |")

    assert isinstance(html, SafeString)
    assert "<strong>bold</strong> <code>code</code><br>" in html
    assert "<li>one</li>" in html
    assert "<td>2</td>" in html


def test_links_vouch_for_nothing():
    """P-7"""
    html = rich_text.render(
        "[the docs](https://example.com/a?b=1&c=2) <https://example.org> <ada@example.com> [us](/help/)"
    )

    assert html.count('rel="nofollow noopener"') == 4
    assert 'href="https://example.com/a?b=1&amp;c=2"' in html
    assert 'href="mailto:ada@example.com"' in html
    assert 'href="/help/"' in html


@pytest.mark.parametrize("first", ["#", "##", "###"])
def test_headings_follow_the_title_of_the_page_without_a_gap(first):
    html = rich_text.render(f"{first} One\n\n{first}# Two")

    assert "<h2>One</h2>" in html
    assert "<h3>Two</h3>" in html


def test_code_that_may_scroll_can_be_reached_with_the_keyboard():
    assert '<pre tabindex="0"><code>' in rich_text.render("```\ncode\n```")


def test_half_a_character_is_shown_as_a_question_mark():
    """P-8"""
    assert rich_text.render("a\ud800b") == "<p>a?b</p>\n"


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "a|b\n-|-\n" + "x\n" * 24_000, "*a_ " * 12_500, "> " * 25_000, "[![a](b)" * 6_000, "<" * 50_000],
)
def test_no_text_takes_long(text):
    """P-8"""
    began = time.perf_counter()

    rich_text.render(text)
    rich_text.render(text[: rich_text.LONGEST_MARKDOWN])

    assert time.perf_counter() - began < 2


def test_what_is_too_long_for_markdown_is_shown_as_typed():
    """P-7, P-8"""
    log = "<b>**x**</b>\n" * 1_000

    html = rich_text.render(log)

    assert html.startswith("<p>&lt;b&gt;**x**&lt;/b&gt;<br>")
