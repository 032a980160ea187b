"""Log lines are of one line each, carry no secrets, and can be read by people or by machines."""

import io
import json
import logging
import logging.config
from typing import Any

import pytest
import structlog

from support_portal.logs import inert, logging_config


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> Any:
    """A logger of its own in the form asked for, and what it has written."""
    config = logging_config(form=request.param, level="INFO")
    formatter = config["formatters"]["lines"]
    made = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
    )
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(made)
    logger = logging.getLogger(f"tests.{request.param}")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return logger, written


@pytest.mark.parametrize("lines", ["json"], indirect=True)
def test_a_machine_reads_one_object_per_line_with_the_id_of_the_request(lines: Any) -> None:
    logger, written = lines
    with structlog.contextvars.bound_contextvars(request_id="abc-123-def"):
        logger.warning("refused %s", "SR-1", extra={"status": 404})

    line = json.loads(written.getvalue())
    assert (line["event"], line["level"], line["status"], line["request_id"]) == (
        "refused SR-1",
        "warning",
        404,
        "abc-123-def",
    )
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("lines", ["json", "console"], indirect=True)
@pytest.mark.parametrize("breaker", ["\n", "\r\n", "\x1b[2J", "\u2028", "\x85"])
def test_nothing_that_users_send_can_begin_a_line_of_its_own(lines: Any, breaker: str) -> None:
    logger, written = lines

    logger.info("GET /%s", f"x{breaker}2026-01-01 forged", extra={"agent": f"y{breaker}forged"})

    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


@pytest.mark.parametrize("lines", ["json", "console"], indirect=True)
def test_secrets_are_hidden_by_name_and_by_form(lines: Any) -> None:
    logger, written = lines

    logger.info(
        "Authorization: Bearer abcdef and sp_0123456789abcdef for /reset?token=xyz",
        extra={"password": "correct horse", "body": "a long story", "url": "postgresql://portal:hunter2@db/portal"},
    )

    for secret in ("abcdef", "sp_0123", "xyz", "correct horse", "long story", "hunter2"):
        assert secret not in written.getvalue()


@pytest.mark.parametrize("tail", ["", "/", "/x"])
def test_the_secret_of_a_mail_is_hidden_wherever_its_address_leads(tail: str) -> None:
    """RELIABILITY, audit and logs: also where a mail program cut the address, and no view was found for it"""
    for place in ("surveys", "invitations", "whatever/comes/later"):
        assert inert(f"GET /{place}/{'A' * 43}{tail}") == f"GET /{place}/[hidden]{tail}"
    assert inert(f"GET /invitations/{'A' * 30}{tail}") == f"GET /invitations/[hidden]{tail}"
    assert inert(f"GET /password/reset/key/1-{'a' * 39}{tail}").startswith("GET /password/reset/key/[hidden]")
    assert inert("GET /staff/surveys/") == "GET /staff/surveys/"
    assert inert("POST /organisation/invitations/12/resend/") == "POST /organisation/invitations/12/resend/"


@pytest.mark.parametrize("lines", ["json", "console"], indirect=True)
def test_a_traceback_is_logged_without_the_values_of_variables(lines: Any) -> None:
    logger, written = lines
    try:
        secret_phrase = "correct horse battery"
        raise ValueError(len(secret_phrase))
    except ValueError:
        logger.exception("failed")

    assert "ValueError: 21" in written.getvalue()
    assert "battery'" not in written.getvalue()


def test_text_in_any_language_stays_as_it_is() -> None:
    assert inert("無法登入 – Grüße 🙂") == "無法登入 – Grüße 🙂"
