"""Forms about the support staff and its teams: they check form, services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.calendars import weekday_name
from accounts.forms import LineField, RoleForm, role_choices
from accounts.forms.desk import choices
from accounts.forms.people import InvitationForm
from accounts.labels import in_active_language
from accounts.models import Person, Team
from accounts.permissions import ALL_KINDS, STAFF_ROLES
from accounts.selectors import staff
from accounts.services.staff import OPERATOR
from accounts.services.teams import REGIONS, TeamTerms
from accounts.wording import SHORT_NAME_FAULT
from accounts.working_hours import WEEK, text_of

KIND_LABELS = {
    "technical": _("Technical support"),
    "presales": _("Pre-sales support"),
    "billing": _("Billing and subscription management"),
    "advisory": _("Advisory service"),
}
REGION_LABELS = {"amer": _("Americas"), "emea": _("Europe, Middle East and Africa"), "apac": _("Asia Pacific")}
ANY = _("None chosen stands for all of them.")


class SkillsForm(forms.Form):
    """What somebody knows and speaks, and when they work."""

    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The queue shows what is written in them, and colleagues see them when they assign a request."),
    )
    services = forms.MultipleChoiceField(
        label=_("Services known well"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ("languages", "services"):
            choices(self, kind, _offered(kind, getattr(person, kind)))
        for day in WEEK:
            self.fields[f"day{day}"] = LineField(label=weekday_name(day), max_length=80, required=False)

    @classmethod
    def of(cls, person: Person) -> SkillsForm:
        """The form as it stands for a person."""
        hours = {f"day{day}": text_of(person.working_hours, day) for day in WEEK}
        return cls(initial={"languages": person.languages, "services": person.services, **hours}, person=person)

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the week."""
        return [self[f"day{day}"] for day in WEEK]

    def as_given(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        hours = {day: data[f"day{day}"] for day in WEEK}
        return {"services": data["services"], "languages": data["languages"], "hours": hours}


class StaffInvitationForm(InvitationForm):
    """A colleague to be, and their roles."""

    def __init__(self, *args: Any, appoints: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [role for role in STAFF_ROLES if appoints or role != OPERATOR]
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("Roles"), widget=forms.CheckboxSelectMultiple, choices=role_choices(offered)
        )


class StaffRoleForm(RoleForm):
    """A role of the staff to give or to take."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, roles=STAFF_ROLES, **kwargs)
        del self.fields["person"]


class TeamChoiceForm(forms.Form):
    """The team that somebody belongs to."""

    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices(self, "team", [("", _("No team")), *team_choices()])


class TeamForm(forms.Form):
    """What a team is called and what it takes."""

    name_en = LineField(label=_("Name in English"))
    name_zh_hant = LineField(label=_("Name in Traditional Chinese"))
    support_kinds = forms.MultipleChoiceField(
        label=_("Kinds of support"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(kind, KIND_LABELS[kind]) for kind in ALL_KINDS],
    )
    services = forms.MultipleChoiceField(
        label=_("Services"), required=False, widget=forms.CheckboxSelectMultiple, help_text=ANY
    )
    region = forms.ChoiceField(
        label=_("Region"),
        required=False,
        choices=[("", _("Everywhere")), *((code, REGION_LABELS[code]) for code in REGIONS)],
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), required=False, widget=forms.CheckboxSelectMultiple, help_text=ANY
    )

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ("services", "languages"):
            choices(self, kind, _offered(kind, getattr(team, kind) if team else []))

    @classmethod
    def of(cls, team: Team) -> TeamForm:
        """The form as it stands for a team."""
        kept = {name: getattr(team, name) for name in ("support_kinds", "services", "region", "languages")}
        names = {"name_en": team.names["en"], "name_zh_hant": team.names.get("zh-Hant", "")}
        return cls(initial={**kept, **names}, team=team)

    def terms(self) -> TeamTerms:
        """What was typed."""
        data = dict(self.cleaned_data)
        names = {"en": data.pop("name_en"), "zh-Hant": data.pop("name_zh_hant")}
        data.pop("slug", None)
        return TeamTerms(names=names, **data)


class NewTeamForm(TeamForm):
    """The same for a new team, with its short name."""

    slug = forms.SlugField(
        label=_("Short name"),
        max_length=40,
        error_messages={"invalid": SHORT_NAME_FAULT},
        help_text=_("It never changes."),
    )
    field_order = ("slug", "name_en", "name_zh_hant")


def team_choices() -> list[tuple[str, str]]:
    """Codes and names of the teams that take requests."""
    return [(team.code, in_active_language(team.names)) for team in staff.teams() if team.retired_at is None]


def _offered(kind: str, chosen: list[str]) -> list[tuple[str, str]]:
    """What is on offer, and what was chosen when it still was."""
    found = staff.skills(kind)
    known = {code for code, _name in found}
    return [*found, *((code, code) for code in chosen if code not in known)]
