"""Files that no row knows: left by a rollback or a crash, removed after a day."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from tickets.models import Attachment, Export, Scan

KEPT_FOR = timedelta(days=1)


def remove_orphans() -> int:
    """Remove stored files older than a day that no row needs, those with a virus among them; return how many."""
    oldest = time.time() - KEPT_FOR.total_seconds()
    removed = 0
    for folder in Path(settings.MEDIA_ROOT).glob("*/"):
        old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < oldest]
        known = _known([path.name for path in old])
        for path in old:
            if path.name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _known(names: list[str]) -> set[str]:
    files = Attachment.objects.exclude(scan=Scan.INFECTED).filter(key__in=names).values_list("key", flat=True)
    previews = Attachment.objects.exclude(preview_key="").filter(preview_key__in=names)
    exports = Export.objects.exclude(key="").filter(key__in=names).values_list("key", flat=True)
    return {*files, *exports, *previews.values_list("preview_key", flat=True)}
