"""Operations on the business hours of an organisation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, selectors
from accounts.api.base import ApiView, answer
from accounts.api.calendar_serializers import (
    CalendarInput,
    CalendarOutput,
    CalendarPreviewOutput,
    CalendarVersionOutput,
    choices_from,
)
from accounts.api.schema import lists
from accounts.calendars.choices import choices_of, closed_days_of
from accounts.idempotency import Answer
from accounts.models import CalendarVersion, Organisation
from accounts.services import calendars


class _OfOrganisation(ApiView):
    """An operation on the calendar of one organisation within the caller's reach (P-5)."""

    @property
    def organisation(self) -> Organisation:
        """The organisation of the address."""
        return selectors.visible_organisation(self.actor, self.kwargs["slug"], now=clock.now())

    def check_replay(self, stored: Answer) -> None:
        """Look the organisation up again."""
        selectors.visible_organisation(self.actor, self.kwargs["slug"], now=clock.now())


class CalendarView(_OfOrganisation):
    """The business hours of an organisation."""

    required_scopes = {"GET": "organisation:read", "PUT": "organisation:write"}
    acts = {"GET": ("read_request",), "PUT": ("manage_calendar",)}

    @extend_schema(responses=CalendarOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Tell the business hours in force."""
        self.read_query()
        return self._answer(selectors.calendar_of(self.organisation.pk))

    @extend_schema(request=CalendarInput, responses=CalendarOutput)
    def put(self, request: Request, slug: str) -> Response:
        """Put other business hours in force for promises made from now on (SLA-1). Earlier promises stay as they are.

        They become a version of their own; the same hours again change nothing.
        """
        version, body = self.version_required(), self.read(CalendarInput)
        written = calendars.change_calendar(
            slug=slug, choices=choices_from(body), actor=self.actor, version=version, note=body["note"]
        )
        return self._answer(written)

    def _answer(self, version: CalendarVersion) -> Response:
        return answer(CalendarOutput(_particulars(version, self.organisation)).data, version=version.version)


class CalendarVersionsView(_OfOrganisation):
    """Every version of the business hours of an organisation."""

    required_scopes = {"GET": "organisation:read"}
    acts = {"GET": ("read_request",)}

    @lists(CalendarVersionOutput)
    def get(self, request: Request, slug: str) -> Response:
        """List the versions of the business hours, the newest first."""
        self.read_query()
        return self.answer_page(
            selectors.calendars_of(self.organisation.pk).order_by("-version"), CalendarVersionOutput
        )


class CalendarVersionView(_OfOrganisation):
    """One version of the business hours of an organisation."""

    required_scopes = {"GET": "organisation:read"}
    acts = {"GET": ("read_request",)}

    @extend_schema(responses=CalendarOutput)
    def get(self, request: Request, slug: str, version: int) -> Response:
        """Tell the business hours that a version held."""
        self.read_query()
        organisation = self.organisation
        found = selectors.calendar_version_of(organisation.pk, version)
        return answer(CalendarOutput(_particulars(found, organisation)).data, version=found.version)


class CalendarPreviewView(_OfOrganisation):
    """What other business hours would change."""

    versioned = False
    required_scopes = {"POST": "organisation:write"}
    acts = {"POST": ("manage_calendar",)}

    @extend_schema(request=CalendarInput, responses=CalendarPreviewOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Tell what other business hours would change. Nothing is stored."""
        choices = choices_from(self.read(CalendarInput))
        preview = calendars.preview_calendar(organisation=self.organisation, choices=choices, language=_language())
        changes = preview.changes
        data = {
            "version": preview.current.version,
            "timezone": changes.timezone,
            "week": changes.week,
            "closes": changes.closes,
            "opens": changes.opens,
            "years": changes.years,
            "holidays": [date.fromisoformat(text) for text in preview.document["holidays"]],
        }
        return answer(CalendarPreviewOutput(data).data)


def _particulars(version: CalendarVersion, organisation: Organisation) -> dict[str, Any]:
    choices = choices_of(version, organisation)
    named = closed_days_of(version, organisation, language=_language())
    return {
        "version": version.version,
        "timezone": choices.timezone,
        "windows": choices.windows,
        "holidays": [{"date": day, "name": name} for day, name in named.items()],
        "country": choices.country,
        "subdivision": choices.subdivision,
        "own_days": choices.own_days,
        "worked_days": sorted(choices.worked_days),
        "renews": choices.renews,
        "covers_until": version.covers_until,
        "note": version.note,
        "created_at": version.created_at,
        "created_by": version.created_by.name if version.created_by else None,
    }


def _language() -> str:
    return get_language() or "en"
