"""How long browsers keep static files."""

from collections.abc import MutableMapping


def cache_headers(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    """Let browsers keep hashed files for a year, and the others as long as WhiteNoise says."""
    if "immutable" in headers.get("Cache-Control", ""):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
