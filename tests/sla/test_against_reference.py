"""What `sla_what_if` answers, held against the slow reference."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sla.management.commands.sla_what_if import answer
from tests.sla.reference import expected, random_case


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_any_line_is_answered_as_the_definitions_say(seed):
    """SLA-1, SLA-4, SLA-6; DESIGN, Commitments"""
    case = random_case(random.Random(seed), seed)

    assert answer(json.dumps(case).encode()) == expected(case)
