"""What people type, made safe to store: composed, trimmed, and without characters that deceive or break."""

import re
import unicodedata

LINE_LIMIT = 200  # subjects
NAME_LIMIT = 120
PHONE_LIMIT = 40
DIALLABLE = re.compile(r"\+?[0-9 ()./-]*(?:[0-9][ ()./-]*){4}(?: ?(?:ext\.?|x|#|,|;) ?[0-9]{1,8})?", re.ASCII)
TEXT_LIMIT = 50_000

# The names of faults; `accounts.wording` has a sentence for each.
CONTROL_CHARACTER = "control_character"
BIDI_CONTROL = "bidi_control"
ZERO_WIDTH = "zero_width"
SURROGATE = "surrogate"
STACKED_MARKS = "stacked_marks"

MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe format; without a limit composing takes quadratic time

_NEWLINES = re.compile("\r\n|[\r\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BREAKS = re.compile("[\t\n\u2028\u2029]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")

# The same for the description of the API, as patterns of ECMA 262; halves of pairs and stacked marks they cannot name.
_UNSEEN = r"\u202a-\u202e\u2066-\u2069"
_NOT_IN_TEXT = rf"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f{_UNSEEN}"
_NOT_IN_LINE = rf"\u0000-\u001f\u007f-\u009f\u2028\u2029{_UNSEEN}"
_NOT_IN_LABEL = rf"{_NOT_IN_LINE}\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff"
_SPACES = r"\t\n \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def _patterns(refused: str, spaces: str = _SPACES) -> tuple[str, str]:
    """What is taken where there must be a letter, and where there need not; spaces around it are lost."""
    return f"^[{spaces}]*[^{refused}{spaces}][^{refused}]*[{spaces}]*$", f"^[{spaces}]*[^{refused}]*[{spaces}]*$"


TEXT_PATTERNS = _patterns(_NOT_IN_TEXT, rf"{_SPACES}\r")
LINE_PATTERNS = _patterns(_NOT_IN_LINE)
LABEL_PATTERNS = _patterns(_NOT_IN_LABEL)


def clean_text(value: str) -> str:
    """Return text of several lines as it may be stored: NFC, trimmed, lines ended by newlines.

    Raises ValueError with one of the codes above. Joiners and marks stay lawful: Persian and emoji need them.
    """
    return _clean(_NEWLINES.sub("\n", value))


def clean_line(value: str) -> str:
    """Return text of one line as it may be stored, for subjects and names; raises ValueError with a code."""
    if _BREAKS.search(value.strip()):
        raise ValueError(CONTROL_CHARACTER)
    return _clean(value)


def clean_label(value: str) -> str:
    """Return a line without zero-width characters either, for file names and mail addresses."""
    if _ZERO_WIDTH.search(value):
        raise ValueError(ZERO_WIDTH)
    return clean_line(value)


def _clean(value: str) -> str:
    for pattern, code in ((_SURROGATES, SURROGATE), (_CONTROLS, CONTROL_CHARACTER), (_BIDI, BIDI_CONTROL)):
        if pattern.search(value):
            raise ValueError(code)
    if value.isascii():
        return value.strip()
    _check_marks(value)
    return unicodedata.normalize("NFC", value).strip()


def _check_marks(value: str) -> None:
    run = 0
    for character in value:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MOST_MARKS:
            raise ValueError(STACKED_MARKS)
