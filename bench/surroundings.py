"""A portal of our own to measure: embedded servers in a temporary folder, set up and full, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from support_portal import embedded

if TYPE_CHECKING:
    from bench.crowd import Crowd

FOREIGN = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "EMAIL_HOST", "MAIL_DIR", "STATIC_ROOT")
OURS = {"DEMO": "1", "RATE_LIMIT_FACTOR": "100000", "LOG_LEVEL": "ERROR", "STATEMENT_TIMEOUT": "0"}


@contextmanager
def portal(*, requests: int, share: int = 10) -> Iterator[Crowd]:
    """Start PostgreSQL and Valkey as `make run` does, durable and on sockets; Django is to be imported inside only.

    `share` is how many of a hundred requests the large customer has.
    """
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(embedded.Servers(folder))
        for name in FOREIGN:
            os.environ.pop(name, None)
        os.environ.update(OURS, VAR_DIR=str(folder), DJANGO_SETTINGS_MODULE="support_portal.settings")
        yield _filled(requests, share)


def _filled(requests: int, share: int) -> Crowd:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench import crowd

    with open(os.devnull, "w") as nobody:
        call_command("set_up", stdout=nobody)
    desk = crowd.gather(requests=requests, share=share)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return desk
