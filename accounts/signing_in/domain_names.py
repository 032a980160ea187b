"""Names of domains: one spelling for each, and which of them nobody can call their own."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import idna

LONGEST = 253  # characters; DNS
MAILBOXES = ("postmaster", "admin", "hostmaster")  # of a domain, held by whoever runs it


def domain_name(typed: str) -> str:
    """The one spelling of a domain: lower case, international letters as `xn--…`, without a dot at the end.

    Raises ValueError for what is no name of a domain that could receive mail: an address, a single label, `localhost`.
    """
    name = typed.strip().removeprefix("@").rstrip(".。")
    try:
        spelled = idna.encode(name, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise ValueError(typed) from None
    labels = spelled.split(".")
    if len(labels) < 2 or len(spelled) > LONGEST or labels[-1].isdigit() or labels[-1] == "localhost":
        raise ValueError(typed)
    return spelled


def shown(name: str) -> str:
    """A stored name as people write it, in its own letters."""
    try:
        return idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name


def domain_of(address: str) -> str:
    """The domain of a mail address in its one spelling, or nothing when it has none."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at):
        return ""
    try:
        return domain_name(domain)
    except ValueError:
        return ""


def is_public(name: str) -> bool:
    """Whether anybody can have an address there, or in a domain above it."""
    labels = name.split(".")
    return any(".".join(labels[start:]) in public_domains() for start in range(len(labels)))


@lru_cache(maxsize=1)
def public_domains() -> frozenset[str]:
    """The domains of `data/public_mail_domains.txt`."""
    text = files("accounts").joinpath("data/public_mail_domains.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
