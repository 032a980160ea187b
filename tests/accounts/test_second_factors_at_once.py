"""Codes that are tried at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from accounts.errors import AccountsError
from accounts.services import second_factors
from tests.accounts.test_second_factors import give_app, now_code
from tests.conftest import OwnDatabase
from tests.factories import make_organisation, make_person


def test_parallel_guesses_cannot_slip_past_the_limit(own_database: OwnDatabase) -> None:
    """Counted before they are checked: a code counts once, and of many at once as many are looked at as may be."""
    person = make_person(make_organisation())
    give_app(person)

    def prove(code: str) -> str:
        try:
            second_factors.prove_code(person=person, code=code, address="192.0.2.1")
        except AccountsError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(prove, [now_code()] * 4)) == ["WrongCode"] * 3 + ["in"]
        assert sorted(threads.map(prove, ["000000"] * 12)) == ["TooMany"] * 10 + ["WrongCode"] * 2
