"""Who acts: a person in their roles, for one organisation, directly or as its partner."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person as services see them; made anew for each HTTP request (P-6).

    `organisation_id` is the customer acted for, None for support staff. `on_behalf_of_id` is the same customer when
    a partner's person acts, under `delegation_id` (PA-1). `person_id` is None for the portal itself.
    """

    person_id: int | None
    roles: frozenset[str] = field(default_factory=frozenset)
    organisation_id: int | None = None
    on_behalf_of_id: int | None = None
    delegation_id: int | None = None
    is_staff: bool = False
    language: str = "en"
    timezone: str = "UTC"


PORTAL = Actor(person_id=None)
