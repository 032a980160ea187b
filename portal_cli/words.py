"""What the client says, in English or Traditional Chinese; what the portal says it says itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portal_cli.zh_hant import ZH_HANT

ENGLISH, CHINESE = "en", "zh-Hant"
LANGUAGES = (ENGLISH, CHINESE)
TRADITIONAL = ("zh_tw", "zh_hk", "zh_mo", "zh_hant")

_chosen = ENGLISH


def _(sentence: str) -> str:
    """The sentence in the chosen language."""
    return ZH_HANT.get(sentence, sentence) if _chosen == CHINESE else sentence


def choose(language: str) -> None:
    """Speak this language from now on."""
    global _chosen
    _chosen = language


def chosen() -> str:
    """The language that is spoken."""
    return _chosen


def language_of(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language of `--language`, or else that of the surroundings; it has to be known before any help is written."""
    for index, argument in enumerate(arguments):
        name, _sign, value = argument.partition("=")
        if name == "--language":
            given = value or "".join(arguments[index + 1 : index + 2])
            return CHINESE if given.lower().replace("_", "-").startswith("zh") else ENGLISH
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return CHINESE if locale.lower().replace("-", "_").startswith(TRADITIONAL) else ENGLISH
