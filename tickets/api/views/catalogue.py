"""The codes that clients need, with their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView, answer
from accounts.labels import in_active_language
from tickets import wording
from tickets.api.serializers.catalogue import CatalogueOutput
from tickets.catalogue import CATEGORIES, SUBSCRIPTION_OPTIONAL
from tickets.selectors.catalogue import services, topics


class CatalogueView(ApiView):
    """The catalogue."""

    required_scopes = {"GET": "selfhelp:read"}

    @extend_schema(responses=CatalogueOutput)
    def get(self, request: Request) -> Response:
        """Return every code that requests are filed and closed with, in the language of the answer (TE-3)."""
        self.read_query()
        return answer(CatalogueOutput(catalogue()).data)


def catalogue() -> dict[str, Any]:
    """The catalogue in the active language."""
    return {
        "categories": [_category(code, kind) for code, kind in CATEGORIES.items()],
        "services": [{"code": row.code, "name": in_active_language(row.names)} for row in services()],
        "topics": [
            {
                "code": row.code,
                "name": in_active_language(row.names),
                "category": row.category,
                "service": row.service.code if row.service else None,
            }
            for row in topics()
        ],
        "impact": [
            {"code": code, "name": str(question), "answers": _named(wording.IMPACT_ANSWERS[code])}
            for code, question in wording.IMPACT_QUESTIONS.items()
        ],
        "severities": _named(wording.SEVERITIES),
        "contact_methods": _named(wording.CONTACT_METHODS),
        "languages": _named(wording.LANGUAGE_NAMES),
        "resolutions": _named(wording.RESOLUTIONS),
        "referrals": _named(wording.REFERRALS),
    }


def _category(code: str, kind: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": str(wording.CATEGORIES[code]),
        "meaning": str(wording.CATEGORY_MEANINGS[code]),
        "kind": kind,
        "subscription_required": kind not in SUBSCRIPTION_OPTIONAL,
        "elevated_only": kind == "advisory",
    }


def _named(words: Mapping[str, object]) -> list[dict[str, str]]:
    return [{"code": code, "name": str(label)} for code, label in words.items()]
