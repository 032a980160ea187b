"""What was corrected in how a request was sorted (SE-1, SC-6)."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.permissions import require
from tickets.models import Correction, ServiceRequest


def corrections_of(actor: Actor, service_request: ServiceRequest) -> QuerySet[Correction]:
    """Who corrected what, when and why, newest first; for support staff. Raises NotPermitted."""
    require(actor, "read_internal", on=service_request)
    return Correction.objects.filter(request=service_request).order_by("-id").select_related("actor")
