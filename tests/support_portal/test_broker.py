"""The broker's channel: what becomes of a job whose end the broker could not be told (P-9)."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from redis.exceptions import RedisError

from support_portal import broker, embedded, environment


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[tuple[embedded.Valkey, Any]]:
    """A Valkey of the test's own, and its process."""
    sockets = embedded.socket_folder(tmp_path / "run")
    server = embedded.Valkey(tmp_path / "valkey", sockets, tmp_path / "log" / "valkey.log", durable=False)
    process = server.start()
    yield server, process
    process.send_signal(signal.SIGCONT)
    embedded.stop(process, signal.SIGTERM)


@pytest.mark.parametrize("way", ["basic_ack", "basic_reject"])
def test_a_job_that_is_done_takes_no_place_though_the_silent_broker_could_not_be_told(valkey, way):
    """P-9: else a worker that met a silent broker as often as it has places would never take a job again."""
    server, process = valkey
    broker.cure()
    patience = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}
    with Connection(environment.broker(server.url), transport_options=patience) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        with connection.SimpleQueue("jobs", channel=channel) as jobs:
            jobs.put({"job": 1})
            job = jobs.get(timeout=2)
            assert not channel.qos.can_consume()
            process.send_signal(signal.SIGSTOP)

            with pytest.raises(RedisError):
                getattr(channel, way)(job.delivery_tag, False)

            assert channel.qos.can_consume()
            process.send_signal(signal.SIGCONT)
