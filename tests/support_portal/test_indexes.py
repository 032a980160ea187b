"""Indexes that nothing would miss are none: each is written with every row (STYLE section 5)."""

from __future__ import annotations

import pytest
from django.db import connection

OURS = ("accounts", "selfhelp", "severity", "sla", "tickets")
INDEXES = """
    SELECT indrelid::regclass::text, indexrelid::regclass::text, indisunique, indkey::int[], indclass::int[]
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
    WHERE amname = 'btree' AND indpred IS NULL AND indexprs IS NULL AND relnamespace = 'public'::regnamespace
"""


@pytest.mark.django_db
def test_no_index_repeats_the_beginning_of_another() -> None:
    """An index of many columns serves whoever asks for the first ones; a unique one may repeat, since it promises."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        found = [row for row in cursor.fetchall() if row[0].split("_")[0] in OURS]

    repeated = {
        name: other
        for table, name, unique, columns, classes in found
        for other_table, other, _unique, more, their_classes in found
        if table == other_table and name != other and not unique
        if more[: len(columns)] == columns and their_classes[: len(classes)] == classes
    }

    assert len(found) > 100
    assert not repeated
