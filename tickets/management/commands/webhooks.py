"""`manage.py webhooks`: sends webhooks as they come up, until told to stop; needs no broker (P-9)."""

import signal
import threading
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from accounts import circumstances
from tickets.services.webhook_sender import Sender

PAUSE = 1.0  # seconds between two looks while there is nothing to do
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Send webhooks. Any number of these may run side by side; where none does, the sweeper sends after 30 s."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Send until told to stop; then wait a while for what is on its way."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sender = Sender()
        with circumstances.under("command:webhooks"):
            while not stop.is_set():
                if not _turn(sender):
                    stop.wait(PAUSE)
            until = time.monotonic() + settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
            while not sender.is_idle and time.monotonic() < until:
                sender.settle_some()
        sender.close()


def _turn(sender: Sender) -> bool:
    """One round; whether there is something to do. A database that is away is waited for."""
    close_old_connections()
    try:
        return bool(sender.turn()) or not sender.is_idle
    except DatabaseError as error:
        log.warning("webhooks.database_away", error=type(error).__name__)
        return False
