"""What single commands do, in both languages, on terminals and in pipes."""

import ast
import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
import tomllib
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from accounts import clock
from accounts.services.principals import create_principal
from portal_cli import showing, words
from portal_cli.commands import portal as group
from portal_cli.commands.watching import Watch
from portal_cli.problems import OutOfReach
from portal_cli.zh_hant import ZH_HANT
from tests import factories
from tests.portal_cli.conftest import ROOT
from tests.processes import eventually
from tests.tickets.test_incidents import declared
from tickets.lifecycle import Resolution
from tickets.models import ServiceRequest
from tickets.services.incident_links import link_incident
from tickets.services.tags import add_tag

PACKAGE = ROOT / "portal_cli"


def test_watching_tells_every_change_until_the_request_is_closed(portal, filed, live_portal, token_of, tmp_path):
    """A line for each change: as it stands, what happened, and how long is left of the promise."""
    token = token_of(factories.make_staff("engineer"))
    lines = []
    command = [sys.executable, "-m", "portal_cli", "watch", filed, "--json", "--interval", "1"]
    surroundings = {**os.environ, "PORTAL_TOKEN": token, "PORTAL_URL": live_portal}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=surroundings) as watching:
        reader = threading.Thread(target=lambda: lines.extend(iter(watching.stdout.readline, "")), daemon=True)
        reader.start()
        try:
            eventually(lambda: len(lines) == 1, within=30)
            assert portal("reply", filed, "-m", "We look into it.", token=token).status == 0
            eventually(lambda: len(lines) == 2, within=30)
            assert portal("close", filed, "-r", "workaround", "-m", "Restart it.", token=token).status == 0
            assert watching.wait(30) == 0
            reader.join(30)
        finally:
            watching.kill()

    first, answered, closed = map(json.loads, lines)
    assert (first["state"], first["events"][0]["kind"]) == ("awaiting_response", "request_filed")
    assert 0 < first["seconds_left"] <= 3600
    assert (answered["state"], answered["seconds_left"]) == ("in_progress", None)
    assert closed["state"] == "closed"
    kinds = [event["kind"] for line in (first, answered, closed) for event in line["events"]]
    assert len(kinds) == len(set(kinds)), "nothing is told twice"


def test_a_list_goes_on_where_it_ended(portal, mei, customer, form):
    """With the cursor alone, as the list says: the filters that it had without any are those that it goes on with."""
    archived, *numbers = [portal("file", *form).json["number"] for _ in range(4)]
    portal("close", archived, "-r", "withdrawn")
    ServiceRequest.objects.filter(number=archived).update(closed_at=clock.now() - timedelta(days=15))

    first = portal("list", "--limit", "2", as_json=False)
    cursor = re.search(r"--cursor (\S+)", first.err)[1]
    rest = portal("list", "--limit", "2", "--cursor", cursor)

    assert [line.split("\t")[0] for line in first.out.splitlines()] == numbers[:0:-1]
    assert [row["number"] for row in rest.lines] == numbers[:1]
    assert len(portal("list", "--all").lines) == 3
    assert portal("list", "--severity", "C").lines == []
    assert [row["number"] for row in portal("list", numbers[1]).lines] == [numbers[1]]


def test_one_refused_file_of_several_does_not_hold_up_the_others(portal, filed, tmp_path):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "full.txt").write_text("Something")

    done = portal("attach", filed, tmp_path / "empty.txt", tmp_path / "full.txt", as_json=False)

    assert done.status == 1
    assert "empty.txt" in done.err
    assert [file["name"] for file in portal("show", filed).json["attachments"]] == ["full.txt"]


def test_a_download_replaces_nothing_unless_it_is_told_to(portal, filed, tmp_path):
    here = tmp_path / "log.txt"
    here.write_text("Of today")
    portal("attach", filed, here)
    here.write_text("Of tomorrow")

    assert portal("download", filed, "-o", tmp_path).status == 2
    assert here.read_text() == "Of tomorrow"
    assert portal("download", filed, "-o", tmp_path, "--force").status == 0
    assert here.read_text() == "Of today"
    assert portal("download", filed, "4711").status == 3


def test_files_that_share_a_name_all_arrive(portal, filed, tmp_path):
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "log.txt").write_text(f"Of {day}")
        portal("attach", filed, tmp_path / day / "log.txt")

    saved = portal("download", filed, "-o", tmp_path).json

    assert [Path(file["path"]).read_text() for file in saved] == ["Of monday", "Of tuesday"]
    assert [Path(file["path"]).name for file in saved] == [f"log-{file['id']}.txt" for file in saved]


def test_a_program_without_an_address_is_shown_by_its_name_alone(portal, customer, token_of):
    boss = factories.actor(factories.make_person(customer, "global_admin"))
    monitoring = create_principal(name="Monitoring", roles=["reader"], actor=boss)

    said = portal("whoami", token=token_of(monitoring), as_json=False)

    assert "Monitoring\n" in said.out


@pytest.mark.parametrize("away", [1, 2])
def test_what_could_not_be_read_while_watching_is_told_with_the_next_look(away):
    """Whichever page of the events it was that the portal gave no answer to."""
    pages = {None: ([{"id": 1}], "/events/?cursor=2"), "2": ([{"id": 2}], None)}
    calls = []

    def call(method, path, *, headers=None, params=None):
        if not path.endswith("events/"):
            return SimpleNamespace(status_code=200, headers={"ETag": '"1"'}, json=lambda: {"version": 1})
        calls.append(params)
        if len(calls) == away:
            raise OutOfReach("http://localhost", key=None)
        results, following = pages[params["cursor"][0] if "cursor" in params else None]
        return SimpleNamespace(json=lambda: {"results": results, "next": following})

    watched = Watch(SimpleNamespace(call=call), "SR-123456789")
    with pytest.raises(OutOfReach):
        watched.look()

    assert watched.look() == [{"id": 1}, {"id": 2}]


def test_severity_is_set_or_disputed(portal, filed, customer):
    """SE-5"""
    assert portal("severity", filed, "B", "-m", "One site only.").problem["code"] == "severity-not-permitted"
    assert portal("dispute", filed, "B", "-m", "One site only.").json["state"] == "open"


def test_engineers_are_told_what_to_take_and_why_until_there_is_nothing_left(portal, filed, token_of):
    engineer = token_of(factories.make_staff("engineer"))

    told = portal("next", token=engineer).json
    assert (told["request"]["number"], told["request"]["assignee"]) == (filed, None)
    assert told["reasons"][0]["sentence"] in portal("next", token=engineer, as_json=False).out
    assert [row["number"] for row in portal("queue", token=engineer).lines] == [filed]
    assert portal("next", "--take", token=engineer).json["assignee"]
    nothing = portal("next", token=engineer)
    assert (nothing.status, nothing.problem["code"]) == (3, "nothing-to-take")


def test_incidents_are_listed_shown_and_followed(portal, mei):
    lead = factories.actor(factories.make_staff("team_lead", name="Aiko Sato"))
    number = declared(lead, body="A *queue* is full.").number

    (row,) = portal("incidents", "list").lines
    assert (row["number"], row["state"]) == (number, "investigating")
    assert (
        portal("incidents", "list", "--resolved").lines == portal("incidents", "list", "--service", "other").lines == []
    )
    assert [each["body"] for each in portal("incidents", "show", number[4:]).json["updates"]] == ["A *queue* is full."]
    plain = portal("incidents", "show", number, as_json=False).out
    assert ("investigating" in plain, "A *queue* is full." in plain, "Aiko" in plain) == (True, True, False)
    assert portal("incidents", "follow", number).json == {"number": number, "following": True}
    assert "no further update" in portal("incidents", "follow", number, "--stop", as_json=False).out
    assert (portal("incidents", "show", "4711").status, portal("incidents", "show", "INC-2000-99999").status) == (2, 3)


def test_notices_are_listed_and_marked_as_read(portal, filed):
    """P-6: one's own"""
    told = portal("inbox", "--unread").lines
    assert [(row["number"], row["notice"], row["read_at"]) for row in told] == [(filed, "request_filed", None)]
    assert portal("inbox", as_json=False).out.rstrip("\n").split("\t")[1:] == ["new", filed, told[0]["headline"]]

    assert portal("inbox", "--read").json == {"marked": 1}

    assert portal("inbox", "--unread").lines == []
    assert portal("inbox").lines[0]["read_at"]
    assert "0" in portal("inbox", "--read", as_json=False).out


def test_lists_and_the_queue_are_narrowed_and_requests_tagged(portal, filed, form, token_of):
    """PA-1, P-5: tags are for support staff"""
    engineer, lead = token_of(factories.make_staff("engineer")), factories.actor(factories.make_staff("team_lead"))
    incident = declared(lead).number
    other = portal("file", *form).json["number"]
    add_tag(name="VIP", actor=lead)
    link_incident(number=filed, incident_number=incident, actor=lead)

    assert portal("tags", token=engineer, as_json=False).out == "VIP\n"
    assert portal("tag", filed, "--add", "vip", token=engineer).json["tags"] == ["VIP"]
    assert portal("tag", filed, token=engineer, as_json=False).out == "VIP\n"
    for command in ("list", "queue"):
        for narrowed in (("--tag", "VIP"), ("--incident", incident), ("--tag", "VIP", "--organisation", "contoso")):
            assert [row["number"] for row in portal(command, *narrowed, token=engineer).lines] == [filed]
        assert portal(command, "--organisation", "nowhere", token=engineer).status == 3
    assert [row["number"] for row in portal("list", "--incident", incident).lines] == [filed]
    assert {row["number"] for row in portal("list", "--organisation", "contoso").lines} == {filed, other}
    assert portal("tag", filed, "--remove", "VIP", token=engineer).json["tags"] == []
    assert portal("tag", filed, "--add", "VIP").status == 4


def on_a_terminal(arguments, typed, **environment):
    """What somebody at a terminal sees who types this."""
    master, slave = pty.openpty()
    shown = bytearray()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal_cli", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", **environment},
        start_new_session=True,
    )
    os.close(slave)
    os.write(master, typed.encode())
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:
        pass  # its end of the terminal is closed
    os.close(master)
    return process.wait(30), shown.decode()


def test_whoever_sits_at_a_terminal_is_asked_for_what_is_missing(portal, live_portal, token_of, mei, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "No user can send mail since 08:30." > "$1"\n')
    editor.chmod(0o755)
    surroundings = {"PORTAL_URL": live_portal, "PORTAL_TOKEN": token_of(mei), "EDITOR": str(editor)}
    answers = ["Nobody can send mail", "2", "1", "1", "1", "1", "", "", "", "y", ""]

    status, shown = on_a_terminal(
        ["file", "--service", "exchange_online", "--phone", "+886 2 5550 0100"], "\n".join(answers), **surroundings
    )

    assert status == 0, shown
    (request,) = portal("list").lines
    assert (request["subject"], request["severity"]) == ("Nobody can send mail", "A")
    assert f"Filed as {request['number']}." in shown


def test_colours_are_for_terminals_that_want_them(portal, filed, live_portal, token_of, mei):
    surroundings = {"PORTAL_URL": live_portal, "PORTAL_TOKEN": token_of(mei)}

    assert "\x1b[" in on_a_terminal(["list"], "", **surroundings)[1]
    assert "\x1b[3" not in on_a_terminal(["list"], "", NO_COLOR="1", **surroundings)[1]
    plain = portal("list", as_json=False).out
    assert "\x1b" not in plain
    assert plain.split("\t")[1:3] == ["A", "awaiting_response"], "codes in pipes"
    assert "awaiting response" in on_a_terminal(["list"], "", **surroundings)[1], "words for people"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_completion(portal, shell):
    said = portal("completion", shell, as_json=False)

    assert said.status == 0
    assert "_PORTAL_COMPLETE" in said.out


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def sentences():
    """Every sentence that the client marks for translation."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: {ast.unparse(node)}"
                yield node.args[0].value


def test_everything_is_said_in_traditional_chinese_too_and_nothing_is_left_over():
    assert set(sentences()) == set(ZH_HANT)
    fields = re.compile(r"\{\w+\}|--[a-z-]+|portal (?:" + "|".join(group.commands) + ")")
    for english, chinese in ZH_HANT.items():
        assert sorted(fields.findall(english)) == sorted(fields.findall(chinese)), english


@pytest.mark.parametrize(
    ("arguments", "surroundings", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_TW.UTF-8"}, "zh-Hant"),
        ([], {"LANG": "zh_TW.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["list", "--language", "zh-Hant"], {"LANG": "C"}, "zh-Hant"),
        (["list", "--language=en"], {"LANG": "zh_TW.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_option_or_else_of_the_surroundings(arguments, surroundings, language):
    assert words.language_of(arguments, surroundings) == language


def test_help_and_refusals_speak_chinese(program):
    assert "顯示" in program("show", "--help", LANG="zh_TW.UTF-8").out
    refused = program("show", "SR-000000000", "--language", "zh-Hant").err
    assert "Request id" not in refused
    assert re.search(r"[\u4e00-\u9fff]", refused)


def test_an_instant_is_told_with_the_zone_of_its_clock(monkeypatch):
    """The portal's own words name one too, which may be another"""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Europe/Berlin")
        time.tzset()
        assert showing.moment("2026-11-24T09:00:00Z") == "2026-11-24 10:00 (CET)"
    time.tzset()


@pytest.mark.parametrize(
    ("language", "open_ended", "told"),
    [
        ("en", True, "  Severity: A, an engineer has yet to confirm it"),
        ("en", False, "  Severity: A"),
        ("zh-Hant", True, "  嚴重度：A，尚待工程師確認"),
    ],
)
def test_a_severity_that_nobody_has_confirmed_is_told_as_such(monkeypatch, language, open_ended, told):
    """Settled point 9; Chinese labels end in a full-width colon"""
    monkeypatch.setattr(words, "_chosen", language)
    shown = {"severity": "A", "assessment": {"needs_confirmation": open_ended}}

    (line,) = showing.fact_lines([(words._("Severity"), showing.severity_words(shown))])
    assert line.plain == told


def test_every_resolution_is_told_in_words():
    assert [each for each in Resolution if showing.in_words(each.value) == each.value] == [
        "solved",
        "duplicate",
        "withdrawn",
    ]
    assert all(words in ZH_HANT for words in (showing.in_words(each.value) for each in Resolution))


def test_every_command_explains_itself():
    for name, command in group.commands.items():
        assert command.help, name
        assert all(each.help for each in getattr(command, "commands", {}).values()), name
        assert all(getattr(each, "help", "") for each in command.params if each.param_type_name == "option"), name


# ── Installing it ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_package_holds_the_client_and_asks_for_what_the_client_imports(tmp_path):
    """`pip install .[cli]`, as far as that can be seen without a network"""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {str(path.parent.relative_to(ROOT)).replace("/", ".") for path in PACKAGE.rglob("*.py")}
    assert set(declared) == folders

    script = f"import setuptools; setuptools.setup(script_args=['-q', 'egg_info', '--egg-base', {str(tmp_path)!r}])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, check=True, timeout=60, capture_output=True
    )
    (made,) = tmp_path.glob("*.egg-info")
    assert "portal = portal_cli.__main__:main" in (made / "entry_points.txt").read_text()
    asked_for = (made / "requires.txt").read_text()
    assert asked_for.startswith("\n[cli]\n"), "without the extra nothing is installed"
    assert {re.split(r"\W", line)[0] for line in asked_for.splitlines()[2:]} == {"click", "requests", "rich"}


def test_the_client_imports_what_it_asks_for_and_nothing_of_ours():
    imported = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.partition(".")[0] for name in names}

    assert imported - set(sys.stdlib_module_names) == {"portal_cli", "click", "requests", "rich"}
    assert Path(ROOT / "requirements" / "cli.in").read_text().count(">=") == 3
