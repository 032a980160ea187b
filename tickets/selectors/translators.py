"""Reads of requests for translators (LA-2)."""

from __future__ import annotations

from django.db.models import QuerySet

from tickets.models import ServiceRequest, TranslatorRequest
from tickets.models.translators import ACTIVE


def active_translator(service_request: ServiceRequest) -> TranslatorRequest | None:
    """What a request has asked for or arranged, or None."""
    asked = TranslatorRequest.objects.filter(request=service_request, state__in=ACTIVE).first()
    if asked:
        asked.request = service_request
    return asked


def translators_of(service_request: ServiceRequest) -> QuerySet[TranslatorRequest]:
    """Every translator that a request has asked for, newest first."""
    return TranslatorRequest.objects.filter(request=service_request).order_by("-id").select_related("requested_by")
