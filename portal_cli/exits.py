"""What the command's exit status tells scripts; these numbers stay the same."""

from __future__ import annotations

REFUSED = 1  # the portal said no: the input, or the state of things
USAGE = 2  # the command line is not right; nothing was sent
NOT_FOUND = 3  # not there, or not yours
NOT_PERMITTED = 4  # signed out, or not allowed
TRY_LATER = 5  # busy, or out of reach
INTERRUPTED = 130  # Ctrl-C

BY_STATUS = {401: NOT_PERMITTED, 403: NOT_PERMITTED, 404: NOT_FOUND, 429: TRY_LATER}


def exit_of(status: int) -> int:
    """The exit status for a refusal with this HTTP status."""
    return BY_STATUS.get(status, TRY_LATER if status >= 500 else REFUSED)
