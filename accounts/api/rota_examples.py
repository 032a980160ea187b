"""Calls about the duty rota, for the schema."""

from __future__ import annotations

from accounts.api.schema import sent

NIGHT = {"starts_at": "2026-12-24T20:00:00Z", "ends_at": "2026-12-25T08:00:00Z"}
SHIFT = [sent("A night for all teams", {"role": "duty_manager", "person": 17, **NIGHT})]
TAKE_OVER = [
    sent("All of it", {"person": 18}),
    sent("Four hours of it", {"person": 18, "starts_at": "2026-12-25T00:00:00Z", "ends_at": "2026-12-25T04:00:00Z"}),
]
WEEKLY = [
    sent(
        "Nights from Monday to Wednesday, every other week",
        {
            "role": "on_call",
            "team": "exchange",
            "person": 17,
            "timezone": "Asia/Taipei",
            "weekdays": [0, 1, 2],
            "starts": "22:00",
            "ends": "06:00",
            "every_weeks": 2,
            "first_day": "2026-12-07",
        },
    )
]
LAST_DAY = [sent("To the end of the year", {"last_day": "2026-12-31"})]
