"""Forms of domains and single sign-on: they check form, services decide."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField, role_choices
from accounts.models import SingleSignOn
from accounts.permissions import CUSTOMER_ROLES
from accounts.services.people import GLOBAL_ADMIN
from accounts.services.sign_on_settings import NOT_YET, SignOnSettings
from accounts.signing_in.domain_names import LONGEST, MAILBOXES


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


class AddressForm(forms.Form):
    """A mail address, whose domain says where to sign in; called as in the form with the password."""

    login = forms.EmailField(
        label=_("Mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class SignOnForm(forms.Form):
    """How people of the organisation sign in."""

    issuer = LineField(
        label=_("Issuer"),
        max_length=500,
        help_text=_("The address that your identity provider calls its issuer, for example https://login.contoso.com."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    client_id = LineField(label=_("Client ID"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    address_claim = LineField(
        label=_("Claim with the mail address"),
        max_length=100,
        initial="email",
        help_text=_("Usually email. Of any other one email_verified says nothing: it counts only if you trust it."),
    )
    trusts_address = forms.BooleanField(
        label=_("Trust this address without email_verified"),
        required=False,
        help_text=_("Only where nobody but your administrators can set the address, as with Microsoft Entra ID."),
    )
    roles_claim = LineField(
        label=_("Claim with groups or roles"),
        max_length=100,
        required=False,
        help_text=_("For example groups. Empty: roles are given here, and not by claims."),
    )
    creates_people = forms.BooleanField(
        label=_("Give an account to everybody who signs in"),
        required=False,
        help_text=_("At their first sign-in, with the roles of their claims, or none."),
    )
    is_only_way = forms.BooleanField(
        label=_("Accept no passwords"),
        required=False,
        help_text=_(
            "Your people sign in through the issuer only. Global admins keep their passwords, as a way in when the "
            "issuer is away."
        ),
    )
    trusts_second_factor = forms.BooleanField(
        label=_("Trust its second factor"),
        required=False,
        help_text=_(
            "Our own second factor is not asked for after a sign-in for which your issuer says that it took two (in "
            "the claims amr or acr of its ID token). Where it says nothing, ours is asked for."
        ),
    )
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_secret: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = _("Kept encrypted and never shown again. Leave it empty to keep the present one.")
        self.fields["secret"].help_text = keep if has_secret else _("Kept encrypted and never shown again.")

    def wanted(self) -> SignOnSettings:
        """The settings that were asked for."""
        return SignOnSettings(**{name: value for name, value in self.cleaned_data.items() if name != "version"})

    @classmethod
    def of(cls, stands: SingleSignOn | None) -> SignOnForm:
        """The form as it stands, without the secret."""
        if stands is None:
            return cls(initial={"version": NOT_YET, "address_claim": "email"})
        initial = {name: getattr(stands, name) for name in cls.base_fields if name != "secret"}
        return cls(initial=initial, has_secret=True)


class MappingForm(forms.Form):
    """A value of the claim, and the role that it gives."""

    value = LineField(
        label=_("Value of the claim"),
        max_length=200,
        help_text=_("For example the name or the ID of a group."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The strongest role comes last, so that nobody gives it away by leaving the choice alone.
        roles = [role for role in CUSTOMER_ROLES if role != GLOBAL_ADMIN] + [GLOBAL_ADMIN]
        cast(forms.ChoiceField, self.fields["role"]).choices = role_choices(roles)
