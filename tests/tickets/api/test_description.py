"""The API's description of requests: complete, true to the answers, with examples that work."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.serializers import Serializer

from accounts import clock
from accounts.models import Person
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import LIST, PREVIEW, QUEUE, close_at, path_of
from tickets.api import urls
from tickets.services.closing import Ending, close_request
from tickets.services.disputes import dispute_severity
from tickets.services.sweeping import sweep
from tickets.services.tags import add_tag
from tickets.services.translators import Arrangement, arrange_translator, ask_translator

WEBHOOKS = "/api/v1/webhooks/"
EXPORTS = "/api/v1/exports/"
NO_BODY = {"multipart/form-data": None}  # an act that needs none
ENGAGEMENTS = "/api/v1/engagements/"
INCIDENTS = "/api/v1/incidents/"
TAGS = "/api/v1/tags/"
POLICIES = "/api/v1/policies/"
OPERATIONS = "/api/v1/operations/"
INBOX = "/api/v1/me/inbox/"
OURS = (
    *("/api/v1/service-requests/", "/api/v1/queue/", "/api/v1/catalogue/", "/api/v1/audit/", ENGAGEMENTS, INCIDENTS),
    *("/api/v1/severity-levels/", "/api/v1/support-hours/", "/api/v1/commitments/", EXPORTS, WEBHOOKS),
    POLICIES,
    "/api/v1/reports/",
    INBOX,
    OPERATIONS,
    TAGS,
)
CATALOGUE = "/api/v1/catalogue/"
ONE = f"{LIST}{{number}}/"


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> dict[str, Any]:
    """The OpenAPI document, generated with every warning an error and held against OpenAPI 3.1."""
    file = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(file))
    return json.loads(file.read_text())


def operations(document):
    """Every operation of this app with its address."""
    for path, methods in document["paths"].items():
        if path.startswith(OURS):
            for method, operation in methods.items():
                yield path, method, operation


def faults_of(document, schema, value):
    """What in a value is not as a schema says."""
    whole = {**schema, "components": document["components"]}
    checker = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{fault.json_path}: {fault.message}" for fault in checker.iter_errors(value)]


def answer_schema(document, path, method, status):
    content = document["paths"][path][method]["responses"][str(status)]["content"]
    return content["application/json"]["schema"]


def serializers_of_ours(base=Serializer):
    """Every serializer of the API, those that others begin from left out."""
    for each in base.__subclasses__():
        yield from serializers_of_ours(each)
        if each.__module__.startswith(("accounts.api", "selfhelp.api", "tickets.api")) and not each.__subclasses__():
            yield each


def test_no_part_of_an_answer_is_left_out_of_the_description(document):
    """What is written down as a serializer, a program finds by its name, and not as any object."""
    answered = {each.__name__.removesuffix("Output") for each in serializers_of_ours() if "Output" in each.__name__}

    assert answered - set(document["components"]["schemas"]) == set()


def test_every_operation_of_this_app_is_described(document):
    """DESIGN, the API"""
    assert len({path for path, _, _ in operations(document)}) == len(urls.urlpatterns)
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert "Scope: `" in operation["description"], path
        assert "SE-" not in operation["summary"] + operation["description"], "rule ids say nothing to readers"
        assert (
            method in ("get", "delete")
            or "requestBody" in operation
            or path.startswith((WEBHOOKS, EXPORTS, POLICIES, OPERATIONS, INBOX))
        ), path


def test_every_change_has_examples_of_call_and_answer(document):
    """DESIGN, the API"""
    for path, method, operation in operations(document):
        if method in ("get", "delete"):
            continue
        code, success = next(each for each in operation["responses"].items() if each[0].startswith("2"))
        assert code == "204" or success["content"]["application/json"]["examples"], path
        body = operation.get("requestBody", {"content": NO_BODY})["content"]
        assert "multipart/form-data" in body or body["application/json"]["examples"], path


def test_every_example_is_what_the_schema_says(document):
    for path, method, operation in operations(document):
        for code, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json", {})
            for name, example in content.get("examples", {}).items():
                assert not faults_of(document, content["schema"], example["value"]), (path, method, code, name)
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, example in content.get("examples", {}).items():
            assert not faults_of(document, content["schema"], example["value"]), (path, method, name)


def test_fields_that_are_always_there_are_described_so(document):
    """Clients need not ask whether a member is there; a person's id is for some callers, and what `include` names"""
    included = {name: {"messages", "commitments"} for name in ("Request", "RequestSummary")}
    for name in ("Request", "RequestSummary", "Preview", "Message", "Attachment", "Event", "PastCommitment"):
        schema = document["components"]["schemas"][name]
        assert set(schema["required"]) == set(schema["properties"]) - included.get(name, set()), name
    assert document["components"]["schemas"]["Person"]["required"] == ["name"]


@pytest.fixture
def senior(db):
    """A program of a senior engineer."""
    return factories.api_of(factories.make_staff("senior_engineer"))


@pytest.fixture
def seventeen(db):
    """The engineer whom the examples name, made before anybody else can get their id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_person', 'id'), 1000)")
    return factories.make_staff("engineer", pk=17)


@pytest.fixture
def surroundings(seventeen, organisation, admin_person, settings, tmp_path):
    """Whom and what the examples name."""
    settings.MEDIA_ROOT = tmp_path
    for reference in ("contoso-e3", "contoso-office-365-e3"):
        factories.make_subscription(organisation, reference=reference)
    factories.make_person(organisation, "global_admin", email="jun.lin@contoso.example")
    for name in ("VIP", "needs call"):
        add_tag(name=name, actor=factories.actor(factories.make_staff("team_lead")))


def test_every_example_can_be_sent_as_it_is(document, surroundings, api, staff, senior, admin_person):
    """Examples that do not work teach nothing"""
    tried = 0
    for path, method, operation in operations(document):
        if path.startswith((ENGAGEMENTS, INCIDENTS, TAGS, POLICIES, WEBHOOKS)):
            continue  # tests of their own try them, on what they are about
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, example in content.get("examples", {}).items():
            answer = try_out(path, method, example["value"], callers=(api, staff, senior), person=admin_person)
            assert answer.status_code in (200, 201), (path, name, answer.content)
            schema = answer_schema(document, path, method, answer.status_code)
            assert not faults_of(document, schema, answer.json()), (path, name)
            tried += 1
    assert tried == 37


def prepared(path, actor, *, staff):
    """The number of a request to which what a path is about has happened."""
    if "survey" in path:
        number = making.filed(actor, severity="C", now=clock.now() - timedelta(days=3)).number
        ending = Ending("solved", "Done.")
        close_request(number=number, actor=staff, ending=ending, now=clock.now() - timedelta(days=2))
        sweep()
        return number
    number = making.filed(actor).number
    if "dispute/settle" in path:
        dispute_severity(number=number, actor=actor, severity="B", statement="One branch.")
        return number
    if "arrange" in path or "settle" in path:
        ask_translator(number=number, actor=actor)
    if "settle" in path:
        meeting = Arrangement("Mei-Ling Wu", clock.now() + timedelta(days=1))
        arrange_translator(number=number, actor=staff, arrangement=meeting)
    return number


def try_out(path, method, body, *, callers, person):
    """Send a body to an operation on a request in the state that it is for, by whoever may."""
    actor = factories.actor(person)
    if "{number}" in path:
        number = prepared(path, actor, staff=factories.actor(Person.objects.get(pk=17)))
        if "reopen" in path or "follow-up" in path:
            closed = close_request(number=number, actor=actor, ending=Ending("solved"))
            if "follow-up" in path:
                archive(closed)
        path = path.replace("{number}", number)
    body = soon(body)
    for caller in callers:
        answer = getattr(caller, method)(path, body, headers={"If-Match": "*"})
        if answer.status_code < 400:
            break
    return answer


def soon(body):
    """The same with appointments in two days, as they were when the example was written."""
    at = (clock.now() + timedelta(days=2)).isoformat()
    return {
        name: soon(value) if isinstance(value, dict) else at if value and name in ("callback_at", "join_at") else value
        for name, value in body.items()
    }


def archive(service_request):
    close_at(service_request, service_request.closed_at - timedelta(days=15))


def test_every_answer_is_what_the_schema_says(document, surroundings, api, staff, open_request, engineer):
    """DESIGN, the API: complete and valid for what exists"""
    number = open_request.number
    message = staff.post(path_of(number, "messages"), {"body": "We are on it."}).json()["id"]
    staff.post(path_of(number, "messages"), {"body": "Note.", "kind": "internal"})
    files, stored_as = path_of(number, "attachments"), answer_schema(document, f"{ONE}attachments/", "post", 201)
    for caller, fields in ((api, {}), (staff, {"message": message})):
        stored = caller.post(files, {"file": SimpleUploadedFile("a.txt", b"x"), **fields}, format="multipart")
        assert not faults_of(document, stored_as, stored.json())
    staff.post(path_of(number, "assign"), {"assignee": "me"})
    staff.post(path_of(number, "severity"), {"severity": "B", "reason": "One site."})

    for caller in (api, staff):
        for part in ((), ("messages",), ("attachments",), ("events",), ("commitments",)):
            check(document, caller, path_of(number, *part), ONE + "".join(f"{each}/" for each in part))
        for path in (LIST, CATALOGUE):
            check(document, caller, path, path)
    check(document, staff, QUEUE, QUEUE)


def check(document, caller, path, described):
    answer = caller.get(path)
    assert answer.status_code == 200, path
    assert not faults_of(document, answer_schema(document, described, "get", 200), answer.json()), path


@pytest.mark.parametrize("change", [{}, {"category": "billing", "subscription": None}, {"contact": {}}])
def test_every_preview_is_what_the_schema_says(document, api, form, change):
    told = api.post(PREVIEW, form | change)

    assert told.status_code == 200
    assert not faults_of(document, answer_schema(document, PREVIEW, "post", 200), told.json())


def test_every_refusal_is_what_the_schema_says(document, api, form, closed_now):
    """RFC 9457"""
    refusals = [
        api.get(path_of("SR-000000001")),
        api.post(LIST, form | {"x": 1}),
        api.post(LIST, form | {"severity": "A"}),
        api.post(path_of(closed_now.number, "messages"), {"body": "Hello?"}),
        api.patch(path_of(closed_now.number), {}),
        api.get(LIST, {"state": "lost"}),
    ]
    problem = {"$ref": "#/components/schemas/Problem"}
    for refusal in refusals:
        assert refusal.status_code >= 400
        assert not faults_of(document, problem, refusal.json())


def test_a_download_is_described_as_one(document):
    operation = document["paths"][f"{ONE}attachments/{{attachment_id}}/"]["get"]

    assert operation["responses"]["200"]["content"] == {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }


def test_an_upload_is_described_as_a_form(document):
    operation = document["paths"][f"{ONE}attachments/"]["post"]

    assert list(operation["requestBody"]["content"]) == ["multipart/form-data"]
    assert {"413", "422"} <= set(operation["responses"])


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        (f"{LIST}bulk/", "post", {"numbers": ["SR-000000001"]}, 400),
        (f"{LIST}bulk/", "post", {"numbers": ["SR-000000001"] * 2, "assign": {"assignee": "me"}}, 400),
        (f"{LIST}bulk/", "post", {"numbers": [], "assign": {"assignee": "me"}}, 400),
        (f"{LIST}bulk/", "post", {"numbers": ["SR-000000001"], "assign": {"assignee": 2**63}}, 400),
        (f"{LIST}bulk/", "post", {"numbers": ["SR-000000001"], "assign": {"assignee": 17.0}}, 200),
        (LIST, "post", {"subject": " \u3000", "description": "x", "category": "billing"}, 400),
        (LIST, "post", {"subject": "\u202ex", "description": "x", "category": "billing"}, 400),
        (
            EXPORTS,
            "post",
            {"kind": "requests", "file_format": "csv", "filters": {"due_before": "0001-01-01T00:00:00Z"}},
            400,
        ),
        (
            EXPORTS,
            "post",
            {"kind": "requests", "file_format": "csv", "filters": {"due_before": "9000-12-31T23:59:59Z"}},
            201,
        ),
    ],
)
def test_what_the_description_does_not_allow_is_what_is_refused(document, api, staff, path, method, body, status):
    """P-8: neither promises more than the other keeps"""
    schema = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]

    assert bool(faults_of(document, schema, body)) == (status == 400)
    assert getattr(api if path == LIST else staff, method)(path, body).status_code == status
