"""The tests' own tools do what they promise."""

import threading

from django.db import connection
from playwright.sync_api import Page

from tests.conftest import OwnDatabase


def count_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_session")
        return int(cursor.fetchone()[0])


def add_session(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_session (session_key, session_data, user_agent, expire_date) "
            "VALUES (%s, '', '', now())",
            [key],
        )


def test_a_database_of_its_own_shows_commits_to_other_threads(own_database: OwnDatabase) -> None:
    add_session("here")
    seen: list[int] = []

    def look() -> None:
        seen.append(count_sessions())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [1]


def test_a_database_of_its_own_is_empty_and_apart(own_database: OwnDatabase) -> None:
    assert count_sessions() == 0
    assert connection.settings_dict["NAME"] == own_database.name


def test_the_shared_database_is_another(db: None) -> None:
    assert "_own_" not in connection.settings_dict["NAME"]
    assert count_sessions() == 0


def test_a_browser_reaches_the_live_portal(page: Page) -> None:
    page.goto("/healthz")

    assert page.inner_text("body").strip() == "ok"
