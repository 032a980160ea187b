"""The two ways of mail: to a mail server, with an end to everything, and into files where there is none yet."""

import secrets
import smtplib
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

WHOLE_ATTEMPT = 35.0  # seconds from connecting to the last answer: well below the lease of a delivery, 60 s
AFTER_DATA = 25.0  # seconds for the answer to a mail's text: servers look through it, and a repeat would be a double


class _Ending:
    """An SMTP connection that ends by itself: a server that drips its answers is never idle, and never done."""

    sock: socket | None
    timeout: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._end = threading.Timer(WHOLE_ATTEMPT, self._cut)
        self._end.daemon = True
        self._end.start()
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            self._end.cancel()
            raise

    def _cut(self) -> None:
        if self.sock:
            with suppress(OSError):
                socket.shutdown(self.sock, SHUT_RDWR)  # beneath TLS, whose own farewell would wait for the server

    def data(self, message: Any) -> tuple[int, bytes]:
        """Send the text, and give the server time to look through it."""
        if self.sock:
            self.sock.settimeout(AFTER_DATA)
        answer: tuple[int, bytes] = super().data(message)  # type: ignore[misc]  # of smtplib.SMTP
        if self.sock:
            self.sock.settimeout(self.timeout)
        return answer

    def close(self) -> None:
        """Close the connection; nothing has to end it any more."""
        self._end.cancel()
        super().close()  # type: ignore[misc]


class _Plain(_Ending, smtplib.SMTP):
    """Without TLS, or with STARTTLS."""


class _Encrypted(_Ending, smtplib.SMTP_SSL):
    """With TLS from the start."""


class SmtpBackend(EmailBackend):
    """Django's backend with an end to each attempt; once the server has a mail, nothing that it says can undo that."""

    @property
    def connection_class(self) -> Any:
        """The kind of connection."""
        return _Encrypted if self.use_ssl else _Plain

    def _close_connection(self, connection: Any) -> None:
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()


class EmlBackend(BaseEmailBackend):
    """Write each message to `MAIL_DIR`, whole or not at all; names sort by the time of sending (UTC)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages and return how many there were."""
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}.eml"
            draft = folder / f".{name}"
            draft.touch(mode=0o600)
            draft.write_bytes(_readable(message))
            draft.rename(folder / name)
        return len(email_messages)


def _readable(message: EmailMessage) -> bytes:
    """Return the message as bytes; Django leaves UTF-8 text as it is, so that any editor shows it."""
    return bytes(message.message().as_bytes(linesep="\n"))
