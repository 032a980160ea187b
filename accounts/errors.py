"""What the app refuses to do."""


class AccountsError(Exception):
    """Base of all refusals of this app."""


class NotPermitted(AccountsError):
    """The actor's roles do not include the act (RO-1)."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(act)


class Busy(AccountsError):
    """Somebody else holds what this act needs, for longer than it may wait (503)."""


class TooMany(AccountsError):
    """A rate limit is used up; `retry_after` is in whole seconds."""

    def __init__(self, bucket: str, *, limit: int, retry_after: int) -> None:
        self.bucket, self.limit, self.retry_after = bucket, limit, retry_after
        super().__init__(bucket)


class OrganisationNotFound(AccountsError):
    """There is no such organisation for this person (P-5)."""


class SubscriptionNotFound(AccountsError):
    """The organisation has no such subscription (P-5)."""


class TokenNotFound(AccountsError):
    """The person has no such token."""


class InvalidScope(AccountsError):
    """A token was asked for with scopes that do not exist."""


class KeyReused(AccountsError):
    """An idempotency key came back with another body (422)."""


class KeyInUse(AccountsError):
    """A call with the same idempotency key is still at work (409)."""


class InvalidCursor(AccountsError):
    """A list was asked to go on from a place that is not one."""
