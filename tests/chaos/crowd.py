"""Customers, staff and a policy with short promises, and the jobs that programs do for them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sla.policy import DEFAULT_POLICY
from tests import factories
from tests.chaos.callers import Job
from tickets.services.policies import publish_policy

REQUESTS = "/api/v1/service-requests/"
PLANS = {"enterprise": "office_365_e3", "frontline": "office_365_f1", "business": "business_basic"}
IMPACTS: dict[str, Mapping[str, str]] = {
    "A": {"service_state": "down", "users_affected": "all_users"},
    "B": {"service_state": "degraded", "users_affected": "single_user", "business_impact": "moderate"},
    "C": {"service_state": "available", "users_affected": "single_user"},
}
WORDS = {
    "A": ("Nobody can send mail", "Since this morning no user can send or receive mail."),
    "B": ("The Send button is garbled", "The Send button in Outlook is garbled for one user, who needs it."),
    "C": ("How to set a password that never expires", "How do I set a user password so that it never expires?"),
}
PROMISED = [(tier, severity) for tier in ("enterprise", "frontline") for severity in "ABC"]
UNPROMISED = ("business", "C")


@dataclass
class Crowd:
    """Who is there: the secret of an admin of each tier, and of an engineer."""

    secrets: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    go_on: Callable[[Job], None] = lambda _: None

    def key(self) -> str:
        """A new key; it also marks what is written under it."""
        return f"key-{next(self.numbers)}"

    def filing(
        self, tier: str, severity: str, *, then: Callable[[Any], None] = lambda _: None, persistent: bool = True
    ) -> Job:
        """File a request."""
        key, (subject, description) = self.key(), WORDS[severity]
        body = {
            "subject": f"{key} {subject}",
            "description": description,
            "category": "technical.configuration",
            "service": "exchange_online",
            "subscription": tier,
            "impact": IMPACTS[severity],
            "contact": {"phone": "+886 2 5550 0100"},
        }
        secret = self.secrets[tier]
        return Job(key, REQUESTS, body, secret, lambda answer: answer["number"], then, persistent)

    def message(self, number: str, by: str, *, persistent: bool = True) -> Job:
        """Write on a request: an admin by the name of the tier, or the engineer."""
        key = self.key()

        def place(answer: Any) -> str:
            return f"{number}:{answer['id']}"

        path = f"{REQUESTS}{number}/messages/"
        return Job(key, path, {"body": f"{key} Something to say."}, self.secrets[by], place, persistent=persistent)

    def story(self, tier: str, severity: str) -> Job:
        """File a request; once that is acknowledged write on it, then attach a file, then close it, each by `go_on`."""
        return self.filing(tier, severity, then=lambda answer: self.go_on(self._said(answer["number"], tier)))

    def _said(self, number: str, tier: str) -> Job:
        job = self.message(number, tier)
        return replace(job, then=lambda _: self.go_on(self._attached(number, tier)))

    def _attached(self, number: str, tier: str) -> Job:
        key = self.key()
        return Job(
            key,
            f"{REQUESTS}{number}/attachments/",
            {},
            self.secrets[tier],
            lambda answer: f"{number}:{answer['id']}",
            lambda _: self.go_on(self._closed(number, tier)),
            upload=f"{key} A trace of the mail.\n".encode() * 500,
        )

    def _closed(self, number: str, tier: str) -> Job:
        body = {"resolution": "solved"}
        return Job(self.key(), f"{REQUESTS}{number}/close/", body, self.secrets[tier], lambda answer: answer["number"])


def gather(targets: tuple[int, int]) -> Crowd:
    """Make them, and put a policy in force whose promises last from the first to the second number of seconds."""
    crowd = Crowd()
    for role in ("engineer", "team_lead", "duty_manager"):
        person = factories.make_staff(role)
        if role == "engineer":
            _, crowd.secrets["engineer"] = factories.make_token(person)
    for tier, plan in PLANS.items():
        organisation = factories.make_organisation(tier)
        factories.make_subscription(organisation, plan, reference=tier)
        _, crowd.secrets[tier] = factories.make_token(factories.make_person(organisation, "global_admin"))
    publish_policy(document=_policy(*targets), label="chaos")
    return crowd


def _policy(shortest: int, longest: int) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(dict(DEFAULT_POLICY))
    document |= {"version": 2, "note": "short promises"}
    for place, (tier, severity) in enumerate(PROMISED):
        seconds = shortest + (longest - shortest) * place // (len(PROMISED) - 1)
        document["rules"]["technical"][tier][severity] = {"availability": "always", "target": f"PT{seconds}S"}
    return document
