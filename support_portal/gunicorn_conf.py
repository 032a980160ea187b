"""How gunicorn serves the portal; the address comes from the command line."""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

wsgi_app = "support_portal.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True  # one import for all workers; nothing connects before the fork
os.environ.setdefault("WARM_UP", "1")  # word lists and views are read before the fork, too
control_socket_disable = True  # else all instances of one user share a socket in the home folder
timeout = 30  # a request in all
graceful_timeout = 4
keepalive = 5
limit_request_line = 8190  # the portal itself answers 414 beyond 4 KiB and 431 beyond 16 KiB
limit_request_fields = 100
limit_request_field_size = 16384
forwarded_allow_ips = ""  # ProxyMiddleware decides whom to believe
accesslog = None  # RequestIdMiddleware writes one line per request
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def metrics_folder() -> Path:
    """Return an empty folder where our workers count together; those of web servers that were killed are removed."""
    base = Path(worker_tmp_dir or tempfile.gettempdir())
    for folder in base.glob("portal-metrics-*"):
        pid = folder.name.rpartition("-")[2]
        if pid == str(os.getpid()) or (
            pid.isdecimal() and not Path(f"/proc/{pid}").exists() and Path("/proc").exists()
        ):
            shutil.rmtree(folder, ignore_errors=True)
    mine = base / f"portal-metrics-{os.getpid()}"
    mine.mkdir(mode=0o700, exist_ok=True)
    return mine


os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(metrics_folder()))  # before anything imports prometheus_client


def when_ready(server: Any) -> None:
    """Keep what is loaded out of the collector's sight, so that ending does not go through it for seconds."""
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Notice a restored database before any page writes to it."""
    from django.db import connection

    from tickets.services.holding import heed_restore_early

    heed_restore_early()
    connection.close()  # the threads that answer have connections of their own


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(Path(worker_tmp_dir or tempfile.gettempdir()) / f"portal-metrics-{os.getpid()}", ignore_errors=True)
