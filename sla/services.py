"""Writes: staff publish policies."""

from collections.abc import Iterable

from django.db import connection, transaction

from sla.errors import PolicyVersionTaken
from sla.models import PolicyVersion
from sla.policy import Policy


@transaction.atomic
def publish_policy_version(*, document: object, published_by: str, replacing: int | None = None) -> PolicyVersion:
    """Put a policy document in force for all cycles that start from now on (SLA-1).

    `published_by` is a label. The document brings its version, which must lie above the newest; `replacing` is the
    version that must still be in force. Raises PolicyInvalid with all that is wrong, or PolicyVersionTaken; either
    changes nothing.
    """
    policy = Policy.from_document(document)
    _let_one_publish_at_a_time()
    newest = PolicyVersion.objects.order_by("-version").values_list("version", flat=True).first() or 0
    if policy.version <= newest or replacing not in (None, newest):
        raise PolicyVersionTaken(version=policy.version, newest=newest)
    return PolicyVersion.objects.create(
        version=policy.version, note=policy.note, document=document, published_by=published_by
    )


def _let_one_publish_at_a_time() -> None:
    """Hold a lock of our own until the transaction ends; the rows themselves say nothing of one that is to come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sla.publish_policy_version'))")


def forget_publisher(versions: Iterable[int]) -> None:
    """Blank the label of these versions: it may be the name of somebody who is erased; all else of a version stays."""
    PolicyVersion.objects.filter(version__in=versions).update(published_by="")
