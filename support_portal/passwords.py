"""The one rule about passwords that Django does not bring."""

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext


class MaximumLengthValidator:
    """Refuse passwords so long that hashing them would be an attack; 128 characters are enough for any phrase."""

    def __init__(self, max_length: int = 128) -> None:
        """Set the longest password allowed."""
        self.max_length = max_length

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError where the password is too long."""
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return ngettext(
            "Your password must contain at most %(max_length)d character.",
            "Your password must contain at most %(max_length)d characters.",
            self.max_length,
        ) % {"max_length": self.max_length}
