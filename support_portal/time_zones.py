"""Time zone rules: one release for every process and every machine, since promises are computed from them (SLA-1)."""

import os
import zoneinfo


def use_packaged_rules() -> None:
    """Take the rules from the locked `tzdata` package and not from whatever the machine has installed.

    So `verify` recomputes promises alike everywhere. An operator who must have other rules names their folders in
    Python's own variable PYTHONTZPATH, for all processes.
    """
    if "PYTHONTZPATH" not in os.environ:
        zoneinfo.reset_tzpath(())
        zoneinfo.ZoneInfo.clear_cache()
