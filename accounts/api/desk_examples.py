"""Calls and answers about organisations and what they bought, for the schema."""

from __future__ import annotations

from accounts.api.schema import sent

CHANGE_ORGANISATION = [
    sent("Another telephone and language", {"phone": "+886 2 5550 0100", "language": "zh-Hant"}),
    sent("Renamed (support staff)", {"name": "Contoso Asia", "is_partner": False}),
]
