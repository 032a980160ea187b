"""The form of a survey: three questions at most (RO-4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.forms import TextField
from tickets.services.surveys import COMMENT_LIMIT, Opinion

RATINGS = (
    ("5", _("5 – very good")),
    ("4", _("4 – good")),
    ("3", _("3 – fair")),
    ("2", _("2 – poor")),
    ("1", _("1 – bad")),
)
SOLVED = (("yes", _("Yes")), ("no", _("No")))


class SurveyForm(forms.Form):
    """How it went, whether the problem is gone, and words."""

    rating = forms.ChoiceField(
        label=_("How satisfied are you with our support?"), choices=RATINGS, widget=forms.RadioSelect
    )
    solved = forms.ChoiceField(
        label=_("Is the problem solved?"), choices=SOLVED, widget=forms.RadioSelect, required=False
    )
    comment = TextField(label=_("What should we know?"), max_length=COMMENT_LIMIT, rows=4, required=False)


def opinion_of(data: dict[str, Any]) -> Opinion:
    """What a form says that has been checked."""
    solved = {"yes": True, "no": False}.get(data["solved"])
    return Opinion(rating=int(data["rating"]), solved=solved, comment=data["comment"])
