"""Examples of calls about people, for the API's description."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample


def _sent(name: str, value: dict[str, object]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


ROLES = [
    _sent("Exchange and billing", {"roles": ["billing_admin", "exchange_admin"]}),
    _sent("No longer an admin", {"roles": []}),
]
INVITE = [
    _sent(
        "A colleague for billing",
        {"name": "Jun Lin", "email": "jun.lin@contoso.example", "roles": ["billing_admin"], "language": "zh-hant"},
    )
]
PRINCIPAL = [_sent("Monitoring that files requests", {"name": "Monitoring", "roles": ["service_support_admin"]})]
PRINCIPAL_TOKEN = [
    _sent("For the night shift", {"name": "Probe in Taipei", "scopes": ["requests:read", "requests:write"]})
]
DEACTIVATE = [
    _sent("A colleague takes the requests over", {"hand_over_to": 17}),
    _sent("Nobody takes them over", {}),
]
