"""What an issuer says about somebody, read with care: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_VALUES = 1_000
LONGEST_SUBJECT = 255

# What an issuer's `amr` (RFC 8176) says that somebody has shown: something known, something held, something they are.
SEVERAL = "mfa"
FACTORS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sms", "tel", "sc", "pop"}),
    frozenset({"fpt", "face", "iris", "retina", "vbm"}),
)
# Classes in `acr` that mean two factors wherever they are used; all others mean what an issuer likes.
STRONG_CLASSES = frozenset(
    {
        "phr",
        "phrh",
        "https://refeds.org/profile/mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    }
)


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
    has_second_factor: bool = False


def read(payload: Mapping[str, Any], reading: Reading) -> Claims:
    """The claims of a verified token; raises ValueError without a usable subject."""
    subject = payload.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise ValueError("sub")
    return Claims(
        subject=subject,
        address=_text(payload.get(reading.address_claim)).strip().lower(),
        is_verified=reading.trusts_address or _is_vouched_for(payload, reading.address_claim),
        name=_text(payload.get("name")),
        values=_values(payload, reading.roles_claim),
        has_second_factor=shows_second_factor(payload),
    )


def shows_second_factor(payload: Mapping[str, Any]) -> bool:
    """Whether the issuer says that this very sign-in took two factors of different kinds; saying nothing is a no."""
    methods = payload.get("amr")
    shown = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
    if SEVERAL in shown or sum(bool(shown & kind) for kind in FACTORS) > 1:
        return True
    strength = payload.get("acr")
    return isinstance(strength, str) and strength in STRONG_CLASSES


def _values(payload: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    elsewhere = payload.get("_claim_names")  # distributed claims: who is in too many groups finds them there
    if claim and isinstance(elsewhere, Mapping) and claim in elsewhere:
        return None
    given = payload.get(claim) if claim else None
    several = given if isinstance(given, list) else [given]
    return frozenset(text for value in several[:MOST_VALUES] if (text := _text(value)))


def _is_vouched_for(payload: Mapping[str, Any], claim: str) -> bool:
    """Whether the issuer has verified the address; what it says with `email_verified` it says of `email` alone."""
    return claim == "email" and payload.get("email_verified") is True


def _text(value: Any) -> str:
    """A text as the database and a page can hold it; nothing where there is none, or half a surrogate pair in it."""
    if not isinstance(value, str) or "\x00" in value:
        return ""
    return value if value.encode("utf-8", "ignore").decode() == value else ""


def roles_from(values: Collection[str], mapping: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The roles that these values give, by pairs of value and role."""
    return frozenset(role for value, role in mapping if value in values)


def changes(
    held: Collection[str],
    values: Collection[str] | None,
    mapping: Collection[tuple[str, str]],
    *,
    by_claim: Collection[str] = (),
) -> tuple[list[str], list[str]]:
    """The roles to give and to take: the mapping governs the roles that stand in it, and leaves all others alone.

    It governs as well what came `by_claim`: a role that no value gives any more goes from whoever has it so.
    """
    if values is None:
        return [], []
    wanted = roles_from(values, mapping)
    governed = {role for _value, role in mapping} | set(by_claim)
    return sorted(wanted - set(held)), sorted(governed & set(held) - wanted)
