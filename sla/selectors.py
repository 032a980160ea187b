"""Reads: the policies that staff have published."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sla.errors import PolicyVersionUnknown
from sla.models import PolicyVersion
from sla.policy import Policy
from sla.policy_text import ordered


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """A policy as it was published; `version` is what a promise keeps of it (SLA-1)."""

    version: int
    policy: Policy
    published_at: datetime


def policy_in_force() -> PublishedPolicy:
    """Return the newest policy, under which new cycles are promised; raises PolicyVersionUnknown if there is none."""
    return _published(PolicyVersion.objects.order_by("-version").values_list("pk", "published_at").first())


def policy_version(version: int) -> PublishedPolicy:
    """Return the policy that was published under a version; raises PolicyVersionUnknown."""
    return _published(PolicyVersion.objects.filter(version=version).values_list("pk", "published_at").first())


def policy_of(row: PolicyVersion) -> PublishedPolicy:
    """Return the policy of a row that was read without its document: no query once the process knows it."""
    return _parsed(row.pk, row.published_at)


def policy_document(version: int) -> dict[str, Any]:
    """Return the document of a version as it was published, its keys in order; raises PolicyVersionUnknown."""
    document = PolicyVersion.objects.filter(version=version).values_list("document", flat=True).first()
    if document is None:
        raise PolicyVersionUnknown
    return dict(ordered(document))


def _published(row: tuple[int, datetime] | None) -> PublishedPolicy:
    if row is None:
        raise PolicyVersionUnknown
    return _parsed(*row)


@lru_cache(maxsize=64)
def _parsed(pk: int, published_at: datetime) -> PublishedPolicy:
    """Return a policy, read once per process: rows never change.

    One that was rolled back or lives in another database has another key or another instant, and is another entry.
    """
    document = PolicyVersion.objects.values_list("document", flat=True).get(pk=pk)
    policy = Policy.from_document(document)
    return PublishedPolicy(version=policy.version, policy=policy, published_at=published_at)
