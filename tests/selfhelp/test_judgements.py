"""Whether self-help solved the problem is kept, once for each person (SH-1, P-10)."""

from datetime import UTC, datetime

import pytest

from accounts.models import Event
from selfhelp import selectors, services
from selfhelp.errors import ArticleNotFound
from selfhelp.models import Deflection
from tests.factories import actor, make_organisation, make_person

pytestmark = pytest.mark.django_db

SLUG = "verify-your-domain"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def admin():
    return make_person(make_organisation(), "global_admin")


def test_what_a_person_says_is_kept_with_their_organisation_and_the_time(admin):
    """SH-1"""
    services.record_deflection(
        slug=SLUG, helped=True, actor=actor(admin), source=Deflection.Source.NEW_REQUEST, now=NOW
    )

    kept = Deflection.objects.get()
    assert (kept.article.slug, kept.helped, kept.source, kept.at) == (SLUG, True, "new_request", NOW)
    assert (kept.organisation, kept.person) == (admin.organisation, admin)


def test_the_last_word_of_a_person_counts(admin):
    """SH-1"""
    services.record_deflection(slug=SLUG, helped=True, actor=actor(admin), now=NOW)
    services.record_deflection(slug=SLUG, helped=False, actor=actor(admin))

    assert [kept.helped for kept in Deflection.objects.all()] == [False]


def test_visitors_are_counted_without_a_name():
    """SH-1"""
    services.record_deflection(slug=SLUG, helped=True)
    services.record_deflection(slug=SLUG, helped=False)

    assert list(Deflection.objects.order_by("pk").values_list("helped", "person", "organisation")) == [
        (True, None, None),
        (False, None, None),
    ]


def test_what_a_person_says_leaves_a_record_for_each_time(admin):
    """P-10"""
    services.record_deflection(slug=SLUG, helped=True, actor=actor(admin), now=NOW)
    services.record_deflection(slug=SLUG, helped=False, actor=actor(admin))

    events = Event.objects.filter(kind="self_help_judged").order_by("pk")
    assert [event.data["helped"] for event in events] == [True, False]
    assert events[0].at == NOW
    assert {(event.actor, event.organisation) for event in events} == {(admin, admin.organisation)}


def test_an_article_that_does_not_exist_cannot_be_judged(admin):
    """SH-1"""
    with pytest.raises(ArticleNotFound):
        services.record_deflection(slug="no-such-article", helped=True, actor=actor(admin))

    assert not Deflection.objects.exists()
    assert not Event.objects.filter(kind="self_help_judged").exists()


def test_articles_that_helped_come_first(admin):
    """SH-1, SH-2"""
    services.record_deflection(slug="verify-your-domain", helped=True, actor=actor(admin))
    services.record_deflection(slug="set-up-autodiscover", helped=False, actor=actor(admin))

    assert selectors.helpful_articles(language="en")[0].slug == "verify-your-domain"
