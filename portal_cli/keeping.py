"""The address and the token, kept in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click


@dataclass
class Kept:
    """What `sign-in` leaves behind: the address used last, and a token for each address."""

    address: str = ""
    tokens: dict[str, str] = field(default_factory=dict)


def folder(environ: Mapping[str, str]) -> Path:
    """The configuration folder: that of XDG, or the system's own on Windows."""
    if os.name == "nt" and not environ.get("XDG_CONFIG_HOME"):
        return Path(click.get_app_dir("portal"))
    base = environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".config") / "portal"


def read(environ: Mapping[str, str]) -> Kept:
    """What is kept; nothing where there is no file, or none that we wrote."""
    try:
        data = json.loads((folder(environ) / "sign-in.json").read_text(encoding="utf-8"))
        return Kept(str(data["address"]), {str(where): str(token) for where, token in data["tokens"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Kept()


def write(environ: Mapping[str, str], kept: Kept) -> None:
    """Keep it, whole or not at all; nobody else can read it at any moment."""
    place = folder(environ)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=place, prefix=".sign-in-")  # made with 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"address": kept.address, "tokens": kept.tokens}, file)
        Path(name).replace(place / "sign-in.json")
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
