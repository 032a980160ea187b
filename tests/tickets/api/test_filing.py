"""Filing and previewing over the API."""

import pytest

from tests.tickets.api.calling import LIST, PREVIEW, QUESTION, code_of, path_of, pointers_of
from tickets.models import ServiceRequest

ANSWERED = {"number", "state", "severity", "assessment", "commitment", "closed_at", "reopen_until"}  # DESIGN, the API


def test_a_request_is_filed_and_its_severity_and_promise_are_told(api, form, organisation):
    """SE-1, SLA-1: the shape of DESIGN's table"""
    answer = api.post(LIST, form)

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert set(told) >= ANSWERED
    assert (told["state"], told["severity"], told["closed_at"]) == ("awaiting_response", "A", None)
    assert told["assessment"]["severity"] == "A"
    assert told["assessment"]["scope"] == "in_scope"
    assert told["assessment"]["evidence"][0]["rule"] == "SE-2"
    assert told["commitment"]["availability"] == "always"
    assert (told["commitment"]["target"], told["commitment"]["state"]) == ("PT1H", "running")
    assert told["commitment"]["policy_version"] == 1
    assert told["commitment"]["explanation"]
    assert ServiceRequest.objects.get(number=told["number"]).organisation == organisation
    assert answer["Location"].endswith(path_of(told["number"]))
    assert answer["ETag"] == '"1"'
    assert api.get(path_of(told["number"])).json() == told
