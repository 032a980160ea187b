"""One log for everything: readable lines in a terminal, JSON where a machine reads; never bodies, never secrets."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SECRETS = re.compile(
    r"(?i)\bsp_[\w-]+|(?<=bearer )\S+|(?<=://)[^/@\s]+(?=@)"
    r"|(?<=/key/)[^/\s]+|(?<=/surveys/)[\w-]{20,}|(?<=/invitations/)[\w-]{20,}|(?<=/)[\w-]{43}(?![\w-])|(?<=token=)[^&\s]+|(?<=key=)[^&\s]+|(?<=sessionid=)[^;\s]+|(?<=password=)[^&\s]+"
)
SECRET_NAMES = frozenset({"password", "token", "secret", "authorization", "cookie", "set_cookie", "signature", "body"})


def inert(value: Any) -> Any:
    """Return a value that cannot forge a line of the log or carry a secret into it."""
    if isinstance(value, str):
        hidden = SECRETS.sub("[hidden]", value)
        return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), hidden)
    return value


def make_inert(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Clean every value of a log line; what is called by a secret's name is dropped."""
    return {
        key: "[hidden]" if key.lower() in SECRET_NAMES else value if key in ("exc_info", "exception") else inert(value)
        for key, value in event.items()
        if not key.startswith("_") or key in ("_record", "_from_structlog")
    }


def steps(form: str) -> list[Any]:
    """Return what happens to each line, whoever logs it; people get the local time, machines the instant in UTC."""
    stamp = {"fmt": "iso", "utc": True} if form == "json" else {"fmt": "%H:%M:%S", "utc": False}
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(**stamp),  # type: ignore[arg-type]
        structlog.processors.StackInfoRenderer(),
        make_inert,
    ]


def renderers(form: str) -> list[Any]:
    """Return the last steps of a line: to JSON, or to text for people."""
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return [strip, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [
        strip,
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback),
    ]


def logging_config(*, form: str, level: str) -> dict[str, Any]:
    """Return the configuration for the standard library, and set up structlog to flow into it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *steps(form),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": steps(form),
                "processors": renderers(form),
            }
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},  # RequestIdMiddleware has a line for each refusal
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
