"""Worker and beat on a broker that comes and goes."""

import signal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from structlog.contextvars import bound_contextvars

from support_portal import embedded, environment
from support_portal.celery import app, nudge
from tests.processes import Processes, eventually


@pytest.fixture
def valkey(tmp_path: Path) -> embedded.Valkey:
    """A broker that the test may kill."""
    sockets = embedded.socket_folder(tmp_path / "run")
    return embedded.Valkey(tmp_path / "valkey", sockets, tmp_path / "log" / "valkey.log", durable=False)


def sweeps_again() -> bool:
    """Forget the last sweep, and tell whether there has been one since."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_sweepheartbeat RETURNING id")
        return cursor.fetchone() is not None


def test_worker_and_beat_sweep_again_after_the_broker_was_killed_and_came_back_empty(
    processes: Processes, valkey: embedded.Valkey
) -> None:
    """P-3, P-9: slow logging leaves a job in the worker's hand when the broker dies; see support_portal/broker.py."""
    broker = valkey.start()
    worker = processes.worker(REDIS_URL=valkey.url, LOG_LEVEL="DEBUG")
    processes.beat(REDIS_URL=valkey.url, LOG_LEVEL="DEBUG")
    eventually(sweeps_again, within=60, what="a first sweep")

    embedded.stop(broker, signal.SIGKILL)
    broker = valkey.start()

    sweeps_again()
    eventually(sweeps_again, within=30, what="a sweep after the broker came back")
    assert worker.popen.poll() is None
    embedded.stop(broker, signal.SIGTERM)


def test_worker_and_beat_sweep_again_after_the_broker_was_silent(processes: Processes, valkey: embedded.Valkey) -> None:
    """P-3, P-9: it accepts connections and says nothing."""
    broker = valkey.start()
    processes.worker(REDIS_URL=valkey.url)
    beat = processes.beat(REDIS_URL=valkey.url)
    eventually(sweeps_again, within=60, what="a first sweep")

    broker.send_signal(signal.SIGSTOP)
    eventually(lambda: "the broker does not answer" in beat.said(), within=60, what="beat notices")
    broker.send_signal(signal.SIGCONT)

    sweeps_again()
    eventually(sweeps_again, within=30, what="a sweep after the broker spoke again")
    embedded.stop(broker, signal.SIGTERM)


def test_nudges_expire_with_their_interval_so_that_no_herd_waits_behind_a_pause() -> None:
    """P-3"""
    app.finalize()
    entry = nudge("tickets.sweep", settings.SWEEP_INTERVAL)

    assert entry["options"]["expires"] == settings.SWEEP_INTERVAL.total_seconds() == entry["schedule"].total_seconds()
    assert {"sweep", "relay"} <= set(app.conf.beat_schedule)


def test_a_worker_keeps_no_job_that_it_has_not_finished() -> None:
    """P-1: what `kill -9` interrupts is done by another worker."""
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_serializer == "json"
    assert app.conf.accept_content == ["json"]
    assert app.conf.broker_transport_options["visibility_timeout"] == 300
    assert app.conf.broker_connection_max_retries is None


def test_the_id_of_a_request_follows_into_the_log_of_its_tasks(processes: Processes) -> None:
    """P-10"""
    worker = processes.worker(LOG_LEVEL="DEBUG", LOG_FORMAT="json")

    with (
        bound_contextvars(request_id="an-id-from-outside"),
        app.connection_for_write(environment.broker(processes.environment["REDIS_URL"])) as broker,
    ):
        app.send_task("tickets.sweep", connection=broker)

    eventually(lambda: '"request_id": "an-id-from-outside"' in worker.said(), what="the id in the log")


def test_deadlines_never_queue_behind_mail() -> None:
    """P-3, P-9: a mail server that is slow holds up the worker for mail, not the one that sweeps."""
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in ("tickets.sweep", "tickets.relay")}

    assert queues == {"tickets.sweep": "celery", "tickets.relay": "slow"}
    assert set(app.amqp.queues) == {"celery", "slow"}, "a worker that is told nothing takes both"
