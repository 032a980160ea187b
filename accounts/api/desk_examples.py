"""Calls and answers about organisations and what they bought, for the schema."""

from __future__ import annotations

from accounts.api.schema import sent

CHANGE_ORGANISATION = [
    sent("Another telephone and language", {"phone": "+886 2 5550 0100", "language": "zh-Hant"}),
    sent("Renamed (support staff)", {"name": "Contoso Asia", "is_partner": False}),
]
NEW_ORGANISATION = [
    sent("A customer in Taiwan", {"slug": "contoso", "name": "Contoso", "country": "TW", "timezone": "Asia/Taipei"})
]
NEW_SUBSCRIPTION = [
    sent("Paid, from now on", {"organisation": "contoso", "plan": "office_365_e3", "seats": 250}),
    sent(
        "A trial for a month",
        {
            "organisation": "contoso",
            "plan": "office_365_e3",
            "trial": True,
            "seats": 25,
            "ends_at": "2026-12-24T16:00:00Z",
        },
    ),
]
CHANGE_SUBSCRIPTION = [sent("More seats, without an end", {"seats": 300, "ends_at": None})]
BUY = [sent("The plan that was tried", {"seats": 250})]
NEW_CONTRACT = [sent("Premier", {"organisation": "contoso", "kind": "premier", "account_manager": 17})]
CHANGE_CONTRACT = [sent("Somebody else looks after them", {"account_manager": 18})]
NEW_PLAN = [
    sent(
        "Another plan",
        {
            "code": "office_365_e5",
            "names": {"en": "Office 365 E5", "zh-Hant": "Office 365 E5"},
            "family": "enterprise",
            "tier": "enterprise",
        },
    )
]
