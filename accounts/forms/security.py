"""Forms about the safety of an account: codes, keys, and another mail address."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.forms import LineField
from accounts.models import Person
from accounts.text import clean_label

KEY_NAME_LIMIT = 60
CODE_LIMIT = 40
CREDENTIAL_LIMIT = 20_000  # characters; what keys answer is below 2,000, with an attestation below 10,000


class CodeField(forms.CharField):
    """A code of an authenticator app, or where it is said so a recovery code."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"}
        options.setdefault("label", _("Code"))
        super().__init__(
            max_length=CODE_LIMIT, widget=forms.TextInput(attrs={**attrs, "class": "input-code"}), **options
        )


class AppForm(forms.Form):
    """The first code that a new authenticator app shows."""

    code = CodeField(
        label=_("Code that the app shows"), help_text=_("Six digits. If it is refused, wait for the next one.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(inputmode="numeric", autocapitalize="off")


class KeyForm(forms.Form):
    """What the owner calls a key; the browser adds the key itself."""

    name = LineField(
        label=_("Name of the key"),
        max_length=KEY_NAME_LIMIT,
        help_text=_("So that you recognise it later, for example “Blue key on my key ring” or “This laptop”."),
    )


class AddressForm(forms.Form):
    """Another mail address."""

    email = forms.EmailField(
        label=_("New mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._present = person.email if person.email_confirmed_at else ""  # else it can still be confirmed

    def clean_email(self) -> str:
        """The address as it may be stored: in lower case, and another than the present one."""
        try:
            email = clean_label(self.cleaned_data["email"]).lower()
        except ValueError as fault:
            raise ValidationError(wording.text_fault(str(fault)), code=str(fault)) from None
        if email == self._present:
            raise ValidationError(_("This is your mail address already."), code="unchanged")
        return email


def credential_of(text: str) -> Any:
    """What a browser says a key has answered; None where that cannot be."""
    if not 0 < len(text) <= CREDENTIAL_LIMIT:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
