"""The OpenAPI document and its pages."""

import ast
import gzip
import inspect
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.serializers import BooleanField, CharField

from accounts.api.base import ApiView
from accounts.api.serializers import InputSerializer
from accounts.scopes import ANY_SCOPE, SCOPES
from support_portal.api import views as views_of_schema
from support_portal.api.places import GROUPS, PARTS
from support_portal.api.problem_schema import PARTICULARS
from support_portal.api.problem_table import problems
from support_portal.api.views import UnknownAddressView
from support_portal.problems import PROBLEMS
from support_portal.problems import document as document_of_problems

WITHOUT_KEY = {  # stores nothing, so that there is nothing to repeat
    *("CalendarPreviewView", "CommitmentPreviewView", "ServiceRequestPreviewView"),
}


def views(resolver: URLResolver | None = None, parents: str = ""):
    """Every view of the API with its address."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = parents + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, address)
        elif isinstance(entry, URLPattern) and issubclass(getattr(entry.callback, "view_class", object), ApiView):
            yield address, entry.callback.view_class


OPERATIONS = sorted({(address, view) for address, view in views() if view is not UnknownAddressView}, key=str)
METHODS = ("get", "post", "put", "patch", "delete")
FILES = ("/file/", "/attachments/{attachment_id}/", "/attachments/{attachment_id}/preview/")


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The schema, generated with every warning an error and held against OpenAPI 3.1."""
    file = tmp_path_factory.mktemp("schema") / "schema.json"
    options = {"validate": True, "fail_on_warn": True, "format": "openapi-json", "file": str(file)}
    call_command("spectacular", **options)
    return json.loads(file.read_text())


def test_the_schema_is_valid_and_complete(document):
    """DESIGN, the API: complete and valid for what exists"""
    assert document["openapi"] == "3.1.0"
    described = set(document["paths"])
    assert {"/api/v1/me/", "/api/v1/tokens/", "/api/v1/tokens/{token_id}/", "/api/v1/plans/"} <= described
    assert len(described) == len({address for address, _ in OPERATIONS})


def test_every_operation_describes_its_refusals_its_limits_and_how_to_sign_in(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), name
            assert {"token": []} in operation["security"], name
            answers = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
            assert all("RateLimit" in answer["headers"] for answer in answers), name
            assert operation["summary"], name


def test_changes_describe_their_version_and_creations_their_key(document):
    """Settled point 11"""
    deletion = document["paths"]["/api/v1/tokens/{token_id}/"]["delete"]
    creation = document["paths"]["/api/v1/tokens/"]["post"]

    assert {"412", "428"} <= set(deletion["responses"])
    assert [one["required"] for one in deletion["parameters"] if one["name"] == "If-Match"] == [True]
    assert [one["required"] for one in creation["parameters"] if one["name"] == "Idempotency-Key"] == [False]


def test_every_refusal_is_a_problem(document):
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(("address", "view"), OPERATIONS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_every_operation_names_a_scope_that_exists(address, view):
    offered = {method.upper() for method in METHODS if hasattr(view, method)}

    assert set(view.required_scopes) == offered
    assert set(view.required_scopes.values()) <= {*SCOPES} | ({ANY_SCOPE} if address.endswith("/v1/me/") else set())


@pytest.mark.parametrize(
    ("address", "view"),
    [(address, view) for address, view in OPERATIONS if hasattr(view, "post") and view.__name__ not in WITHOUT_KEY],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_every_post_can_be_repeated_and_checks_access_before_it_repeats(address, view):
    """P-2; RELIABILITY.md: replay after today's access check"""
    assert getattr(view.post, "is_idempotent", False)
    assert view.acts.get("POST") or view.check_replay is not ApiView.check_replay
    if "<" in address:
        assert view.check_replay is not ApiView.check_replay, "an operation on one object looks it up again"


def test_every_parameter_and_every_group_says_what_it_is(document):
    """Issue 6: helpful descriptions"""
    operations = [(path, each) for path, methods in document["paths"].items() for each in methods.values()]
    mute = [
        (path, one["name"]) for path, each in operations for one in each["parameters"] if not one.get("description")
    ]

    assert mute == []
    assert {each["name"] for each in document["tags"]} == {name for _, each in operations for name in each["tags"]}
    assert set(GROUPS) == {each["name"] for each in document["tags"]}
    parts = {one["name"] for _, each in operations for one in each["parameters"] if one["in"] == "path"}
    assert {part.rpartition(".")[2] for part in PARTS} == parts


@pytest.mark.parametrize(
    "view", sorted({view for _, view in OPERATIONS if hasattr(view, "get")}, key=str), ids=lambda view: view.__name__
)
def test_every_get_refuses_parameters_that_it_does_not_know(view):
    """RELIABILITY, the API: nothing misspelt gets lost"""
    assert "read_query(" in inspect.getsource(inspect.unwrap(view.get))


def test_a_code_that_several_refusals_share_is_told_of_in_general():
    told = {each.code: str(each.detail) for each in problems()}

    assert told["version-mismatch"].startswith("Read it again")


@pytest.mark.django_db
def test_schema_and_pages_are_open_to_everybody():
    client = Client()

    assert client.get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/docs/").status_code == 200
    assert client.get("/api/v1/docs/?script=").status_code == 200
    assert client.get("/api/v1/docs/errors/").status_code == 200


@pytest.mark.django_db
def test_the_schema_is_made_once_and_not_for_everybody_who_asks(monkeypatch):
    """P-8: it is open to everybody, and takes seconds of work"""
    wanted = {"HTTP_ACCEPT": "application/vnd.oai.openapi"}
    first, yaml = Client().get("/api/v1/schema/"), Client().get("/api/v1/schema/", **wanted)
    assert (first["Content-Type"], yaml["Content-Type"]) == ("application/json", "application/vnd.oai.openapi")
    monkeypatch.setattr(views_of_schema, "SchemaGenerator", None)

    assert Client().get("/api/v1/schema/").content == first.content
    assert Client().get("/api/v1/schema/?lang=xx&version=1", **wanted).content == yaml.content
    again = Client().get("/api/v1/schema/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, first["ETag"] == yaml["ETag"]) == (304, b"", False)
    chinese = Client().get("/api/v1/schema/", headers={"Accept-Language": "zh-Hant"})
    assert (chinese.content, chinese["Content-Language"]) == (first.content, "en")


@pytest.mark.django_db
def test_the_schema_comes_compressed_to_whoever_takes_it_so():
    """Two megabytes of it; it holds no secret"""
    plain = Client().get("/api/v1/schema/")
    asked = {"Accept-Encoding": "br, gzip;q=0.8"}
    zipped = Client().get("/api/v1/schema/", headers=asked)

    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert len(zipped.content) * 10 < len(plain.content)
    for answer in (plain, zipped):
        assert answer["Cache-Control"] == "no-cache"  # kept, so that its ETag is of use
        assert {"Accept", "Accept-Encoding"} <= set(answer["Vary"].split(", "))
    again = Client().get("/api/v1/schema/", headers=asked | {"If-None-Match": zipped["ETag"]})
    assert (again.status_code, plain["ETag"] == zipped["ETag"]) == (304, False)


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, GZip ; q=0.1", True),
        ("", False),
        ("gzip;q=0", False),
        ("br, gzip;q=0.00", False),
        ("xgzip", False),
    ],
)
def test_what_is_not_asked_for_comes_as_it_is(header, accepted):
    assert views_of_schema.accepts_gzip(header) is accepted


def test_what_refusals_tell_besides_is_described():
    """The members of problem documents that `extra` of their rows gives"""
    told = set()
    for file in Path(document_of_problems.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Lambda):
                told |= {ast.literal_eval(key) for key in node.value.body.keys}

    assert told == set(PARTICULARS)


@pytest.mark.parametrize("place", ["query", "body"])
def test_what_parameters_and_bodies_both_choose_from_is_one_type(document, place):
    """Issue 6: a generated client has one type for it"""
    listed = document["paths"]["/api/v1/service-requests/"]["get"]["parameters"]
    severity = next(each["schema"] for each in listed if each["name"] == "severity")
    body = document["components"]["schemas"]["SeverityRequest"]["properties"]["severity"]

    found = severity["items"] if place == "query" else body
    assert "#/components/schemas/SeverityEnum" in json.dumps(found)


def test_bodies_take_no_members_but_those_they_name(document):
    """The parser refuses others, so that a misspelt one never gets lost"""
    schemas = document["components"]["schemas"]
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for operations in document["paths"].values()
        for operation in operations.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    }

    assert {name for name in bodies if schemas[name].get("additionalProperties") is not False} == set()


def test_bodies_say_true_or_false_and_nothing_that_passes_for_it():
    """0, "no" and "false" are other types in the description; in a query all there is are words"""
    flags = {member: kind for member, kind in members().items() if issubclass(kind, BooleanField)}

    assert [member for member, kind in flags.items() if kind is BooleanField and "Filters" not in member] == []
    assert len(flags) > 20


def test_every_text_is_one_of_which_the_characters_are_told():
    """RELIABILITY.md, section 2: no text takes a number, or what cannot be seen; the description says so"""
    texts = {member: kind for member, kind in members().items() if issubclass(kind, CharField)}

    assert [member for member, kind in texts.items() if kind is CharField] == []
    assert len(texts) > 100


def members() -> dict[str, type]:
    """What can be sent, by the serializer and its own name, with the kind of field."""
    fields = {
        f"{each.__name__}.{name}": field for each in below(InputSerializer) for name, field in each().fields.items()
    }
    return {member: type(getattr(field, "child", field)) for member, field in fields.items()}


def below(kind: type) -> set[type]:
    """All that is made of it."""
    return {each for child in kind.__subclasses__() for each in (child, *below(child))}


@pytest.mark.django_db
def test_only_the_docs_page_may_use_inline_styles():
    """Settled point 14"""
    client = Client()
    policies = {path: client.get(path)["Content-Security-Policy"] for path in ("/api/v1/docs/", "/api/v1/docs/errors/")}

    assert "style-src 'self' 'unsafe-inline'" in policies["/api/v1/docs/"]
    assert "script-src 'self';" in policies["/api/v1/docs/"] + ";"
    assert "unsafe" not in policies["/api/v1/docs/errors/"]


@pytest.mark.django_db
def test_the_page_of_errors_has_an_anchor_for_every_code():
    page = Client().get("/api/v1/docs/errors/").content.decode()

    assert {row.code for row in PROBLEMS.values()} <= {row.code for row in problems()}
    for row in problems():
        assert f'id="{row.code}"' in page


def contents(document):
    """Every body and every answer of JSON, with the name of its operation and place."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            places = {"body": operation.get("requestBody", {}), **answers}
            for place, held in places.items():
                named = held.get("$ref", "").rpartition("/")[2]
                held = document["components"]["responses"][named] if named else held
                for form, content in held.get("content", {}).items():
                    if content["schema"].get("format") != "binary":
                        yield f"{method} {path} {place} {form}", content


def test_every_body_every_answer_and_every_refusal_has_an_example_that_fits_its_schema(document):
    """Issue 6: examples for every operation and error"""
    checker, checked, faults = FormatChecker(), {}, []
    for name, content in contents(document):
        examples = [example["value"] for example in content.get("examples", {}).values()]
        assert examples, name
        for example in examples:
            key = json.dumps([content["schema"], example], sort_keys=True)
            if key not in checked:
                whole = {**content["schema"], "components": document["components"]}
                validator = Draft202012Validator(whole, format_checker=checker)
                checked[key] = [f"{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(example)]
            faults += [f"{name}: {fault}" for fault in checked[key]]

    assert faults == []


def test_every_operation_has_a_short_summary_and_a_description(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert 5 < len(operation["summary"]) <= 120, f"{method} {path}"
            assert len(operation["description"]) > 20, f"{method} {path}"


def test_refusals_stand_where_they_can_occur(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found = set(operation["responses"])
            assert {"401", "403", "429", "503"} <= found, path
            assert ("406" in found) != path.endswith(FILES), "a file has no other form than its own"
            assert "{" not in path or "404" in found, path
            assert method not in ("put", "patch", "delete") or {"412", "428"} <= found, path
            assert "requestBody" not in operation or {"400", "411", "413", "415"} <= found, path
            assert method != "post" or {"409", "422"} <= found or path.endswith("/preview/"), path
    download = document["paths"]["/api/v1/service-requests/{number}/attachments/{attachment_id}/"]["get"]
    assert {"409", "410"} <= set(download["responses"]), "being scanned; infected"


def test_examples_of_problems_are_those_of_the_table(document):
    codes = {row.code: row for row in problems()}
    for status, response in document["components"]["responses"].items():
        for code, example in response["content"]["application/problem+json"]["examples"].items():
            assert (str(codes[code].status.value), example["value"]["code"]) == (status, code)
            assert example["value"]["type"].endswith(f"/api/v1/docs/errors/#{code}")


def test_the_list_of_errors_in_the_docs_is_up_to_date():
    call_command("api_errors", check=True)


def links(document):
    """Every link: of which operation, at which status, by its name."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                for name, link in answer.get("links", {}).items():
                    yield f"{operation['operationId']} {status} {name}", path, answer, link


def told_by(expression, path, answer):
    """What an expression of a link stands for, of the example of its answer; nothing where that does not tell it."""
    place, _, rest = expression.removeprefix("$").partition("#/")
    if place == "response.body":
        value = next(iter(answer["content"]["application/json"]["examples"].values()))["value"]
        for step in rest.split("/"):
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value
    kind, name = place.rsplit(".", 1)
    assert kind in ("request.path", "response.header")
    return name in answer["headers"] if kind == "response.header" else "{" + name + "}" in path


def test_every_link_leads_to_an_operation_and_names_what_it_needs(document):
    """Issue 6: what follows from an answer can be found in the description"""
    by_id = {each["operationId"]: (path, each) for path, some in document["paths"].items() for each in some.values()}
    followed = set()
    for name, path, answer, link in links(document):
        target, operation = by_id[link["operationId"]]
        known = {f"{each['in']}.{each['name']}" for each in operation["parameters"]}
        needed = {each for each in known if each.startswith("path.")}
        given = link.get("parameters", {})
        assert needed <= set(given) <= known, (name, target)
        assert all(told_by(expression, path, answer) for expression in given.values()), (name, given)
        followed.add(link["operationId"])

    assert len(followed) > 150, "what cannot be followed to are lists, what makes things, and questions about nothing"


def test_whatever_is_made_and_can_be_read_is_linked_to(document):
    """What a POST makes is read, changed and ended with what its answer tells, and with its version"""
    paths = document["paths"]
    for path, operations in paths.items():
        below = [each for each in paths if each.startswith(path + "{") and each.count("/") == path.count("/") + 1]
        answer = operations.get("post", {}).get("responses", {}).get("201")
        if answer and below:
            wanted = {operation["operationId"] for operation in paths[below[0]].values()}
            assert wanted <= set(answer["links"]), path


@pytest.mark.parametrize(
    ("path", "method", "status", "name", "parameters"),
    [
        (
            *("/api/v1/service-requests/", "post", "201", "service_requests_close_create"),
            {"path.number": "$response.body#/number", "header.If-Match": "$response.header.ETag"},
        ),
        (
            *("/api/v1/queue/next/", "get", "200", "service_requests_assign_create"),
            {"path.number": "$response.body#/request/number", "header.If-Match": "$response.header.ETag"},
        ),
        (
            *("/api/v1/organisations/{slug}/calendar/", "get", "200", "organisations_calendar_update"),
            {"path.slug": "$request.path.slug", "header.If-Match": "$response.header.ETag"},
        ),
        (
            *("/api/v1/organisations/{slug}/", "get", "200", "organisations_calendar_update"),
            {"path.slug": "$request.path.slug"},  # business hours have a version of their own
        ),
        (
            *("/api/v1/queue/", "get", "200", "service_requests_messages_list"),
            {"path.number": "$response.body#/results/0/number"},
        ),
    ],
)
def test_links_carry_what_names_the_thing_and_its_version(document, path, method, status, name, parameters):
    assert document["paths"][path][method]["responses"][status]["links"][name]["parameters"] == parameters


def test_lists_lead_to_what_can_be_read_alone(document):
    """Nobody ends the first of a list unread"""
    listed = document["paths"]["/api/v1/tokens/"]["get"]["responses"]["200"]["links"]

    assert set(listed) == {"tokens_retrieve"}
