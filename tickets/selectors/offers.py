"""What somebody may file about: kinds of help, subscriptions, services and topics (CH-3, RO-1, TE-3)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from accounts import selectors as accounts
from accounts.actors import Actor
from accounts.models import Subscription
from accounts.permissions import reaches
from tickets.catalogue import CATEGORIES, kind_of
from tickets.models import Service, Topic
from tickets.selectors import catalogue
from tickets.selectors.terms import ELEVATED_KINDS


class Offer:
    """The choices of one actor at an instant. Each list is read when it is first asked for, in one query."""

    def __init__(self, actor: Actor, *, now: datetime) -> None:
        self._actor, self._now = actor, now
        self._reaches = reaches(actor.roles, "file_request")

    @cached_property
    def elevated(self) -> bool:
        """Whether the organisation has elevated support (SLA-5)."""
        return accounts.standing_of(self._actor.organisation_id or 0, now=self._now)[1]

    @property
    def sets_severity(self) -> bool:
        """Whether the actor may set the severity of anything that they may file (SE-5)."""
        return self.elevated and any(self.reaches_kind(kind) for kind in ELEVATED_KINDS)

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        """The running subscriptions, paid ones first (CH-2)."""
        return list(accounts.subscriptions_of(self._actor, now=self._now))

    @cached_property
    def categories(self) -> list[str]:
        """The kinds of help that the actor's roles reach; advice by senior engineers needs elevated support (CH-1)."""
        return [code for code in self.reached_categories if code != "advisory" or self.elevated]

    @cached_property
    def services(self) -> list[Service]:
        """The services that the actor may file about."""
        return [service for service in catalogue.services() if self.kinds_of(service)]

    @cached_property
    def topics(self) -> list[Topic]:
        """The topics that the actor may file about."""
        return [topic for topic in self._all_topics if topic.category in self.categories and self._covers_topic(topic)]

    @cached_property
    def _all_topics(self) -> list[Topic]:
        return list(catalogue.topics())

    @property
    def reached_categories(self) -> list[str]:
        """The kinds of help that the roles reach, whatever the contract."""
        return [code for code in CATEGORIES if self.reaches_kind(kind_of(code))]

    @property
    def needs_service(self) -> bool:
        """Whether every request of this actor must name a service, as for the admin of a single one."""
        return all(each.services is not None for each in self._reaches)

    def reaches_kind(self, kind: str) -> bool:
        """Tell whether the actor may file this kind of request at all."""
        return any(kind in each.kinds for each in self._reaches)

    def covers(self, *, kind: str, service: str | None) -> bool:
        """Tell whether the actor may file this kind of request about this service, or about none."""
        return any(each.covers(kind=kind, service=service) for each in self._reaches)

    def kinds_of(self, service: Service) -> list[str]:
        """The kinds of support in which a service is on offer: where topics are about it, or about no service."""
        bound = {(kind_of(topic.category), topic.service_id) for topic in self._all_topics if topic.service_id}
        with_topics = {kind for kind, _ in bound}
        own = {kind for kind, pk in bound if pk == service.pk}
        fitting = [
            kind for kind in dict.fromkeys(CATEGORIES.values()) if not own or kind in own or kind not in with_topics
        ]
        return [kind for kind in fitting if self.covers(kind=kind, service=service.code)]

    def subscription(self, reference: str) -> Subscription | None:
        """The subscription by its reference."""
        return next((row for row in self.subscriptions if row.reference == reference), None)

    def service(self, code: str) -> Service | None:
        """The service by its code."""
        return next((row for row in self.services if row.code == code), None)

    def topic(self, code: str, *, category: str) -> Topic | None:
        """The topic by its code, if it is one of this category."""
        return next((row for row in self.topics if (row.code, row.category) == (code, category)), None)

    def service_of_topic(self, code: str) -> str:
        """The code of the service that a topic belongs to, or nothing."""
        topic = next((row for row in self._all_topics if row.code == code), None)
        return topic.service.code if topic and topic.service else ""

    def _covers_topic(self, topic: Topic) -> bool:
        kind = kind_of(topic.category)
        return topic.service is None or self.covers(kind=kind, service=topic.service.code)
