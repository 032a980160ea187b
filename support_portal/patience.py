"""How we treat a server that may be away: ask seldom, wait briefly, and go on without it (P-9)."""

import logging
import threading
import time

logger = logging.getLogger(__name__)

FIRST_REST, LONGEST_REST = 5.0, 30.0  # seconds between two tries of a server that does not answer


class Patience:
    """Remembers that a server failed, and lets one caller at a time find out whether it is back."""

    def __init__(self, server: str) -> None:
        """Begin in good faith."""
        self._server = server
        self._lock = threading.Lock()
        self._rest = 0.0
        self._rests_until = 0.0

    def may_ask(self) -> bool:
        """Tell whether to try the server; while one caller tries a failing one, the others go on without it."""
        if not self._rest:
            return True
        with self._lock:
            if time.monotonic() < self._rests_until:
                return False
            self._rests_until = time.monotonic() + self._rest
            return True

    def failed(self, error: Exception) -> None:
        """Leave the server alone for a while, for longer each time; say so once."""
        with self._lock:
            if not self._rest:
                logger.warning("%s does not answer; going on without it", self._server, extra={"error": str(error)})
            self._rest = min(max(FIRST_REST, self._rest * 2), LONGEST_REST)
            self._rests_until = time.monotonic() + self._rest

    def answered(self) -> None:
        """Trust the server again."""
        if self._rest:
            with self._lock:
                self._rest = self._rests_until = 0.0
            logger.warning("%s answers again", self._server)
