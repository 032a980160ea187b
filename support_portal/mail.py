"""Mail into files, one readable .eml each, for the demo run and for installations without a mail server yet."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


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
