"""A person's second factors as they stand: which there are, who must have one, and what recovery codes look like."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import Person
from accounts.signing_in import ciphers

APP, KEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES
REAL = (APP, KEY)  # recovery codes stand in for a factor, and are none
CODE_COUNT = 10
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread; ten of them are 49 bits
CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Factor:
    """One second factor as its owner sees it."""

    id: int
    kind: str
    name: str
    added_at: datetime
    used_at: datetime | None
    is_passkey: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody can prove themselves with beside their password, and how many recovery codes are left."""

    factors: tuple[Factor, ...] = ()
    codes_left: int = 0
    codes_made_at: datetime | None = None

    @property
    def is_set_up(self) -> bool:
        """Whether there is a second factor at all."""
        return bool(self.factors)

    @property
    def app(self) -> Factor | None:
        """The authenticator app."""
        return next((factor for factor in self.factors if factor.kind == APP), None)

    @property
    def keys(self) -> list[Factor]:
        """Security keys and passkeys."""
        return [factor for factor in self.factors if factor.kind == KEY]


def standing_of(person: Person) -> Standing:
    """The person's second factors, in one query."""
    rows: list[Any] = list(Authenticator.objects.filter(user=person).order_by("pk"))
    codes = next((row for row in rows if row.type == CODES), None)
    return Standing(
        factors=tuple(_factor(row) for row in rows if row.type in REAL),
        codes_left=len(codes.data["digests"]) if codes else 0,
        codes_made_at=codes.created_at if codes else None,
    )


def has_factor(person: Person) -> bool:
    """Whether the person has a second factor."""
    return bool(Authenticator.objects.filter(user=person, type__in=REAL).exists())


def credentials_of(person_id: int) -> list[str]:
    """The public keys of a person's security keys, for a ceremony."""
    rows = Authenticator.objects.filter(user=person_id, type=KEY).order_by("pk")
    return [data["credential"] for data in rows.values_list("data", flat=True)]


def must_have(person: Person) -> bool:
    """Whether the person opens nothing without a second factor, in the roles they hold now (P-6)."""
    demanded = settings.REQUIRE_SECOND_FACTOR
    return (
        "everyone" in demanded
        or ("staff" in demanded and person.is_staff)
        or ("global_admin" in demanded and "global_admin" in person.role_names)
    )


def new_codes() -> list[str]:
    """Ten recovery codes, for people to read."""
    return [_code() for _ in range(CODE_COUNT)]


def code_digest(person_id: int, code: str) -> str:
    """What is kept of a recovery code; typed with or without hyphen, in any case."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return ciphers.keyed_digest(f"{person_id}:{plain}")


def _code() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{drawn[: CODE_LENGTH // 2]}-{drawn[CODE_LENGTH // 2 :]}"


def _factor(row: Any) -> Factor:
    return Factor(
        id=row.pk,
        kind=str(row.type),
        name=row.data.get("name", ""),
        added_at=row.created_at,
        used_at=row.last_used_at,
        is_passkey=row.data.get("is_passkey", False),
    )
