"""The Celery app. Tasks are nudges: each may run twice, late or never, and nothing depends on it but speed."""

import gc
import logging
import os
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_ready
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from support_portal import broker
from support_portal.patience import Patience

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings")

RELAY_INTERVAL = timedelta(seconds=3)
INSPECT_INTERVAL = timedelta(seconds=5)
EXPORT_INTERVAL = timedelta(seconds=5)
TIDY_INTERVAL = timedelta(minutes=10)


class PortalCelery(Celery):
    """Celery whose `send_task` gives up fast and quietly: a broker that is away must not slow a request (P-9)."""

    patience = Patience("the broker")

    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        """Send a nudge with the id of the request at hand; return None where the broker does not take it.

        Beat, which brings its own producer and has nobody waiting, tries every time.
        """
        if "producer" not in options and not self.patience.may_ask():
            return None
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if request_id:
            options["headers"] = {**(options.get("headers") or {}), "request_id": request_id}
        try:
            result = super().send_task(name, *args, **options)
        except (OperationalError, RedisError, OSError) as error:
            self.patience.failed(error)
            return None
        self.patience.answered()
        return result


broker.cure()
app = PortalCelery("support_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def schedule_sweeps(sender: Celery, **_: Any) -> None:
    """Plan the periodic nudges; each expires with its interval, so that no herd waits behind a pause."""
    from django.conf import settings

    sender.conf.beat_schedule = {
        "sweep": nudge("tickets.sweep", settings.SWEEP_INTERVAL),
        "relay": nudge("tickets.relay", RELAY_INTERVAL),
        "inspect-files": nudge("tickets.inspect_files", INSPECT_INTERVAL),
        "write-exports": nudge("tickets.write_exports", EXPORT_INTERVAL),
        "tidy-up": nudge("tickets.tidy_up", TIDY_INTERVAL),
    }


def nudge(task: str, interval: timedelta) -> dict[str, Any]:
    """Return one line of beat's schedule."""
    return {"task": task, "schedule": interval, "options": {"expires": interval.total_seconds()}}


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Leave the logs as Django's settings made them."""


@worker_ready.connect
def keep_what_is_loaded(**_: Any) -> None:
    """Keep it out of the collector's sight, so that ending does not go through it for seconds."""
    gc.freeze()


@task_prerun.connect
def bind_request_id(task: Any = None, **_: Any) -> None:
    """Carry the id of the request that asked for the task into the task's log lines."""
    headers = getattr(task.request, "headers", None) or {}
    request_id = headers.get("request_id") or getattr(task.request, "request_id", None)
    structlog.contextvars.bind_contextvars(task=task.name, **({"request_id": request_id} if request_id else {}))
    logger.debug("task begins")


@task_postrun.connect
def unbind_request_id(**_: Any) -> None:
    """Forget the id again."""
    structlog.contextvars.unbind_contextvars("task", "request_id")
