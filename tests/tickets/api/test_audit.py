"""The audit trail over the API (P-10, P-5)."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from accounts.audit import verify_audit
from accounts.models import Event, Organisation, Person
from accounts.services import people, sealing
from tests import factories

AUDIT, EXPORT = "/api/v1/audit/", "/api/v1/audit/export/"


@pytest.fixture
def organisation(db: None) -> Organisation:
    return factories.make_organisation("contoso", name="Contoso")


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return factories.make_person(organisation, "global_admin", name="Ann Lee")


@pytest.fixture
def program(admin):
    """A program of the global admin that may read the trail and nothing else."""
    return factories.api_of(admin, "audit:read")


def give(admin: Person) -> Person:
    other = factories.make_person(admin.organisation, name="Ben Ode")
    people.give_role(person_id=other.pk, role="reader", actor=factories.actor(admin))
    return other


def test_a_record_says_who_did_what_and_where_it_stands_in_the_chain(program, admin):
    """P-10"""
    other = give(admin)
    assert program.get(AUDIT).json()["results"][0]["sequence"] is None
    sealing.seal_events()

    [record] = program.get(AUDIT).json()["results"]

    assert (record["sequence"], len(record["hash"])) == (1, 64)
    assert (record["kind"], record["title"]) == ("role_given", "Role given")
    assert record["actor"] == {"id": admin.pk, "name": "Ann Lee", "is_staff": False}
    assert record["organisation"] == {"slug": "contoso", "name": "Contoso"}
    assert record["data"]["person"] == other.pk
    assert {"name": "Role", "before": None, "value": "Reader"} in record["facts"]


def test_what_comes_by_a_token_says_by_which_and_from_where(admin):
    """P-10"""
    writer = factories.api_of(admin, "tokens:write", "audit:read")

    writer.post("/api/v1/tokens/", {"name": "Robot", "scopes": ["audit:read"]}, REMOTE_ADDR="203.0.113.9")

    record = writer.get(AUDIT, {"kind": "token_issued"}).json()["results"][0]
    assert record["via"].startswith("token:")
    assert record["address"] == "203.0.113.9"


@pytest.mark.parametrize("address", [AUDIT, EXPORT])
def test_it_takes_the_scope_and_the_role(admin, organisation, address):
    """P-6"""
    reader = factories.api_of(factories.make_person(organisation, "reader"))

    assert factories.api_of(admin, "organisation:read").get(address).status_code == 403
    assert reader.get(address).status_code == 403


@pytest.mark.parametrize("name", ["organisation", "records"])
def test_filters_of_support_staff_are_unknown_to_customers(program, name):
    """P-5"""
    value = {"organisation": "fabrikam", "records": "desk"}[name]
    assert program.get(AUDIT, {name: value}).status_code == 400


def test_staff_read_everybodys_and_narrow_it(admin):
    """P-10"""
    give(admin)
    operator = factories.api_of(factories.make_staff("operator"))

    assert len(operator.get(AUDIT, {"organisation": "contoso"}).json()["results"]) == 1
    assert operator.get(AUDIT, {"records": "desk"}).json()["results"] == []
    assert operator.get(AUDIT, {"organisation": "nobody"}).status_code == 404
    several = operator.get(EXPORT, {"file_format": "ndjson"})
    assert (several.status_code, several.json()["code"]) == (400, "export-needs-one-chain")


def test_several_kinds_and_a_span_narrow_the_list(program, admin):
    """P-10"""
    give(admin)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")

    assert len(program.get(AUDIT, {"kind": ["role_given", "role_taken"]}).json()["results"]) == 1
    assert program.get(AUDIT, {"kind": ["role_taken"]}).json()["results"] == []
    assert program.get(AUDIT, {"since": soon}).json()["results"] == []
    assert program.get(AUDIT, {"kind": ["nonsense"]}).status_code == 400


def test_an_export_proves_itself(program, admin):
    """P-10"""
    give(admin)

    response = program.get(EXPORT, {"file_format": "ndjson", "kind": ["role_given"]})

    file = b"".join(response.streaming_content)
    assert response["Content-Type"] == "application/x-ndjson"
    assert verify_audit.verify(io.BytesIO(file)).shown == 1
    assert Event.objects.filter(kind="audit_exported", via__startswith="token:").count() == 1


def test_a_sixth_export_within_the_hour_is_refused(program):
    """RELIABILITY section 3"""
    answers = [program.get(EXPORT, {"file_format": "csv"}).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]
