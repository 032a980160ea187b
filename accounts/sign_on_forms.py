"""Forms of domains and single sign-on: they check form, services decide."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domain_names import LONGEST, MAILBOXES
from accounts.forms import LineField


class DomainForm(forms.Form):
    """A domain to put down."""

    name = LineField(
        label=_("Domain"),
        max_length=LONGEST,
        help_text=_("The part after the @ of your mail addresses, for example contoso.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class ProofForm(forms.Form):
    """The mailbox of the domain that the link goes to."""

    mailbox = forms.ChoiceField(label=_("Send the link to"))

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(mailbox, f"{mailbox}@{domain}") for mailbox in MAILBOXES]
        cast(forms.ChoiceField, self.fields["mailbox"]).choices = choices
