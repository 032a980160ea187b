"""Forms about the people of an organisation: they check form, services decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.forms import PASSWORD_LIMIT, LineField, TokenForm, role_choices
from accounts.labels import ROLE_MEANINGS, role_label
from accounts.models import Person
from accounts.permissions import CUSTOMER_ROLES
from accounts.scopes import FOR_STAFF, SCOPES
from accounts.selectors.directory import NO_ROLE, Sought
from accounts.text import NAME_LIMIT, clean_label

STATES: dict[str, tuple[Promise, bool | None]] = {
    "": (_("Open accounts"), True),
    "closed": (_("Closed accounts"), False),
    "all": (_("All accounts"), None),
}


class AddressField(forms.EmailField):
    """A mail address, in lower case and without characters that deceive."""

    def clean(self, value: Any) -> str:
        """Return the address, or refuse it."""
        try:
            return str(super().clean(clean_label(str(value or "")))).lower()
        except ValueError as fault:
            raise ValidationError(wording.text_fault(str(fault)), code=str(fault)) from None


class RolesField(forms.MultipleChoiceField):
    """Roles of customers, each with what it means."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Roles"), required=False, choices=_roles_with_meanings, **options)


def _roles_with_meanings() -> list[tuple[str, str]]:
    return [
        (role, _("%(role)s: %(meaning)s") % {"role": role_label(role), "meaning": ROLE_MEANINGS[role]})
        for role in CUSTOMER_ROLES
    ]


class PeopleFilter(forms.Form):
    """Which people to list; what makes no sense counts as not given."""

    q = LineField(max_length=NAME_LIMIT, required=False)
    role = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False, choices=[(state, label) for state, (label, _is) in STATES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Any role")), *role_choices(CUSTOMER_ROLES), (NO_ROLE, _("No role"))]
        cast(forms.ChoiceField, self.fields["role"]).choices = choices

    def sought(self) -> Sought:
        """The search that the address asks for."""
        self.is_valid()
        given = self.cleaned_data
        state = given.get("state", "")
        return Sought(words=given.get("q", ""), role=given.get("role", ""), active=STATES[state][1])


class InvitationForm(forms.Form):
    """Whom to invite, and to what."""

    name = LineField(label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = AddressField(
        label=_("Mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "We send a link there that works once, for 72 hours. At most three mails an hour go to an address."
        ),
    )
    roles = RolesField(help_text=_("Without a role they see help, and who your admins are."))
    language = forms.ChoiceField(label=_("Language of pages and mail"), choices=settings.LANGUAGES)


class AcceptForm(forms.Form):
    """How the invited person is called, and their password."""

    name = LineField(label=_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=PASSWORD_LIMIT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least 15 characters. A few words that do not belong together are easy to remember and hard to guess."
        ),
    )
    password2 = forms.CharField(
        label=_("Password, again"),
        strip=False,
        max_length=PASSWORD_LIMIT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules, and against itself."""
        given = cast(dict[str, Any], super().clean())
        password = given.get("password1", "")
        if password:
            self._check_rules(password, name=given.get("name", ""))
        if password and "password2" in given and password != given["password2"]:
            self.add_error("password2", ValidationError(_("The two passwords are not the same."), code="mismatch"))
        return given

    def _check_rules(self, password: str, *, name: str) -> None:
        try:
            validate_password(password, Person(email=self.email, name=name))
        except ValidationError as error:
            self.add_error("password1", error)


class RolesForm(forms.Form):
    """The roles that somebody shall hold, and those that the page showed."""

    roles = RolesField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    even_mine = forms.BooleanField(
        required=False, label=_("I know that I can no longer manage people once I give up this role.")
    )

    def __init__(self, *args: Any, mine: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not mine:
            del self.fields["even_mine"]

    @classmethod
    def of(cls, person: Person, *, mine: bool) -> RolesForm:
        """The form as things stand."""
        held = list(person.role_names)
        return cls(initial={"roles": held, "seen": ",".join(held)}, mine=mine)

    def clean_seen(self) -> Collection[str]:
        """The roles that the page showed."""
        return [role for role in self.cleaned_data["seen"].split(",") if role]


class PrincipalForm(forms.Form):
    """A service principal: what it is for, and the roles that its programs act in."""

    name = LineField(
        label=_("What is it for?"), help_text=_("Something to recognise it by, such as the program's name.")
    )
    roles = RolesField(help_text=_("What its programs may do at most; each token limits it further."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].required = True


class PrincipalTokenForm(TokenForm):
    """A token of a service principal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = cast(forms.MultipleChoiceField, self.fields["scopes"])
        scopes.choices = [(scope, words) for scope, words in SCOPES.items() if scope not in FOR_STAFF]
        scopes.help_text = _("Whatever you choose, it can do no more than the roles of the service principal.")


class LeavingForm(forms.Form):
    """To whom the requests go of which somebody is the primary contact; nobody, if there are none."""

    hand_over_to = forms.TypedChoiceField(label=_("Hand their open requests to"), coerce=int, empty_value=None)
    even_mine = forms.BooleanField(label=_("I know that this is my own account and that I cannot sign in any more."))

    def __init__(self, *args: Any, colleagues: Iterable[Person], has_requests: bool, mine: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["hand_over_to"])
        field.choices = [("", _("Choose a colleague")), *((person.pk, person.name) for person in colleagues)]
        if not has_requests:
            del self.fields["hand_over_to"]
        if not mine:
            del self.fields["even_mine"]
