"""Which refusals operations name in the description, read from the code behind them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from support_portal.api.raising import problems_of
from tests.door.test_recipes import described
from tests.door.test_refusals import described_operations
from tests.witness import Witness
from tickets.api.views.acts import ReopenView
from tickets.api.views.conversation import AttachmentsView

REOPENING = "/api/v1/service-requests/SR-481516234/reopen/"


def test_an_operation_names_what_it_alone_refuses():
    """P-8: by status and code; not what all refuse, and not what others do"""
    codes = [(int(row.status), row.code) for row in problems_of(ReopenView, "POST")]

    assert (409, "reopen-window-closed") in codes
    assert codes == sorted(codes)
    assert not {"not-permitted", "version-mismatch", "tag-exists", "invalid-policy"} & {code for _, code in codes}


def test_what_is_refused_before_the_work_begins_counts_too():
    codes = {row.code for row in problems_of(AttachmentsView, "POST")}

    assert {"attachment-too-large", "attachment-refused", "illegal-transition"} <= codes


def test_what_an_operation_names_is_in_its_description_with_a_status_that_it_describes():
    named = 0
    for operation in described_operations():
        told = described(operation)[1]
        codes = told["x-problem-codes"]
        rows = [line for line in told["description"].splitlines() if line.startswith("May be refused with ")]
        assert [code for code in codes if f"`{code}`" not in "".join(rows)] == []
        statuses = {word for word in "".join(rows).split() if word.isdigit()}
        assert statuses <= told["responses"].keys(), f"{operation}: {statuses - told['responses'].keys()}"
        named += len(codes)
    assert named > len(described_operations())


@pytest.mark.parametrize(
    ("code", "is_told"), [("reopen-window-closed", True), ("not-permitted", True), ("tag-exists", False)]
)
def test_a_refusal_that_is_not_told_fails_whatever_test_meets_it(code, is_told):
    request = RequestFactory().post(REOPENING)
    request.resolver_match = resolve(REOPENING)
    answer = HttpResponse()
    answer.problem = SimpleNamespace(code=code, status=409)
    witness = Witness(lambda _: answer)

    if is_told:
        assert witness(request) is answer
    else:
        with pytest.raises(AssertionError, match="ReopenView POST refuses with tag-exists"):
            witness(request)
