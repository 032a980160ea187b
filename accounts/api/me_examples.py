"""Calls and answers about the caller, for the schema."""

from __future__ import annotations

from accounts.api.schema import answered, sent

BY_MAIL = {"conversation": True, "promise": True, "closing": True, "reminders": True, "survey": False}
CHANGE_PROFILE = [
    sent("Another telephone", {"phone": "+886 2 5550 0100"}),
    sent("Read in Chinese, without a telephone", {"language": "zh-hant", "phone": None}),
]
NOTICES = [answered("Surveys in the portal only", {"by_mail": BY_MAIL})]
CHOOSE_NOTICES = [sent("No mail about surveys", {"by_mail": {"survey": False}}), *NOTICES]
END_SESSIONS = [sent("Sign out everywhere else", {}), answered("Two were signed out", {"ended": 2})]
