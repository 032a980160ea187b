"""What others wrote does nothing to a terminal (P-7)."""

import json

import pytest

from portal_cli import sending
from portal_cli.inert import as_json, inert, one_line
from tickets.models import Message

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mred\x1b]8;;https://evil.example\x1b\\link [bold]b[/] \u202egnp.exe"


@pytest.mark.parametrize("text", [HOSTILE, "\x00", "\x85\u2028", "\ud800", "\r\x1b[A"])
def test_no_control_character_and_no_turn_of_direction_is_left(text):
    """P-7"""
    for cleaned in (inert(text), one_line(text), as_json({"a": text})):
        assert not set(cleaned) & set("\x1b\x07\x9b\u202e\x00\x85\u2028\r\ud800")
    assert json.loads(as_json({"a": text})) == {"a": text}


def test_lines_tabs_and_other_writings_stay():
    assert inert("一行\n\ttwo — می\u200cخواهم 👩\u200d🚀") == "一行\n\ttwo — می\u200cخواهم 👩\u200d🚀"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../.ssh/authorized_keys", "authorized_keys"),
        ("C:\\Windows\\x.exe", "x.exe"),
        (".bashrc", "bashrc"),
        ("..", "attachment-7"),
        ("a\x1b[2Jb\u202egnp.exe", "a_[2Jb_gnp.exe"),
        ("郵件 紀錄.csv", "郵件 紀錄.csv"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
    ],
)
def test_a_downloaded_file_lands_in_its_folder_under_a_harmless_name(name, kept):
    """P-7"""
    assert sending.safe_name(name, fallback="attachment-7") == kept


def test_a_terminal_shows_hostile_texts_as_text(portal, filed):
    """P-7: past every check of the portal, as if somebody had got around them"""
    Message.objects.filter(request__number=filed).update(body=HOSTILE)

    said = portal("show", filed, as_json=False)

    assert said.status == 0, said
    assert not set(said.out) & set("\x1b\x07\x9b\u202e")
    assert "[bold]b[/]" in said.out
    assert portal("show", filed).json["messages"][0]["body"] == HOSTILE
