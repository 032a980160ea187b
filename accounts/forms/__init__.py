"""Forms of sign-in, profile, roles, delegations and tokens: they check form, services decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm, UserTokenForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import families, timezones, wording
from accounts.labels import NOTICES_FOR_CUSTOMERS, NOTICES_FOR_STAFF, role_label
from accounts.links import ResetTokens
from accounts.models import Person
from accounts.scopes import SCOPES
from accounts.services import passwords, sign_in
from accounts.services.tokens import LONGEST_LIFE
from accounts.signing_in import attempts
from accounts.signing_in.adapters import client_address
from accounts.text import DIALLABLE, NAME_LIMIT, PHONE_LIMIT, clean_line

PASSWORD_LIMIT = 128


class LineField(forms.CharField):
    """One line of text, made safe to store."""

    def __init__(self, *, max_length: int = NAME_LIMIT, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_python(self, value: Any) -> str:
        """Return the line as it may be stored, or refuse what deceives or breaks."""
        try:
            return clean_line(super().to_python(value) or "")
        except ValueError as fault:
            raise ValidationError(wording.text_fault(str(fault)), code=str(fault)) from None


class ListedInput(forms.TextInput):
    """A text input with a searchable list of proposals, which browsers offer without any script."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.proposals: Sequence[tuple[str, str]] = ()

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Draw the input and its list."""
        list_id = f"{(attrs or {}).get('id', name)}_list"
        drawn = super().render(name, value, {**(attrs or {}), "list": list_id, "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.proposals)
        return format_html('{}<datalist id="{}">{}</datalist>', drawn, list_id, options)


class TimeZoneField(forms.CharField):
    """The name of a time zone, found by city, country or offset."""

    widget = ListedInput
    now: datetime

    def offer(self, *, now: datetime) -> None:
        """Fill the list, in the language of the page."""
        self.now = now
        cast(ListedInput, self.widget).proposals = timezones.choices(get_language() or "en", now=now)

    def clean(self, value: Any) -> str:
        """Return the name of the zone that was meant, or refuse one that does not exist."""
        typed = str(super().clean(value))
        found = timezones.named(typed, get_language() or "en", now=self.now)
        if not found:
            raise ValidationError(_("Choose a time zone from the list, for example Asia/Taipei."), code="invalid")
        return found


# Signing in ----------------------------------------------------------------------------------------------------------


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, "login", _("Mail address"), autocomplete="username", autofocus=True)
        _relabel(self, "password", _("Password"), maxlength=PASSWORD_LIMIT)


class ResetRequestForm(forms.Form):
    """A mail address to send a link to; whether anybody has it stays our secret."""

    email = forms.EmailField(
        label=_("Mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )

    def save(self, request: HttpRequest) -> None:
        """Ask for the link."""
        passwords.request_reset(email=self.cleaned_data["email"], address=client_address(request))


class ResetKeyForm(UserTokenForm):  # type: ignore[misc]
    """The two halves of a link to choose a new password."""

    token_generator = ResetTokens()


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel_new_password(self)


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one; guessing the present one is limited like signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.address = kwargs.pop("address")
        super().__init__(*args, **kwargs)
        _relabel(self, "oldpassword", _("Present password"))
        _relabel_new_password(self)

    def clean_oldpassword(self) -> str:
        """Return the present password if it is right; raises TooMany after too many that were not."""
        attempt = sign_in.begin_attempt(email=self.user.email, address=self.address)
        password = super().clean_oldpassword()
        attempts.give_back(attempt)
        return str(password)


def _relabel_new_password(form: forms.Form) -> None:
    help_text = _(
        "At least 15 characters. A few words that do not belong together are easy to remember and hard to guess."
    )
    _relabel(form, "password1", _("New password"), help_text=help_text, maxlength=PASSWORD_LIMIT)
    _relabel(form, "password2", _("New password, again"), maxlength=PASSWORD_LIMIT)


def _relabel(form: forms.Form, name: str, label: Any, *, help_text: Any = "", **attrs: Any) -> None:
    """Give a field of allauth's our words, and no placeholder that would repeat its label."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


# Profile -------------------------------------------------------------------------------------------------------------


class ProfileForm(forms.Form):
    """What people say about themselves."""

    name = LineField(label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language of pages and mail"), choices=settings.LANGUAGES)
    timezone = TimeZoneField(
        label=_("Time zone"), help_text=_("Times and deadlines are shown in it. Search by city, country or offset.")
    )
    phone = LineField(
        label=_("Telephone"),
        max_length=PHONE_LIMIT,
        required=False,
        help_text=_("With the country code. Support calls it for critical requests."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(TimeZoneField, self.fields["timezone"]).offer(now=now)

    @classmethod
    def of(cls, person: Person, *, now: datetime) -> ProfileForm:
        """The form as it stands for a person."""
        stored = {name: getattr(person, name) for name in cls.base_fields}
        return cls(initial=stored, now=now)

    def clean_phone(self) -> str:
        """Accept what can be dialled."""
        phone = str(self.cleaned_data["phone"])
        if phone and not DIALLABLE.fullmatch(phone):
            raise ValidationError(_("Write it with digits, for example +886 2 1234 5678."), code="invalid")
        return phone


class NoticesForm(forms.Form):
    """Which families of notices come by mail."""

    by_mail = forms.MultipleChoiceField(label=_("Send me by mail"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = NOTICES_FOR_STAFF if is_staff else NOTICES_FOR_CUSTOMERS
        self.offered = families.offered(is_staff=is_staff)
        offered = [(family, labels[family]) for family in self.offered]
        cast(forms.MultipleChoiceField, self.fields["by_mail"]).choices = offered

    def chosen(self) -> dict[str, bool]:
        """Of each family, whether it comes by mail."""
        return {family: family in self.cleaned_data["by_mail"] for family in self.offered}

    @classmethod
    def of(cls, person: Person) -> NoticesForm:
        """The form as it stands for a person."""
        chosen = [name for name in families.offered(is_staff=person.is_staff) if name not in person.portal_only]
        return cls(initial={"by_mail": chosen}, is_staff=person.is_staff)


class TokenForm(forms.Form):
    """A new API token: what for, what it may do, how long."""

    LIVES = ((30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (LONGEST_LIFE.days, _("One year")))

    name = LineField(
        label=_("What is it for?"), help_text=_("Something to recognise it by, such as the program's name.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whatever you choose, it can do no more than you can."),
    )
    days = forms.TypedChoiceField(label=_("How long does it work?"), choices=LIVES, coerce=int, initial=90)

    def expires_at(self, *, now: datetime) -> datetime:
        """The last instant of the token."""
        return now + timedelta(days=self.cleaned_data["days"])


# Organisation --------------------------------------------------------------------------------------------------------


class RoleForm(forms.Form):
    """A role to give to a person, or to take from them."""

    person = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["role"]).choices = role_choices(roles)


def role_choices(roles: Iterable[str]) -> list[tuple[str, str]]:
    """Roles with their names, for a field that chooses among them."""
    return [(role, role_label(role)) for role in roles]
