"""A password hasher for tests."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2PasswordHasher(Argon2PasswordHasher):
    """The portal's own algorithm at the lowest cost, so that sign-in tests take its very path in no time."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
