"""Forms of requests: they check form, services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import wording as faults
from accounts.forms import LineField, TimeZoneField
from accounts.labels import in_active_language
from accounts.models import Subscription
from accounts.text import clean_text
from severity.assessment import Impact
from tickets import wording
from tickets.catalogue import CATEGORIES, SUBSCRIPTION_OPTIONAL
from tickets.filing import Contact, Filing
from tickets.lifecycle import BY_CUSTOMER, BY_ENGINEER, Resolution
from tickets.models import Service, Topic

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


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; each is checked when it is stored."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files that came."""
        return [file for file in (data or []) if file]


class NewRequestForm(forms.Form):
    """Everything that is asked to file a request (CH-3, SE-1)."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    follow_up_of = forms.CharField(widget=forms.HiddenInput, max_length=12, required=False)
    category = forms.ChoiceField(label=_("What kind of help do you need?"), widget=forms.RadioSelect)
    subscription = forms.ChoiceField(label=_("Which subscription is it about?"), required=False)
    service = forms.ChoiceField(label=_("Which service?"), required=False)
    topic = forms.ChoiceField(label=_("Which topic?"), required=False)
    subject = LineField(
        label=_("Subject"), max_length=SUBJECT_LIMIT, help_text=_("One line: what does not work, and for whom.")
    )
    description = TextField(
        label=_("Description"),
        rows=9,
        help_text=_("What happens, since when, what you tried, and the exact words of any error message."),
    )
    service_state = forms.ChoiceField(label=wording.IMPACT_QUESTIONS["service_state"], required=False)
    users_affected = forms.ChoiceField(label=wording.IMPACT_QUESTIONS["users_affected"], required=False)
    business_impact = forms.ChoiceField(label=wording.IMPACT_QUESTIONS["business_impact"], required=False)
    workaround = forms.ChoiceField(label=wording.IMPACT_QUESTIONS["workaround"], required=False)
    deadline_at_risk = forms.ChoiceField(label=wording.IMPACT_QUESTIONS["deadline_at_risk"], required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), required=False, help_text=_("Your support contract lets you set it yourselves.")
    )
    contact_method = forms.ChoiceField(label=_("How shall we reach you?"), choices=[*wording.CONTACT_METHODS.items()])
    contact_language = forms.ChoiceField(label=_("Language"), choices=[*wording.LANGUAGE_NAMES.items()])
    contact_phone = LineField(label=_("Phone number"), max_length=40, required=False)
    contact_timezone = TimeZoneField(label=_("Time zone"), required=False)
    callback_at = forms.DateTimeField(
        label=_("When shall we call back?"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    translator = forms.BooleanField(label=_("A translator shall join calls"), required=False)
    diagnostic_consent = forms.BooleanField(label=_("Support may look at diagnostic data"), required=False)
    attachments = FilesField(label=_("Files"), required=False, help_text=_("Up to 10 files of 25 MiB each."))

    def __init__(
        self,
        *args: Any,
        subscriptions: Iterable[Subscription],
        services: Iterable[Service],
        topics: Iterable[Topic],
        elevated: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.topics = list(topics)
        self._offer("category", [(code, wording.CATEGORIES[code]) for code in _categories(elevated)], blank=False)
        self._offer("subscription", [(row.reference, _subscription_name(row)) for row in subscriptions])
        self._offer("service", [(row.code, in_active_language(row.names)) for row in services])
        self._offer("topic", _grouped_by_category(self.topics))
        for name, answers in wording.IMPACT_ANSWERS.items():
            self._offer(name, [*answers.items()])
        if elevated:
            self._offer("severity", [*wording.SEVERITIES.items()])
        else:
            del self.fields["severity"]

    def _offer(self, name: str, choices: Choices, *, blank: bool = True) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose…")), *choices] if blank else choices

    def clean(self) -> dict[str, Any]:
        """Refuse a technical request without a subscription, and a topic of another category or service."""
        cleaned = super().clean() or {}
        category = cleaned.get("category", "")
        if category and category.partition(".")[0] not in SUBSCRIPTION_OPTIONAL and not cleaned.get("subscription"):
            self.add_error("subscription", _("Choose the subscription; it decides how soon we answer."))
        topic = next((row for row in self.topics if row.code == cleaned.get("topic")), None)
        if topic and topic.category != category:
            self.add_error("topic", _("Choose a topic of the kind of help above, or none."))
        elif topic and topic.service and topic.service.code != cleaned.get("service"):
            cleaned["service"] = topic.service.code
        return cleaned

    def filing(self) -> Filing:
        """The form as plain values; call it on a form that is valid."""
        return filing_of(self.cleaned_data)


def filing_of(data: dict[str, Any]) -> Filing:
    """Plain values of a form, whole or half filled in; what is missing is unknown."""

    def text(name: str) -> str:
        return str(data.get(name) or "")

    answers = {name: text(name) or None for name in wording.IMPACT_QUESTIONS}
    contact = Contact(
        method=text("contact_method") or "email",
        language=text("contact_language"),
        phone=text("contact_phone"),
        timezone=text("contact_timezone"),
        translator=bool(data.get("translator")),
        callback_at=data.get("callback_at") if text("contact_method") == "callback" else None,
    )
    return Filing(
        subject=text("subject"),
        description=text("description"),
        category=text("category") or "technical.configuration",
        service=text("service"),
        topic=text("topic"),
        subscription=text("subscription"),
        impact=Impact(**answers),
        contact=contact,
        severity=text("severity"),
        diagnostic_consent=bool(data.get("diagnostic_consent")),
        follow_up_of=text("follow_up_of"),
    )


def _categories(elevated: bool) -> list[str]:
    return [code for code in CATEGORIES if elevated or code != "advisory"]


def _subscription_name(row: Subscription) -> str:
    name = in_active_language(row.plan.names)
    return _("%(plan)s (trial)") % {"plan": name} if row.trial else name


def _grouped_by_category(topics: Iterable[Topic]) -> Choices:
    groups: dict[str, list[Any]] = {}
    for row in topics:
        name = in_active_language(row.names)
        label = f"{in_active_language(row.service.names)}: {name}" if row.service else name
        groups.setdefault(row.category, []).append((row.code, label))
    return [(wording.CATEGORIES[category], choices) for category, choices in groups.items()]


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
