"""What is going to end says so in every answer (docs/api-versions.md)."""

from datetime import UTC, datetime

import pytest

from accounts.api.base import ApiView, Ending
from accounts.api.me import CallerView
from tests import factories
from tests.support_portal.api.test_schema import OPERATIONS

YEAR = 365
ENDING = Ending(datetime(2026, 11, 24, tzinfo=UTC), datetime(2027, 11, 24, tzinfo=UTC), "/api/v1/docs/")


@pytest.mark.django_db
def test_an_operation_that_ends_tells_since_when_until_when_and_what_instead(monkeypatch, settings):
    settings.PUBLIC_URL = "https://support.example.com"
    api = factories.api_of(factories.make_person(factories.make_organisation(), "reader"))
    assert "Deprecation" not in api.get("/api/v1/me/").headers

    monkeypatch.setattr(CallerView, "ending", {"GET": ENDING})
    answer = api.get("/api/v1/me/")

    assert answer["Deprecation"] == "@1795478400"
    assert answer["Sunset"] == "Wed, 24 Nov 2027 00:00:00 GMT"
    assert answer["Link"] == '<https://support.example.com/api/v1/docs/>; rel="deprecation"'


def test_whatever_ends_works_for_a_year_after_it_was_said():
    for address, view in OPERATIONS:
        assert issubclass(view, ApiView)
        for ending in view.ending.values():
            assert (ending.sunset_at - ending.deprecated_at).days >= YEAR, address
