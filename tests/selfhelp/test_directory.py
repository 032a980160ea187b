"""Where to call, and in which languages (CH-1, CH-3, LA-1)."""

import importlib

import pytest
from django.apps import apps

from selfhelp import selectors
from selfhelp.models import Article, PhoneNumber, SupportLanguage

pytestmark = pytest.mark.django_db


def test_a_country_has_its_number_with_hours_and_languages():
    """CH-3"""
    entry = selectors.phone_entry("tw", language="zh-Hant")

    assert (entry.country, entry.name, entry.city) == ("TW", "台灣", "台北")
    assert entry.technical.always
    assert entry.business.lines[0].spans == ("09:00–18:00",)
    assert [language.name for language in entry.languages] == ["繁體中文", "英文"]
    assert entry.dial == "+886200000142"


@pytest.mark.parametrize("country", ["", "ZZ", "T", "TWN", "१२", "'; --"])
def test_a_country_without_a_number_of_its_own_has_none(country):
    """CH-3"""
    assert selectors.phone_entry(country, language="en") is None


def test_the_directory_is_read_with_one_query(django_assert_num_queries):
    """CH-3"""
    with django_assert_num_queries(1):
        directory = selectors.phone_directory(language="en")

    assert len(directory) >= 30


def test_countries_are_sorted_by_letters_in_english_and_by_strokes_in_chinese():
    """CH-3"""
    english = [entry.name for entry in selectors.phone_directory(language="en")]
    chinese = [entry.name for entry in selectors.phone_directory(language="zh-Hant")]

    assert english == sorted(english, key=str.casefold)
    assert chinese.index("中國") < chinese.index("台灣") < chinese.index("美國")


def test_languages_have_regions_and_hours():
    """LA-1"""
    spoken = selectors.spoken_languages(language="en")
    chinese = [entry for entry in spoken if entry.language == "zh-Hant"]

    assert {entry.region for entry in chinese} == {"apac", "amer"}
    assert all(entry.hours.always or entry.hours.lines for entry in spoken)
    assert str(chinese[0].region_name)


def test_the_hours_of_a_language_are_found_by_its_tag():
    """LA-1"""
    spoken = selectors.spoken_languages_of("zh-hant", "tlh", language="en")
    assert [(each.language, each.region, each.hours.always) for each in spoken] == [
        ("zh-Hant", "apac", True),
        ("zh-Hant", "amer", False),
    ]
    assert selectors.spoken_languages_of("tlh", language="en") == []


@pytest.mark.parametrize(
    ("tag", "reader", "name"),
    [
        ("zh-Hant", "en", "Traditional Chinese"),
        ("zh-Hant", "zh-hant", "繁體中文"),
        ("pt-BR", "zh-Hant", "葡萄牙文 (巴西)"),
        ("ja", "de", "Japanese"),
        ("no such", "en", "no such"),
    ],
)
def test_languages_are_named_in_the_language_of_the_reader(tag, reader, name):
    """LA-1"""
    assert selectors.language_name(tag, reader) == name


@pytest.mark.parametrize(
    ("migration", "seeds"), [("0002_directory", ("seed_phone_numbers", "seed_languages")), ("0003_articles", ("seed",))]
)
def test_a_data_migration_can_be_repeated(migration, seeds):
    """STYLE.md, section 11"""
    module = importlib.import_module(f"selfhelp.migrations.{migration}")
    before = [list(model.objects.order_by("pk").values()) for model in (PhoneNumber, SupportLanguage, Article)]

    for name in seeds:
        getattr(module, name)(apps, None)

    after = [list(model.objects.order_by("pk").values()) for model in (PhoneNumber, SupportLanguage, Article)]
    assert after == before
