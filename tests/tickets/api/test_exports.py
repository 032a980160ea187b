"""Exports over the API: asked for, looked at, downloaded in parts, cancelled, removed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Event, Person
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, code_of, path_of, pointers_of
from tests.tickets.exporting import cells_of
from tests.tickets.test_incidents import declared
from tickets.api import export_examples as examples
from tickets.api.serializers.assessing import PastCommitmentOutput
from tickets.export_rows import COLUMNS, DESK_COLUMNS
from tickets.models import Export
from tickets.services import conversation, exporting
from tickets.services.closing import Ending, close_request
from tickets.services.incident_links import link_incident
from tickets.services.tags import add_tag, tag_request

EXPORTS = "/api/v1/exports/"


@pytest.fixture(autouse=True)
def room(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def ask(api: APIClient, kind: str = "requests", file_format: str = "ndjson", **more: Any) -> Any:
    return api.post(EXPORTS, {"kind": kind, "file_format": file_format, **more}, format="json")


def ready(api: APIClient, *args: Any, **more: Any) -> dict[str, Any]:
    """An export that was asked for and written."""
    address = ask(api, *args, **more)["Location"]
    exporting.write_exports(within=timedelta(minutes=1))
    found: dict[str, Any] = api.get(address).json()
    assert found["state"] == "ready"
    return found


def file_of(api: APIClient, export: dict[str, Any], **headers: str) -> tuple[Any, bytes]:
    answer = api.get(export["url"], headers={name.replace("_", "-"): value for name, value in headers.items()})
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def rows_of(api: APIClient, *args: Any, **more: Any) -> list[dict[str, Any]]:
    _answer, content = file_of(api, ready(api, *args, **more))
    return [json.loads(line) for line in content.splitlines()]


def test_an_export_goes_its_way(api: APIClient, open_request: Any) -> None:
    """P-2, P-10: the answers, and that a repeated call asks for one export"""
    filters = {"open": True, "severity": ["A"], "created_after": "2026-01-01T00:00:00Z"}
    body = {"kind": "requests", "file_format": "csv", "filters": filters}
    made, again = (api.post(EXPORTS, body, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    assert (made.json()["state"], made.json()["url"], made.json()["filters"]) == ("queued", None, body["filters"])
    assert code_of(api.get(f"{made['Location']}file/")) == "export-not-ready"

    exporting.write_exports()
    told = api.get(made["Location"])
    answer, content = file_of(api, told.json())

    assert (told.json()["state"], told.json()["progress"]) == ("ready", {"rows": 1, "percent": 100})
    assert (told["ETag"] != made["ETag"], told.json()["size"]) == (True, len(content))
    assert hashlib.sha256(content).hexdigest() == told.json()["sha256"]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="requests-')
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert cells_of(content)[1][0] == open_request.number
    assert [row["id"] for row in api.get(EXPORTS).json()["results"]] == [told.json()["id"]]
    assert Event.objects.filter(kind="export_downloaded", via__startswith="token:").count() == 1


def test_a_download_that_broke_off_goes_on(api: APIClient, open_request: Any) -> None:
    export = ready(api)
    whole, content = file_of(api, export)
    tag, size = whole["ETag"], len(content)

    first, beginning = file_of(api, export, Range="bytes=0-99")
    rest, end = file_of(api, export, Range="bytes=100-", If_Range=tag)
    _last, tail = file_of(api, export, Range="bytes=-10")
    changed, all_of_it = file_of(api, export, Range="bytes=100-", If_Range='"another"')
    several, _ = file_of(api, export, Range="bytes=0-1,5-9")
    beyond, _ = file_of(api, export, Range=f"bytes={size}-")

    assert (first.status_code, first["Content-Range"], first["Content-Length"]) == (206, f"bytes 0-99/{size}", "100")
    assert (beginning + end, tail, whole["Accept-Ranges"]) == (content, content[-10:], "bytes")
    assert (rest.status_code, changed.status_code, several.status_code) == (206, 200, 200)
    assert all_of_it == content
    assert (beyond.status_code, beyond["Content-Range"], code_of(beyond)) == (
        416,
        f"bytes */{size}",
        "export-part-unknown",
    )
    begun = Event.objects.filter(kind="export_downloaded").order_by("id").values_list("data__begins_at", flat=True)
    assert list(begun) == [0, 0, 100, size - 10, 0, 0]


def test_looking_at_the_headers_is_no_download(api: APIClient, open_request: Any) -> None:
    export = ready(api)

    assert api.head(export["url"])["Content-Length"] == str(export["size"])
    assert not Event.objects.filter(kind="export_downloaded").exists()


@pytest.fixture
def busy(open_request: Any, admin_person: Person) -> Any:
    """A request on which something of everything happened."""
    engineer = factories.actor(factories.make_staff("engineer"))
    number = open_request.number
    conversation.add_internal_note(number=number, actor=engineer, body="Between us.")
    conversation.reply_publicly(number=number, actor=engineer, body="We look.")
    lead = factories.actor(factories.make_staff("team_lead"))
    add_tag(name="Mail", actor=lead)
    tag_request(number=number, actor=engineer, add=["Mail"])
    link_incident(number=number, incident_number=declared(lead).number, actor=engineer)
    close_request(number=number, actor=engineer, ending=Ending("out_of_scope", "Not ours.", referral="third_party"))
    return open_request


@pytest.mark.parametrize("who", ["api", "staff"])
def test_rows_of_requests_say_what_the_api_says(busy: Any, who: str, request: pytest.FixtureRequest) -> None:
    """The API's own words and names: each field against the list and the request itself"""
    caller: APIClient = request.getfixturevalue(who)
    [row] = rows_of(caller)
    [listed] = caller.get(LIST).json()["results"]
    whole = caller.get(path_of(busy.number)).json()

    assert {name: row[name] for name in listed} == listed
    others = set(row) - set(listed)
    assert {name: row[name] for name in others} == {name: whole[name] for name in others}
    assert (row["desk"] is None) is (who == "api")


@pytest.mark.parametrize("who", ["api", "staff"])
def test_rows_of_events_say_what_the_api_says(busy: Any, who: str, request: pytest.FixtureRequest) -> None:
    caller: APIClient = request.getfixturevalue(who)

    told = caller.get(path_of(busy.number, "events"), {"page_size": 100}).json()["results"]

    assert rows_of(caller, "events") == [{"number": busy.number, **each} for each in told]


def test_rows_of_commitments_say_what_the_api_says(api: APIClient, busy: Any) -> None:
    told = api.get(path_of(busy.number, "commitments")).json()["results"]
    rows = rows_of(api, "commitments")

    left_out = {"availability_text", "due_text", "explanation", "severity_cap"}
    assert set(PastCommitmentOutput().fields) - left_out == set(rows[0]) - {"number"}
    expected = [{name: each[name] for name in each if name not in left_out} for each in reversed(told)]
    assert rows == [{"number": busy.number, **each} for each in expected]


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_csv_has_a_column_for_everything_in_a_row(staff: APIClient, busy: Any, kind: str) -> None:
    _answer, content = file_of(staff, ready(staff, kind, "csv"))
    row = rows_of(staff, kind)[0]
    places = {place.partition(".")[0] for place, _ in (*COLUMNS[kind], *(DESK_COLUMNS if kind == "requests" else ()))}

    headings, *rows = cells_of(content)
    assert set(row) - places == ({"due_at"} if kind == "requests" else set())  # the promise's own is beside it
    assert all(len(cells) == len(headings) for cells in rows)


def test_lines_end_where_a_reader_of_lines_thinks_so(api: APIClient, admin_person: Person) -> None:
    """P-8: U+2028 and the like stand in the text, escaped"""
    filed = making.filed(factories.actor(admin_person))
    type(filed).objects.filter(pk=filed.pk).update(subject="one\u2028two\u0085three")
    _answer, content = file_of(api, ready(api))

    assert len(content.decode().splitlines()) == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "people"}, "#/kind"),
        ({"file_format": "xlsx"}, "#/file_format"),
        ({"state": "ready"}, "#/state"),
        ({"filters": {"ordering": "due_at"}}, "#/filters/ordering"),
        ({"filters": {"include": ["messages"]}}, "#/filters/include"),
        ({"filters": {"severity": ["D"]}}, "#/filters/severity"),
        ({"filters": {"created_before": "yesterday"}}, "#/filters/created_before"),
        ({"filters": {"assignee": "me"}}, "#/filters/assignee"),
        ({"filters": []}, "#/filters"),
        ({"language": "tlh"}, "#/language"),
    ],
)
def test_what_is_wrong_is_named(api: APIClient, body: dict[str, Any], place: str) -> None:
    refused = api.post(EXPORTS, {"kind": "requests", "file_format": "csv", **body}, format="json")

    assert refused.status_code == 400
    assert any(each.startswith(place) for each in pointers_of(refused)), refused.json()
    assert not Export.objects.exists()


def test_the_sixth_within_an_hour_is_told_to_wait(api: APIClient) -> None:
    answers = [ask(api) for _ in range(6)]

    assert [each.status_code for each in answers] in ([201] * 5 + [429], [201] * 6)  # the hour may turn meanwhile
    if answers[-1].status_code == 429:
        assert int(answers[-1]["Retry-After"]) > 0


def test_strangers_and_colleagues_find_nothing(
    api: APIClient, reader: APIClient, stranger: APIClient, staff: APIClient, open_request: Any
) -> None:
    """P-5"""
    export = ready(api)
    address = f"{EXPORTS}{export['id']}/"
    for caller in (reader, stranger, staff):
        answers = [
            caller.get(address),
            caller.get(f"{address}file/"),
            caller.post(f"{address}cancel/", {}, format="json"),
            caller.delete(address, headers={"If-Match": "*"}),
        ]
        missing = caller.get(f"{EXPORTS}99999999/")
        assert {code_of(each) for each in answers} == {"export-not-found"}
        assert answers[0].json()["detail"] == missing.json()["detail"]
        assert caller.get(EXPORTS).json()["results"] == []
    assert Export.objects.get().state == "ready"


def test_a_token_needs_the_scopes(admin_person: Person, open_request: Any) -> None:
    """RO-1"""
    reads = factories.api_of(admin_person, "exports:read")
    writes = factories.api_of(admin_person, "exports:write")

    assert [ask(reads).status_code, ask(writes).status_code] == [403, 201]
    assert [reads.get(EXPORTS).status_code, writes.get(EXPORTS).status_code] == [200, 403]


def test_without_the_scope_of_the_queue_staff_get_what_customers_read(open_request: Any) -> None:
    """P-5: and a token without it does not get at a file that has more"""
    person = factories.make_staff("engineer")
    engineer = factories.actor(person)
    conversation.add_internal_note(number=open_request.number, actor=engineer, body="Between us.")
    whole = factories.api_of(person)
    lesser = factories.api_of(person, "exports:read", "exports:write")

    [row] = rows_of(lesser)
    events = rows_of(lesser, "events")
    internal = ready(whole)

    assert row["desk"] is None
    assert not any(event["internal"] for event in events)
    assert code_of(lesser.get(internal["url"])) == "export-not-found"


def test_cancelling_keeps_the_row_and_removing_does_not(api: APIClient, open_request: Any) -> None:
    first, second = ask(api)["Location"], ask(api)["Location"]

    cancelled = api.post(f"{first}cancel/", {}, format="json")
    again = api.post(f"{first}cancel/", {}, format="json")
    bare = api.delete(second)
    stale = api.delete(second, headers={"If-Match": '"99"'})
    removed = api.delete(second, headers={"If-Match": "*"})

    assert (cancelled.json()["state"], cancelled.json()["failure"]) == ("cancelled", "by_asker")
    assert (code_of(again), bare.status_code, stale.status_code, removed.status_code) == ("export-over", 428, 412, 204)
    assert api.get(second).status_code == 404
    assert [row["state"] for row in api.get(EXPORTS).json()["results"]] == ["cancelled"]


def test_the_examples_can_be_sent(api: APIClient, open_request: Any) -> None:
    """Examples that do not work teach nothing"""
    made = api.post(EXPORTS, examples.WISH, format="json")

    assert made.status_code == 201
    assert set(made.json()) == set(examples.EXPORT)
    assert set(made.json()["progress"]) == set(examples.EXPORT["progress"])
