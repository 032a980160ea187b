"""`manage.py sweeper`: watches the sweeps, and sweeps itself when they stop; needs no broker (P-3, P-9)."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connections

from tickets.services import relay, sweeping

PAUSE = 2.0  # seconds between two looks
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Sweep and relay whenever nobody else has swept for 15 s, until told to stop."""

    help = __doc__
    _sending: threading.Thread | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        """Look after the sweeps until told to stop."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            self._look()
            stop.wait(PAUSE)

    def _look(self) -> None:
        """One round; a database that is away is waited for, everything else is a fault to be seen."""
        close_old_connections()
        try:
            if not sweeping.sweep_is_stale():
                return
            counts = sweeping.sweep()
            log.warning("sweeper.stepped_in", timers=counts["timers"])
            self._send()
        except DatabaseError as error:
            log.warning("sweeper.database_away", error=type(error).__name__)

    def _send(self) -> None:
        """Send mail beside the sweeps, which never wait for a mail server (P-9)."""
        if self._sending is None or not self._sending.is_alive():
            self._sending = threading.Thread(target=_relay, name="relay", daemon=True)
            self._sending.start()


def _relay() -> None:
    try:
        sent = relay.relay_all()
        if sent:
            log.warning("sweeper.sent", deliveries=sent)
    except DatabaseError as error:
        log.warning("sweeper.database_away", error=type(error).__name__)
    finally:
        connections.close_all()
