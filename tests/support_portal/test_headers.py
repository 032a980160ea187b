"""What surrounds every answer: headers, request ids, sizes and proxies."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from support_portal.middleware import HeadersMiddleware, ProxyMiddleware, RequestIdMiddleware
from support_portal.static_files import cache_headers
from tests import factories
from tests.support_portal.test_environment import PRODUCTION, manage

EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/no-such-page", "/no-such-page?" + "x" * 5000])
def test_every_answer_has_every_header(client: Client, path: str) -> None:
    """P-7"""
    answer = client.get(path)

    _has_every_header(answer)


JSON = {"content_type": "application/json"}
ERRORS: list[tuple[str, int, dict[str, Any]]] = [
    ("GET", 400, {"path": "/", "headers": {"Host": "evil.example"}}),
    ("POST", 400, {"path": "/api/v1/echo/", "data": "{", **JSON}),
    ("GET", 401, {"path": "/api/v1/me/", "headers": {"Authorization": "Basic eDp5"}}),
    ("GET", 401, {"path": "/api/v1/me/", "headers": {"Authorization": "Bearer sp_none"}}),
    ("GET", 403, {"path": "/pages/permission/"}),
    ("GET", 403, {"path": "/api/v1/raise/permission/"}),
    ("GET", 404, {"path": "/none"}),
    ("GET", 404, {"path": "/sign-in/%00/"}),
    ("GET", 404, {"path": "/api/v1/raise/%00/"}),
    ("GET", 404, {"path": "/api/v1/none/"}),
    ("DELETE", 405, {"path": "/login/"}),
    ("DELETE", 405, {"path": "/api/v1/echo/"}),
    ("GET", 406, {"path": "/api/v1/me/", "headers": {"Accept": "text/html"}}),
    ("POST", 411, {"path": "/login/", "headers": {"Transfer-Encoding": "chunked"}}),
    ("POST", 411, {"path": "/api/v1/echo/", "headers": {"Transfer-Encoding": "chunked"}}),
    ("POST", 413, {"path": "/login/", "CONTENT_LENGTH": str(2**21)}),
    ("POST", 413, {"path": "/api/v1/echo/", "CONTENT_LENGTH": str(2**21)}),
    ("GET", 414, {"path": "/login/?" + "x" * 5000}),
    ("GET", 414, {"path": "/api/v1/me/?" + "x" * 5000}),
    ("POST", 415, {"path": "/api/v1/echo/", "data": "x", "content_type": "text/plain"}),
    ("GET", 431, {"path": "/login/", "headers": {"X-Long": "x" * 17000}}),
    ("GET", 431, {"path": "/api/v1/me/", "headers": {"X-Long": "x" * 17000}}),
    ("GET", 500, {"path": "/pages/fault/"}),
    ("GET", 500, {"path": "/api/v1/raise/fault/"}),
    ("GET", 503, {"path": "/pages/busy/"}),
    ("GET", 503, {"path": "/api/v1/raise/busy/"}),
]


@pytest.mark.django_db
def test_every_refusal_and_every_fault_has_every_header(settings: Any) -> None:
    """P-7, on pages and in the API"""
    settings.ROOT_URLCONF = "tests.support_portal.api.raising"
    api = factories.api_of(factories.make_person(factories.make_organisation(), "global_admin"))
    stranger = Client()
    api.raise_request_exception = False

    for method, status, sent in ERRORS:
        answer = (stranger if status == 401 else api).generic(method, **sent)
        assert answer.status_code == status, (sent, answer.content[:300])
        _has_every_header(answer)


@pytest.mark.django_db
def test_what_has_not_changed_has_every_header_too(settings: Any, tmp_path: Path) -> None:
    """P-7: 304, which only static files are answered with"""
    (tmp_path / "here.css").write_text("p {}")
    settings.STATIC_ROOT = tmp_path
    client = Client()
    first = client.get("/static/here.css")

    again = client.get("/static/here.css", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    page = client.get("/login/", headers={"If-Modified-Since": first.headers["Last-Modified"], "If-None-Match": "*"})

    assert (again.status_code, again.headers["Cache-Control"]) == (304, first.headers["Cache-Control"])
    _has_every_header(again, but=("Cache-Control",))
    assert page.status_code == 200
    _has_every_header(page)


def _has_every_header(answer: Any, but: tuple[str, ...] = ()) -> None:
    for name, value in EVERYWHERE.items():
        told = answer.headers.get(name, "")
        if name == "Content-Security-Policy":
            assert _directives(told) == _directives(value), answer
        elif name == "Cache-Control":
            kept = {part.strip() for part in told.split(",")}
            assert name in but or ("no-store" in kept and "public" not in kept), (answer, told)
        else:
            assert told == value, (answer, name)
    assert "Access-Control-Allow-Origin" not in answer.headers


def _directives(policy: str) -> set[str]:
    return {part.strip() for part in policy.split(";")}


def test_on_plain_http_there_is_no_promise_of_https(client: Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_behind_https_cookies_are_bound_to_the_host_and_https_is_promised(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s; from django.test import Client; import json; "
        "answer = Client(headers={'host': 'support.example.com'}).get('/healthz', secure=True); "
        "print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        "s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, answer.headers['Strict-Transport-Security']]))"
    )
    environment = {**PRODUCTION, "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "LOG_LEVEL": "ERROR"}

    answer = manage(tmp_path, "shell", "--no-imports", "-c", code, **environment)

    assert json.loads(answer.stdout.splitlines()[-1]) == [
        "__Host-session",
        "__Host-csrf",
        True,
        True,
        "/",
        None,
        "max-age=31536000; includeSubDomains",
    ]


def test_a_view_may_set_a_header_of_its_own(rf: RequestFactory) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"X-Frame-Options": "SAMEORIGIN", "Cache-Control": "public"})

    answer = HeadersMiddleware(view)(rf.get("/"))

    assert (answer.headers["X-Frame-Options"], answer.headers["Cache-Control"]) == ("SAMEORIGIN", "public")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0123456789abcdef", True),
        ("a-proxy.made_this-1", True),
        ("short", False),
        ("x" * 65, False),
        ("with space in it", False),
        ("forged\r\nSet-Cookie: a=b", False),
        ("", False),
    ],
)
def test_a_request_keeps_a_good_id_and_is_given_one_otherwise(rf: RequestFactory, given: str, kept: bool) -> None:
    answer = RequestIdMiddleware(lambda _request: HttpResponse())(rf.get("/", headers={"X-Request-ID": given}))

    assert (answer.headers["X-Request-ID"] == given) is kept
    assert len(answer.headers["X-Request-ID"]) >= 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        ({"path": "/?" + "x" * 4093}, 404),
        ({"path": "/?" + "x" * 4095}, 414),
        ({"path": "/none", "headers": {"X-Long": "x" * 16000}}, 404),
        ({"path": "/none", "headers": {"X-Long": "x" * 17000}}, 431),
    ],
)
def test_long_addresses_and_headers_are_refused(client: Client, request_of: dict[str, Any], status: int) -> None:
    """P-8"""
    answer = client.get(**request_of)

    assert answer.status_code == status or (status == 404 and answer.status_code < 400)


@pytest.mark.parametrize(
    ("content_type", "length", "status"),
    [
        ("application/json", 1024 * 1024 + 1, 413),
        ("application/x-www-form-urlencoded", 100 * 1024 * 1024, 413),
        ("multipart/form-data; boundary=x", 252 * 1024 * 1024, 413),
    ],
)
def test_a_body_over_the_limit_is_refused_unread(client: Client, content_type: str, length: int, status: int) -> None:
    """P-8"""
    page = client.generic("POST", "/x", b"", CONTENT_TYPE=content_type, CONTENT_LENGTH=str(length))
    api = client.generic("POST", "/api/v1/x/", b"", CONTENT_TYPE=content_type, CONTENT_LENGTH=str(length))

    assert page.status_code == api.status_code == status
    assert api.headers["Content-Type"] == "application/problem+json"
    assert api.json()["status"] == status


def test_the_api_takes_one_file_at_a_time_and_the_pages_ten(client: Client) -> None:
    """P-8: 100 MB are refused unread where they cannot be right"""
    upload = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(100 * 1000 * 1000)}

    assert client.generic("POST", "/api/v1/none/", **upload).status_code == 413
    assert client.generic("POST", "/none/", **upload).status_code == 404


@pytest.mark.parametrize(
    ("peer", "forwarded", "client_address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger who claims to be somebody else
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the client's own claim, then what our proxy saw
        ("10.0.0.5", "198.51.100.1, 10.0.0.7", "198.51.100.1"),  # two of our proxies
        ("10.0.0.5", "nonsense", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
    ],
)
def test_only_listed_proxies_are_believed(
    rf: RequestFactory, settings: Any, peer: str, forwarded: str, client_address: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    seen: list[HttpRequest] = []
    request = rf.get("/", headers={"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}, REMOTE_ADDR=peer)

    ProxyMiddleware(lambda request: seen.append(request) or HttpResponse())(request)

    assert seen[0].META["REMOTE_ADDR"] == client_address
    assert seen[0].is_secure() is peer.startswith("10.")


@pytest.mark.django_db
def test_a_refused_request_is_logged_with_its_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """P-10"""
    with caplog.at_level(logging.INFO, logger="portal.access"):
        client.get("/no-such-page", headers={"X-Request-ID": "this-one-here"})

    line = next(record for record in caplog.records if record.name == "portal.access")
    assert line.levelno == logging.WARNING
    assert (line.getMessage(), line.__dict__["status"]) == ("GET /no-such-page", 404)


def test_hashed_static_files_may_be_kept_for_a_year_and_others_not() -> None:
    hashed, plain = {"Cache-Control": "max-age=315360000, public, immutable"}, {"Cache-Control": "max-age=60, public"}

    cache_headers(hashed, "", "")
    cache_headers(plain, "", "")

    assert hashed == {"Cache-Control": "public, max-age=31536000, immutable"}
    assert plain == {"Cache-Control": "max-age=60, public"}


def test_a_session_is_not_looked_up_for_the_log_alone(client: Client) -> None:
    """P-9: the database of this test may not be asked."""
    client.cookies["session"] = "x" * 32

    assert client.get("/healthz").status_code == 200
