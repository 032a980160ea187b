"""Reads of requests for translators (LA-2)."""

from __future__ import annotations

from tickets.models import ServiceRequest, TranslatorRequest
from tickets.models.translators import ACTIVE


def active_translator(service_request: ServiceRequest) -> TranslatorRequest | None:
    """What a request has asked for or arranged, or None."""
    asked = TranslatorRequest.objects.filter(request=service_request, state__in=ACTIVE).first()
    if asked:
        asked.request = service_request
    return asked
