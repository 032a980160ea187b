"""Retries: the same key, the time that the portal asks for, and one effect."""

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal_cli import client
from portal_cli.__main__ import run
from portal_cli.problems import OutOfReach, Refused
from tickets.models import ServiceRequest


class Between(BaseHTTPRequestHandler):
    """Stands between client and portal, passes calls on, and does to answers what the test says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        answer = self.passed_on(body)
        if self.server.spoil(len(self.server.keys)):
            self.close_connection = True
            return
        self.send_response(answer[0])
        for name, value in answer[1].items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer[2])))
        self.end_headers()
        self.wfile.write(answer[2])

    def passed_on(self, body):
        host = self.server.portal.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=30)
        try:
            connection.request("POST", self.path, body, {**self.headers, "Host": host})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def between():
    """Start such a server; it is given the portal's address and what to do after each call."""
    servers = []

    def start(portal, spoil):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
        server.keys, server.spoil, server.portal = [], spoil, portal
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server, f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_server_killed_before_its_answer_arrived_has_filed_once(
    processes, live_portal, surroundings, mei, token_of, form, between, monkeypatch, capfd
):
    """P-1, P-2: the second try reaches another process of the portal"""
    web, address = processes.web()

    def kill_after_the_first(call):
        if call == 1:
            processes.kill(web)
            server.portal = live_portal
        return call == 1

    server, through = between(address, kill_after_the_first)
    monkeypatch.setenv("PORTAL_TOKEN", token_of(mei))

    assert run(["file", *form, "--address", through, "--json"]) == 0

    assert len(server.keys) == 2
    assert len(set(server.keys)) == 1
    filed = ServiceRequest.objects.get()
    assert f'"number": "{filed.number}"' in capfd.readouterr().out


def answering(*answers):
    """An API whose portal gives these answers in turn, and the waits that it made."""

    class Answer:
        """What requests would return."""

        def __init__(self, status, **headers):
            self.status_code, self.headers = status, {"X-Request-ID": "1", **headers}

        def json(self):
            return {"code": "busy", "title": "Busy"}

    class Session:
        """Takes the place of requests' own."""

        calls: list = []

        def request(self, method, url, **options):
            self.calls.append(options["headers"].get("Idempotency-Key"))
            status, headers = answers[min(len(self.calls), len(answers)) - 1]
            if status is None:
                raise client.requests.ConnectionError
            return Answer(status, **headers)

    waits: list = []
    api = client.Api("http://localhost", "sp_x", "en", pause=waits.append, session=Session())
    api.session.calls = []
    return api, waits


@pytest.mark.parametrize("status", [429, 503, 409])
def test_it_waits_as_long_as_the_portal_asks_and_repeats_with_the_same_key(status):
    """RELIABILITY.md: 429, 503 and a key that is still at work"""
    api, waits = answering((status, {"Retry-After": "7"}), (None, {}), (201, {}))

    api.post("service-requests/", {})

    assert waits == [7, 1.0]
    assert len(set(api.session.calls)) == 1
    assert re.fullmatch(r"[0-9a-f-]{36}", api.session.calls[0])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422, 500])
def test_what_will_not_be_better_is_not_repeated(status):
    api, waits = answering((status, {}), (201, {}))

    with pytest.raises(Refused):
        api.post("service-requests/", {})

    assert waits == []


def test_patience_ends():
    api, waits = answering((503, {"Retry-After": "61"}))
    with pytest.raises(Refused) as refused:
        api.post("service-requests/", {}, key="mine")
    assert (waits, refused.value.exit_status, refused.value.key) == ([], 5, "mine")

    api, _ = answering((None, {}))
    api.patience = 0
    with pytest.raises(OutOfReach):
        api.get("me/")
