"""Calls about the support staff and its teams, for the schema."""

from __future__ import annotations

from accounts.api.schema import sent

TERMS = {
    "names": {"en": "Exchange in Europe", "zh-Hant": "歐洲 Exchange"},
    "support_kinds": ["technical"],
    "services": ["exchange_online"],
    "region": "emea",
}
NEW_TEAM = [sent("For one service and region", {"code": "exchange-emea", **TERMS})]
CHANGE_TEAM = [sent("Everywhere, in one language", {**TERMS, "region": None, "languages": ["en"]})]
ROLE = [sent("Engineer no longer", {"role": "engineer"})]
TEAM = [sent("Into a team", {"team": "exchange-emea"}), sent("Into none", {"team": None})]
SKILLS = [
    sent(
        "Two languages, and a late shift on Fridays",
        {
            "services": ["exchange_online"],
            "languages": ["en", "zh-Hant"],
            "hours": {"0": "9:00–12:00, 13:00–17:30", "4": "14:00–22:00"},
        },
    )
]
