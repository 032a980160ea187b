"""Published policies: kept as they were, newest in force."""

import pytest
from django.db import IntegrityError, connection, transaction

from sla.errors import PolicyInvalid, PolicyVersionTaken, PolicyVersionUnknown
from sla.models import PolicyVersion
from sla.policy import DEFAULT_POLICY, Policy
from sla.selectors import policy_in_force, policy_version
from sla.services import publish_policy_version

pytestmark = pytest.mark.django_db


def document(version, target="PT2H"):
    rules = {**DEFAULT_POLICY["rules"]}
    rules["technical"] = {**rules["technical"], "business": {**rules["technical"]["business"]}}
    rules["technical"]["business"]["A"] = {"availability": "always", "target": target}
    return {**DEFAULT_POLICY, "version": version, "note": "Two hours", "rules": rules}


def test_the_default_policy_is_version_1():
    """SLA-1"""
    row = PolicyVersion.objects.get()

    assert (row.version, row.document, str(row)) == (1, DEFAULT_POLICY, "1")
    assert policy_in_force().policy == Policy.from_document(DEFAULT_POLICY)


def test_a_published_policy_is_in_force_and_older_ones_stay_readable():
    """SLA-1: a request keeps the version under which it was promised."""
    published = publish_policy_version(document=document(2), published_by="operator@desk.example")

    assert published.published_at is not None
    assert (published.note, published.published_by) == ("Two hours", "operator@desk.example")
    assert policy_in_force().version == 2
    assert str(policy_version(2).policy.cell(kind="technical", tier="business", severity="A").target) == "PT2H"
    assert str(policy_version(1).policy.cell(kind="technical", tier="business", severity="A").target) == "PT1H"


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_is_not_above_the_newest_is_refused(version):
    publish_policy_version(document=document(2), published_by="")

    with pytest.raises(PolicyVersionTaken) as refusal:
        publish_policy_version(document=document(version, "PT3H"), published_by="")

    assert (refusal.value.version, refusal.value.newest) == (version, 2)
    assert PolicyVersion.objects.count() == 2


def test_an_invalid_document_changes_nothing():
    """DESIGN, Commitments"""
    with pytest.raises(PolicyInvalid):
        publish_policy_version(document=document(2, "soon"), published_by="")

    assert PolicyVersion.objects.count() == 1


def test_a_policy_that_was_rolled_back_leaves_no_trace():
    """Policies are kept in the process once read; one that never came to be must not be."""
    before = transaction.savepoint()
    publish_policy_version(document=document(2, "PT3H"), published_by="")
    assert str(policy_in_force().policy.cell(kind="technical", tier="business", severity="A").target) == "PT3H"
    transaction.savepoint_rollback(before)

    publish_policy_version(document=document(2, "PT4H"), published_by="")

    assert str(policy_in_force().policy.cell(kind="technical", tier="business", severity="A").target) == "PT4H"


def test_a_version_that_was_never_published_is_unknown():
    with pytest.raises(PolicyVersionUnknown):
        policy_version(7)


def test_reading_a_known_policy_takes_one_query(django_assert_num_queries):
    policy_in_force()

    with django_assert_num_queries(1):
        policy_in_force()
    with django_assert_num_queries(1):
        policy_version(1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sla_policyversion SET note = 'other'",
        "DELETE FROM sla_policyversion",
        "TRUNCATE sla_policyversion CASCADE",
    ],
)
def test_the_database_refuses_to_change_a_published_policy(statement):
    """SLA-1, P-10"""
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert PolicyVersion.objects.get().document == DEFAULT_POLICY


def test_the_database_refuses_version_zero():
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(version=0, document={})
