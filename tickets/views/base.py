"""What the pages of requests share."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language

from accounts.edges import Words, problem_for
from accounts.views.base import PersonView


class RequestsView(PersonView):
    """A page of requests, at an instant."""

    @property
    def now(self) -> datetime:
        """The instant that the page shows things at; what is written takes the database's clock instead."""
        if not hasattr(self, "_now"):
            self._now = timezone.now()
        return self._now

    @property
    def zone(self) -> str:
        """The reader's time zone."""
        return self.person.timezone


def reading_language() -> str:
    """The language tag of our data that the page is in."""
    return "zh-Hant" if (get_language() or "").lower().startswith("zh") else "en"


def refusal(error: Exception) -> Words:
    """The words for a refusal, to show beside what was typed; other errors pass through."""
    return problem_for(error)
