"""What the client says and how it ends when something is not as it should be."""

import json
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal_cli.__main__ import run
from tests import factories
from tests.processes import free_port
from tickets.models import ServiceRequest


def test_a_refusal_names_the_field_the_remedy_and_the_request_id(portal, form):
    refused = portal("file", *form, "--workaround", "perhaps", as_json=False)

    assert (refused.status, refused.out) == (1, "")
    first, field, quoted = refused.err.splitlines()
    assert first.startswith("portal: Some of the input is not right. Correct the fields named in errors.")
    assert field.startswith("  impact/workaround: ")
    assert quoted.startswith("  Request id: ")


def test_programs_get_the_problem_document_on_standard_error_and_nothing_on_standard_output(portal, form):
    refused = portal("file", *form, "--severity", "A")

    assert (refused.status, refused.out) == (4, "")
    assert refused.problem["code"] == "severity-not-permitted"


def test_what_is_not_there_is_3(portal):
    assert portal("show", "SR-000000000").status == 3
    assert portal("show", "000000000").problem["code"] == "request-not-found"


def test_what_belongs_to_another_organisation_is_not_there_either(portal, filed, token_of):
    """P-5"""
    stranger = factories.make_person(factories.make_organisation("fabrikam"), "service_support_admin")

    theirs, nobodys = (portal("show", number, token=token_of(stranger)) for number in (filed, "SR-000000000"))

    assert (theirs.status, nobodys.status) == (3, 3)
    assert [theirs.problem[name] for name in ("code", "title", "detail")] == [
        nobodys.problem[name] for name in ("code", "title", "detail")
    ]


def test_a_token_that_is_not_valid_or_does_not_reach_is_4(portal, form, token_of, mei):
    assert portal("list", token="sp_" + "0" * 43).problem["code"] == "invalid-token"
    assert portal("list", token="sp_" + "0" * 43).status == 4
    assert portal("file", *form, token=token_of(mei, "requests:read")).status == 4
    assert portal("queue").status == 4


def test_without_a_token_nothing_is_sent(portal):
    assert (portal("list", token="").status, portal("list", token="").problem["code"]) == (4, "signed-out")


@pytest.mark.parametrize(
    "arguments",
    [
        ("file", "--category", "billing", "-m", "x"),
        ("file", "-s", "A subject", "--category", "billing"),
        ("reply", "SR-123456789"),
        ("list", "--state", "perhaps"),
        ("list", "--sevrity", "A"),
        ("attach", "SR-123456789", "no-such-file"),
        ("severity", "SR-123456789", "D"),
        ("nonsense",),
        ("show", "../me"),
        ("show", "SR-000000000/close"),
        ("show", "SR-\u0661\u0662\u0663456789"),
        ("list", "--address", "http://support.example.com"),
        ("list", "--address", "ftp://support.example.com"),
        ("list", "--address", "https://user:secret@support.example.com"),
    ],
)
def test_a_wrong_command_line_is_2_and_sends_nothing(portal, arguments):
    wrong = portal(*arguments)

    assert (wrong.status, wrong.out) == (2, ""), wrong
    assert wrong.problem["code"] == "usage"
    assert not ServiceRequest.objects.exists()


def test_a_portal_that_does_not_answer_is_5_and_tells_the_key_to_repeat_with(portal, form, monkeypatch):
    nobody = f"http://127.0.0.1:{free_port()}"

    away = portal("file", *form, "--address", nobody, "--patience", "0")
    same = portal("file", *form, "--address", nobody, "--patience", "0", "--key", "my-key", as_json=False)

    assert (away.status, away.problem["code"]) == (5, "out-of-reach")
    assert len(away.problem["idempotency_key"]) == 36
    assert same.err.rstrip().endswith("--key my-key")


def test_what_is_not_the_portal_never_learns_the_token_of_another(surroundings, monkeypatch, capfd):
    """Neither by a redirect, nor because the client was signed in elsewhere."""
    heard = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append((self.path, self.headers.get("Authorization")))
            self.send_response(302 if self.path.startswith("/api") else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert run(["list", "--address", address]) == 4
        assert heard == []
        monkeypatch.setenv("PORTAL_TOKEN", "sp_for_the_other")
        assert run(["list", "--address", address]) == 2
        assert [path.partition("?")[0] for path, _ in heard] == ["/api/v1/service-requests/"]
    finally:
        server.shutdown()
        server.server_close()


def test_signing_in_keeps_the_token_for_its_owner_alone_and_never_shows_it(
    surroundings, live_portal, mei, token_of, monkeypatch, capfd, tmp_path
):
    token = token_of(mei)
    monkeypatch.setenv("PORTAL_URL", live_portal)
    monkeypatch.setenv("PORTAL_TOKEN", token)

    assert run(["sign-in"]) == 0
    monkeypatch.delenv("PORTAL_TOKEN")
    monkeypatch.delenv("PORTAL_URL")
    assert run(["whoami"]) == 0

    kept = tmp_path / "config" / "portal" / "sign-in.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert json.loads(kept.read_text()) == {"address": live_portal, "tokens": {live_portal: token}}
    said = "".join(capfd.readouterr())
    assert "Mei-Ling Chen" in said
    assert token not in said
    assert run(["sign-out"]) == 0
    assert token not in kept.read_text()
    assert run(["whoami"]) == 4


def test_signing_out_of_another_portal_leaves_the_usual_one(portal, tmp_path):
    """Where commands went without an address they still go."""
    kept = tmp_path / "config" / "portal" / "sign-in.json"
    kept.parent.mkdir(parents=True)
    usual, first, other = (f"https://{name}.example.com" for name in ("usual", "first", "other"))
    kept.write_text(json.dumps({"address": usual, "tokens": {first: "sp_1", other: "sp_2", usual: "sp_3"}}))

    assert portal("sign-out", "--address", other).status == 0
    assert json.loads(kept.read_text()) == {"address": usual, "tokens": {first: "sp_1", usual: "sp_3"}}


def test_a_token_that_is_refused_is_not_kept(portal, tmp_path):
    assert portal("sign-in", token="sp_" + "0" * 43).status == 4
    assert not (tmp_path / "config").exists()
