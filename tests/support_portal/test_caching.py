"""A cache and a broker that may vanish cost one short wait, and nobody an answer."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from support_portal import embedded, environment, patience
from support_portal.caching import ForgivingRedisCache
from support_portal.celery import PortalCelery
from support_portal.patience import Patience
from tests.processes import eventually


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[embedded.Valkey]:
    with embedded.Servers(tmp_path, durable=False, postgres=False) as servers:
        yield servers.valkey


@pytest.fixture
def cache(valkey: embedded.Valkey, monkeypatch: pytest.MonkeyPatch) -> ForgivingRedisCache:
    monkeypatch.setattr(ForgivingRedisCache, "_patience", Patience("the cache"))
    options = {"serializer": "support_portal.caching.JSONSerializer", "socket_timeout": 0.2}
    return ForgivingRedisCache(valkey.url, {"OPTIONS": options})


def server_pid(valkey: embedded.Valkey) -> int:
    with redis.Redis.from_url(valkey.url) as client:
        return int(client.info("server")["process_id"])


def test_values_come_back_and_can_be_counted(cache: ForgivingRedisCache) -> None:
    cache.set("words", {"a": [1, "二"]})
    cache.set("count", 1)

    assert cache.get("words") == {"a": [1, "二"]}
    assert cache.incr("count") == 2
    assert cache.get("count") == 2
    assert not cache.add("count", 5)


def test_without_its_server_the_cache_is_empty_and_nobody_notices(
    cache: ForgivingRedisCache, valkey: embedded.Valkey
) -> None:
    """P-9"""
    cache.set("words", "kept")
    os.kill(server_pid(valkey), signal.SIGKILL)
    eventually(lambda: not valkey.answers(), what="it is gone")

    assert cache.get("words", "nothing") == "nothing"
    assert cache.add("words", 1)
    assert cache.get_many(["words"]) == {}
    assert cache.incr("count", 3) == 3
    assert not cache.has_key("words")
    cache.set("words", 2)
    cache.clear()


def test_a_silent_server_is_waited_for_once(cache: ForgivingRedisCache, valkey: embedded.Valkey) -> None:
    """P-9"""
    pid = server_pid(valkey)
    os.kill(pid, signal.SIGSTOP)

    began = time.monotonic()
    for _ in range(20):
        cache.get("words")

    assert time.monotonic() - began < 1
    os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("fault", ["gone", "silent", "full"])
def test_a_nudge_that_the_broker_does_not_take_is_dropped_in_time(valkey: embedded.Valkey, fault: str) -> None:
    """P-9: and the next ones at once."""
    app = PortalCelery("tests", broker=environment.broker(valkey.url))
    app.patience = Patience("the broker")
    app.conf.broker_transport_options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 1}
    app.conf.task_publish_retry = False
    assert app.send_task("tickets.sweep") is not None
    break_it(valkey, fault)

    began = time.monotonic()
    assert [app.send_task("tickets.sweep") for _ in range(20)] == [None] * 20

    assert time.monotonic() - began < 2
    os.kill(server_pid(valkey), signal.SIGCONT) if fault == "full" else None


def break_it(valkey: embedded.Valkey, fault: str) -> None:
    if fault == "full":
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("maxmemory", 1)
    else:
        os.kill(server_pid(valkey), signal.SIGKILL if fault == "gone" else signal.SIGSTOP)


def test_one_caller_at_a_time_finds_out_whether_a_server_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_REST", 0.05)
    server = Patience("it")
    server.failed(ConnectionError())

    assert not server.may_ask()
    eventually(server.may_ask, what="somebody may ask")
    assert not server.may_ask()

    server.answered()
    assert server.may_ask()
    assert server.may_ask()
