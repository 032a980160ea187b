"""Forms of what hangs on a request: escalations and translators."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import timezones
from accounts.forms import LineField
from selfhelp.selectors import language_name
from tickets import wording
from tickets.catalogue import TRANSLATED_LANGUAGES
from tickets.filing_form import WallClockField, instant_typed
from tickets.forms import TextField
from tickets.services.escalation import WORDS_LIMIT
from tickets.services.translators import NAME_LIMIT, Arrangement


class EscalateForm(forms.Form):
    """Why a request needs more than it gets."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[*wording.ESCALATION_REASONS.items()])
    justification = TextField(label=_("What should those who lead know?"), max_length=WORDS_LIMIT, rows=4)


class SeniorForm(forms.Form):
    """Why an engineer wants a senior engineer to take over."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[*wording.ESCALATION_REASONS.items()])
    note = TextField(label=_("Internal note: what was tried, and what is needed"), max_length=WORDS_LIMIT, rows=4)


class TranslatorForm(forms.Form):
    """A wish for a translator (LA-2)."""

    language = forms.ChoiceField(label=_("Language"))
    wish = TextField(
        label=_("When does a call suit you, and with whom?"), max_length=WORDS_LIMIT, rows=3, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["language"]).choices = translated_languages()


class ArrangeForm(forms.Form):
    """Who joins, and when, on the clock of the one who writes (LA-2)."""

    interpreter = LineField(label=_("Who joins"), max_length=NAME_LIMIT)
    join_at = WallClockField(label=_("When the call is"))
    note = TextField(
        label=_("How to meet: a number, a link, what to bring"), max_length=WORDS_LIMIT, rows=3, required=False
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = timezones.zone_or_utc(zone)
        self.fields["join_at"].help_text = _("On your clock: %(zone)s.") % {"zone": zone}

    def clean_join_at(self) -> datetime:
        """The instant at which the clock of the writer's zone shows the time."""
        return instant_typed(self.cleaned_data["join_at"], self.zone)


def arrangement_of(data: dict[str, Any]) -> Arrangement:
    """What a form says that has been checked."""
    return Arrangement(interpreter=data["interpreter"], join_at=data["join_at"], note=data["note"])


def translated_languages() -> list[tuple[str, str]]:
    """The languages that translators may be asked for, by name in the language of the page."""
    reading = get_language() or "en"
    named = [(tag, language_name(tag, reading)) for tag in TRANSLATED_LANGUAGES]
    return sorted(named, key=lambda pair: pair[1].casefold())
