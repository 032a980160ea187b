"""Texts that come in several languages: which languages there are, and which text to show."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

ENGLISH, TRADITIONAL_CHINESE = "en", "zh-Hant"


def reading_language() -> str:
    """The language of our content that goes with the active language of the page."""
    return content_language(get_language() or "")


def content_language(tag: str) -> str:
    """The language of our content for a BCP 47 tag: Chinese readers get Traditional Chinese, all others English."""
    return TRADITIONAL_CHINESE if tag.lower().startswith("zh") else ENGLISH


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in the content language of `language`, in English where it was not translated."""
    return texts.get(content_language(language)) or texts.get(ENGLISH, "")
