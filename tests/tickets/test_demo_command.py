"""`manage.py demo`: what it refuses, what it leaves alone, and how a demo takes the place of a database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Organisation, Plan
from tests import factories
from tests.conftest import OwnDatabase
from tickets.demo.replacing import replaced_by_copy, replaced_by_new
from tickets.models import ServiceRequest


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Files of the demo go where no other test looks."""
    settings.VAR_DIR = tmp_path
    settings.DEMO_FILE = tmp_path / "demo.json"
    settings.MEDIA_ROOT = tmp_path / "attachments"
    settings.MAIL_DIR = tmp_path / "mail"
    return tmp_path


def test_a_database_that_is_no_demo_is_never_dropped(db: None, settings: Any) -> None:
    settings.DEMO = False
    factories.make_organisation("somebody-real")

    with pytest.raises(CommandError, match="--yes-really"):
        call_command("demo")
    with pytest.raises(CommandError, match="--yes-really"):
        call_command("demo", if_empty=True)

    assert Organisation.objects.filter(slug="somebody-real").exists()


def test_a_demo_that_is_there_is_left_alone(db: None, folder: Path) -> None:
    factories.make_organisation("already-here")
    out = StringIO()

    call_command("demo", if_empty=True, stdout=out)

    assert list(Organisation.objects.values_list("slug", flat=True)) == ["already-here"]
    assert out.getvalue() == ""
    assert list(folder.iterdir()) == []


def test_an_empty_database_is_filled(own_database: OwnDatabase, folder: Path) -> None:
    out = StringIO()

    call_command("demo", if_empty=True, limit=6, stdout=out)

    assert connection.settings_dict["NAME"] == own_database.name
    assert ServiceRequest.objects.count() == 6
    assert (folder / "demo.json").exists()
    assert "100 %" in out.getvalue()


def test_a_reset_leaves_nothing_of_the_demo_before(own_database: OwnDatabase, folder: Path) -> None:
    """The event table refuses DELETE and TRUNCATE; the database is made anew."""
    factories.make_organisation("yesterdays-demo")
    old_mail = folder / "mail" / "yesterday.eml"
    old_mail.parent.mkdir()
    old_mail.write_text("Subject: old")

    call_command("demo", limit=6, stdout=StringIO())

    assert not Organisation.objects.filter(slug="yesterdays-demo").exists()
    assert ServiceRequest.objects.count() == 6
    assert not old_mail.exists()


@pytest.mark.parametrize("replaced", [replaced_by_copy, replaced_by_new])
def test_what_fails_half_way_changes_nothing(
    own_database: OwnDatabase, replaced: Callable[[], AbstractContextManager[None]]
) -> None:
    factories.make_organisation("as-it-was")

    def fail() -> None:
        factories.make_organisation("half-done")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), replaced():
        fail()

    assert list(Organisation.objects.values_list("slug", flat=True)) == ["as-it-was"]


def test_a_copy_holds_what_the_database_held_and_a_new_one_only_what_migrations_bring(
    own_database: OwnDatabase,
) -> None:
    factories.make_organisation("kept")
    with replaced_by_copy():
        assert Organisation.objects.filter(slug="kept").exists()
    with replaced_by_new():
        assert not Organisation.objects.exists()
        assert Plan.objects.exists()

    assert connection.settings_dict["NAME"] == own_database.name
    assert not Organisation.objects.exists()
