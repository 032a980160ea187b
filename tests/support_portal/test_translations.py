"""Every text that people read is found in the sources, and the catalogues keep up with them."""

import io
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from django.template import Context, Template
from django.utils import translation

from accounts.api.serializers import InputSerializer
from support_portal import translations

PAGE = """
{% load i18n %}
{% translate "Sign in" %} {% trans 'It\\'s open' as label %} {% translate variable %}
{% translate "Closed" context "state of a request" %}
{% translate "100% sure" %}
{% include "a.html" with label=_("Save changes") only %}
{{ value|default:_("nothing yet") }}
{% blocktranslate %}Hello {{ name }}, 5% off{% endblocktranslate %}
{% blocktranslate trimmed with name=person.name %}
    Dear {{ name }},
    welcome.
{% endblocktranslate %}
{% blocktranslate count days=days context "window" %}{{ days }} day{% plural %}{{ days }} days{% endblocktranslate %}
{# _("a comment") #}{% comment %}{% translate "not shown" %}{% endcomment %}
plain _("text")
"""


def found_in(page: str) -> set[tuple[str | None, object]]:
    messages = extract(translations.extract_template, io.BytesIO(page.encode()), keywords=translations.KEYWORDS)
    return {(context, message) for _line, message, _comments, context in messages}


def test_all_that_a_template_marks_is_found() -> None:
    assert found_in(PAGE) == {
        (None, "Sign in"),
        (None, "It's open"),
        ("state of a request", "Closed"),
        (None, "100%% sure"),
        (None, "Save changes"),
        (None, "nothing yet"),
        (None, "Hello %(name)s, 5%% off"),
        (None, "Dear %(name)s, welcome."),
        ("window", ("%(days)s day", "%(days)s days")),
    }


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ('{% load i18n %}{% translate "100% sure" %}', {}),
        ('{% load i18n %}{% translate "Closed" context "a state" %}', {}),
        ("{% load i18n %}{% blocktranslate %}Hello {{ name }}, 5% off{% endblocktranslate %}", {"name": "Mei"}),
        ("{% load i18n %}{% blocktranslate trimmed %}\n  A\n  B\n{% endblocktranslate %}", {}),
        (
            "{% load i18n %}{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
            {"n": 3},
        ),
    ],
)
def test_the_ids_found_are_those_that_django_asks_for(
    source: str, values: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[tuple[str | None, object]] = set()
    backend = translation._trans

    def ask(context: str | None, *forms: str) -> str:
        asked.add((context, forms[0] if len(forms) == 1 else forms))
        return forms[-1]

    monkeypatch.setattr(backend, "gettext", lambda text: ask(None, text))
    monkeypatch.setattr(backend, "ngettext", lambda one, many, _n: ask(None, one, many))
    monkeypatch.setattr(backend, "pgettext", lambda context, text: ask(context, text))
    Template(source).render(Context(values))

    assert asked == found_in(source)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with one text, translated."""
    for source in translations.SOURCES:
        (tmp_path / source).mkdir()
    write(tmp_path, "Open")
    translations.update("zh_Hant", tmp_path)
    translate(tmp_path, "Open", "未結")
    return tmp_path


def write(checkout: Path, *texts: str) -> None:
    lines = [f"print(_({text!r}))" for text in texts]
    (checkout / "tickets" / "words.py").write_text("\n".join(lines))


def translate(checkout: Path, text: str, into: str) -> None:
    path = translations.catalogue_path("zh_Hant", checkout)
    path.write_text(path.read_text().replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{into}"'))


def test_a_complete_catalogue_is_found_to_be_so(checkout: Path) -> None:
    assert translations.check("zh_Hant", checkout).lines() == []
    assert not translations.update("zh_Hant", checkout)


def test_a_text_that_is_missing_is_named(checkout: Path) -> None:
    write(checkout, "Open", "Brand new")

    assert translations.check("zh_Hant", checkout).missing == ["Brand new"]


def test_a_text_that_waits_for_its_translation_is_named(checkout: Path) -> None:
    write(checkout, "Open", "Brand new")

    assert translations.update("zh_Hant", checkout)

    assert translations.check("zh_Hant", checkout).untranslated == ["Brand new"]


def test_a_text_that_nobody_shows_any_more_is_named(checkout: Path) -> None:
    write(checkout, "Something else")

    assert translations.check("zh_Hant", checkout).obsolete == ["Open"]


def test_a_guess_is_named(checkout: Path) -> None:
    path = translations.catalogue_path("zh_Hant", checkout)
    path.write_text(path.read_text().replace('msgid "Open"', '#, fuzzy\nmsgid "Open"'))

    assert translations.check("zh_Hant", checkout).fuzzy == ["Open"]


def test_a_translation_that_loses_a_placeholder_is_named(checkout: Path) -> None:
    write(checkout, "Open", "Due %(when)s")
    translations.update("zh_Hant", checkout)
    translate(checkout, "Due %(when)s", "期限")

    assert translations.check("zh_Hant", checkout).wrong == ["placeholders differ in Due %(when)s"]


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(checkout: Path) -> None:
    write(checkout, "Open", "Closed")
    translations.update("zh_Hant", checkout)
    translate(checkout, "Closed", "已結案")
    write(checkout, "Closed")

    translations.update("zh_Hant", checkout)

    kept = translations.catalogue_path("zh_Hant", checkout).read_text()
    assert "已結案" in kept
    assert "未結" not in kept


def test_catalogues_are_compiled_when_they_changed_and_only_then(checkout: Path) -> None:
    assert translations.compile_all(checkout) == ["zh_Hant"]
    assert translations.compile_all(checkout) == []
    assert translations.catalogue_path("zh_Hant", checkout).with_suffix(".mo").stat().st_size > 0


def test_what_the_framework_says_of_bad_input_is_translated():
    """DESIGN, languages: the fields that our operations read have no English left in Traditional Chinese"""
    import_module("tickets.api.urls")
    fields = {field for serializer in _below(InputSerializer) for field in _fields_of(serializer)}
    said = {text for field in fields for kind in field.__mro__ for text in _messages(kind).values()}

    with translation.override("zh-hant"):
        assert [text for text in map(str, said) if text.isascii()] == []
    assert len(said) > 20


def _messages(kind: type) -> dict[str, Any]:
    return vars(kind).get("default_error_messages", {})


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _fields_of(serializer: type[Any]) -> Iterator[type[Any]]:
    for each in serializer._declared_fields.values():
        yield type(each)
        if getattr(each, "child", None):
            yield type(each.child)
