"""Forms of requests: they check form, services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import wording as faults
from accounts.forms import LineField
from accounts.models import Person
from accounts.text import clean_text
from tickets import wording
from tickets.lifecycle import BY_CUSTOMER, BY_ENGINEER, Resolution

MESSAGE_LIMIT = 50_000
SUBJECT_LIMIT = 200
REASON_LIMIT = 2_000
Choices = list[Any]


class TextField(forms.CharField):
    """Several lines of text, made safe to store."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = MESSAGE_LIMIT, rows: int = 6, **options: Any) -> None:
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def to_python(self, value: Any) -> str:
        """Return the text as it may be stored, or refuse what deceives or breaks."""
        try:
            return clean_text(super().to_python(value) or "")
        except ValueError as fault:
            raise ValidationError(faults.text_fault(str(fault)), code=str(fault)) from None


class FilesInput(forms.FileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; each is checked when it is stored."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files that came."""
        return [file for file in (data or []) if file]


class MessageForm(forms.Form):
    """A message of the conversation, with files."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    body = TextField(label=_("Message"))
    attachments = FilesField(label=_("Files"), required=False)


class ReplyForm(MessageForm):
    """What an engineer says to the customer: a reply, a question, or the notes of a call."""

    KINDS = (
        ("reply", _("Reply")),
        ("question", _("Ask the customer, and wait for the answer")),
        ("call", _("Notes of a call")),
    )

    body = TextField(label=_("Message to the customer"))
    kind = forms.ChoiceField(label=_("This is"), choices=KINDS, initial="reply")


class NoteForm(MessageForm):
    """An internal note."""

    body = TextField(label=_("Internal note"), rows=4)


class SeverityForm(forms.Form):
    """Another severity, and why."""

    severity = forms.ChoiceField(label=_("Severity"), choices=[*wording.SEVERITIES.items()])
    reason = TextField(label=_("Reason"), max_length=REASON_LIMIT, rows=3)


class ConfirmSeverityForm(SeverityForm):
    """The severity as proposed or another one; a reason is needed for another one only."""

    reason = TextField(label=_("Reason"), max_length=REASON_LIMIT, rows=3, required=False)


class AssignForm(forms.Form):
    """Who is to have the request."""

    assignee = forms.IntegerField(label=_("Assign to"), min_value=1, widget=forms.Select)

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].widget = forms.Select(choices=[*people])


class ContactForm(forms.Form):
    """How to reach the admin while the request is open (CH-3, LA-2)."""

    method = forms.ChoiceField(label=_("How shall we reach you?"), choices=[*wording.CONTACT_METHODS.items()])
    phone = LineField(label=_("Phone number"), max_length=40, required=False)
    translator = forms.BooleanField(label=_("A translator shall join calls"), required=False)


class HandOverForm(forms.Form):
    """Another primary contact (RO-2)."""

    primary_contact = forms.ChoiceField(label=_("New primary contact"))

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a colleague")), *((person.email, person.name) for person in people)]
        cast(forms.ChoiceField, self.fields["primary_contact"]).choices = choices


class CustomerCloseForm(forms.Form):
    """The admin closes their own request."""

    resolution = forms.ChoiceField(
        label=_("Why do you close it?"),
        choices=[(code.value, wording.RESOLUTIONS[code]) for code in BY_CUSTOMER],
    )
    message = TextField(label=_("A last word"), rows=3, required=False)


class StaffCloseForm(forms.Form):
    """An engineer closes a request, with a message that the customer reads (SC-6)."""

    resolution = forms.ChoiceField(
        label=_("Resolution"), choices=[(code.value, wording.RESOLUTIONS[code]) for code in BY_ENGINEER]
    )
    message = TextField(label=_("Message to the customer"), rows=5)
    referral = forms.ChoiceField(
        label=_("Referred to"), choices=[("", _("Choose…")), *wording.REFERRALS.items()], required=False
    )
    duplicate_of = LineField(label=_("Duplicate of"), max_length=12, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for what the resolution needs, and forget what it does not."""
        cleaned = super().clean() or {}
        resolution = cleaned.get("resolution")
        if resolution == Resolution.OUT_OF_SCOPE and not cleaned.get("referral"):
            self.add_error("referral", _("Choose whom the customer is referred to."))
        if resolution == Resolution.DUPLICATE and not cleaned.get("duplicate_of"):
            self.add_error("duplicate_of", _("Write the number of the original, for example SR-012345678."))
        if resolution != Resolution.OUT_OF_SCOPE:
            cleaned["referral"] = ""
        if resolution != Resolution.DUPLICATE:
            cleaned["duplicate_of"] = ""
        return cleaned


class ReopenForm(forms.Form):
    """Why a closed request goes back to work."""

    reason = TextField(label=_("What is still wrong?"), rows=4)
