"""The colours of the stylesheet reach the contrasts of WCAG 2.2 AA, in light and in dark."""

import re
from itertools import product

import pytest
from django.conf import settings

CSS = (settings.BASE_DIR / "static" / "css" / "portal.css").read_text()
HEX = r"#[0-9a-f]{6}"
PAIRS = {
    name: (light, dark) for name, light, dark in re.findall(rf"--([a-z0-9-]+): light-dark\(({HEX}), ({HEX})\);", CSS)
}
SOLIDS = {name: (value, value) for name, value in re.findall(rf"--([a-z0-9-]+): ({HEX});", CSS)}
TOKENS = PAIRS | SOLIDS
TONES = ("info", "success", "warning", "danger", "neutral")
SURFACES = ("canvas", "surface", "raised", "sunken", "hover")
TEXTS = ("text", "text-soft", "text-muted", "accent-text")

TEXT_ON_GROUND = [
    *product(TEXTS, SURFACES),
    *((f"{tone}-text", ground) for tone in TONES for ground in (f"{tone}-soft", "surface", "canvas", "raised")),
    *(("text", f"{tone}-soft") for tone in (*TONES, "accent")),
    *(("text-soft", f"{tone}-soft") for tone in (*TONES, "accent")),
    ("text", "active"),
    ("text-muted", "accent-soft"),
    ("accent-text", "accent-soft"),
    ("text-on-solid", "accent"),
    ("text-on-solid", "accent-hover"),
    ("text-on-solid", "danger-fill"),
    ("text-on-solid", "danger-fill-hover"),
]
MARK_ON_GROUND = [
    *product(("line-control", "focus"), ("canvas", "surface", "sunken", "raised")),
    *product((f"chart-{number}" for number in range(1, 9)), ("canvas", "surface")),
    *((f"{tone}-solid", "surface") for tone in TONES),
    ("accent", "surface"),
    ("warning-solid", "warning-soft"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_stands_out_from_its_ground(text, ground, theme):
    """WCAG 1.4.3"""
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARK_ON_GROUND)
def test_controls_and_charts_stand_out_from_their_ground(mark, ground, theme):
    """WCAG 1.4.11"""
    assert contrast(TOKENS[mark][theme], TOKENS[ground][theme]) >= 3
