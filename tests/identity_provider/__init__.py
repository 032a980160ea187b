"""A real OpenID Connect provider, django-allauth's, in a process of its own on loopback; and one that forges tokens."""

from tests.identity_provider.forger import Forger
from tests.identity_provider.provider import Provider

__all__ = ["Forger", "Provider"]
