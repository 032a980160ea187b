"""Publishing a policy, and the drafts that lead there: checked whole, recorded, in force for later cycles (SLA-1)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actors import PORTAL, Actor
from accounts.audit import About, record_event
from accounts.permissions import require
from accounts.text import clean_line
from accounts.transactions import check_waiting, service
from sla import selectors as sla
from sla.errors import (
    PolicyDraftChanged,
    PolicyDraftUnknown,
    PolicyDraftUnreadable,
    PolicyInvalid,
    PolicyNotReviewed,
    PolicyVersionTaken,
)
from sla.models import PolicyVersion
from sla.policy import Policy
from sla.policy_editing import patched
from sla.policy_text import ordered, read_text, write_text
from sla.services import publish_policy_version
from tickets.errors import InvalidText
from tickets.models import PolicyDraft
from tickets.selectors.what_if import what_if

LONGEST_NAME = 80


@service
def publish_policy(
    *, document: object, label: str, actor: Actor = PORTAL, replacing: int | None = None, now: datetime | None = None
) -> PolicyVersion:
    """Publish a policy document; an operator at the command line acts as the portal.

    Raises NotPermitted, PolicyInvalid with every fault, PolicyVersionTaken (also where another version than
    `replacing` is in force); nothing changes then.
    """
    assert now
    if actor is not PORTAL:
        require(actor, "publish_policy")
    published = publish_policy_version(document=document, published_by=label, replacing=replacing)
    data = {"version": published.version}
    record_event("policy_published", about=About(), actor=actor, at=now, ref=f"policy:{published.version}", data=data)
    return published


@service
def start_draft(*, actor: Actor, name: str, version: int, now: datetime | None = None) -> PolicyDraft:
    """Begin a draft with the text of a published version, under the next number.

    Raises NotPermitted, PolicyVersionUnknown, InvalidText.
    """
    assert now
    require(actor, "publish_policy")
    document = copy.deepcopy(sla.policy_document(version)) | {"note": ""}
    in_force = sla.policy_in_force().version
    document["version"] = in_force + 1
    draft = PolicyDraft.objects.create(
        name=_checked_name(name) or str(in_force + 1),
        text=write_text(document),
        base_id=in_force,
        created_by_id=actor.person_id or 0,
        changed_by_id=actor.person_id or 0,
        created_at=now,
        changed_at=now,
    )
    _record("policy_draft_started", draft, actor, now=now)
    return draft


@service
def save_draft(
    *, actor: Actor, draft_id: int, version: int | None, text: str, now: datetime | None = None
) -> PolicyDraft:
    """Keep the text of a draft as it was typed, sound or not; a `version` of None is whatever it is now.

    Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged.
    """
    assert now
    draft = _lock(actor, draft_id, version=version)
    draft.text = text.replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    _save(draft, actor, "text", now=now)
    return draft


@service
def patch_draft(
    *, actor: Actor, draft_id: int, version: int | None, patch: Mapping[str, Any], now: datetime | None = None
) -> PolicyDraft:
    """Change parts of a draft's document by a merge patch (RFC 7396), sound or not; what is so already is no change.

    Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged, PolicyDraftUnreadable where the text is no object.
    """
    assert now
    draft = _lock(actor, draft_id, version=version)
    document = _read_object(draft)
    before, after = (write_text(ordered(each)) for each in (document, patched(document, patch)))
    if before != after:
        draft.text = after
        _save(draft, actor, "text", now=now)
    return draft


@service
def rename_draft(
    *, actor: Actor, draft_id: int, version: int | None, name: str, now: datetime | None = None
) -> PolicyDraft:
    """Call a draft otherwise; its comparison stays, since the document does. The same name is no change.

    Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged, InvalidText.
    """
    assert now
    draft = _lock(actor, draft_id, version=version)
    wanted = _checked_name(name)
    if not wanted:
        raise InvalidText("name", "empty")
    if wanted != draft.name:
        draft.name = wanted
        if draft.reviewed_version == draft.version:
            draft.reviewed_version += 1
        _save(draft, actor, "name", "reviewed_version", now=now)
    return draft


@service
def catch_up_draft(*, actor: Actor, draft_id: int, version: int | None, now: datetime | None = None) -> PolicyDraft:
    """Set a draft upon the version in force now, under the next number; what it says otherwise stays.

    Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged, PolicyInvalid where the text is no JSON.
    """
    assert now
    draft = _lock(actor, draft_id, version=version)
    document = read_text(draft.text)
    draft.base_id = sla.policy_in_force().version
    if isinstance(document, dict):
        draft.text = write_text({**document, "version": draft.base_id + 1})
    _save(draft, actor, "text", "base", now=now)
    return draft


@service
def review_draft(*, actor: Actor, draft_id: int, version: int | None, now: datetime | None = None) -> PolicyDraft:
    """Compute what a draft would have changed in the last 30 days, and keep it with the draft.

    Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged, PolicyInvalid.
    """
    assert now
    draft = _lock(actor, draft_id, version=version)
    policy = Policy.from_document(read_text(draft.text))
    before = draft.what_if, draft.reviewed_version
    draft.what_if, draft.reviewed_version = what_if(policy, now=now).as_document(), draft.version
    if before == (draft.what_if, draft.reviewed_version):
        return draft
    draft.save(update_fields=["what_if", "reviewed_version"])
    _record("policy_draft_reviewed", draft, actor, now=now)
    return draft


@service
def publish_draft(
    *, actor: Actor, draft_id: int, version: int | None, label: str, now: datetime | None = None
) -> PolicyVersion:
    """Publish a draft as it was reviewed, and throw the draft away.

    Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged, PolicyNotReviewed, PolicyInvalid, and
    PolicyVersionTaken where another version came into force since the draft was begun or caught up.
    """
    assert now
    draft = _lock(actor, draft_id, version=version)
    if draft.reviewed_version != draft.version or draft.what_if is None:
        raise PolicyNotReviewed
    document = read_text(draft.text)
    if draft.what_if["in_force"] != draft.base_id:
        newest = sla.policy_in_force().version
        raise PolicyVersionTaken(version=draft.base_id + 1, newest=newest)
    published = publish_policy(document=document, label=label, actor=actor, replacing=draft.base_id, now=now)
    draft.delete()
    return published


@service
def discard_draft(*, actor: Actor, draft_id: int, version: int | None, now: datetime | None = None) -> None:
    """Throw a draft away. Raises NotPermitted, PolicyDraftUnknown, PolicyDraftChanged."""
    assert now
    draft = _lock(actor, draft_id, version=version)
    _record("policy_draft_discarded", draft, actor, now=now)
    draft.delete()


def _checked_name(name: str) -> str:
    try:
        cleaned = clean_line(name)
    except ValueError as error:
        raise InvalidText("name", str(error)) from None
    if len(cleaned) > LONGEST_NAME:
        raise InvalidText("name", "too_long")
    return cleaned


def _lock(actor: Actor, draft_id: int, *, version: int | None) -> PolicyDraft:
    require(actor, "publish_policy")
    draft = PolicyDraft.objects.select_for_update(no_key=True).filter(pk=draft_id).first()
    if draft is None:
        raise PolicyDraftUnknown
    check_waiting()
    if version not in (None, draft.version):
        raise PolicyDraftChanged(draft.version)
    return draft


def _read_object(draft: PolicyDraft) -> dict[str, Any]:
    try:
        document = read_text(draft.text)
    except PolicyInvalid:
        raise PolicyDraftUnreadable from None
    if not isinstance(document, dict):
        raise PolicyDraftUnreadable
    return document


def _save(draft: PolicyDraft, actor: Actor, *fields: str, now: datetime) -> None:
    draft.version += 1
    draft.changed_at, draft.changed_by_id = now, actor.person_id or 0
    draft.save(update_fields=[*fields, "version", "changed_at", "changed_by"])
    _record("policy_draft_saved", draft, actor, now=now)


def _record(kind: str, draft: PolicyDraft, actor: Actor, *, now: datetime) -> None:
    data = {"draft": draft.pk, "draft_version": draft.version, "base": draft.base_id}
    record_event(kind, about=About(), actor=actor, at=now, data=data)
