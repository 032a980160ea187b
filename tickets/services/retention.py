"""How long what is kept: one table, swept by housekeeping in bounded portions, counted by `manage.py retention`.

Nothing goes early: what is exactly as old as its time is still kept. Events are never removed, nor what figures are
computed from (states, severities, commitments, timers, ratings), so that `verify` finds the same before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import clock
from accounts.audit import About, record_event
from accounts.models import (
    ApiToken,
    DelegationAsk,
    Delivery,
    DeliveryState,
    Invitation,
    KnownBrowser,
    PersonalValue,
    WebhookEndpoint,
)
from accounts.transactions import one_by_one, service
from tickets.events import EventKind
from tickets.lifecycle import REOPEN_WINDOW, State
from tickets.models import (
    Attachment,
    Correction,
    Engagement,
    EngagementEntry,
    Escalation,
    Message,
    PolicyDraft,
    ServiceRequest,
    SeverityDecision,
    SeverityDispute,
    Survey,
    SurveyLink,
    TranslatorRequest,
)
from tickets.services.base import record, save
from tickets.services.storage import path_of, preview_path_of, remove_files

REMOVED = "–"  # in place of a subject, or of a name, that is removed
QUOTING = ("evidence", "counterfactuals", "contradictions")  # the parts of an assessment that hold what people wrote
SETTLED = [DeliveryState.SENT, DeliveryState.CANCELLED, DeliveryState.DIGESTED]
REQUESTS, ROWS = 50, 1000  # of one portion


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of data: the setting that says for how many months it is kept, and what is older at an instant."""

    name: str
    setting: str
    older: Callable[[datetime], QuerySet[Any]]
    remove: Callable[[QuerySet[Any], datetime], int]

    def ends_at(self, now: datetime) -> datetime:
        """What is from before this instant goes."""
        return months_before(now, getattr(settings, self.setting))

    def count(self, *, now: datetime) -> int:
        """How much would go."""
        return self.older(self.ends_at(now)).count()

    def sweep(self, *, now: datetime) -> int:
        """Remove one portion; return how much went."""
        return self.remove(self.older(self.ends_at(now)), now)


def months_before(at: datetime, months: int) -> datetime:
    """The same time of day so many calendar months earlier, on the last of a month that has no such day."""
    month = at.year * 12 + at.month - 1 - months
    year, month = divmod(month, 12)
    for day in range(at.day, 0, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("unreachable")


def apply_retention(*, now: datetime | None = None) -> int:
    """Remove one portion of every kind; return how much went in all."""
    now = now or clock.now()
    return sum(rule.sweep(now=now) for rule in RULES)


def due_for_removal(*, now: datetime | None = None) -> dict[str, int]:
    """How much of each kind is older than it is kept; nothing is changed."""
    now = now or clock.now()
    return {rule.name: rule.count(now=now) for rule in RULES}


@service
def remove_content(*, request_id: int, now: datetime | None = None) -> bool:
    """Remove what people wrote and attached on one archived request; False where somebody holds it or has done so.

    What stays: number, organisation, codes, severities, commitments, timers, ratings, events.
    """
    assert now
    rows = ServiceRequest.objects.filter(state=State.ARCHIVED.value, content_removed_at=None)
    service_request = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=request_id).first()
    if service_request is None:
        return False
    _remove_attachments(service_request)
    Message.objects.filter(request=service_request).delete()
    _blank_words(service_request)
    service_request.subject, service_request.search, service_request.contact_phone = REMOVED, None, ""
    service_request.content_removed_at = now
    save(service_request, "subject", "search", "contact_phone", "content_removed_at", now=now)
    ref = f"content:{service_request.pk}"
    record(service_request, EventKind.CONTENT_REMOVED, at=now, ref=ref)
    return True


@service
def remove_words(*, engagement_id: int, now: datetime | None = None) -> bool:
    """Remove what people wrote on one engagement that has ended; False where somebody holds it or has done so (EL-1).

    What stays: number, organisation, contract, kind, days, who led it, the requests that belong to it, events.
    """
    assert now
    rows = Engagement.objects.filter(ended_at__isnull=False, content_removed_at=None)
    engagement = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=engagement_id).first()
    if engagement is None:
        return False
    EngagementEntry.objects.filter(engagement=engagement).delete()
    engagement.subject, engagement.place = REMOVED, REMOVED if engagement.place else ""
    engagement.content_removed_at, engagement.version = now, engagement.version + 1
    engagement.save(update_fields=["subject", "place", "content_removed_at", "version"])
    about = About(organisation_id=engagement.organisation_id)
    data, ref = {"engagement": engagement.number}, f"engagement:{engagement.pk}"
    record_event("engagement_content_removed", about=about, at=now, ref=ref, data=data)
    return True


def _remove_attachments(service_request: ServiceRequest) -> None:
    files = list(Attachment.objects.filter(request=service_request))
    paths = [path_of(file) for file in files] + [preview_path_of(file) for file in files if file.preview_key]
    Attachment.objects.filter(request=service_request).delete()
    transaction.on_commit(lambda: remove_files(paths), robust=True)


def _blank_words(service_request: ServiceRequest) -> None:
    """Empty every text that people wrote; of an assessment its codes stay, its quotations go."""
    of_it = {"request": service_request}
    Correction.objects.filter(**of_it).exclude(note="").update(note="")
    Escalation.objects.filter(**of_it).update(justification="")
    Survey.objects.filter(**of_it).update(comment="")
    SurveyLink.objects.filter(survey__request=service_request).delete()
    SeverityDispute.objects.filter(**of_it).update(statement="", reason="")
    SeverityDecision.objects.filter(**of_it).update(reason="")
    for decision in SeverityDecision.objects.filter(**of_it, assessment__isnull=False):
        SeverityDecision.objects.filter(pk=decision.pk).update(assessment=_without_quotations(decision.assessment))
    TranslatorRequest.objects.filter(**of_it).update(wish="", note="")
    TranslatorRequest.objects.filter(**of_it).exclude(interpreter="").update(interpreter=REMOVED)


def _without_quotations(document: dict[str, Any] | None) -> dict[str, Any]:
    document = document or {}
    scope = {**document.get("scope", {}), "evidence": []}
    return {**document, **{name: [] for name in QUOTING}, "scope": scope}


def _requests_archived_before(before: datetime) -> QuerySet[ServiceRequest]:
    rows = ServiceRequest.objects.filter(state=State.ARCHIVED.value, content_removed_at=None)
    return rows.filter(closed_at__lt=before - REOPEN_WINDOW).order_by("closed_at", "pk")


def _deliveries_before(before: datetime) -> QuerySet[Delivery]:
    """Notices that are settled, beginning with those that another one told of."""
    notices = Delivery.objects.exclude(channel=Delivery.Channel.WEBHOOK)
    settled = notices.filter(created_at__lt=before, state__in=SETTLED)
    return settled.filter(digested=None).exclude(state=DeliveryState.DIGESTED, digest=None).order_by("pk")


def _webhooks_before(before: datetime) -> QuerySet[Delivery]:
    """The log of webhooks, failed ones too: whoever looks after the endpoint has had the time to send them again."""
    webhooks = Delivery.objects.filter(channel=Delivery.Channel.WEBHOOK, created_at__lt=before)
    return webhooks.exclude(state__in=[DeliveryState.PENDING, DeliveryState.HELD]).order_by("pk")


def _endpoints_before(before: datetime) -> QuerySet[WebhookEndpoint]:
    """Removed endpoints whose log has gone."""
    return WebhookEndpoint.objects.filter(removed_at__lt=before, deliveries=None).order_by("pk")


def _tokens_ended_before(before: datetime) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before)).order_by("pk")


def _engagements_ended_before(before: datetime) -> QuerySet[Engagement]:
    return Engagement.objects.filter(ended_at__lt=before, content_removed_at=None).order_by("ended_at", "pk")


def _asks_settled_before(before: datetime) -> QuerySet[DelegationAsk]:
    """Asks of partners that nothing hangs on any more: a granted one goes so long after its delegation (PA-1)."""
    over = Q(delegation__ended_at__lt=before) | Q(delegation__expires_at__lt=before)
    return DelegationAsk.objects.filter(Q(delegation=None) | over, settled_at__lt=before).order_by("pk")


def _invitations_expired_before(before: datetime) -> QuerySet[Invitation]:
    """Invitations that nobody took up nor back: the others name nobody any more."""
    return Invitation.objects.filter(ended_at=None, expires_at__lt=before).order_by("pk")


def _remove_requests(rows: QuerySet[ServiceRequest], now: datetime) -> int:
    ids = list(rows.values_list("pk", flat=True)[:REQUESTS])
    return one_by_one(lambda pk: int(remove_content(request_id=pk, now=now)), ids, what="retention")


def _remove_words(rows: QuerySet[Engagement], now: datetime) -> int:
    ids = list(rows.values_list("pk", flat=True)[:REQUESTS])
    return one_by_one(lambda pk: int(remove_words(engagement_id=pk, now=now)), ids, what="retention")


def _delete(rows: QuerySet[Any], now: datetime) -> int:
    portion = list(rows.values_list("pk", flat=True)[:ROWS])
    deleted: int = rows.model._default_manager.filter(pk__in=portion).delete()[0] if portion else 0
    return deleted


def _drafts_before(before: datetime) -> QuerySet[PolicyDraft]:
    return PolicyDraft.objects.filter(changed_at__lt=before).order_by("pk")


def _browsers_before(before: datetime) -> QuerySet[KnownBrowser]:
    return KnownBrowser.objects.filter(last_seen_at__lt=before).order_by("last_seen_at", "pk")


def _values_before(before: datetime) -> QuerySet[PersonalValue]:
    return PersonalValue.objects.filter(kept_at__lt=before).order_by("pk")


RULES: tuple[Rule, ...] = (
    Rule("requests", "KEEP_REQUESTS_MONTHS", _requests_archived_before, _remove_requests),
    Rule("engagements", "KEEP_ENGAGEMENTS_MONTHS", _engagements_ended_before, _remove_words),
    Rule("delegation_asks", "KEEP_ASKS_MONTHS", _asks_settled_before, _delete),
    Rule("invitations", "KEEP_INVITATIONS_MONTHS", _invitations_expired_before, _delete),
    Rule("notices", "KEEP_NOTICES_MONTHS", _deliveries_before, _delete),
    Rule("webhook_deliveries", "KEEP_WEBHOOKS_MONTHS", _webhooks_before, _delete),
    Rule("webhook_endpoints", "KEEP_WEBHOOKS_MONTHS", _endpoints_before, _delete),
    Rule("policy_drafts", "KEEP_DRAFTS_MONTHS", _drafts_before, _delete),
    Rule("ended_tokens", "KEEP_TOKENS_MONTHS", _tokens_ended_before, _delete),
    Rule("browsers", "KEEP_BROWSERS_MONTHS", _browsers_before, _delete),
    Rule("trail_values", "KEEP_TRAIL_VALUES_MONTHS", _values_before, _delete),
)
