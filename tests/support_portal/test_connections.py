"""Connections to the database carry the limits of RELIABILITY.md."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.db import connection

LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "TimeZone": "UTC",
}


@pytest.mark.parametrize(("name", "value"), LIMITS.items())
def test_every_connection_has_the_limits_of_the_web(db: None, name: str, value: str) -> None:
    """P-1, P-8"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        assert cursor.fetchone() == (value,)


def test_connections_persist_and_are_checked() -> None:
    assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 60
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"]
    assert settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] == 3


def test_passwords_are_hashed_with_argon2id_in_tests_too() -> None:
    assert get_hasher().encode("a phrase of some length", "saltsalt").startswith("argon2$argon2id$")
