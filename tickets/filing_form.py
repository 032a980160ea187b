"""The form to file a request: it checks form; whether a choice exists and may be made is for the service to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import timezones
from accounts.forms import LineField, TimeZoneField
from accounts.labels import countries, in_active_language
from accounts.models import Subscription
from accounts.text import DIALLABLE, PHONE_LIMIT
from severity.assessment import Impact
from tickets import wording
from tickets.catalogue import CATEGORIES, IMPACT, SUBSCRIPTION_OPTIONAL
from tickets.errors import CallBackInThePast, CallBackTooFar
from tickets.filing import Contact, Filing, check_call_back
from tickets.forms import SUBJECT_LIMIT, Choices, FilesField, TextField
from tickets.models import Topic
from tickets.selectors.offers import Offer

CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
ANYTHING = "technical.configuration"  # what a preview takes a form for that does not say
NOT_SURE = _("Not sure")
CHOOSE = _("Choose…")


class TaggedSelect(forms.Select):
    """A drop-down whose options carry `data-` attributes for the script that narrows them."""

    tags: Mapping[str, Mapping[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tags = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Draw one option with its tags."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"].update(self.tags.get(str(value), {}))
        return option


class CodeField(forms.ChoiceField):
    """A code of the catalogue; its choices are read only when the field is drawn."""

    widget = TaggedSelect

    def valid_value(self, value: Any) -> bool:
        """Accept whatever can be a code."""
        return CODE.fullmatch(str(value)) is not None


class WallClockField(forms.Field):
    """A date and time as a clock on the wall shows them; whose clock it is, the form knows."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        """Return a datetime without a zone."""
        if value in self.empty_values:
            return None
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            found = None
        if found is None or found.tzinfo:
            raise ValidationError(_("Write date and time as in 2026-11-24 09:30."), code="invalid")
        return found


class ContactZoneField(TimeZoneField):
    """A time zone that may be left out, to mean the writer's own."""

    def clean(self, value: Any) -> str:
        """Return the zone, or nothing."""
        return super().clean(value) if str(value or "").strip() else ""


def _impact_field(name: str) -> forms.ChoiceField:
    answers = wording.IMPACT_ANSWERS[name]
    choices = [*((code, answers[code]) for code in IMPACT[name]), ("", NOT_SURE)]
    question = wording.IMPACT_QUESTIONS[name]
    return forms.ChoiceField(label=question, choices=choices, widget=forms.RadioSelect, required=False)


class NewRequestForm(forms.Form):
    """Everything that is asked to file a request (CH-3, SE-1)."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    follow_up_of = forms.CharField(widget=forms.HiddenInput, max_length=12, required=False)
    category = forms.ChoiceField(
        label=_("What kind of help do you need?"),
        choices=[(code, wording.CATEGORIES[code]) for code in CATEGORIES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of help that comes closest.")},
    )
    subscription = CodeField(
        label=_("Subscription"),
        required=False,
        help_text=_("It decides by when we promise to answer; pre-sales and billing need none."),
    )
    service = CodeField(label=_("Service"), required=False)
    topic = CodeField(label=_("Topic"), required=False)
    subject = LineField(
        label=_("Subject"),
        max_length=SUBJECT_LIMIT,
        help_text=_("One line: what does not work, and for whom."),
        error_messages={"required": _("Say in one line what it is about.")},
    )
    description = TextField(
        label=_("Description"),
        rows=8,
        help_text=_("What happens, since when, what you tried, and the exact words of any error message."),
        error_messages={"required": _("Describe what happens.")},
    )
    attachments = FilesField(
        label=_("Files"), required=False, help_text=_("Screenshots, logs or traces: up to 10 files of 25 MiB each.")
    )
    service_state = _impact_field("service_state")
    users_affected = _impact_field("users_affected")
    business_impact = _impact_field("business_impact")
    workaround = _impact_field("workaround")
    deadline_at_risk = _impact_field("deadline_at_risk")
    severity = forms.ChoiceField(
        label=_("Severity"),
        choices=[("", _("As proposed")), *wording.SEVERITIES.items()],
        required=False,
        help_text=_("Your support contract lets you set it yourselves."),
    )
    contact_method = forms.ChoiceField(
        label=_("How shall we reach you?"), choices=[*wording.CONTACT_METHODS.items()], widget=forms.RadioSelect
    )
    contact_phone = LineField(
        label=_("Phone number"),
        max_length=PHONE_LIMIT,
        required=False,
        help_text=_("With the country code. For a critical request we call at once."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    callback_at = WallClockField(
        label=_("When shall we call back?"),
        required=False,
        help_text=_("In the time zone given here. Leave it empty to be called as soon as possible."),
    )
    contact_language = forms.ChoiceField(
        label=_("Language of the conversation"), choices=[*wording.LANGUAGE_NAMES.items()]
    )
    contact_timezone = ContactZoneField(
        label=_("Time zone"), required=False, help_text=_("Search by city, country or offset.")
    )
    contact_country = forms.ChoiceField(label=_("Country or region"), required=False)
    translator = forms.BooleanField(label=_("A translator shall join calls"), required=False)
    diagnostic_consent = forms.BooleanField(
        label=_("Engineers may look at diagnostic data of our services"),
        required=False,
        help_text=_("The permission ends with the request."),
    )

    def __init__(self, *args: Any, offer: Offer, zone: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer, self.zone, self.now = offer, zone, now
        self._choices("contact_country", [("", _("That of the organisation")), *countries()])
        cast(TimeZoneField, self.fields["contact_timezone"]).offer(now=now)

    def draw(self) -> NewRequestForm:
        """Fill the drop-downs with what the writer may choose; asks the database."""
        offer = self.offer
        self._choices("category", [(code, _explained(code)) for code in offer.categories])
        self._choices("subscription", [("", CHOOSE), *((row.reference, plan_name(row)) for row in offer.subscriptions)])
        blank = [] if offer.needs_service else [("", CHOOSE)]
        self._choices("service", [*blank, *((row.code, in_active_language(row.names)) for row in offer.services)])
        self._choices("topic", [("", CHOOSE), *_grouped_by_category(offer.topics)])
        self._tag("service", {row.code: {"data-kinds": " ".join(offer.kinds_of(row))} for row in offer.services})
        self._tag("topic", {row.code: _topic_tags(row) for row in offer.topics})
        return self

    def _choices(self, name: str, choices: Choices) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def _tag(self, name: str, tags: Mapping[str, Mapping[str, str]]) -> None:
        cast(TaggedSelect, self.fields[name].widget).tags = tags

    def clean_contact_phone(self) -> str:
        """Accept what can be dialled."""
        phone = str(self.cleaned_data["contact_phone"])
        if phone and not DIALLABLE.fullmatch(phone):
            raise ValidationError(_("Write it with digits, for example +886 2 1234 5678."), code="invalid")
        return phone

    def clean(self) -> dict[str, Any]:
        """Hold the answers against each other: service, subscription, severity, and the time of a call back."""
        cleaned = super().clean() or {}
        kind = CATEGORIES.get(cleaned.get("category", ""), "")
        if kind:
            self._check_service(cleaned, kind)
        if kind and kind not in SUBSCRIPTION_OPTIONAL and not cleaned.get("subscription"):
            self.add_error("subscription", _("Choose the subscription; it decides by when we promise to answer."))
        if kind in SUBSCRIPTION_OPTIONAL:
            cleaned["severity"] = ""  # nobody sets the severity of a purchase
        if cleaned.get("contact_method") != "callback":
            cleaned["callback_at"] = None
        elif cleaned.get("callback_at"):
            self._check_callback(cleaned)
        return cleaned

    def _check_service(self, cleaned: dict[str, Any], kind: str) -> None:
        """Take the service from the topic where none was chosen, and refuse one that the writer may not file about."""
        if not cleaned.get("service") and cleaned.get("topic"):
            cleaned["service"] = self.offer.service_of_topic(cleaned["topic"])
        if not self.offer.reaches_kind(kind):
            self.add_error("category", _("Your roles do not include this kind of help."))
        elif not self.offer.covers(kind=kind, service=cleaned.get("service") or None):
            self.add_error("service", _("Choose one of the services that you look after."))

    def _check_callback(self, cleaned: dict[str, Any]) -> None:
        """Read the time on the clock of the chosen zone (CH-3)."""
        zone = timezones.zone_or_utc(cleaned.get("contact_timezone") or self.zone)
        typed: datetime = cleaned["callback_at"]
        try:
            cleaned["callback_at"] = instant_of(typed, zone)
            check_call_back(cleaned["callback_at"], now=self.now)
        except ValueError:
            self.add_error("callback_at", _("The clocks skip this time there. Choose another one."))
        except (OverflowError, CallBackInThePast, CallBackTooFar):
            self.add_error("callback_at", _("Choose a time from now on, at most 90 days ahead."))

    def filing(self) -> Filing:
        """The form as plain values, whole or as far as it is filled in; call it on a form that was checked."""
        return filing_of(self.cleaned_data, otherwise=next(iter(self.offer.reached_categories), ANYTHING))


def instant_of(typed: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which a clock of `zone` first shows `typed`.

    Raises ValueError for a time that the clock skips, OverflowError for one outside of all calendars.
    """
    at = typed.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != typed:
        raise ValueError
    return at


def instant_typed(typed: datetime, zone: ZoneInfo) -> datetime:
    """The same for a form, which says why there is none."""
    try:
        return instant_of(typed, zone)
    except ValueError:
        raise ValidationError(_("The clocks skip this time there. Choose another one.")) from None
    except OverflowError:
        raise ValidationError(_("There is no such time.")) from None


def filing_of(data: Mapping[str, Any], *, otherwise: str = ANYTHING) -> Filing:
    """Plain values of a form; what is missing is unknown, and without a category it is taken for `otherwise`."""

    def text(name: str) -> str:
        return str(data.get(name) or "")

    contact = Contact(
        method=text("contact_method") or "email",
        language=text("contact_language"),
        phone=text("contact_phone"),
        timezone=text("contact_timezone"),
        country=text("contact_country"),
        translator=bool(data.get("translator")),
        callback_at=data.get("callback_at"),
    )
    return Filing(
        subject=text("subject"),
        description=text("description"),
        category=text("category") or otherwise,
        service=text("service"),
        topic=text("topic"),
        subscription=text("subscription"),
        impact=Impact(**{name: text(name) or None for name in IMPACT}),
        contact=contact,
        severity=text("severity"),
        diagnostic_consent=bool(data.get("diagnostic_consent")),
        follow_up_of=text("follow_up_of"),
    )


def plan_name(row: Subscription) -> str:
    """A subscription as people know it: by its plan."""
    name = in_active_language(row.plan.names)
    return str(_("%(plan)s (trial)") % {"plan": name}) if row.trial else name


def _explained(category: str) -> SafeString:
    meaning = wording.CATEGORY_MEANINGS[category]
    return format_html("{}<small>{}</small>", wording.CATEGORIES[category], meaning)


def _topic_tags(topic: Topic) -> dict[str, str]:
    """What the script narrows topics by, and what it calls them under their service."""
    service = topic.service.code if topic.service else ""
    return {"data-category": topic.category, "data-service": service, "data-name": in_active_language(topic.names)}


def _grouped_by_category(topics: Iterable[Topic]) -> Choices:
    groups: dict[str, Choices] = {}
    for topic in topics:
        name = in_active_language(topic.names)
        label = f"{in_active_language(topic.service.names)} – {name}" if topic.service else name
        groups.setdefault(topic.category, []).append((topic.code, label))
    return [(wording.CATEGORIES[category], choices) for category, choices in groups.items()]
