"""Lists come in pages."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens/"


@pytest.fixture
def filled(api, admin):
    """A program whose person has 30 more tokens."""
    for number in range(30):
        factories.make_token(admin, name=f"Token {number}")
    return api


def walk(api, address, step):
    names = []
    while address:
        page = api.get(address.removeprefix("http://localhost:8000")).json()
        names += [row["name"] for row in page["results"]]
        address = page[step]
    return names


def test_a_page_has_25_rows_unless_asked_otherwise(filled):
    assert len(filled.get(TOKENS).json()["results"]) == 25
    assert len(filled.get(TOKENS, {"page_size": 7}).json()["results"]) == 7


def test_following_next_visits_every_row_once(filled):
    names = walk(filled, f"{TOKENS}?page_size=4", "next")

    assert len(names) == len(set(names)) == 31


def test_previous_leads_back_to_the_first_page(filled):
    first = filled.get(TOKENS, {"page_size": 10}).json()
    second = filled.get(first["next"]).json()
    back = filled.get(second["previous"]).json()

    assert first["previous"] is None
    assert back["results"] == first["results"]


@pytest.mark.parametrize(("asked", "given"), [("100", 100), ("101", 100), ("99999999999999999999", 100)])
def test_a_page_has_at_most_100_rows(api, admin, asked, given):
    """RELIABILITY.md, section 3"""
    for number in range(102):
        factories.make_token(admin, name=f"Token {number}")

    assert len(api.get(TOKENS, {"page_size": asked}).json()["results"]) == given


def test_links_begin_with_the_public_address_and_keep_the_query(filled, settings):
    """RELIABILITY.md: never from Host"""
    settings.PUBLIC_URL = "https://support.example.com"
    settings.ALLOWED_HOSTS = ["evil.example"]

    link = filled.get(TOKENS, {"page_size": 5}, headers={"Host": "evil.example"}).json()["next"]

    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://support.example.com{TOKENS}"
    assert parse_qs(parts.query)["page_size"] == ["5"]


def faults(response):
    assert response.status_code == 400
    return {fault["parameter"]: fault["code"] for fault in response.json()["errors"]}


@pytest.mark.parametrize("size", ["0", "00", "-1", "ten", "1.5", "", "١٠", "\x00"])
def test_a_size_is_a_number_from_one(api, size):
    assert faults(api.get(TOKENS, {"page_size": size})) == {"page_size": "invalid"}


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "\x00",
        "é",
        "eyJ2IjpbXX0",
        "W10",
        "bnVsbA",
        "eyJ2IjpbMSwyXSwiYiI6MH0",
        "eyJ2IjpbIngiLDJdLCJiIjowfQ",
        "eyJ2IjpbdHJ1ZSwyXSwiYiI6MH0",
        "eyJ2Ijpbe30sMl0sImIiOjB9",
        "eyJ2Ijpbe1wiYXRcIjogMX0sMl0sImIiOjB9",
        "eyJ2Ijpbe1wiYXRcIjogXCIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwXCJ9LFwieFwiXX0",
        "eyJ2IjpbeyJhdCI6IjIwMjYtMDEtMDFUMDA6MDA6MDArMDA6MDAifSwieCJdLCJiIjowfQ",
        "A" * 3000,
        "W" * 3000,
    ],
)
def test_a_cursor_that_no_page_gave_out_is_refused(api, cursor):
    """P-8"""
    response = api.get(TOKENS, {"cursor": cursor})

    assert response.status_code == 400
    assert response.json()["code"] == "invalid-cursor"


def test_parameters_that_a_list_does_not_take_are_named(api):
    assert faults(api.get(TOKENS, {"ordering": "person__password", "page_size": 5})) == {"ordering": "unknown_field"}


def test_a_page_costs_the_same_whatever_it_holds(api, admin, django_assert_num_queries):
    """STYLE.md, section 5: as many queries for one row as for fifty"""
    api.get(TOKENS)
    with django_assert_num_queries(3):
        api.get(TOKENS)
    for number in range(50):
        factories.make_token(admin, name=f"Token {number}")
    with django_assert_num_queries(3):
        api.get(TOKENS, {"page_size": 50})
