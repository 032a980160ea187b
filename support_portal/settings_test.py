"""Settings of a test run: the portal's own, on servers that are started for it and vanish with it."""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from support_portal import embedded

SESSION_VARIABLE = "PORTAL_TEST_SESSION"


def _session_folder() -> Path:
    """Return the folder of this test run; the first process makes it, and workers and children inherit it."""
    known = os.environ.get(SESSION_VARIABLE)
    if known:
        return Path(known)
    shm = Path("/dev/shm")  # noqa: S108  # the folder in memory; mkdtemp keeps it private
    base = shm if os.access(shm, os.W_OK) else Path(tempfile.gettempdir())
    _remove_abandoned(base)
    draft = Path(tempfile.mkdtemp(prefix=".portal-test-", dir=base))
    hold = embedded.held(draft, "a test run")
    hold.__enter__()
    folder = draft.rename(base / draft.name.removeprefix("."))  # held before a run that begins just now can see it
    os.environ[SESSION_VARIABLE] = str(folder)
    _start(folder, hold)
    return folder


def _remove_abandoned(base: Path) -> None:
    """Remove what killed test runs left behind; a living one holds its lock."""
    for folder in base.glob("portal-test-*"):
        try:
            with (folder / "holder.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _start(folder: Path, hold: AbstractContextManager[None]) -> None:
    servers = embedded.Servers(
        folder, durable=False, postgres="DATABASE_URL" not in os.environ, valkey="REDIS_URL" not in os.environ
    )
    servers.start()
    os.environ.setdefault("DATABASE_URL", servers.postgres.url)
    os.environ.setdefault("REDIS_URL", servers.valkey.url)
    owner = os.getpid()

    def clean() -> None:
        if os.getpid() == owner:
            servers.stop()
            hold.__exit__(None, None, None)
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean)


FOLDER = _session_folder()
os.environ["VAR_DIR"] = os.environ.get("PORTAL_TEST_VAR", str(FOLDER / "var"))
os.environ.setdefault("DEMO", "1")

from support_portal.settings import *  # noqa: E402, F403

SECRET_KEY = REQUEST_NUMBER_KEY = EVENT_HASH_KEY = "known to everybody, and good for tests only"  # noqa: S105
SECOND_FACTOR_KEY = SINGLE_SIGN_ON_KEY = WEBHOOK_KEY = SECRET_KEY
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
PASSWORD_HASHERS = ["tests.hashers.CheapArgon2PasswordHasher"]  # argon2 all the same, with the cost turned down
MIDDLEWARE = ["tests.witness.Witness", *MIDDLEWARE]  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
