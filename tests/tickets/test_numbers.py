"""Numbers of requests."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.numbers import LARGEST, number_of, number_sought

POSITIONS = st.integers(min_value=0, max_value=LARGEST - 1)


@given(POSITIONS, POSITIONS)
def test_no_two_requests_share_a_number(one, other):
    """DESIGN, life of a request: a permutation, so equal numbers mean equal positions."""
    assert (number_of(one, key="k") == number_of(other, key="k")) == (one == other)


@given(POSITIONS)
def test_a_number_is_sr_and_nine_digits(position):
    """DESIGN, life of a request"""
    number = number_of(position, key="k")

    assert number.startswith("SR-")
    assert len(number) == 12
    assert number[3:].isdigit()


def test_neighbours_are_not_consecutive():
    """Nobody reads the vendor's volume from a number."""
    numbers = [int(number_of(position, key="k")[3:]) for position in range(100)]

    steps = {later - earlier for earlier, later in pairwise(numbers)}
    assert len(steps) == 99
    assert not steps & {1, -1}


def test_another_key_gives_other_numbers():
    """The permutation is keyed."""
    assert number_of(1, key="k") != number_of(1, key="other")


@pytest.mark.parametrize("position", [-1, LARGEST])
def test_there_is_nothing_beyond_nine_digits(position):
    """DESIGN, life of a request"""
    with pytest.raises(ValueError, match=str(position)):
        number_of(position, key="k")


@pytest.mark.parametrize(
    "typed", ["SR-050134435", "sr-050134435", " 050134435 ", "SR 050134435", "SR050134435", "#050134435"]
)
def test_a_number_is_sought_by_its_digits(typed):
    assert number_sought(typed) == "SR-050134435"


@pytest.mark.parametrize("typed", ["05013443", "0501344351", "number 050134435", "٠٥٠١٣٤٤٣٥", "mail 050134435"])
def test_what_is_no_number_is_sought_as_it_is(typed):
    assert number_sought(typed) == typed.upper()
