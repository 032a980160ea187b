"""Mail of the demo run lies in files that any editor and any mail program can read."""

import email
import email.policy
from pathlib import Path
from typing import Any

from django.core.mail import EmailMultiAlternatives

from support_portal.mail import EmlBackend


def test_each_mail_is_one_readable_file_and_none_is_ever_half_there(tmp_path: Path, settings: Any) -> None:
    settings.MAIL_DIR = tmp_path / "mail"
    subjects = ["Your request SR-012345678", "您的服務要求 SR-012345678"]
    messages = [
        EmailMultiAlternatives(subject, "我們已收到您的要求。\nWe have it.", "support@example.com", ["mei@example.com"])
        for subject in subjects
    ]

    assert EmlBackend().send_messages(messages) == 2

    files = sorted(settings.MAIL_DIR.iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    assert [mail["Subject"] for mail in read] == subjects
    assert "我們已收到您的要求。" in files[0].read_text()
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
