"""What an issuer says about somebody, read with care: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_VALUES = 1_000
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Reading:
    """Which claims of an issuer are read."""

    address_claim: str = "email"
    trusts_address: bool = False
    roles_claim: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """Somebody as their issuer sees them.

    `values` are what gives roles; None where the issuer left them out because they are too many, which is no answer.
    """

    subject: str
    address: str
    is_verified: bool
    name: str = ""
    values: frozenset[str] | None = frozenset()


def read(payload: Mapping[str, Any], reading: Reading) -> Claims:
    """The claims of a verified token; raises ValueError without a usable subject."""
    subject = payload.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise ValueError("sub")
    address = payload.get(reading.address_claim)
    name = payload.get("name")
    return Claims(
        subject=subject,
        address=address.strip().lower() if isinstance(address, str) else "",
        is_verified=reading.trusts_address or payload.get("email_verified") is True,
        name=name if isinstance(name, str) else "",
        values=_values(payload, reading.roles_claim),
    )


def _values(payload: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    elsewhere = payload.get("_claim_names")  # distributed claims: who is in too many groups finds them there
    if claim and isinstance(elsewhere, Mapping) and claim in elsewhere:
        return None
    given = payload.get(claim) if claim else None
    if isinstance(given, str):
        return frozenset({given})
    if not isinstance(given, list):
        return frozenset()
    return frozenset(value for value in given[:MOST_VALUES] if isinstance(value, str))


def roles_from(values: Collection[str], mapping: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The roles that these values give, by pairs of value and role."""
    return frozenset(role for value, role in mapping if value in values)


def changes(
    held: Collection[str], values: Collection[str] | None, mapping: Collection[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """The roles to give and to take: the mapping governs the roles that stand in it, and leaves all others alone."""
    if values is None:
        return [], []
    wanted = roles_from(values, mapping)
    governed = {role for _value, role in mapping}
    return sorted(wanted - set(held)), sorted(governed & set(held) - wanted)
