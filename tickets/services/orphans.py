"""Files that no row knows: left by a rollback or a crash, removed after a day."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from tickets.models import Attachment

KEPT_FOR = timedelta(days=1)


def remove_orphans() -> int:
    """Remove stored files older than a day that have no attachment row; return how many."""
    oldest = time.time() - KEPT_FOR.total_seconds()
    removed = 0
    for folder in Path(settings.MEDIA_ROOT).glob("*/"):
        old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < oldest]
        known = set(Attachment.objects.filter(key__in=[path.name for path in old]).values_list("key", flat=True))
        for path in old:
            if path.name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed
