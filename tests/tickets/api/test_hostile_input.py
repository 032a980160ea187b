"""Whatever is sent, the API answers calmly, and stores either what was meant or nothing (P-8)."""

import copy
import json

import pytest

from tests.tickets.api.calling import LIST, PREVIEW, QUEUE, path_of
from tickets.models import Message, ServiceRequest

TEXTS = {
    "nul": "a\x00b",
    "bell": "a\x07b",
    "override": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "accents": "e" + "\u0301" * 10_000,
    "long": "x" * 60_000,
    "newlines": "a\r\nb\u2028c",
    "quotes": "'; DROP TABLE tickets_servicerequest; --",
    "percent": "%s %(x)s {0} {{ x }} {% x %}",
    "wildcards": "% _ \\ * ? :* & | ! <-> (",
    "emoji": "👩‍💻 \U0010ffff",
    "right to left": "שלום مرحبا",
    "path": "../../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "digits": "١٢٣",
    "space": "\u3000 \u00a0",
}
OTHERS = [None, True, 0, -1, 2**63, 1.5, [], {}, ["x"], {"x": "y"}, [[]], ""]
FIELDS = [
    ("subject",),
    ("description",),
    ("category",),
    ("service",),
    ("topic",),
    ("subscription",),
    ("problem_started_at",),
    ("severity",),
    ("diagnostic_consent",),
    ("is_test",),
    ("impact",),
    ("contact",),
    *[("impact", name) for name in ("service_state", "users_affected", "workaround")],
    *[
        ("contact", name)
        for name in ("method", "language", "phone", "timezone", "country", "translator", "callback_at")
    ],
]
CHARSETS = ("utf-16", "latin-1", "x", "utf-8,utf-16", '"')
FILTERS = ("state", "open", "recently_closed", "severity", "category", "service", "assignee", "breached", "due_before")
PARAMETERS = (*FILTERS, "created_after", "q", "ordering", "cursor", "page_size", "view", "unknown")


def changed(form, field, value):
    form = copy.deepcopy(form)
    place = form
    for name in field[:-1]:
        place = place.setdefault(name, {})
    place[field[-1]] = value
    return form


@pytest.mark.parametrize("field", FIELDS, ids=".".join)
def test_whatever_is_in_a_field_a_preview_answers_or_refuses_by_name(api, form, field):
    """P-8; corpus × every field"""
    for value in (*TEXTS.values(), *OTHERS):
        answer = api.post(PREVIEW, changed(form, field, value))

        assert answer.status_code in (200, 400, 403, 404), (value, answer.content)
        if answer.status_code == 400:
            places = [fault["pointer"] for fault in answer.json()["errors"]]
            assert all(place.startswith(f"#/{field[0]}") for place in places), (value, places)
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_taken_comes_back_as_it_was_meant(api, form, name):
    """P-8: stored as it was written, or refused; never changed behind the writer's back"""
    text = TEXTS[name]

    answer = api.post(LIST, form | {"description": text})

    if answer.status_code == 201:
        assert answer.json()["description"] == text.replace("\r\n", "\n").replace("\u2028", "\n").strip()
        assert Message.objects.get().body == answer.json()["description"]
    else:
        assert answer.status_code == 400
        assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("path", [LIST, QUEUE])
def test_whatever_is_in_a_parameter_a_list_answers_or_refuses_by_name(staff, open_request, path, parameter):
    """P-8; corpus × every parameter"""
    values = [text for text in TEXTS.values() if len(text) < 300]
    for value in (*values, "", "null", "-1", "1e9", "9" * 30, "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00"):
        answer = staff.get(path, {parameter: value})

        assert answer.status_code in (200, 400), (value, answer.content)
        if answer.status_code == 400:
            assert [fault["parameter"] for fault in answer.json()["errors"]] == [parameter], value


@pytest.mark.parametrize("part", ["messages", "close", "reopen", "severity", "assign", "follow-up"])
def test_whatever_is_sent_to_an_act_it_answers_calmly(staff, open_request, part):
    """P-8"""
    bodies = [*OTHERS, "x", {"body": {}}, {"resolution": []}, {"severity": {}}, {"assignee": "x" * 1000}, {"reason": 1}]
    for body in bodies:
        answer = staff.generic(
            "POST", path_of(open_request.number, part), json.dumps(body), content_type="application/json"
        )

        assert answer.status_code in (200, 400, 403, 409), (body, answer.content)
    assert ServiceRequest.objects.get().state in ("awaiting_response", "in_progress")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", *(f"application/json; charset={name}" for name in CHARSETS)]
)
def test_other_forms_are_not_taken(api, content_type):
    """RELIABILITY, API: 415"""
    answer = api.generic("POST", LIST, '{"subject": "x"}', content_type=content_type)

    assert (answer.status_code, answer.json()["status"]) == (415, 415)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_taken(api, open_request, method):
    for path in (LIST, PREVIEW, path_of(open_request.number, "messages"), path_of(open_request.number, "close")):
        assert getattr(api, method)(path, {}, headers={"If-Match": "*"}).status_code == 405, path
