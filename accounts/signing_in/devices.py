"""A browser's name for itself in words that its owner recognises; nothing depends on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The order matters: Edge and Opera also say Chrome, and all of them say Safari.
BROWSERS = (
    ("Edge", r"\bEdgA?(?:iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Headless)?(?:Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bVersion/[\d.]+.*\bSafari/"),
)
SYSTEMS = (
    ("iPhone", r"\biPhone\b", "smartphone"),
    ("iPad", r"\biPad\b", "tablet"),
    ("Android", r"\bAndroid\b", "smartphone"),
    ("Windows", r"\bWindows\b", "monitor"),
    ("macOS", r"\bMac(?:intosh| OS X)\b", "laptop"),
    ("ChromeOS", r"\bCrOS\b", "laptop"),
    ("Linux", r"\bLinux\b", "monitor"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """What is shown of a device: its words, and an icon."""

    words: str | Promise
    icon: str


def device_of(user_agent: str) -> Device:
    """Browser and system, as far as the header tells them."""
    browser = next((name for name, pattern in BROWSERS if re.search(pattern, user_agent)), "")
    system, icon = next(((n, i) for n, pattern, i in SYSTEMS if re.search(pattern, user_agent)), ("", "monitor"))
    known = " · ".join(filter(None, (browser, system)))
    return Device(words=known or _("Unknown browser"), icon=icon)
