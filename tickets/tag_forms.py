"""Forms of tags: they check form, services decide."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import LineField, ListedInput
from tickets import wording
from tickets.models import Tag
from tickets.models.tags import NAME_LIMIT
from tickets.services.tags import Wanted

SEVERAL_LIMIT = 1_000


class TagForm(forms.Form):
    """What a tag is called, and how it looks."""

    name = LineField(
        label=pgettext_lazy("of a tag", "Name"),
        max_length=NAME_LIMIT,
        help_text=_("For example: outage, VIP, needs a call."),
    )
    colour = forms.ChoiceField(
        label=_("Colour"),
        choices=lambda: [("", pgettext_lazy("no colour", "None")), *wording.TAG_COLOURS.items()],
        required=False,
    )

    @classmethod
    def of(cls, tag: Tag) -> TagForm:
        """The form of a tag as it stands."""
        return cls(initial={"name": tag.name, "colour": tag.colour})

    def wanted(self) -> Wanted:
        """What it is to be."""
        return Wanted(name=self.cleaned_data["name"], colour=self.cleaned_data["colour"])


class TaggingForm(forms.Form):
    """Tags to put on a request, or the one to take off it; what is offered is the desk's list."""

    add = LineField(label=_("Add a tag"), max_length=SEVERAL_LIMIT, required=False, widget=ListedInput)
    remove = LineField(max_length=NAME_LIMIT, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix="tag")

    def offer(self, tags: Iterable[Tag]) -> None:
        """Propose these."""
        widget = self.fields["add"].widget
        assert isinstance(widget, ListedInput)
        widget.proposals = [(tag.name, "") for tag in tags]

    def clean(self) -> None:
        """Something to do."""
        if not self.errors and not (self.names_to_add or self.names_to_remove):
            self.add_error("add", _("Name a tag, or several with commas between them."))

    @property
    def names_to_add(self) -> list[str]:
        """What stands between the commas."""
        given = self.cleaned_data.get("add", "").replace("，", ",").replace("、", ",")
        return [name.strip() for name in given.split(",") if name.strip()]

    @property
    def names_to_remove(self) -> list[str]:
        """The one whose button was pressed."""
        return [self.cleaned_data["remove"]] if self.cleaned_data.get("remove") else []
