"""How gunicorn serves the portal; the address comes from the command line."""

import os

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
