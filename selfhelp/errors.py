"""What the app refuses to do."""


class SelfhelpError(Exception):
    """Base of all refusals of this app."""


class ArticleNotFound(SelfhelpError):
    """There is no such article."""


class UnknownReferral(SelfhelpError):
    """There is no referral of this code (SC-1 to SC-5)."""
