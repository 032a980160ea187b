"""Real processes broken on purpose, and the history judged afterwards (RELIABILITY.md, section 4)."""

import os

LONG = os.environ.get("CHAOS") == "long"
