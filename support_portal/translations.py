"""What people read, from the sources into the catalogues of `locale/` and from there into the form that Django loads.

GNU gettext is not needed: Babel reads Python and writes catalogues, and Django's own lexer reads the templates.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

BASE_DIR = Path(__file__).resolve().parent.parent
SOURCES = ("accounts", "selfhelp", "severity", "sla", "support_portal", "tickets", "templates")
LOCALES = ("zh_Hant",)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LITERAL = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
MARKED = re.compile(rf"(?<![\w.])_\({LITERAL}\)")
CONTEXT = re.compile(rf"\bcontext\s+{LITERAL}")
Extracted = tuple[int | None, str, str | tuple[str, ...], list[str]]


# ── Reading templates ───────────────────────────────────────────────────────────────────────────────────────────────


def extract_template(
    fileobj: IO[bytes], keywords: Mapping[str, Any], comment_tags: Iterable[str], options: Mapping[str, Any]
) -> Iterator[Extracted]:
    """Yield what a Django template marks for translation, in the form of Babel's extraction methods."""
    tokens = iter(Lexer(fileobj.read().decode()).tokenize())
    for token in tokens:
        if token.token_type is TokenType.VAR:
            yield from _marked(token)
        elif token.token_type is TokenType.BLOCK:
            tag = token.contents.split(maxsplit=1)[0] if token.contents else ""
            yield from _marked(token)
            if tag == "comment":
                _skip_comment(tokens)
            elif tag in ("translate", "trans"):
                yield from _translate_tag(token)
            elif tag in ("blocktranslate", "blocktrans"):
                yield _block(token, tokens)


def _skip_comment(tokens: Iterator[Token]) -> None:
    for token in tokens:
        if token.token_type is TokenType.BLOCK and token.contents.strip() == "endcomment":
            return


def _marked(token: Token) -> Iterator[Extracted]:
    for found in MARKED.finditer(token.contents):
        yield token.lineno, "gettext", _unquoted(found[1]).replace("%", "%%"), []


def _translate_tag(token: Token) -> Iterator[Extracted]:
    """Yield the literal of `{% translate "…" %}`; a variable there is marked elsewhere."""
    argument = list(smart_split(token.contents))[1].split("|")[0]
    if argument[0] not in "\"'":
        return
    literal = re.match(LITERAL, token.contents.split(maxsplit=1)[1])
    if literal:
        yield _message(token, [_unquoted(literal[1]).replace("%", "%%")])


def _block(opening: Token, tokens: Iterator[Token]) -> Extracted:
    """Return the text of a `{% blocktranslate %}` up to its end, the way Django builds the id at run time."""
    forms: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.TEXT:
            forms[-1].append(token.contents.replace("%", "%%"))
        elif token.token_type is TokenType.VAR:
            forms[-1].append(f"%({token.contents})s")
        elif token.token_type is TokenType.BLOCK and token.contents.strip() == "plural":
            forms.append([])
        elif token.token_type is TokenType.BLOCK:
            break
    texts = ["".join(form) for form in forms]
    if "trimmed" in opening.contents.split():
        texts = [trim_whitespace(text) for text in texts]
    return _message(opening, texts)


def _message(token: Token, texts: list[str]) -> Extracted:
    context = CONTEXT.search(token.contents)
    function = {
        (False, 1): "gettext",
        (False, 2): "ngettext",
        (True, 1): "pgettext",
        (True, 2): "npgettext",
    }[context is not None, len(texts)]
    arguments = ([_unquoted(context[1])] if context else []) + texts
    return token.lineno, function, arguments[0] if len(arguments) == 1 else tuple(arguments), []


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


# ── Catalogues ──────────────────────────────────────────────────────────────────────────────────────────────────────


def extract(base: Path = BASE_DIR, sources: Iterable[str] = SOURCES) -> Catalog:
    """Return everything that the sources mark for translation."""
    template = Catalog()
    methods: list[tuple[str, Any]] = [
        ("**.py", "python"),
        ("**/templates/**.html", extract_template),
        ("templates/**.html", extract_template),
    ]
    methods += [("**.html", extract_template), ("**.txt", extract_template)]
    for source in sources:
        for name, _line, message, comments, context in extract_from_dir(
            base / source, method_map=methods, keywords=KEYWORDS, comment_tags=["Translators:"], strip_comment_tags=True
        ):
            template.add(message, None, [(f"{source}/{name}", 0)], auto_comments=comments, context=context)
    return template


def catalogue_path(locale: str, base: Path = BASE_DIR) -> Path:
    """Return where the catalogue of a language lives."""
    return base / "locale" / locale / "LC_MESSAGES" / "django.po"


def read(path: Path, locale: str) -> Catalog:
    """Return a catalogue, an empty one where the file does not exist yet."""
    if not path.exists():
        return Catalog(locale=locale, project="Support portal", header_comment="# Traditional Chinese", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def update(locale: str, base: Path = BASE_DIR) -> bool:
    """Bring a catalogue in line with the sources, keeping its translations; tell whether it changed."""
    path = catalogue_path(locale, base)
    catalogue = read(path, locale)
    catalogue.update(extract(base), no_fuzzy_matching=True, update_creation_date=False)
    written = BytesIO()
    write_po(written, catalogue, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    if path.exists() and path.read_bytes() == written.getvalue():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written.getvalue())
    return True


@dataclass
class Findings:
    """What is wrong with one catalogue, message by message."""

    missing: list[str] = field(default_factory=list)
    untranslated: list[str] = field(default_factory=list)
    fuzzy: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return one line for each thing that is wrong."""
        return [f"{kind}: {text!r}" for kind, texts in vars(self).items() for text in texts]


def check(locale: str, base: Path = BASE_DIR) -> Findings:
    """Compare a catalogue with the sources; placeholders of a translation must be those of the original."""
    wanted, catalogue = extract(base), read(catalogue_path(locale, base), locale)
    findings = Findings()
    for message in _messages(wanted):
        known = catalogue.get(message.id, message.context)
        if known is None:
            findings.missing.append(_name(message))
    for message in _messages(catalogue):
        if wanted.get(message.id, message.context) is None:
            findings.obsolete.append(_name(message))
        elif message.fuzzy:
            findings.fuzzy.append(_name(message))
        elif not all(_texts(message.string)):
            findings.untranslated.append(_name(message))
        elif _placeholders_differ(message):
            findings.wrong.append(f"placeholders differ in {_name(message)}")
    findings.obsolete += [_name(message) for message in catalogue.obsolete.values()]
    return findings


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _name(message: Message) -> str:
    return _texts(message.id)[0]


def _texts(value: Any) -> list[str]:
    """Return the forms of an id or of a translation: one, or one per plural."""
    return [value or ""] if isinstance(value, str | None) else list(value)


def _placeholders_differ(message: Message) -> bool:
    names = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
    wanted = [frozenset(names.findall(text)) for text in _texts(message.id)]
    return any(frozenset(names.findall(text)) not in wanted for text in _texts(message.string))


def compile_all(base: Path = BASE_DIR) -> list[str]:
    """Compile the catalogues that are newer than their compiled form; return their languages."""
    return [locale for locale in LOCALES if _compile(catalogue_path(locale, base), locale)]


def _compile(source: Path, locale: str) -> bool:
    target = source.with_suffix(".mo")
    with suppress(FileNotFoundError):
        if target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            return False
    if not source.exists():
        return False
    compiled = BytesIO()
    write_mo(compiled, read(source, locale))
    draft = target.with_suffix(".mo.new")
    draft.write_bytes(compiled.getvalue())
    draft.replace(target)
    return True
