"""What a tag may be called, and which names are the same one; plain text in and out."""

from __future__ import annotations

import re
import unicodedata

from accounts.text import clean_label

CHARACTERS = "tag_characters"  # a fault; `accounts.wording` has its sentence
BESIDE_LETTERS = " -_./:+#&"  # no comma, which stands between names
# Letters and marks by their category that no font draws: fillers, joiners, variation selectors.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def clean_name(value: str) -> str:
    """Return a name as it may be stored: of one width, with single spaces. Raises ValueError with a code.

    It begins with a letter or digit of any script, so that no spreadsheet takes it for a formula.
    """
    name = " ".join(unicodedata.normalize("NFKC", clean_label(value)).split())
    if (name and not name[0].isalnum()) or UNSEEN.search(name):
        raise ValueError(CHARACTERS)
    if any(unicodedata.category(each)[0] not in "LMN" and each not in BESIDE_LETTERS for each in name):
        raise ValueError(CHARACTERS)
    return name


def key_of(name: str) -> str:
    """What is the same for names that differ in case or width alone; empty for what is no name."""
    try:
        return unicodedata.normalize("NFKC", clean_name(name).casefold())
    except ValueError:
        return ""
