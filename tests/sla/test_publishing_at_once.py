"""Two people publish in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from sla.errors import PolicyVersionTaken
from sla.models import PolicyVersion
from sla.policy import DEFAULT_POLICY
from sla.services import publish_policy_version

PUBLISHERS = 6


@pytest.mark.parametrize("versions", [[2] * PUBLISHERS, list(range(2, 2 + PUBLISHERS))])
def test_versions_are_published_one_after_the_other_and_each_once(own_database, versions):
    """SLA-1: the newest version is always the one that was published last."""
    start = Barrier(len(versions))

    def publish(version):
        start.wait(timeout=10)
        try:
            publish_policy_version(document={**DEFAULT_POLICY, "version": version}, published_by="")
        except PolicyVersionTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(versions)) as pool:
        published = sum(pool.map(publish, versions))

    rows = list(PolicyVersion.objects.order_by("pk").values_list("version", flat=True))
    assert rows == sorted(set(rows))
    assert len(rows) == 1 + published
    assert max(rows) == max(versions)
