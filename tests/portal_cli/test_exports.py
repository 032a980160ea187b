"""Exports over the command line."""

import json

import pytest

from tests.tickets.exporting import written
from tickets.models import Export


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    """Files of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "files"


def test_an_export_is_asked_for_waited_for_and_downloaded_whole(portal, filed, tmp_path):
    asked = portal("export", "requests", "--severity", "A", "--no-wait").json
    assert (asked["state"], asked["filters"]) == ("queued", {"severity": ["A"]})
    written(Export.objects.get())

    target = tmp_path / "requests.ndjson"
    done = portal("export", "--id", asked["id"], "-o", target).json

    assert (done["state"], done["path"]) == ("ready", str(target))
    assert [json.loads(line)["number"] for line in target.read_text().splitlines()] == [filed]
    assert portal("export", "--id", asked["id"], "-o", target).status == 2, "nothing is replaced"
    assert portal("export", "--id", asked["id"] + 1).status == 3
    nowhere = portal("export", "--id", asked["id"], "-o", tmp_path / "nowhere" / "x.ndjson")
    assert (nowhere.status, "nowhere" in nowhere.problem["detail"]) == (1, True)


def test_an_export_that_has_no_place_to_go_to_is_not_asked_for(portal, tmp_path):
    """There are five an hour."""
    target = tmp_path / "requests.ndjson"
    target.write_text("Of yesterday")

    assert portal("export", "-o", target).status == 2
    assert not Export.objects.exists()
