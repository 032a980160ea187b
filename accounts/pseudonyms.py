"""Stand-ins for personal values in events and counters: the same value always has the same one."""

import hashlib
import hmac

from django.conf import settings

LENGTH = 32  # hexadecimal digits; 128 bits tell any two values apart


def pseudonym(value: str) -> str:
    """The salted hash that stands for a personal value, whatever its case; without the key nobody can test a guess."""
    return exact_pseudonym(value.casefold())


def exact_pseudonym(value: str) -> str:
    """The salted hash of a value whose case tells, as that of a name does."""
    return hmac.new(settings.EVENT_HASH_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()[:LENGTH]
