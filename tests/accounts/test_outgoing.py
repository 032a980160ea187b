"""Requests to servers that others name: no way into our own network, no waiting, nothing large (RELIABILITY.md)."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection, transaction

from accounts import outgoing
from accounts.errors import OutgoingFailed

pytestmark = pytest.mark.usefixtures("db")
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"a": "ok"}'
Script = Callable[[socket.socket], None]


class Server:
    """A server on loopback that does to each connection what its script says, and keeps what it was sent."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.script, self.tls, self.requests = script, tls, list[bytes]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        try:
            with self.tls.wrap_socket(client, server_side=True) if self.tls else client as wire:
                self.requests.append(wire.recv(65536))
                self.script(wire)
        except OSError:
            pass

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    running: list[Server] = []

    def start(script: Script | bytes, **options: Any) -> Server:
        answer = script if callable(script) else (lambda wire: wire.sendall(script))
        running.append(Server(answer, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def inner(settings: Any) -> None:
    """An operator who lets loopback be asked, without TLS."""
    settings.OUTGOING_ALLOW, settings.OUTGOING_PLAIN_HTTP = ["127.0.0.0/8"], True


def fault_of(url: str, **options: Any) -> str:
    with pytest.raises(OutgoingFailed) as refusal:
        outgoing.fetch(url, **options)
    return refusal.value.fault


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """A name server that answers with these addresses; the names that it was asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[Any]:
        asked.append(host)
        return [ipaddress.ip_address(address) for address in addresses]

    monkeypatch.setattr(outgoing, "resolve", resolve)
    return asked


# Addresses ------------------------------------------------------------------------------------------------------------

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "5f00::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_out_on_the_internet_is_never_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert not outgoing.is_allowed(ipaddress.ip_address(address))
    leads_to(monkeypatch, address)
    assert fault_of("https://issuer.example/") == "address"


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert outgoing.is_allowed(ipaddress.ip_address(address))


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, "8.8.8.8", "10.0.0.1", "1.1.1.1")

    assert fault_of("https://issuer.example/") == "address"


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.0.0.1."],
)
def test_other_spellings_of_loopback_are_loopback(host: str) -> None:
    """Addresses are judged, not strings"""
    assert fault_of(f"https://{host}/") in ("address", "unreachable", "url")


def test_an_operator_can_let_an_inner_network_be_asked_and_no_more(settings: Any) -> None:
    settings.OUTGOING_ALLOW = ["10.1.0.0/16", "fd00::/8"]

    for address, allowed in (("10.1.255.255", True), ("10.2.0.0", False), ("fd12::1", True), ("127.0.0.1", False)):
        assert outgoing.is_allowed(ipaddress.ip_address(address)) is allowed
    assert outgoing.is_allowed(ipaddress.ip_address("::ffff:10.1.0.1"))


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Server], inner: None
) -> None:
    """A name that leads elsewhere a moment later gains nothing (DNS rebinding)."""
    server = serve(OK)
    asked = leads_to(monkeypatch, "127.0.0.1")

    answer = outgoing.fetch(f"http://rebinding.example:{server.port}/x?y=1")

    assert (answer.status, answer.json()) == (200, {"a": "ok"})
    assert asked == ["rebinding.example"]
    assert server.requests[0].startswith(b"GET /x?y=1 HTTP/1.1\r\n")
    assert f"Host: rebinding.example:{server.port}\r\n".encode() in server.requests[0]


def test_the_next_address_of_a_name_is_tried_when_the_first_refuses(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Server], inner: None
) -> None:
    server = serve(OK)
    leads_to(monkeypatch, "127.0.0.2", "127.0.0.1")

    assert outgoing.fetch(f"http://issuer.example:{server.port}/").status == 200


def test_a_name_server_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(outgoing, "resolve", lambda host, port: done.wait(10) and [])
    monkeypatch.setattr(outgoing, "CONNECT_WITHIN", timedelta(milliseconds=50))

    began = time.monotonic()
    assert fault_of("https://issuer.example/") == "timeout"
    assert time.monotonic() - began < 2
    done.set()


def test_a_name_that_nobody_has_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, port: int) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(outgoing, "resolve", resolve)
    assert fault_of("https://issuer.example/") == "unreachable"
    leads_to(monkeypatch)
    assert fault_of("https://issuer.example/") == "address"


# Addresses in the form of URLs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["", "issuer.example", "//issuer.example/", "http://issuer.example/", "ftp://issuer.example/", "file:///etc/passwd",
     "https://", "https:///x", "https://user@issuer.example/", "https://user:secret@issuer.example/",
     "https://issuer.example@127.0.0.1/", "https://issuer.example:22/", "https://issuer.example:6379/",
     "https://issuer.example:0x1bb/", "https://issuer.example:99999/", "https://issuer.example/#a", "https://[::1",
     "https://issuer.example/a b", "https://issuer.example/\r\nX: y", "https://issuer.example\\@127.0.0.1/",
     "https://①②⑦.0.0.1/", "https://issuer.example/\x00", "https://issuer.example/" + "x" * 2000,
     "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_address_of_a_server_is_refused_before_any_name_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    asked = leads_to(monkeypatch, "8.8.8.8")

    assert fault_of(url) == "url"
    assert asked == []


@pytest.mark.parametrize("url", ["https://issuer.example/", "https://issuer.example:8443/x", "HTTPS://Issuer.example"])
def test_https_at_its_usual_ports_is_an_address(url: str) -> None:
    assert outgoing.checked_url(url).hostname == "issuer.example"


def test_unusual_ports_are_for_networks_that_the_operator_named(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.OUTGOING_ALLOW = ["10.0.0.0/8"]
    leads_to(monkeypatch, "8.8.8.8")

    assert fault_of("https://issuer.example:9000/") == "address"


def test_plain_http_is_for_operators_who_allow_it(settings: Any) -> None:
    assert fault_of("http://issuer.example/") == "url"
    settings.OUTGOING_PLAIN_HTTP = True
    assert outgoing.checked_url("http://issuer.example/").scheme == "http"


# Servers that misbehave -----------------------------------------------------------------------------------------------


def test_a_post_carries_body_and_headers(serve: Callable[..., Server], inner: None) -> None:
    server = serve(OK)

    outgoing.fetch(f"http://127.0.0.1:{server.port}/token", method="POST", headers={"X-Y": "z"}, body=b"a=b")

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token HTTP/1.1")
    assert b"X-Y: z" in head
    assert b"Accept-Encoding: identity" in head
    assert body in (b"a=b", b"")  # it may come in a packet of its own


def test_no_proxy_of_the_environment_is_asked(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Server], inner: None
) -> None:
    server, proxy = serve(OK), serve(OK)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    outgoing.fetch(f"http://127.0.0.1:{server.port}/")

    assert (len(server.requests), len(proxy.requests)) == (1, 0)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 304])
def test_no_redirect_is_followed(serve: Callable[..., Server], inner: None, status: int) -> None:
    target = serve(OK)
    answer = f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{target.port}/\r\nContent-Length: 0\r\n\r\n"
    server = serve(answer.encode())

    assert fault_of(f"http://127.0.0.1:{server.port}/") == "redirect"
    assert target.requests == []


@pytest.mark.parametrize("status", [200, 204, 400, 401, 404, 410, 500, 503])
def test_every_other_status_is_an_answer(serve: Callable[..., Server], inner: None, status: int) -> None:
    server = serve(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())

    assert outgoing.fetch(f"http://127.0.0.1:{server.port}/").status == status


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(serve: Callable[..., Server], inner: None) -> None:
    for size, fits in ((65536, True), (65537, False)):
        server = serve(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size)
        url = f"http://127.0.0.1:{server.port}/"
        if fits:
            assert len(outgoing.fetch(url).body) == size
        else:
            assert fault_of(url) == "too_large"


def endless(start: bytes, again: bytes) -> Script:
    def script(wire: socket.socket) -> None:
        wire.sendall(start)
        while True:
            wire.sendall(again)

    return script


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 8192),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", b"x" * 8192),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X-Y: " + b"z" * 8192 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"z" * 8192),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        (b"", b"\x00" * 8192),
    ],
)
def test_what_does_not_end_is_given_up_soon(
    serve: Callable[..., Server], inner: None, start: bytes, again: bytes
) -> None:
    """10 GB, chunks without end, headers without end"""
    server = serve(endless(start, again))

    assert fault_of(f"http://127.0.0.1:{server.port}/") in ("too_large", "answer")


def drip(wire: socket.socket) -> None:
    """One byte, again and again: no single read waits for long."""
    for byte in OK * 1000:
        wire.sendall(bytes([byte]))
        time.sleep(0.02)  # the fake dawdles, the test does not


@pytest.mark.parametrize("script", [drip, lambda wire: wire.recv(1) or wire.recv(1)], ids=["drips", "hangs"])
def test_the_whole_takes_no_longer_than_it_may(
    serve: Callable[..., Server], inner: None, monkeypatch: pytest.MonkeyPatch, script: Script
) -> None:
    monkeypatch.setattr(outgoing, "WHOLE_WITHIN", timedelta(milliseconds=300))
    server = serve(script)

    began = time.monotonic()
    assert fault_of(f"http://127.0.0.1:{server.port}/") == "timeout"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b"\x16\x03\x01\x02\x00"]
)
def test_what_is_no_answer_is_refused(serve: Callable[..., Server], inner: None, answer: bytes) -> None:
    server = serve(answer)

    assert fault_of(f"http://127.0.0.1:{server.port}/") in ("answer", "unreachable")


def test_where_nobody_listens_is_unreachable(inner: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert fault_of(f"http://127.0.0.1:{port}/") == "unreachable"


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 60_000, b"\xff\xfe", b"NaN1"])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(OutgoingFailed) as refusal:
        outgoing.Answer(200, {}, body).json()
    assert refusal.value.fault == "answer"


def test_nothing_is_asked_inside_a_transaction(serve: Callable[..., Server], inner: None) -> None:
    """RELIABILITY.md, locks and transactions"""
    server = serve(OK)

    with transaction.atomic(), pytest.raises(RuntimeError):
        outgoing.fetch(f"http://127.0.0.1:{server.port}/")
    assert server.requests == []
    assert connection.is_usable()


# Certificates ---------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for a name, signed by nobody but itself, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


def test_the_certificate_must_be_trusted_and_for_the_name_of_the_address(
    serve: Callable[..., Server], inner: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The name stays that of the URL although the connection goes to an address."""
    context, file = certificate(tmp_path, "issuer.example")
    server = serve(OK, tls=context)
    leads_to(monkeypatch, "127.0.0.1")
    url = f"https://issuer.example:{server.port}/"

    assert fault_of(url) == "tls"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert outgoing.fetch(url).json() == {"a": "ok"}
    assert fault_of(f"https://other.example:{server.port}/") == "tls"


def test_a_server_without_tls_is_not_asked_as_if_it_had_some(
    serve: Callable[..., Server], inner: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda wire: wire.sendall(OK))
    leads_to(monkeypatch, "127.0.0.1")

    assert fault_of(f"https://issuer.example:{server.port}/") == "tls"
