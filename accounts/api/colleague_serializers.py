"""The support staff and its teams, on the wire (RO-3)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import text
from accounts.api.desk_serializers import PlanNamesInput
from accounts.api.people_serializers import InvitationOutput
from accounts.api.serializers import InputSerializer, InstantField, LineField, ShortNameField
from accounts.errors import InvalidParticulars
from accounts.models import DutyRole, DutyShift, Person, Team
from accounts.particulars import SLUG_LIMIT, checked_slug
from accounts.permissions import ALL_KINDS, STAFF_ROLES
from accounts.rota import Roster
from accounts.selectors.staff import NOBODY, Crew, works_now
from accounts.services.teams import REGIONS
from accounts.wording import SHORT_NAME_FAULT
from accounts.working_hours import WEEK, text_of

MOST_CODES = 100
DAYS = [str(day) for day in WEEK]
HOURS_HELP = 'By weekday, "0" is Monday, on the clocks of their time zone: such as "9:00–12:00, 13:00–17:30".'


class CodesField(serializers.ListField):
    """Codes that services check."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=LineField(max_length=40), max_length=MOST_CODES, **options)


class HoursField(serializers.DictField):
    """What is typed for each day of the week."""

    default_error_messages = {"weekday": _("Name weekdays 0 to 6; 0 is Monday.")}
    names = {"enum": DAYS}

    def __init__(self) -> None:
        super().__init__(child=LineField(max_length=80, allow_blank=True), help_text=HOURS_HELP)

    def to_internal_value(self, data: Any) -> dict[int, str]:
        """By number of the weekday."""
        typed = super().to_internal_value(data)
        if unknown := sorted(set(typed) - set(DAYS)):
            words = str(self.error_messages["weekday"])
            raise serializers.ValidationError({day: [serializers.ErrorDetail(words, "weekday")] for day in unknown})
        return {int(day): hours for day, hours in typed.items()}


class TeamInput(InputSerializer):
    """What a team is called and what it takes, whole; what it names none of, it takes all of."""

    names = PlanNamesInput()
    support_kinds = serializers.ListField(
        child=serializers.ChoiceField(ALL_KINDS), allow_empty=False, max_length=len(ALL_KINDS)
    )
    services = CodesField(required=False, help_text="Codes; none stands for all.")
    region = serializers.ChoiceField(REGIONS, required=False, allow_null=True, help_text="Null for everywhere.")
    languages = CodesField(required=False, help_text="BCP 47 tags; none stands for all.")


class NewTeamInput(TeamInput):
    """A team to be."""

    code = ShortNameField(help_text="Its short name; it never changes.")

    def validate_code(self, value: str) -> str:
        """Keep it to what addresses hold."""
        try:
            return checked_slug(value)
        except InvalidParticulars as refusal:
            raise serializers.ValidationError(SHORT_NAME_FAULT, code=refusal.fault) from None


class TeamDutyOutput(serializers.Serializer[DutyShift]):
    """Somebody on duty."""

    id = serializers.IntegerField(source="person.pk")
    name = serializers.CharField(source="person.name")
    role = serializers.ChoiceField(DutyRole.values)
    until = InstantField(source="ends_at")


class TeamOutput(serializers.Serializer[Team]):
    """A team that requests are routed to."""

    code = serializers.CharField()
    names = serializers.DictField(child=serializers.CharField(), help_text="By language tag.")
    support_kinds = serializers.ListField(child=serializers.ChoiceField(ALL_KINDS))
    services = serializers.ListField(child=serializers.CharField())
    region = serializers.SerializerMethodField()
    languages = serializers.ListField(child=serializers.CharField())
    retired_at = InstantField(allow_null=True, help_text="Since when it gets no new requests.")
    members = serializers.SerializerMethodField(help_text="How many people belong to it whose account is open.")
    at_work = serializers.SerializerMethodField(
        help_text="How many of them work now by their hours; who gave none is not counted."
    )
    on_duty = serializers.SerializerMethodField(help_text="Whom the rota names for this team alone now.")

    def get_region(self, team: Team) -> str | None:
        """Null for everywhere."""
        return team.region or None

    def get_members(self, team: Team) -> int:
        """From the one look at all teams."""
        return self._crew(team).members

    def get_at_work(self, team: Team) -> int:
        """At the instant of the answer."""
        return self._crew(team).at_work

    @extend_schema_field(TeamDutyOutput(many=True))
    def get_on_duty(self, team: Team) -> Any:
        """At the instant of the answer."""
        return [TeamDutyOutput(shift).data for shift in self._crew(team).on_duty]

    def _crew(self, team: Team) -> Crew:
        crew: Crew = self.context["crews"].get(team.pk, NOBODY)
        return crew


class ColleagueFilters(InputSerializer):
    """Which of the staff."""

    q = LineField(
        required=False, allow_blank=True, max_length=text.NAME_LIMIT, help_text="Part of the name or the mail address."
    )
    team = LineField(required=False, max_length=40, help_text="The code of their team.")
    active = serializers.BooleanField(
        required=False, help_text="Whether the account is open, as it is unless told otherwise."
    )


class ColleagueOutput(serializers.Serializer[Person]):
    """Somebody of the staff."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    phone = serializers.CharField(help_text="May be empty.")
    timezone = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(STAFF_ROLES), source="role_names")
    team = serializers.CharField(source="team.code", default=None, allow_null=True, help_text="Its code.")
    languages = serializers.ListField(child=serializers.CharField())
    services = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField(source="is_active", help_text="Whether the account is open.")
    works_now = serializers.SerializerMethodField(help_text="By their working hours; null where they gave none.")
    on_duty = serializers.SerializerMethodField(help_text="The roles in which the rota names them now.")

    def get_works_now(self, person: Person) -> bool | None:
        """At the instant of the answer."""
        return works_now(person, now=self.context["now"])

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(DutyRole.values)))
    def get_on_duty(self, person: Person) -> list[str]:
        """At the instant of the answer."""
        roster: Roster = self.context["roster"]
        return sorted({shift.role for shift in roster.shifts.values() if shift.person_id == person.pk})


class DeskInvitationFilters(InputSerializer):
    """Whose invitations."""

    organisation = serializers.SlugField(
        required=False, max_length=SLUG_LIMIT, help_text="A customer, by short name; without it the support staff."
    )


class DeskInvitationOutput(InvitationOutput):
    """An invitation to the support staff or to a customer that was neither accepted nor withdrawn."""

    organisation = serializers.CharField(
        source="organisation.slug", default=None, allow_null=True, help_text="Null for the support staff."
    )


class StaffRoleInput(InputSerializer):
    """A role of the staff."""

    role = serializers.ChoiceField(STAFF_ROLES)


class TeamChoiceInput(InputSerializer):
    """The team that somebody belongs to."""

    team = LineField(max_length=40, allow_null=True, help_text="Its code; null for none.")


class SkillsInput(InputSerializer):
    """What somebody knows and speaks and when they work, whole."""

    services = CodesField(help_text="Codes of services known well.")
    languages = CodesField(help_text="BCP 47 tags.")
    hours = HoursField()


class SkillsOutput(serializers.Serializer[Person]):
    """What somebody knows and speaks, and when they work."""

    services = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    hours = serializers.SerializerMethodField(help_text=HOURS_HELP)

    def get_hours(self, person: Person) -> dict[str, str]:
        """As they can be sent again."""
        return {day: text_of(person.working_hours, int(day)) for day in person.working_hours}
