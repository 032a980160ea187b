"""The OpenAPI document and its pages."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.api.base import ApiView
from accounts.scopes import ANY_SCOPE, SCOPES
from support_portal.api.views import UnknownAddressView, problems
from support_portal.problems import PROBLEMS

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
    assert set(view.required_scopes.values()) <= {*SCOPES, ANY_SCOPE}


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


@pytest.mark.django_db
def test_schema_and_pages_are_open_to_everybody():
    client = Client()

    assert client.get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/docs/").status_code == 200
    assert client.get("/api/v1/docs/?script=").status_code == 200
    assert client.get("/api/v1/docs/errors/").status_code == 200


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
