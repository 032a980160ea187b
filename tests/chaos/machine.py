"""What of the faults this machine lets us try."""

import functools
import os
import shutil
import subprocess
import tempfile

NEEDS = {
    "compiler": "a C compiler (cc), for a worker whose clock is wrong",
    "mount": "the right to mount a small tmpfs, for a full disk",
}


@functools.cache
def can(need: str) -> bool:
    """Tell whether it does."""
    return {"compiler": _compiles, "mount": _mounts}[need]()


def missing() -> list[str]:
    """What it does not, in words."""
    return [words for need, words in NEEDS.items() if not can(need)]


def _compiles() -> bool:
    return shutil.which("cc") is not None and os.uname().sysname == "Linux"


def _mounts() -> bool:
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False, capture_output=True
        )
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=False)
        return done.returncode == 0
