"""Letters made comparable: lower case, half width, traditional characters; the length never changes."""

from pathlib import Path

_WIDE = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "})
_MARKS = str.maketrans("’‘‛´`“”„‟«»‐‑‒–—−\u00a0\t\r\x00", '\'\'\'\'\'""""""------    ')


def _variants() -> dict[int, int]:
    """Return simplified and variant characters, each with the traditional one that the word lists use."""
    pairs = (Path(__file__).parent / "lexicon" / "variants.txt").read_text(encoding="utf-8").split()
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


_VARIANTS = _variants()


def fold(text: str) -> str:
    """Return `text` in lower case, half width and traditional characters, of exactly the same length."""
    folded = text.translate(_MARKS).translate(_WIDE).translate(_VARIANTS)
    lower = folded.lower()
    if len(lower) == len(folded):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in folded)
