"""Operations on the caller: who they are, which notices come to them by mail, where they are signed in."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock, families, selectors
from accounts.api import me_examples as examples
from accounts.api.base import ApiView, answer, idempotent
from accounts.api.me_serializers import (
    EndedSessionsOutput,
    NoticesOutput,
    NoticesPatchInput,
    ProfilePatchInput,
    SessionOutput,
)
from accounts.api.people_serializers import NothingInput
from accounts.api.schema import lists
from accounts.api.serializers import CallerOutput
from accounts.errors import SessionNotFound
from accounts.idempotency import Answer
from accounts.models import Person
from accounts.permissions import ACTS, WITH_ELEVATED_SUPPORT, may
from accounts.scopes import ANY_SCOPE
from accounts.services import preferences, sessions

READ, WRITE = "profile:read", "profile:write"
SESSION = 1  # of a session, which never changes: a version for If-Match


class _OwnView(ApiView):
    """An operation on what is the caller's own, for whomever they act."""

    @property
    def person(self) -> Person:
        """Who calls."""
        return cast(Person, self.request.user)

    def check_replay(self, stored: Answer) -> None:
        """Nothing: it is their own, and they are known."""


class CallerView(_OwnView):
    """The caller."""

    required_scopes = {"GET": ANY_SCOPE, "PATCH": WRITE}

    @extend_schema(responses=CallerOutput)
    def get(self, request: Request) -> Response:
        """Tell who calls, in which roles and for whom, and what the token may do."""
        self.read_query()
        return self._told(self.person)

    @extend_schema(request=ProfilePatchInput, responses=CallerOutput, examples=examples.CHANGE_PROFILE)
    def patch(self, request: Request) -> Response:
        """Change one's name, language, time zone or telephone."""
        version, given = self.version_required(), self.read(ProfilePatchInput)
        return self._told(preferences.change_profile(person_id=self.person.pk, version=version, **given))

    def _told(self, person: Person) -> Response:
        actor = self.actor
        caller = {
            "id": person.pk,
            "name": person.name,
            "email": None if person.is_service else person.email,
            "is_staff": actor.is_staff,
            "language": person.language,
            "timezone": person.timezone,
            "phone": person.phone,
            "roles": sorted(actor.roles),
            "organisation": selectors.organisation_of(actor) if actor.organisation_id else None,
            "on_behalf_of": actor.on_behalf_of_id is not None,
            "may": self._acts(),
            "token": self.request.auth,
        }
        return answer(CallerOutput(caller).data, version=preferences.profile_version(person))

    def _acts(self) -> list[str]:
        """What the roles include, without what the organisation acted for has no contract for (SE-5)."""
        acts, organisation = {act for act in ACTS if may(self.actor, act)}, self.actor.organisation_id
        if acts & WITH_ELEVATED_SUPPORT and not selectors.elevated_contract_of(organisation or 0, now=clock.now()):
            acts -= WITH_ELEVATED_SUPPORT
        return [act for act in ACTS if act in acts]


class NoticesView(_OwnView):
    """Which notices come by mail."""

    required_scopes = {"GET": READ, "PATCH": WRITE}

    @extend_schema(responses=NoticesOutput, examples=examples.NOTICES)
    def get(self, request: Request) -> Response:
        """Tell which families of notices come by mail as well as in the portal."""
        self.read_query()
        return self._told(self.person)

    @extend_schema(request=NoticesPatchInput, responses=NoticesOutput, examples=examples.CHOOSE_NOTICES)
    def patch(self, request: Request) -> Response:
        """Choose which families of notices come by mail; it counts for notices from now on.

        What an account's safety needs, and steps of the ladder that name somebody, come by mail whatever was chosen.
        """
        version, given = self.version_required(), self.read(NoticesPatchInput)
        by_mail = given.get("by_mail", {})
        return self._told(preferences.choose_notices(person_id=self.person.pk, by_mail=by_mail, version=version))

    def _told(self, person: Person) -> Response:
        offered = families.offered(is_staff=person.is_staff)
        by_mail = {family: family not in person.portal_only for family in offered}
        return answer(NoticesOutput({"by_mail": by_mail}).data, version=preferences.notices_version(person))


class SessionsView(_OwnView):
    """Where the caller is signed in."""

    required_scopes = {"GET": READ}

    @lists(SessionOutput)
    def get(self, request: Request) -> Response:
        """List one's own sessions in browsers, the last used first."""
        self.read_query()
        rows = selectors.sessions_of(self.person, now=clock.now()).exclude(public_id=None)
        return self.answer_page(rows.order_by("-seen_at", "public_id"), SessionOutput, key=self._key)

    @property
    def _key(self) -> str | None:
        """Of the session that makes this very call, None for a token."""
        return None if self.request.auth else self.request.session.session_key


class SessionView(SessionsView):
    """One session of the caller's."""

    required_scopes = {"GET": READ, "DELETE": WRITE}

    @extend_schema(responses=SessionOutput)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Tell which device it is, and since when."""
        self.read_query()
        row = selectors.sessions_of(self.person, now=clock.now()).filter(public_id=session_id).first()
        if row is None:
            raise SessionNotFound
        return answer(SessionOutput(row, context={"key": self._key}).data, version=SESSION)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Sign that device out, from its next click on."""
        self.check_unchanged(SESSION)
        sessions.end_session(person=self.person, public_id=session_id)
        return Response(status=204)


class EndSessionsView(_OwnView):
    """All sessions of the caller's."""

    required_scopes = {"POST": WRITE}

    @extend_schema(request=NothingInput, responses=EndedSessionsOutput, examples=examples.END_SESSIONS)
    @idempotent
    def post(self, request: Request) -> Response:
        """Sign all devices out but the one that asks. Tokens stay; they are revoked one by one."""
        self.read(NothingInput)
        own = None if request.auth else request.session.session_key
        ended = sessions.end_other_sessions(person=self.person, but=own)
        return answer(EndedSessionsOutput({"ended": ended}).data)
