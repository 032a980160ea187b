"""While the database is away, everybody is told to come back soon."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from tests import databases
from tests.conftest import OwnDatabase


@pytest.fixture
def no_database(own_database: OwnDatabase) -> Iterator[None]:
    databases.run_sql(f"ALTER DATABASE {own_database.name} ALLOW_CONNECTIONS false")
    connection.close()
    yield
    connection.close()


@pytest.mark.parametrize("path", ["/", "/login/", "/api/v1/service-requests/"])
def test_pages_and_api_answer_503_and_when_to_try_again(no_database: None, path: str) -> None:
    """P-8, P-9"""
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "x" * 32

    answer = client.get(path, headers={"Authorization": "Bearer sp_" + "0" * 43} if "api" in path else {})

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_portal_whose_database_is_back_serves_at_once(own_database: OwnDatabase) -> None:
    """P-9"""
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "x" * 32
    databases.run_sql(f"ALTER DATABASE {own_database.name} ALLOW_CONNECTIONS false")
    connection.close()
    assert client.get("/").status_code == 503

    databases.run_sql(f"ALTER DATABASE {own_database.name} ALLOW_CONNECTIONS true")

    assert client.get("/").status_code < 400


def test_a_connection_that_was_cut_is_replaced_unseen(own_database: OwnDatabase) -> None:
    """P-9: an immediate restart of the database cuts every connection."""
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "x" * 32
    assert client.get("/").status_code < 400
    databases.run_sql(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{own_database.name}'",
    )

    assert client.get("/").status_code < 400
