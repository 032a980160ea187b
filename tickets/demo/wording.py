"""What the desk of the demo writes beside the stories: reasons for a severity, and the files that admins attach."""

from __future__ import annotations

import io
from collections.abc import Container, Mapping
from dataclasses import dataclass
from random import Random
from typing import BinaryIO

# By direction and language; other languages read English, for a reason is a note of the desk.
REASONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "confirmed": {
        "en": (
            "Read the description and agree with the assessment.",
            "Confirmed: the description says the same as the answers.",
            "Checked against the service's state; the assessment stands.",
        ),
        "zh-Hant": (
            "已閱讀問題描述，同意系統評估的嚴重性。",
            "確認：描述內容與影響問題的回答一致。",
            "已比對服務狀態，維持原評估。",
        ),
    },
    "A>B": {
        "en": (
            "The service is up and most people can work; a part of it is impaired. That is a B.",
            "Only some people are affected and there is a way to go on until it is solved.",
            "Nothing stands still, and no other service depends on it. Lowered to B; worked on at once all the same.",
        ),
        "zh-Hant": (
            "服務本身可用，僅部分功能受影響，多數同仁仍可作業，調整為 B。",
            "受影響的範圍有限，且有暫時的因應方式，調整為 B。",
        ),
    },
    "B>C": {
        "en": (
            "One person is affected and has an acceptable way round it.",
            "A question about how to do it; nobody is held up in their work.",
        ),
        "zh-Hant": ("影響單一使用者，且有可接受的替代方式。", "屬於操作諮詢，未影響日常作業。"),
    },
    "A>C": {
        "en": ("The words sounded worse than it is: one person, and there is a way round it.",),
        "zh-Hant": ("文字敘述較為急迫，實際影響單一使用者且有替代方式。",),
    },
    "raised": {
        "en": (
            "More people are held up than the answers say; raised after reading the description.",
            "The description tells of work that cannot go on. Raised.",
        ),
        "zh-Hant": ("依描述內容，受影響的人數多於所填回答，予以提高。", "描述中提到作業無法進行，予以提高。"),
    },
}

SORTING_NOTES: Mapping[str, Mapping[str, str]] = {
    "category": {
        "en": "It belongs here; another category was chosen when it was filed.",
        "zh-Hant": "提交時選錯了類別，已歸入正確的類別。",
    },
    "scope": {
        "en": "It is about our own service; the words of others in it misled the assessment.",
        "zh-Hant": "問題出在本公司的服務，內文提到的其他產品誤導了系統評估。",
    },
}

FILES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "exchange_online": (
        "message-trace.csv",
        (
            "sender,recipient,subject,status",
            "orders@{domain},buyer@customer.example,Order confirmation,Pending",
            "orders@{domain},office@supplier.example,Delivery note,Pending",
            "frontdesk@{domain},buyer@customer.example,Re: Appointment,Pending",
        ),
    ),
    "sharepoint_online": (
        "correlation-ids.txt",
        (
            "Site: https://{domain}/sites/operations",
            "3f9c2fa0-70a1-3000-9d0e-6a1f4be2c7d5  browser on a desk computer",
            "419c2fa0-b0f4-3000-8c1a-02d77a9be1f3  the same page, another browser",
        ),
    ),
    "microsoft_365_apps": (
        "version.txt",
        ("Version 2610 (Build 19328.20158 Click-to-Run)", "Current Channel", "Shared computer activation: no"),
    ),
    "identity": (
        "sign-in-log.csv",
        (
            "user,application,result,code",
            "user1@{domain},Exchange Online,Failure,50053",
            "user2@{domain},Exchange Online,Success,0",
        ),
    ),
}
OTHER_FILE = (
    "what-we-tried.txt",
    (
        "1. Signed out and in again",
        "2. Another browser, private window",
        "3. Another network (phone)",
        "No difference.",
    ),
)


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A small file as it arrives from a browser."""

    name: str
    size: int
    file: BinaryIO


def reason_for(*, before: str, after: str, language: str, rng: Random) -> str:
    """Why the desk changed a severity, or left it as it was."""
    direction = f"{before}>{after}"
    if before == after:
        direction = "confirmed"
    elif after < before:  # A is the highest
        direction = "raised"
    reasons = REASONS[direction]
    return rng.choice(reasons.get(language, reasons["en"]))


def sorting_note(what: Container[str], *, language: str) -> str:
    """Why the desk corrected a scope or a category."""
    notes = SORTING_NOTES["scope" if "scope" in what else "category"]
    return notes.get(language, notes["en"])


def file_about(service: str, *, email: str) -> DemoFile:
    """What an admin attaches to a request about a service."""
    name, lines = FILES.get(service, OTHER_FILE)
    content = "".join(f"{line}\r\n" for line in lines).replace("{domain}", email.rpartition("@")[2]).encode()
    return DemoFile(name=name, size=len(content), file=io.BytesIO(content))
