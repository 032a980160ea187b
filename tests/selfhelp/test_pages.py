"""Pages of self-help for admins, people without a role and visitors, in both languages (SH-1, SH-2, CH-3, FE-1)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from selfhelp.models import Article, Deflection
from tests.factories import browser_of, make_organisation, make_person, make_staff

pytestmark = pytest.mark.django_db

SLUG = "create-and-use-a-shared-mailbox"
PAGES = [
    "/help/",
    "/help/?q=mailbox",
    "/help/?q=%E5%85%B1%E7%94%A8%E4%BF%A1%E7%AE%B1",
    f"/help/{SLUG}/",
    "/phone/",
    "/features/",
]


@pytest.fixture
def contoso():
    return make_organisation("contoso", name="Contoso", country="DE", timezone="Europe/Berlin")


@pytest.fixture
def user(contoso):
    return make_person(contoso)


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_may_read_every_page(page):
    """SH-1"""
    assert Client().get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("reader", ["user", "admin", "staff"])
def test_whoever_signed_in_may_read_every_page(page, reader, contoso):
    """SH-1, SH-2"""
    people = {
        "user": lambda: make_person(contoso),
        "admin": lambda: make_person(contoso, "global_admin"),
        "staff": lambda: make_staff("engineer"),
    }

    assert browser_of(people[reader]()).get(page).status_code == 200


@pytest.mark.parametrize(
    ("page", "english", "chinese"),
    [
        ("/help/", "Set up Autodiscover", "設定自動探索"),
        (f"/help/{SLUG}/", "Create a shared mailbox", "建立共用信箱"),
        ("/phone/?country=MO", "European Portuguese", "葡萄牙文"),
        ("/features/", "Enterprise plans", "企業方案"),
    ],
)
def test_a_page_is_in_the_language_of_its_reader(page, english, chinese):
    """SH-1"""
    in_english = text_of(Client(headers={"Accept-Language": "en"}).get(page))
    in_chinese = text_of(Client(headers={"Accept-Language": "zh-TW,zh;q=0.9"}).get(page))

    assert english in in_english
    assert chinese not in in_english
    assert chinese in in_chinese


def test_a_search_finds_chinese_and_english_words():
    """SH-1"""
    assert f'href="/help/{SLUG}/"' in text_of(Client().get("/help/", {"q": "信箱 共用"}))
    assert f'href="/help/{SLUG}/"' in text_of(Client().get("/help/", {"q": "SHARED mailboxes"}))


def test_a_search_that_finds_nothing_says_so():
    """SH-1"""
    answer = text_of(Client().get("/help/", {"q": "xyzzy"}))

    assert "Nothing found" in answer
    assert "/help/" in answer


@pytest.mark.parametrize(
    "text", ["'", "\x00", "<script>alert(1)</script>", "&|!", "x" * 3_000, "信" * 400, "%00", "{{ x }}"]
)
def test_no_search_breaks_the_page(text):
    """P-7, P-8"""
    answer = Client().get("/help/", {"q": text})

    assert answer.status_code == 200
    assert "<script>alert" not in text_of(answer)


def test_the_number_of_queries_does_not_grow_with_the_articles():
    """SH-1: at most 4 for the list."""
    Article.objects.bulk_create(
        Article(
            slug=f"more-{n}", kind="article", titles={"en": f"Mailbox {n}"}, summaries={"en": ""}, bodies={"en": ""}
        )
        for n in range(50)
    )
    for page in ("/help/", "/help/?q=mailbox"):
        with CaptureQueriesContext(connection) as queries:
            Client().get(page)
        assert len(queries) == 1


def test_a_signed_in_reader_costs_few_queries(user):
    """SH-1"""
    browser = browser_of(user)
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            browser.get(page)
        assert len(queries) <= 5, page


def test_an_article_that_does_not_exist_is_a_404():
    """SH-1"""
    assert Client().get("/help/no-such-article/").status_code == 404
    assert Client().post("/help/no-such-article/", {"helped": "yes"}).status_code == 404


def test_an_article_is_shown_with_its_markdown_made_safe():
    """P-7"""
    Article.objects.filter(slug=SLUG).update(bodies={"en": "## Steps\n\n**Do** <script>alert(1)</script>"})

    answer = text_of(Client().get(f"/help/{SLUG}/"))

    assert "<h2>Steps</h2>" in answer
    assert "<strong>Do</strong> &lt;script&gt;" in answer


# What readers say -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "helped"), [("yes", True), ("no", False)])
def test_whether_an_article_helped_is_kept_without_a_script(user, answer, helped):
    """SH-1"""
    browser = browser_of(user)

    response = browser.post(f"/help/{SLUG}/", {"helped": answer}, follow=True)

    assert response.redirect_chain == [(f"/help/{SLUG}/?helped={answer}#helped", 302)]
    assert "Thank you for telling us" in text_of(response)
    kept = Deflection.objects.get()
    assert (kept.helped, kept.person, kept.organisation) == (helped, user, user.organisation)


def test_htmx_gets_only_the_part_that_changed(user):
    """SH-1"""
    response = browser_of(user).post(f"/help/{SLUG}/", {"helped": "yes"}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert text_of(response).lstrip().startswith('<section class="stack" id="helped"')
    assert "HX-Request" in response.headers["Vary"]


def test_a_visitor_is_counted_too():
    """SH-1"""
    Client().post(f"/help/{SLUG}/", {"helped": "no"})

    assert Deflection.objects.get().person is None


@pytest.mark.parametrize("said", [{}, {"helped": ""}, {"helped": "maybe"}, {"helped": "\x00"}])
def test_what_is_neither_yes_nor_no_is_not_kept(said):
    """SH-1"""
    assert Client().post(f"/help/{SLUG}/", said).status_code == 302
    assert not Deflection.objects.exists()


def test_nobody_can_stuff_the_ballot(settings):
    """SH-1"""
    settings.RATE_LIMIT_FACTOR = 2 / 60
    visitor = Client()

    answers = [visitor.post(f"/help/{SLUG}/", {"helped": "yes"}).status_code for _ in range(3)]

    assert answers == [302, 302, 429]
    assert Deflection.objects.count() == 2


@pytest.mark.parametrize(
    ("came_from", "source"), [("new-request", "new_request"), ("", "article"), ("moon", "article")]
)
def test_a_judgement_keeps_whether_a_request_was_being_written(user, came_from, source):
    """SH-1: deflection is what was solved before it was filed."""
    browser = browser_of(user)
    address = f"/help/{SLUG}/?from={came_from}"
    page = text_of(browser.get(address))

    answer = browser.post(address, {"helped": "yes", "from": came_from}, follow=True)

    assert ('name="from" value="new-request"' in page) == (source == "new_request")
    assert Deflection.objects.get().source == source
    assert ("has not been filed" in text_of(answer)) == (source == "new_request")


def test_a_judgement_needs_the_token_of_the_page():
    """SH-1"""
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(f"/help/{SLUG}/", {"helped": "yes"}).status_code == 403
    assert not Deflection.objects.exists()


@pytest.mark.parametrize(
    ("roles", "offered"), [(("global_admin",), "File a service request"), ((), "Ask an admin of your organisation")]
)
def test_what_to_do_next_depends_on_who_may_file(contoso, roles, offered):
    """SH-2"""
    answer = text_of(browser_of(make_person(contoso, *roles)).get(f"/help/{SLUG}/?helped=no"))

    assert offered in answer


# Phone numbers --------------------------------------------------------------------------------------------------------


def own_country(response):
    return re.search(r'id="own-country">([^<]*)<', text_of(response)).group(1)


def test_the_number_of_the_readers_organisation_comes_first(user):
    """CH-3"""
    assert own_country(browser_of(user).get("/phone/")) == "Germany"


def test_another_country_can_be_chosen(user):
    """CH-3"""
    assert own_country(browser_of(user).get("/phone/?country=jp")) == "Japan"


@pytest.mark.parametrize(
    ("languages", "country"),
    [("en-AU,en;q=0.9", "Australia"), ("zh-Hant-TW", "台灣"), ("en", None), ("", None), ("xx-" * 200, None)],
)
def test_a_visitors_country_is_that_of_their_browser(languages, country):
    """CH-3"""
    shown = own_country(Client(headers={"Accept-Language": languages}).get("/phone/"))

    assert shown == (country or "Your country or region")


@pytest.mark.parametrize("country", ["zz", "\x00", "' OR 1=1", "१२", "T" * 500])
def test_an_unknown_country_shows_the_whole_directory(country):
    """CH-3, P-8"""
    answer = Client().get("/phone/", {"country": country})

    assert answer.status_code == 200
    assert own_country(answer) == "Your country or region"
    assert '<details class="disclosure" id="all-numbers" open>' in text_of(answer)


def test_a_number_that_only_shows_the_form_cannot_be_dialled():
    """CH-3"""
    answer = text_of(Client().get("/phone/?country=TW"))

    assert "tel:+886200000142" not in answer
    assert "Example number" in answer
    assert "tel:+18005550199" in answer


# Features -------------------------------------------------------------------------------------------------------------


def test_plans_can_be_compared_or_read_one_at_a_time():
    """FE-1"""
    every = text_of(Client().get("/features/"))
    one = text_of(Client().get("/features/?plans=business"))

    assert every.count('scope="col">Standalone plans<') > 1
    assert 'scope="col">Standalone plans<' not in one
    assert 'scope="col">Business plans<' in one


# Home of people without a role ----------------------------------------------------------------------------------------


def test_an_end_user_sees_who_their_admins_are_and_self_help(contoso, user):
    """SH-2"""
    make_person(contoso, "global_admin", "exchange_admin", name="Ada King", email="ada@contoso.example")
    make_person(contoso, "reader", name="Rea Der", email="rea@contoso.example")
    make_person(contoso, "global_admin", name="Gone Away", email="gone@contoso.example", is_active=False)
    make_person(contoso, name="Co Worker", email="co@contoso.example")
    make_person(make_organisation("fabrikam"), "global_admin", name="Fay Brik", email="fay@fabrikam.example")

    answer = text_of(browser_of(user).get("/"))

    assert answer.count("ada@contoso.example") == 2  # address and link
    assert answer.count("Exchange admin") == 1
    assert "/help/" in answer
    for stranger in ("rea@", "gone@", "co@contoso", "fay@", "Fabrikam"):
        assert stranger not in answer


def test_the_home_of_an_end_user_costs_as_much_for_many_admins_as_for_one(contoso, user):
    """SH-2"""
    browser = browser_of(user)
    costs = []
    for _ in range(2):
        for _ in range(5):
            make_person(contoso, "global_admin")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/")
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 6
