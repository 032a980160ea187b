"""Fixtures that every test may ask for: a database of its own, real processes, a live server, a browser."""

import gc
import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis
from playwright.sync_api import Browser, Page

from support_portal import translations
from tests import browser as chromium
from tests import databases
from tests.processes import Processes

hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

BROKERS = itertools.count(1)
OF_PROCESSES = {"browser", "processes", "rig"}
LONG = {"test_run.py", "test_races.py", "test_walk.py", "test_restore_drill.py"}
REAL_COMMITS = "Use the fixture own_database: the event table refuses TRUNCATE, with which Django would clean up."


@dataclass(frozen=True)
class OwnDatabase:
    """A database for one test, with real commits, which other threads and processes see too."""

    name: str
    url: str


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations, so that tests see the pages as people do."""
    translations.compile_all()
    gc.set_threshold(200_000, 50, 50)  # all that is collected stays


def pytest_collection_finish() -> None:
    """Look for garbage from now on, seldom, and not among the million objects of modules and tests."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse what would end in TRUNCATE, before it does; begin with what takes long."""
    _refuse_truncating(items)
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = _long_ones_first(items, workers) if workers > 1 else items


def _long_ones_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """An order in which no worker is left alone with what takes long: each begins with a part of that.

    `--dist worksteal` gives each worker a stretch of the order, and whoever is done the end of another's.
    """
    long = [item for item in items if _takes_long(item)]
    files = list(dict.fromkeys(item.path for item in long))
    begins = [[item for item in long if files.index(item.path) % workers == each] for each in range(workers)]
    others = iter([item for item in items if not _takes_long(item)])
    ordered: list[pytest.Item] = []
    for each, begin in enumerate(begins):
        stretch = (len(items) - len(ordered)) // (workers - each)
        ordered += [*begin, *itertools.islice(others, max(0, stretch - len(begin)))]
    return [*ordered, *others]


def _takes_long(item: pytest.Item) -> bool:
    """Whether a test has servers or a browser of its own, or is known to work for many seconds."""
    return not OF_PROCESSES.isdisjoint(getattr(item, "fixturenames", ())) or item.path.name in LONG


def _refuse_truncating(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        names = getattr(item, "fixturenames", ())
        if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(names):
            raise pytest.UsageError(f"{item.nodeid}: {REAL_COMMITS}")
        if "own_database" in names and (marker or "db" in names):
            raise pytest.UsageError(f"{item.nodeid}: own_database takes the place of db and of the mark django_db.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop the template; on servers that are not ours nobody else would."""
    if not hasattr(session.config, "workerinput") and (databases.SESSION_FOLDER / "template.done").exists():
        databases.run_sql(f"DROP DATABASE IF EXISTS {databases.TEMPLATE} WITH (FORCE)")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Give each worker a copy of the one migrated template."""
    with django_db_blocker.unblock():
        databases.make_template()
        with databases.copied("shared"), django_db_blocker.block():
            yield


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[OwnDatabase]:
    """Give the test a fresh database with real commits, for threads, processes and browsers; dropped afterwards."""
    with django_db_blocker.unblock(), databases.copied("own") as name:
        yield OwnDatabase(name, databases.url_of(name))


@pytest.fixture
def own_redis() -> Iterator[str]:
    """Give the test an empty numbered database of the Redis server, as a value for REDIS_URL."""
    worker = int(databases.WORKER.removeprefix("gw")) if databases.WORKER.startswith("gw") else 0
    number = 1 + (worker * 40 + next(BROKERS)) % 15 if _few_databases() else 1 + (worker * 100 + next(BROKERS)) % 255
    base = os.environ["REDIS_URL"]
    url = f"{base.partition('?')[0]}?db={number}" if base.startswith("unix:") else f"{base.rpartition('/')[0]}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        with suppress(redis.RedisError):
            client.flushdb()


def _few_databases() -> bool:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        return int(client.config_get("databases")["databases"]) < 256


@pytest.fixture
def processes(own_database: OwnDatabase, own_redis: str, tmp_path: Path) -> Iterator[Processes]:
    """Start real processes of the portal on the test's own database, broker and mail folder."""
    surroundings = {
        "DJANGO_SETTINGS_MODULE": "support_portal.settings_test",
        "DATABASE_URL": own_database.url,
        "REDIS_URL": own_redis,
        "MAIL_DIR": str(tmp_path / "mail"),
    }
    running = Processes(tmp_path, surroundings)
    try:
        yield running
    finally:
        running.end_all()


@pytest.fixture
def live_portal(own_database: OwnDatabase, settings: Any) -> Iterator[str]:
    """Serve the portal from a thread on the test's own database; the address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    settings.PUBLIC_URL = f"http://127.0.0.1:{thread.port}"
    try:
        yield settings.PUBLIC_URL
    finally:
        thread.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run one headless Chromium for all browser tests of this process; its absence is a failure, not a skip."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    try:
        with chromium.chromium() as running:
            yield running
    except chromium.NoBrowser as error:
        pytest.fail(str(error))


@pytest.fixture
def page(browser: Browser, live_portal: str) -> Iterator[Page]:
    """Open an empty browser window on the live portal; script errors and breaches of the CSP fail the test."""
    with browser.new_context(base_url=live_portal, locale="en-GB", timezone_id="UTC") as context:
        opened = context.new_page()
        complaints = chromium.complaints_of(opened)
        yield opened
        assert complaints == []
