"""Values from the environment, through typed functions that name the variable when they fail."""

import fcntl
import ipaddress
import json
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable's text; without a default, an unset or empty one is an error."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set, and it has no default outside the demo run.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no; only the usual words for them are accepted."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in words:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(words)}, not {value!r}.")
    return words[value]


def number(name: str, *, default: float, least: float = 0) -> float:
    """Return a number that is at least `least`."""
    value = os.environ.get(name, "").strip()
    try:
        parsed = float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None
    if not least <= parsed < float("inf"):
        raise ImproperlyConfigured(f"{name} must be {least:g} or more, not {value!r}.")
    return parsed


def whole_number(name: str, *, default: int, least: int = 0) -> int:
    """Return a whole number that is at least `least`."""
    parsed = number(name, default=default, least=least)
    if parsed != int(parsed):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {parsed:g}.")
    return int(parsed)


def seconds(name: str, *, default: float, least: float = 0) -> timedelta:
    """Return a length of time, given in seconds."""
    return timedelta(seconds=number(name, default=default, least=least))


def rising(name: str, *, default: list[int], below: int) -> list[int]:
    """Return whole numbers separated by commas, at least one of them, each larger than the last and below a limit."""
    given = words(name, [str(number) for number in default])
    if not all(word.isascii() and word.isdigit() for word in given):
        raise ImproperlyConfigured(f"{name} must be whole numbers separated by commas, not {given!r}.")
    numbers = [int(word) for word in given]
    if not numbers or numbers != sorted({*numbers}) or not 0 < numbers[0] <= numbers[-1] < below:
        raise ImproperlyConfigured(f"{name} must rise, from 1 at least and below {below}, not {given!r}.")
    return numbers


def words(name: str, default: list[str]) -> list[str]:
    """Return a list whose members are separated by commas."""
    value = os.environ.get(name, "").strip()
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def some_of(name: str, options: tuple[str, ...], *, default: list[str]) -> list[str]:
    """Return members of `options`, separated by commas."""
    given = words(name, default)
    if not set(given) <= set(options):
        raise ImproperlyConfigured(f"{name} must be some of {', '.join(options)}, not {given!r}.")
    return given


def networks(name: str) -> list[str]:
    """Return addresses and networks separated by commas, none where nothing is set."""
    given = words(name, [])
    for word in given:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must name networks such as 10.0.0.0/8, not {word!r}.") from None
    return given


def choice(name: str, options: tuple[str, ...], *, default: str) -> str:
    """Return one of `options`."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def path(name: str, default: Path) -> Path:
    """Return an absolute path; a relative one is taken from the folder of the default's checkout."""
    return Path(os.path.abspath(text(name, str(default))))


def origin(name: str, default: str | None = None) -> SplitResult:
    """Return the address people reach the portal by: scheme and host, and nothing after them."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} must look like https://support.example.com, not {value!r}.")
    return parts


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL address; a socket's folder may stand in `?host=`."""
    value = text(name, default)
    if urlsplit(value).scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must begin with postgresql://; PostgreSQL is the only database we speak.")
    try:
        settings = dict(environ.Env.db_url_config(value))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address of a database: {error}") from None
    options = dict(settings.get("OPTIONS", {}))
    host = options.pop("host", None) or settings["HOST"]
    return {**settings, "HOST": host, "OPTIONS": options}


def redis(name: str, default: str | None = None) -> str:
    """Return the address of a server that speaks the Redis protocol."""
    value = text(name, default)
    if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured(f"{name} must begin with redis://, rediss:// or unix://.")
    return value


def clamd(name: str) -> str:
    """Return the address of a virus scanner, `tcp://host:port` or `unix:///path`; empty where there is none."""
    value = os.environ.get(name, "").strip()
    try:
        parts = urlsplit(value)
        complete = (parts.scheme == "tcp" and parts.hostname and parts.port) or (parts.scheme == "unix" and parts.path)
    except ValueError:
        complete = False
    if value and not complete:
        raise ImproperlyConfigured(f"{name} must look like tcp://host:3310 or unix:///run/clamav/clamd.ctl.")
    return value


def broker(redis_url: str) -> str:
    """Return Celery's way to write a Redis address; it differs for unix sockets."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    return f"redis+socket://{parts.path}?{parts.query.replace('db=', 'virtual_host=')}"


class Secrets:
    """Secrets from the environment; a demo run generates the missing ones once and keeps them in a file."""

    def __init__(self, kept_in: Path, *, generate: bool) -> None:
        """Remember where a demo run keeps its secrets, and whether this is one."""
        self._file = kept_in
        self._generate = generate

    def __call__(self, name: str) -> str:
        """Return the secret called `name`."""
        value = os.environ.get(name, "").strip()
        if value:
            return value
        if not self._generate:
            return text(name)
        return self._kept().get(name) or self._new(name)

    def _kept(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._file.read_text()))
        except FileNotFoundError:
            return {}

    def _new(self, name: str) -> str:
        """Add a secret to the file; of several processes that want it at once, one makes it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self._kept()
            known.setdefault(name, secrets.token_urlsafe(48))
            draft = self._file.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(known, indent=1))
            draft.replace(self._file)
        return known[name]


def session_options(**options: str | timedelta) -> str:
    """Return PostgreSQL's `options` for a connection; lengths of time are given to it in milliseconds."""
    given = {
        name: f"{value.total_seconds() * 1000:.0f}" if isinstance(value, timedelta) else value.replace(" ", "\\ ")
        for name, value in options.items()
    }
    return " ".join(f"-c {name}={value}" for name, value in given.items())
