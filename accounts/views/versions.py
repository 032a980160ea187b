"""Forms that say which version of a row they were drawn for."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _


def version_in(request: HttpRequest) -> int:
    """The version that a form was drawn for; 0, which no row has, for what is none."""
    given = str(request.POST.get("version", ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def changed_meanwhile(refusal: Exception) -> str:
    """What to say beside a form whose row somebody else has changed."""
    return _("Somebody else has changed this since you opened it. Look at it anew; what you typed stands below.")
