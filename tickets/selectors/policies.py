"""Reads for the pages of policies: versions, drafts, and a draft with all that is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.keyset import Page, page
from accounts.permissions import require
from sla.errors import PolicyDraftUnknown, PolicyInvalid, PolicyProblem, PolicyVersionUnknown
from sla.models import PolicyVersion
from sla.policy import Policy
from sla.policy_text import ordered, read_text
from sla.policy_wording import difference_lines
from sla.selectors import policy_document, policy_in_force
from tickets.models import PolicyDraft
from tickets.selectors.what_if import WhatIf

MOST_DRAFTS = 50
LARGEST_VERSION = 2**31 - 1


def versions(actor: Actor, *, cursor: str | None = None, size: int = 25) -> Page[PolicyVersion]:
    """One page of the published versions, newest first, without their documents; raises NotPermitted, InvalidCursor."""
    require(actor, "read_policies")
    return page(PolicyVersion.objects.defer("document"), order=("-version",), cursor=cursor, size=size)


def version_of(actor: Actor, version: int) -> PolicyVersion:
    """One published version; raises NotPermitted, PolicyVersionUnknown."""
    require(actor, "read_policies")
    row = PolicyVersion.objects.filter(version=version).first() if version <= LARGEST_VERSION else None
    if row is None:
        raise PolicyVersionUnknown
    return row


def document_of(row: PolicyVersion) -> dict[str, Any]:
    """The document of a version as it was published, its keys in order."""
    return dict(ordered(row.document))


def drafts(actor: Actor) -> list[PolicyDraft]:
    """The drafts that are being written, last changed first, without their texts; raises NotPermitted."""
    return list(_drafts(actor).order_by("-changed_at", "-pk")[:MOST_DRAFTS])


def draft_page(actor: Actor, *, cursor: str | None, size: int) -> Page[PolicyDraft]:
    """One page of them, the one begun last first; raises NotPermitted, InvalidCursor."""
    return page(_drafts(actor), order=("-id",), cursor=cursor, size=size)


def _drafts(actor: Actor) -> QuerySet[PolicyDraft]:
    require(actor, "publish_policy")
    return PolicyDraft.objects.defer("text", "what_if").select_related("changed_by")


def draft_of(actor: Actor, draft_id: int) -> Draft:
    """One draft; raises NotPermitted, PolicyDraftUnknown."""
    require(actor, "publish_policy")
    row = PolicyDraft.objects.select_related("changed_by", "base").filter(pk=draft_id).first()
    if row is None:
        raise PolicyDraftUnknown
    return Draft(row, row.text)


@dataclass
class Draft:
    """A draft and a text for it: the one that is kept, or one that was just typed."""

    row: PolicyDraft
    text: str

    @cached_property
    def _read(self) -> tuple[Any, tuple[PolicyProblem, ...]]:
        try:
            return read_text(self.text), ()
        except PolicyInvalid as error:
            return None, error.problems

    @property
    def document(self) -> dict[str, Any] | None:
        """The document, sound or not; None where the text is no object of JSON."""
        found = self._read[0]
        return found if isinstance(found, dict) else None

    @cached_property
    def problems(self) -> tuple[PolicyProblem, ...]:
        """All that is wrong with it."""
        document, problems = self._read
        if problems:
            return problems
        try:
            Policy.from_document(document)
        except PolicyInvalid as error:
            return error.problems
        return ()

    @cached_property
    def in_force(self) -> int:
        """The version in force now."""
        return policy_in_force().version

    @property
    def is_behind(self) -> bool:
        """Whether another version came into force since the draft was begun or caught up."""
        return self.row.base_id != self.in_force

    @cached_property
    def differences(self) -> list[tuple[str, str]]:
        """What it changes of the version in force now, in words."""
        return difference_lines(policy_document(self.in_force), self.document or {})

    @property
    def what_if(self) -> WhatIf | None:
        """What it would have changed, if that was computed for it as it is, against the version in force now."""
        kept, reviewed = self.row.what_if, self.row.reviewed_version == self.row.version
        if not kept or not reviewed or kept["in_force"] != self.in_force:
            return None
        return WhatIf.from_document(kept)
