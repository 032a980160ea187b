"""Celery's edge: nudges that may come twice, late or never (P-9)."""

from celery import shared_task

from accounts import circumstances
from tickets.services import exporting, housekeeping, inspection, relay, sweeping


@shared_task(name="tickets.sweep", ignore_result=True)
def sweep() -> None:
    """Fire what is due (P-3)."""
    sweeping.sweep()


@shared_task(name="tickets.relay", ignore_result=True)
def relay_deliveries() -> None:
    """Send what the outbox holds (P-2)."""
    with circumstances.under("task:relay"):
        relay.relay_all()


@shared_task(name="tickets.inspect_files", ignore_result=True)
def inspect_files() -> None:
    """Scan files, and draw pictures anew."""
    with circumstances.under("task:inspect_files"):
        inspection.inspect_all()


@shared_task(name="tickets.write_exports", ignore_result=True)
def write_exports() -> None:
    """Write on at the exports that are asked for."""
    with circumstances.under("task:write_exports"):
        exporting.write_exports()


@shared_task(name="tickets.tidy_up", ignore_result=True)
def tidy_up() -> None:
    """Throw away what is past its time."""
    with circumstances.under("task:tidy_up"):
        housekeeping.tidy_up()
