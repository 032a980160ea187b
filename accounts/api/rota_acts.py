"""Operations that change the duty rota: shifts and weekly duties (RO-3)."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, rota
from accounts.api import rota_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.rota_serializers import (
    LastDayInput,
    ShiftFilters,
    ShiftInput,
    ShiftOutput,
    TakeOverInput,
    WeeklyInput,
    WeeklyOutput,
)
from accounts.api.schema import lists, refusing
from accounts.errors import DutyPatternNotFound, ShiftNotFound
from accounts.idempotency import Answer
from accounts.models import DutyPattern, DutyShift
from accounts.rota.duty_time import Span
from accounts.scopes import WRITE_DESK
from accounts.services import duty_patterns
from accounts.services import rota as services

READ = "queue:read"
A_WEEK = timedelta(days=7)


class _ShiftsView(ApiView):
    """An operation on shifts."""

    def told(self, shift_id: int, *, status: int = 200) -> Response:
        """The shift as it stands."""
        row = self.find(shift_id)
        location = reverse("api-shift", args=[row.pk]) if status == 201 else ""
        return answer(ShiftOutput(row).data, status=status, version=services.shift_version(row), location=location)

    def find(self, shift_id: int) -> DutyShift:
        """One shift, or ShiftNotFound."""
        row = rota.shift_of(shift_id)
        if row is None:
            raise ShiftNotFound
        return row

    def check_replay(self, stored: Answer) -> None:
        """Look the shift of the address up again."""
        if "shift_id" in self.kwargs:
            self.find(self.kwargs["shift_id"])


class ShiftsView(_ShiftsView):
    """Shifts."""

    required_scopes = {"GET": READ, "POST": WRITE_DESK}
    acts = {"GET": ("read_rota",), "POST": ("manage_rota",)}

    @lists(ShiftOutput, filters=ShiftFilters)
    def get(self, request: Request) -> Response:
        """List the shifts of the coming week, or between two instants, in order of their beginning (support staff)."""
        filters = self.read_query(ShiftFilters)
        since = filters.get("since") or clock.now()
        until = filters.get("until") or since + A_WEEK
        return self.answer_page(rota.shifts_between(since, until), ShiftOutput)

    @extend_schema(request=ShiftInput, responses={201: ShiftOutput}, examples=examples.SHIFT)
    @refusing(404)
    @idempotent
    def post(self, request: Request) -> Response:
        """Put somebody on duty once; one person at a time sits on a seat (leads)."""
        given = self.read(ShiftInput)
        span = Span(given["starts_at"], given["ends_at"])
        made = services.add_shift(
            role=given["role"], team=given.get("team") or "", person_id=given["person"], span=span, actor=self.actor
        )
        return self.told(made.pk, status=201)


class ShiftView(_ShiftsView):
    """One shift."""

    required_scopes = {"GET": READ, "DELETE": WRITE_DESK}
    acts = {"GET": ("read_rota",), "DELETE": ("manage_rota",)}

    @extend_schema(responses=ShiftOutput)
    def get(self, request: Request, shift_id: int) -> Response:
        """Tell who is on duty, for which teams, and when."""
        self.read_query()
        return self.told(shift_id)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, shift_id: int) -> Response:
        """Take a coming shift away, or end one that runs; a past one stays (leads)."""
        services.remove_shift(shift_id=shift_id, actor=self.actor, version=self.version_required())
        return Response(status=204)


class TakeOverView(_ShiftsView):
    """A shift in other hands."""

    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": ("manage_rota",)}

    @extend_schema(request=TakeOverInput, responses=ShiftOutput, examples=examples.TAKE_OVER)
    @idempotent
    def post(self, request: Request, shift_id: int) -> Response:
        """Let somebody else do a shift from now on, or the part of it between two instants; the rest stays (leads).

        The answer is the shift that was taken over, which may have another `id`.
        """
        given, row = self.read(TakeOverInput), self.find(shift_id)
        span = Span(given.get("starts_at", row.starts_at), given.get("ends_at", row.ends_at))
        taken = services.take_over(
            shift_id=shift_id, person_id=given["person"], span=span, actor=self.actor, version=self.version_given()
        )
        return self.told(taken.pk)


class _WeeklyView(ApiView):
    """An operation on weekly duties."""

    def told(self, pattern_id: int, *, status: int = 200) -> Response:
        """The weekly duty as it stands."""
        row = self.find(pattern_id)
        location = reverse("api-weekly-duty", args=[row.pk]) if status == 201 else ""
        return answer(WeeklyOutput(row).data, status=status, location=location)

    def find(self, pattern_id: int) -> DutyPattern:
        """One weekly duty, over or not, or DutyPatternNotFound."""
        row = rota.pattern_of(pattern_id)
        if row is None:
            raise DutyPatternNotFound
        return row

    def check_replay(self, stored: Answer) -> None:
        """Look the weekly duty of the address up again."""
        if "pattern_id" in self.kwargs:
            self.find(self.kwargs["pattern_id"])


class WeeklyDutiesView(_WeeklyView):
    """Weekly duties."""

    required_scopes = {"GET": READ, "POST": WRITE_DESK}
    acts = {"GET": ("read_rota",), "POST": ("manage_rota",)}

    @lists(WeeklyOutput)
    def get(self, request: Request) -> Response:
        """List the weekly duties that are not over (support staff)."""
        self.read_query()
        return self.answer_page(rota.patterns(now=clock.now()).order_by("id"), WeeklyOutput)

    @extend_schema(request=WeeklyInput, responses={201: WeeklyOutput}, examples=examples.WEEKLY)
    @refusing(404)
    @idempotent
    def post(self, request: Request) -> Response:
        """Put somebody on duty each week, or every so many; shifts for eight weeks are made at once (leads).

        Where somebody sits on the seat already, that shift stays.
        """
        given = self.read(WeeklyInput)
        person, team = given.pop("person"), given.pop("team", None) or ""
        made = duty_patterns.add_pattern(person_id=person, team=team, actor=self.actor, **given)
        return self.told(made.pk, status=201)


class WeeklyDutyView(_WeeklyView):
    """One weekly duty."""

    required_scopes = {"GET": READ}
    acts = {"GET": ("read_rota",)}

    @extend_schema(responses=WeeklyOutput)
    def get(self, request: Request, pattern_id: int) -> Response:
        """Tell whose it is, on which days, and until when."""
        self.read_query()
        return self.told(pattern_id)


class EndWeeklyDutyView(_WeeklyView):
    """The end of a weekly duty."""

    versioned = False
    required_scopes = {"POST": WRITE_DESK}
    acts = {"POST": ("manage_rota",)}

    @extend_schema(request=LastDayInput, responses=WeeklyOutput, examples=examples.LAST_DAY)
    @idempotent
    def post(self, request: Request, pattern_id: int) -> Response:
        """Let it end with a day; its own coming shifts go, those that others took over stay (leads)."""
        duty_patterns.end_pattern(pattern_id=pattern_id, actor=self.actor, **self.read(LastDayInput))
        return self.told(pattern_id)
