"""Which support feature is available in which plan (FE-1)."""

import pytest

from accounts.models import Plan
from selfhelp.selectors import feature_table

pytestmark = pytest.mark.django_db


def cells(table, feature):
    return {
        cell.column: (cell.available, cell.note)
        for group in table.groups
        for row in group.features
        if row.name == feature
        for cell in row.cells
    }


def test_every_plan_has_a_column():
    """FE-1"""
    table = feature_table(language="en")

    assert {name for column in table.columns for name in column.plans} == {
        plan.names["en"] for plan in Plan.objects.all()
    }


def test_only_elevated_support_lets_admins_set_the_severity():
    """FE-1, SE-5"""
    row = cells(feature_table(language="en"), "Set the severity yourself")

    assert [column for column, (available, _) in row.items() if available] == ["With elevated support"]


def test_the_response_to_severity_b_is_that_of_the_tiers():
    """FE-1, SLA-1"""
    row = cells(feature_table(language="en"), "Severity B, high")

    assert row["Business plans"] == (True, "business hours · no committed response time")
    assert row["Enterprise plans"] == (True, "24/7 · next day")
    assert row["With elevated support"] == (True, "24/7 · 2 hours")


def test_what_does_not_differ_is_said_once():
    """FE-1"""
    rows = {row.name: row for group in feature_table(language="en").groups for row in group.features}

    assert rows["How-to questions"].everywhere.available
    assert rows["Severity B, high"].everywhere is None


def test_one_column_can_be_read_alone():
    """FE-1"""
    table = feature_table(language="zh-Hant", column="enterprise")

    assert [column.name for column in table.shown] == ["企業方案"]
    assert len(table.columns) == 7
    assert all(len(row.cells) == 1 and row.everywhere is None for group in table.groups for row in group.features)


def test_an_unknown_column_shows_all():
    """FE-1"""
    assert len(feature_table(language="en", column="'").shown) == 7


def test_the_table_costs_one_query(django_assert_num_queries):
    """FE-1"""
    with django_assert_num_queries(1):
        feature_table(language="en")
