"""The installed Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from accounts.models import Person
from tests.factories import browser_of

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-extensions",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUIET = Path(__file__).parent / "quiet_chromium"
UNUSED = [  # pages of the browser's own, which it would load and draw beside each page of ours
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "SpareRendererForSitePerProcess",
]
RULES = {  # WCAG 2.2 AA and good manners
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a theme can change
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"

AT_REST = "document.getAnimations().forEach(one => one.effect.getTiming().iterations === Infinity || one.finish())"


# What no fault brings about: the last is said by Chromium itself, the others where a newer preview replaced one that a
# slow machine still worked at. Of what failed, htmx says `sendError` or `responseError` too.
HARMLESS = ("htmx:afterRequest", "htmx:sendAbort", "Failed to load resource")


class NoBrowser(Exception):
    """There is no Chromium to test with."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium: CHROMIUM names one, else one of the usual names, else Playwright's own."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        path = found or playwright.chromium.executable_path
        if not os.path.exists(path):
            raise NoBrowser(f"no Chromium found ({', '.join(NAMES)}); `make browser` installs one")
        surroundings = {**os.environ, "CHROMIUM_PROGRAM": path, "CHROMIUM_WITHOUT": ",".join(UNUSED)}
        browser = playwright.chromium.launch(executable_path=QUIET, args=FLAGS, env=surroundings)
        try:
            yield browser
        finally:
            browser.close()


def let_in(context: BrowserContext, person: Person, portal: str) -> None:
    """Let somebody into the portal at this address, past the form of sign-in and the page that follows it."""
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": browser_of(person).cookies[name].value, "url": portal}])


def complaints_of(page: Page) -> list[str]:
    """Return a list that grows with every script error and every breach of the content security policy."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def barriers(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong on the page (WCAG 2.2 AA), its colours in both themes, each with its `id` and `nodes`."""
    themes: list[Literal["dark", "light"]] = ["dark", "light"] if page.evaluate(IS_DARK) else ["light", "dark"]
    found = _violations(page, RULES)
    page.emulate_media(color_scheme=themes[1])
    found += _violations(page, COLOURS)
    page.emulate_media(color_scheme=themes[0])
    return found


def _violations(page: Page, rules: dict[str, Any]) -> list[dict[str, Any]]:
    """By these rules, and not in the midst of a fade."""
    page.evaluate(AT_REST)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"]}  # the others are slow to list
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options).then(told => told.violations)", options)
    return found
