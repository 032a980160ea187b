"""Cells of CSV files."""

import csv
import io

import pytest

from accounts.csv_cells import csv_lines, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_what_a_spreadsheet_would_calculate_is_text(text):
    """P-7"""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"), [("a=1", "a=1"), ("", ""), (None, ""), (-3, "-3"), (1.5, "1.5"), (True, "True"), ("信", "信")]
)
def test_everything_else_stays_as_it_is(value, cell):
    """P-7: a number below nought is a number."""
    assert safe_cell(value) == cell


def test_a_file_is_written_line_by_line_and_read_back_whole():
    """P-7: quotes, separators and line ends stay inside their cells."""
    rows = [["a,b", 'say "hi"', "two\nlines"], ["=HYPERLINK(1)", 7, None]]

    text = "".join(csv_lines(rows))

    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [["a,b", 'say "hi"', "two\nlines"], ["'=HYPERLINK(1)", "7", ""]]
