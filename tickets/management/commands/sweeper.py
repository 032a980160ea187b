"""`manage.py sweeper`: watches the sweeps, and sweeps itself when they stop; needs no broker (P-3, P-9)."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connections

from accounts import circumstances
from tickets.services import exporting, housekeeping, inspection, relay, sweeping, webhook_sender

PAUSE = 2.0  # seconds between two looks
SENDS_WITHIN = timedelta(seconds=30)
TIDY_EVERY = 3600.0  # seconds; with a broker beat asks for it more often
log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Sweep, send and at times tidy up whenever nobody else has for 15 s (mail, webhooks: 30 s), until told to stop."""

    help = __doc__

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._beside: dict[str, threading.Thread] = {}
        self._tidied_at = time.monotonic()

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
            is_alone = sweeping.sweep_is_stale()
            if is_alone:
                counts = sweeping.sweep()
                log.warning("sweeper.stepped_in", timers=counts["timers"])
                self._tidy_now_and_then()
            if is_alone or relay.relay_is_stale():
                self._start("relay", _relay)
            if webhook_sender.is_stale():
                self._start("webhooks", _send_webhooks)
            if is_alone or inspection.is_stale():
                self._start("inspection", _inspect)
            if is_alone or exporting.is_stale():
                self._start("exports", _write_exports)
        except DatabaseError as error:
            log.warning("sweeper.database_away", error=type(error).__name__)

    def _tidy_now_and_then(self) -> None:
        """Tidy up once an hour: without a broker nobody else does, and the duty rota would run empty (P-9)."""
        if time.monotonic() - self._tidied_at >= TIDY_EVERY and self._start("tidy_up", _tidy_up):
            self._tidied_at = time.monotonic()

    def _start(self, name: str, work: Callable[[], None]) -> bool:
        """Do it beside the sweeps, which wait for no mail server and no disk (P-9); False while it is being done."""
        running = self._beside.get(name)
        if running and running.is_alive():
            return False
        self._beside[name] = threading.Thread(target=_alone, args=(work,), name=name, daemon=True)
        self._beside[name].start()
        return True


def _alone(work: Callable[[], None]) -> None:
    """Do it on connections of its own, which end with it; a database that is away is waited for."""
    try:
        work()
    except DatabaseError as error:
        log.warning("sweeper.database_away", error=type(error).__name__)
    finally:
        connections.close_all()


def _relay() -> None:
    with circumstances.under("command:sweeper"):
        sent = relay.relay_all()
    if sent:
        log.warning("sweeper.sent", deliveries=sent)


def _send_webhooks() -> None:
    with circumstances.under("command:sweeper"):
        sent = webhook_sender.send_all(within=SENDS_WITHIN)
    if sent:
        log.warning("sweeper.sent_webhooks", webhooks=sent)


def _inspect() -> None:
    with circumstances.under("command:sweeper"):
        looked_at = inspection.inspect_all()
    if looked_at:
        log.warning("sweeper.inspected", files=looked_at)


def _write_exports() -> None:
    with circumstances.under("command:sweeper"):
        written = exporting.write_exports()
    if written:
        log.warning("sweeper.exported", rows=written)


def _tidy_up() -> None:
    with circumstances.under("command:sweeper"):
        log.warning("sweeper.tidied_up", **housekeeping.tidy_up())
