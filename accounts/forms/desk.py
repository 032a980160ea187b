"""Forms of the desk for organisations, subscriptions, contracts and plans: they check form, services decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, Self, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.calendars import public_holidays
from accounts.edges import problem_for
from accounts.errors import AccountsError, ContractOverlaps, InvalidParticulars, NameTaken, PersonNotFound, PlanNotFound
from accounts.forms import LineField, ListedInput, TimeZoneField
from accounts.forms.partners import midnight_after
from accounts.labels import CONTRACT_KINDS, TIERS, countries, in_active_language
from accounts.models import ElevatedContract, Organisation, Subscription
from accounts.particulars import SLUG_LIMIT, Particulars
from accounts.services.plans import FAMILIES
from accounts.services.plans import TIERS as PLAN_TIERS
from accounts.services.subscriptions import MOST_SEATS
from accounts.text import DIALLABLE, PHONE_LIMIT
from accounts.timezones import zone_or_utc
from accounts.wording import SHORT_NAME_FAULT

FAMILY_LABELS = {
    "business": _("Business"),
    "enterprise": _("Enterprise"),
    "government": _("Government"),
    "education": _("Education"),
    "frontline": _("Frontline"),
    "standalone": _("Standalone"),
}
# Where a form says a refusal: the field that a service's own name for it stands beside.
FIELDS = {"starts_at": "first_day", "ends_at": "last_day"}
PLACES: dict[type[AccountsError], str] = {
    NameTaken: "slug",
    PlanNotFound: "plan",
    ContractOverlaps: "first_day",
    PersonNotFound: "account_manager",
}


def done(form: forms.Form, work: Callable[[], Any]) -> bool:
    """Do it, or say beside the field why not."""
    try:
        work()
    except InvalidParticulars as refusal:
        name = FIELDS.get(refusal.field, refusal.field)
        form.add_error(name if name in form.fields else None, problem_for(refusal).detail)
    except tuple(PLACES) as refusal:
        name = PLACES[type(refusal)]
        form.add_error(name if name in form.fields else None, problem_for(refusal).detail)
    return form.is_valid()


class DayField(forms.DateField):
    """A day, as browsers offer it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)

    def clean(self, value: Any) -> date | None:
        """Keep it within reach of the pages."""
        day: date | None = super().clean(value)
        if day and not 2000 <= day.year <= 2100:
            raise ValidationError(_("Choose a day between 2000 and 2100."), code="out_of_range")
        return day


class OrganisationForm(forms.Form):
    """What is written down of an organisation."""

    name = LineField(label=_("Name of the organisation"))
    country = forms.ChoiceField(label=_("Country or region"))
    subdivision = forms.CharField(
        label=_("Part of the country"),
        max_length=6,
        required=False,
        widget=ListedInput,
        help_text=_("Where public holidays differ: its code after the country's, for example BY for Bavaria."),
    )
    timezone = TimeZoneField(label=_("Time zone"), help_text=_("Search by city, country or offset."))
    language = forms.ChoiceField(label=_("Language"))
    phone = LineField(
        label=_("Telephone"), max_length=PHONE_LIMIT, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    is_partner = forms.BooleanField(
        label=_("It is a partner"), required=False, help_text=_("Customers can appoint it to act for them.")
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(TimeZoneField, self.fields["timezone"]).offer(now=now)
        choices(self, "country", [("", _("Choose …")), *countries()])
        choices(self, "language", languages())
        known = public_holidays.subdivisions(str(self["country"].value() or ""))
        cast(ListedInput, self.fields["subdivision"].widget).proposals = known

    @classmethod
    def of(cls, organisation: Organisation, *, now: datetime) -> Self:
        """The form as it stands for an organisation."""
        return cls(initial={name: getattr(organisation, name) for name in cls.base_fields}, now=now)

    def clean_subdivision(self) -> str:
        """Accept small letters too."""
        return str(self.cleaned_data["subdivision"]).strip().upper()

    def clean_phone(self) -> str:
        """Accept what can be dialled."""
        phone = str(self.cleaned_data["phone"])
        if phone and not DIALLABLE.fullmatch(phone):
            raise ValidationError(_("Write it with digits, for example +886 2 1234 5678."), code="invalid")
        return phone

    def particulars(self) -> Particulars:
        """What was typed."""
        return Particulars(**{name: self.cleaned_data[name] for name in OrganisationForm.base_fields})


class OwnOrganisationForm(OrganisationForm):
    """What an organisation's own global admin changes of that; what contracts name is the vendor's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "country", "subdivision", "is_partner"):
            del self.fields[name]
        self.fields["timezone"].help_text = _("For people who join. Business hours have a time zone of their own.")
        self.fields["phone"].help_text = _("Support calls it where neither the request nor its contact names one.")

    def clean_subdivision(self) -> str:
        """Nothing: it is not asked."""
        return ""


class NewOrganisationForm(OrganisationForm):
    """The same for one that is taken in, with its short name."""

    slug = forms.SlugField(
        label=_("Short name"),
        max_length=SLUG_LIMIT,
        error_messages={"invalid": SHORT_NAME_FAULT},
        help_text=_("Stands in addresses and references, and never changes. Small letters, digits and hyphens."),
    )
    field_order = ("name", "slug")


class _Dated(forms.Form):
    """A form with days on the clocks of an organisation."""

    last_day = DayField(
        label=_("Last day"), required=False, help_text=_("It ends at midnight after it. Without one it has no end.")
    )

    def __init__(self, *args: Any, organisation: Organisation, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.now = organisation, now
        self.zone = zone_or_utc(organisation.timezone)
        today = now.astimezone(self.zone).date()
        for name in {"first_day", "last_day"} & set(self.fields):
            self.fields[name].widget.attrs["min"] = today.isoformat()
        if "first_day" in self.fields:
            self.fields["first_day"].initial = today

    def starts_at(self) -> datetime | None:
        """The beginning: None for today, which is now."""
        day = self.cleaned_data["first_day"]
        if day == self.now.astimezone(self.zone).date():
            return None
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)

    def ends_at(self) -> datetime | None:
        """The end of the last day."""
        day = self.cleaned_data["last_day"]
        return midnight_after(day, self.zone) if day else None

    def day_before(self, ends_at: datetime | None) -> date | None:
        """The last day of something that ends then; None without an end."""
        return _day_before(ends_at, self.organisation)


def _day_before(ends_at: datetime | None, organisation: Organisation) -> date | None:
    if ends_at is None:
        return None
    local = ends_at.astimezone(zone_or_utc(organisation.timezone))
    return date.fromordinal(local.date().toordinal() - (local.time() == time.min))


def _seats() -> forms.IntegerField:
    return forms.IntegerField(label=_("Seats"), min_value=1, max_value=MOST_SEATS)


class NewSubscriptionForm(_Dated):
    """A plan, paid or on trial, for so many seats."""

    KINDS = (("paid", _("Paid")), ("trial", _("Trial")))

    plan = forms.ChoiceField(label=_("Plan"))
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial="paid", widget=forms.RadioSelect)
    seats = _seats()
    first_day = DayField(label=_("First day"))
    field_order = ("plan", "kind", "seats", "first_day", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "plan", [("", _("Choose …")), *plans_on_offer()])


class SubscriptionForm(_Dated):
    """What changes of a subscription."""

    seats = _seats()
    field_order = ("seats", "last_day")

    @classmethod
    def of(cls, subscription: Subscription, *, now: datetime) -> SubscriptionForm:
        """The form as it stands."""
        day = _day_before(subscription.ends_at, subscription.organisation)
        initial = {"seats": subscription.seats, "last_day": day}
        return cls(initial=initial, organisation=subscription.organisation, now=now)


class PurchaseForm(_Dated):
    """What is bought after a trial."""

    plan = forms.ChoiceField(label=_("Plan"))
    seats = _seats()
    field_order = ("plan", "seats", "last_day")
    prefix = "buy"

    def __init__(self, *args: Any, trial: Subscription, **kwargs: Any) -> None:
        initial = {"plan": trial.plan.code, "seats": trial.seats}
        super().__init__(*args, organisation=trial.organisation, initial=initial, **kwargs)
        own = (trial.plan.code, in_active_language(trial.plan.names))
        choices(self, "plan", list(dict([own, *plans_on_offer()]).items()))


class ContractForm(_Dated):
    """What changes of an elevated contract."""

    account_manager = forms.TypedChoiceField(
        label=_("Support account manager"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Sees the requests of the organisation, and is told when a promise is broken."),
    )
    field_order = ("kind", "account_manager", "first_day", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(person.pk, person.name) for person in selectors.staff_with_roles("account_manager")]
        choices(self, "account_manager", [("", _("Nobody yet")), *people])

    @classmethod
    def of(cls, contract: ElevatedContract, *, now: datetime) -> ContractForm:
        """The form as it stands."""
        day = _day_before(contract.ends_at, contract.organisation)
        initial = {"account_manager": contract.account_manager_id or "", "last_day": day}
        return cls(initial=initial, organisation=contract.organisation, now=now)


class NewContractForm(ContractForm):
    """An elevated contract to come (EL-1)."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(CONTRACT_KINDS.items()))
    first_day = DayField(label=_("First day"))


class PlanForm(forms.Form):
    """One plan more."""

    name_en = LineField(label=_("Name in English"))
    name_zh_hant = LineField(label=_("Name in Traditional Chinese"))
    slug = forms.RegexField(
        r"^[a-z0-9]+(?:_[a-z0-9]+)*\Z",
        label=_("Short name"),
        max_length=60,
        error_messages={"invalid": _("Use small letters of a to z, digits and single underscores between them.")},
        help_text=_("Stands in references and the API, and never changes, for example office_365_e3."),
    )
    family = forms.ChoiceField(label=_("Family"), choices=[(code, FAMILY_LABELS[code]) for code in FAMILIES])
    tier = forms.ChoiceField(
        label=_("Response tier"),
        choices=[(code, TIERS[code]) for code in PLAN_TIERS],
        help_text=_("The column of the response table; it never changes. Standalone plans are Enterprise."),
    )
    trialable = forms.BooleanField(label=_("It can be tried"), required=False, initial=True)


def plans_on_offer() -> list[tuple[str, str]]:
    """Codes and names of the plans that can be subscribed to."""
    found = [(plan.code, in_active_language(plan.names)) for plan in selectors.plans().filter(retired_at=None)]
    return sorted(found, key=lambda pair: pair[1])


def languages() -> list[tuple[str, str]]:
    """Tags and names of the languages that the desk knows."""
    return list(import_string(settings.SKILLS["languages"])())


def choices(form: forms.Form, name: str, offered: list[tuple[Any, Any]]) -> None:
    """Fill a field that chooses."""
    cast(forms.ChoiceField, form.fields[name]).choices = offered
